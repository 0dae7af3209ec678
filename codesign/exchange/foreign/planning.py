"""What bringing a table in would do: nothing is written here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codesign.comments.queries import ids_of_externals
from codesign.exchange.foreign.formats import VOTES, Columns, Format, check_mapping
from codesign.exchange.foreign.renewing import Renewal, renewals
from codesign.exchange.foreign.rows import CommentRow, Table, VoteRow, read_table
from codesign.exchange.foreign.sheets import Flaw, Sheet
from codesign.ideas.imported import clean_source
from codesign.ideas.imports import Known, find_externals
from codesign.ideas.sifting import among_space
from codesign.kernel.cells import as_cell
from codesign.kernel.db import reading
from codesign.kernel.errors import Closed, Invalid
from codesign.kernel.text import _
from codesign.spaces.facts import Access, StatusFact
from codesign.spaces.queries import list_statuses
from codesign.triage.facts import FieldFact
from codesign.triage.fields import list_fields

MOST_STATUSES = 100
_STEP = 500
#: Words of other systems for the kinds of statuses here.
_WORDS: dict[str, str] = {
    "open": "open|opened|new|active|submitted|offen|neu|abierto|idea|for discussion|reopened",
    "review": "review|under review|in review|needs review|evaluating|in prüfung|considering|under consideration",
    "planned": "planned|accepted|approved|geplant|angenommen|aceptada|acceptada|backlog|on the roadmap|next",
    "building": "started|in progress|building|in development|being built|in arbeit|development|in beta|beta",
    "shipped": "completed|complete|shipped|done|released|launched|closed|implemented|fertig|umgesetzt|delivered|live",
    "declined": "declined|rejected|duplicate|abgelehnt|rechazada|rebutjada|won't do|wont do|not planned|archived|cancelled",
}

_KEPT = {
    "text": _("Title or text was edited here. It stays as it is."),
    "status": _("The status was changed here. It stays as it is."),
    "tags": _("The tags were changed here. They stay as they are."),
    "answer": _("The official answer was changed here. It stays as it is."),
}


@dataclass(frozen=True)
class Wish:
    """How a table is to be read: its system, the name its ideas are known by, its columns, its statuses."""

    format: Format
    source: str
    columns: Columns
    statuses: Mapping[str, str] = field(default_factory=dict)

    def external_id(self, key: str) -> str:
        """The name by which an idea of the table is known here."""
        return f"{self.source}:{key}"

    def by_key(self, known: Mapping[str, Known]) -> dict[str, Known]:
        """What is known here by the keys of the table."""
        return {name.removeprefix(f"{self.source}:"): idea for name, idea in known.items()}

    def comment_id(self, comment: CommentRow) -> str:
        """The name by which a comment of the table is known here."""
        return f"{self.source}:comment:{comment.name}"


@dataclass(frozen=True)
class Outlook:
    """What would happen. ``counted`` votes come without voters, ``named`` ones with them; of the ``known`` ideas some are
    ``updated``, and some ``kept`` as they were edited here, be it in a part of what is new (``touched``: either)."""

    new: int = 0
    known: int = 0
    held: int = 0
    updated: int = 0
    kept: int = 0
    comments: int = 0
    merged: int = 0
    counted: int = 0
    named: int = 0
    against_left: int = 0
    skipped: int = 0
    noted: int = 0
    touched: int = 0


@dataclass(frozen=True)
class Plan:
    """A table that was read as wished, and what of it is here already."""

    access: Access
    wish: Wish
    table: Table
    known: Mapping[str, Known]
    words: tuple[str, ...]
    statuses: Mapping[str, str]
    first_status: str | None
    against_left: int
    fields: Sequence[FieldFact]
    renewals: Mapping[str, Renewal]
    new_comments: int

    @property
    def outlook(self) -> Outlook:
        """What would happen."""
        new = [idea for idea in self.table.ideas if self.wish.external_id(idea.key) not in self.known]
        keys = {idea.key for idea in self.table.ideas}
        return Outlook(
            new=len(new),
            known=len(self.table.ideas) - len(new),
            updated=sum(each.changes for each in self.renewals.values()),
            kept=sum(bool(each.kept) for each in self.renewals.values()),
            touched=sum(each.changes or bool(each.kept) for each in self.renewals.values()),
            comments=self.new_comments,
            held=sum(idea.held for idea in new),
            merged=sum(idea.original in keys for idea in new),
            counted=sum(max(0, idea.up - len(idea.supports)) + idea.down for idea in new),
            named=len(self.table.votes) + sum(len(idea.supports) for idea in new),
            against_left=self.against_left,
            skipped=self.table.skipped,
            noted=len(self.table.flaws) - self.table.skipped,
        )  # fmt: skip


@reading
def make_plan(access: Access, sheet: Sheet, wish: Wish) -> Plan:
    """Read a table as wished and look what of it is here. The caller has passed the gate. Raises Invalid, Closed."""
    if access.space.state == "archived" or access.space.ballot.closed_at is not None:
        raise Closed(_("Voting is closed here, so nothing more comes in."))
    wish = replace(wish, source=clean_source(wish.source))
    fields = list_fields(access.space.id)
    check_mapping(wish.columns, sheet.header, wish.format.kind, fields)
    table = read_table(sheet, wish.columns, wish.format.kind, fields)
    left = 0
    if access.space.ballot.kind == "upvote":
        left = sum(idea.down for idea in table.ideas)
        table.ideas = [replace(idea, down=0) for idea in table.ideas]
    words = tuple(dict.fromkeys(idea.status for idea in table.ideas if idea.status))[:MOST_STATUSES]
    keys = {row.key for rows in (table.ideas, table.votes, table.comments) for row in rows}
    known = known_here(access.space.id, wish, keys)
    if wish.format.kind == VOTES:
        table.votes = list(_votes_that_count(table, wish, known))
    table.comments = list(_comments_that_fit(table, wish, known))
    statuses = list_statuses(access.space.id)
    first = first_open(statuses)
    meant = _statuses(words, statuses, wish.statuses)
    new = renewals(table.ideas, wish.by_key(known), meant, first)
    table.flaws = sorted([*table.flaws, *_kept(table, sheet, new)], key=lambda flaw: flaw.line)
    comments = _new_comments(access.space.id, table, wish)
    return Plan(access, wish, table, known, words, meant, first, left, fields, new, comments)


def _kept(table: Table, sheet: Sheet, new: Mapping[str, Renewal]) -> Iterable[Flaw]:
    """What a row says newly of an idea while it was edited here, part by part: that stays."""
    cells = {row.line: row.cells for row in sheet.rows}
    for row in table.ideas:
        for part in new[row.key].kept if row.key in new else ():
            yield Flaw(row.lines[0], _KEPT[part], skipped=False, cells=cells.get(row.lines[0], {}))


def known_here(space_id: str, wish: Wish, keys: Iterable[str]) -> dict[str, Known]:
    """Which ideas of a table are here already, by their names here."""
    found: dict[str, Known] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), _STEP):
        step = wanted[start : start + _STEP]
        found |= find_externals(space_id, [wish.external_id(key) for key in step])
        if wish.format.name == "codesign":  # an export of this very space names its own ideas
            found |= {wish.external_id(key): Known(key, False, True) for key in among_space(space_id, step)}
    return found


def _votes_that_count(table: Table, wish: Wish, known: Mapping[str, Known]) -> Iterable[VoteRow]:
    """Each supporter of an idea once; the others are flaws."""
    seen: dict[tuple[str, str], int] = {}
    for vote in table.votes:
        idea, who = known.get(wish.external_id(vote.key)), (vote.key, vote.support.who.mark)
        cells = {"key": vote.key}
        if idea is None:
            said = _("There is no idea “%(key)s” of this source here. Bring the ideas in first.", key=vote.key)
            table.flaws.append(Flaw(vote.line, said, cells=cells))
        elif idea.merged or not idea.published:
            table.flaws.append(
                Flaw(vote.line, _("This idea takes no votes here: it is held, hidden or merged."), cells=cells)
            )
        elif who in seen:
            said = _("This supporter stands here twice. They count once.")
            table.flaws.append(Flaw(vote.line, said, skipped=False, cells=cells))
        else:
            seen[who] = vote.line
            yield vote


def _comments_that_fit(table: Table, wish: Wish, known: Mapping[str, Known]) -> Iterable[CommentRow]:
    """Comments on ideas that everybody can read; what is wrong with the others is a flaw."""
    for comment in table.comments:
        idea, cells = known.get(wish.external_id(comment.key)), {"key": comment.key}
        if idea is None:
            said = _("There is no idea “%(key)s” of this source here. Bring the ideas in first.", key=comment.key)
            table.flaws.append(Flaw(comment.line, said, cells=cells))
        elif not idea.published:
            table.flaws.append(
                Flaw(comment.line, _("Nobody can read this idea here: it is held or hidden."), cells=cells)
            )
        else:
            yield comment


def _new_comments(space_id: str, table: Table, wish: Wish) -> int:
    """How many comments are not here yet."""
    names, here = [wish.comment_id(comment) for comment in table.comments], 0
    for start in range(0, len(names), _STEP):
        here += len(ids_of_externals(space_id, names[start : start + _STEP]))
    return len(names) - here


def first_open(statuses: list[StatusFact]) -> str | None:
    """The status of ideas that bring none."""
    opened = next((status.id for status in statuses if status.kind == "open"), None)
    return opened or (statuses[0].id if statuses else None)


def _statuses(words: Iterable[str], statuses: list[StatusFact], wished: Mapping[str, str]) -> dict[str, str]:
    """The status each word becomes: as wished, else one of that name, else the first of its kind, else an open one."""
    ids = {status.id for status in statuses}
    if unknown := [status_id for status_id in wished.values() if status_id not in ids]:
        raise Invalid.field("status", _("This space has no status “%(status)s”.", status=unknown[0][:40]), "unknown")
    names = {str(status.name).casefold(): status.id for status in reversed(statuses)}
    kinds = {status.kind: status.id for status in reversed(statuses)}
    meant = {word: kinds[kind] for kind, words in _WORDS.items() if kind in kinds for word in words.split("|")}
    first = first_open(statuses) or ""
    return {word: wished.get(word) or names.get(word.casefold()) or meant.get(word.casefold(), first) for word in words}


# --- What is wrong, as a file -----------------------------------------------------------------------------------------


def flaws_as_csv(header: list[str], flaws: Iterable[Flaw]) -> str:
    """The lines that are wrong as they stand in the file, so that they can be put right and brought in again."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*map(as_cell, header), "import_line", "import_left_out", "import_reason", "import_raw"])
    for flaw in flaws:
        cells = [as_cell(flaw.cells.get(name, "")) for name in header]
        writer.writerow([*cells, flaw.line, "yes" if flaw.skipped else "no", flaw.reason, as_cell(flaw.raw)])
    return file.getvalue()
