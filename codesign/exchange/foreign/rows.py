"""A table as ideas and votes: every line becomes a part of one, or a flaw that says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from itertools import count

import orjson

from codesign.comments.service import MOST_COMMENT
from codesign.exchange.foreign.formats import COMMENTS, FIELD, VOTES, Columns
from codesign.exchange.foreign.moments import Moments
from codesign.exchange.foreign.sheets import Flaw, Sheet, SheetRow
from codesign.ideas.imported import MOST_VOTES
from codesign.ideas.texts import MOST_BODY, MOST_TAG, MOST_TAGS, MOST_TITLE
from codesign.kernel import clock
from codesign.kernel.errors import Invalid
from codesign.kernel.mentions import settled
from codesign.kernel.text import Sentence, _
from codesign.kernel.words import is_usable, one_line
from codesign.triage.facts import DATE, SWITCH, FieldFact
from codesign.triage.fields import clean_value

MOST_KEY, MOST_NAME = 120, 120
_TRUE = frozenset({"yes", "true", "1", "ja", "si", "sí", "y"})
#: What moderation elsewhere calls a text that is not to be read, and one that waits.
_BANNED = frozenset({"spam", "rejected", "deleted", "closed", "hidden", "removed", "draft", "trashed"})
_WAITING = frozenset({"pending", "held", "unapproved", "awaiting", "in review", "needs review"})
_NUMBER = re.compile(r"\+?(\d{1,12})(?:\.0+)?")


@dataclass(frozen=True)
class Somebody:
    """A person of the other system. ``mark`` tells them apart: their address where it is known, else their name."""

    mark: str
    name: str


@dataclass(frozen=True)
class Support:
    """Somebody's vote for an idea."""

    who: Somebody
    at: datetime | None
    line: int


@dataclass(frozen=True)
class IdeaRow:
    """An idea of another system, clean. ``lines`` are the lines of the file it stands on; ``told`` names the text, the
    tags and the counts it says anything of."""

    key: str
    lines: tuple[int, ...]
    title: str
    body: str = ""
    author: Somebody | None = None
    created_at: datetime | None = None
    status: str = ""
    tags: tuple[str, ...] = ()
    up: int = 0
    down: int = 0
    supports: tuple[Support, ...] = ()
    answer: str = ""
    answered_at: datetime | None = None
    original: str = ""
    held: bool = False
    fields: tuple[tuple[str, float | str], ...] = ()
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class VoteRow:
    """A vote for an idea that came before."""

    key: str
    line: int
    support: Support


@dataclass(frozen=True)
class CommentRow:
    """A comment on an idea that came before; ``name`` tells it from others."""

    key: str
    line: int
    name: str
    body: str
    who: Somebody
    at: datetime | None


@dataclass
class Table:
    """What a file holds, and what is wrong with it."""

    ideas: list[IdeaRow] = field(default_factory=list)
    votes: list[VoteRow] = field(default_factory=list)
    comments: list[CommentRow] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        """How many lines bring nothing."""
        return sum(flaw.skipped for flaw in self.flaws)


class _Skip(Exception):
    """This line brings nothing, for this reason."""

    def __init__(self, reason: Sentence) -> None:
        self.reason = reason
        super().__init__(reason)


def read_table(sheet: Sheet, columns: Columns, kind: str, fields: Iterable[FieldFact] = ()) -> Table:
    """The table as ideas, or as votes for ideas that are there already, or comments on them. *fields* are those of the space."""
    return _Reader(sheet, columns, kind, fields).read()


class _Reader:
    """One reading of a table."""

    def __init__(self, sheet: Sheet, columns: Columns, kind: str, fields: Iterable[FieldFact]) -> None:
        self.sheet, self.columns, self.kind = sheet, columns, kind
        self.fields = [field for field in fields if columns.get(f"{FIELD}{field.key}")]
        self.table = Table(flaws=list(sheet.flaws))
        days = [f"{FIELD}{field.key}" for field in self.fields if field.kind == DATE]
        dated = [column for name in ("created", "voted", "answered", *days) for column in columns.get(name, ())]
        self.moments = {column: Moments(sheet.column(column)) for column in dated}
        self.said: dict[str, int] = {}
        self.now = clock.now()

    def read(self) -> Table:
        """Every line, in the order of the file."""
        found: dict[str, IdeaRow] = {}
        for row in self.sheet.rows:
            try:
                if any(not is_usable(cell) for cell in row.cells.values()):
                    raise _Skip(_("This holds characters that cannot be kept."))
                if self.kind == VOTES:
                    self.table.votes.append(self._vote(row))
                elif self.kind == COMMENTS:
                    self._add_comment(self._comment(row))
                else:
                    self._join(found, row, self._idea(row))
            except _Skip as skip:
                self.table.flaws.append(Flaw(row.line, skip.reason, cells=row.cells))
        self.table.ideas = _originals_first(found.values())
        self.table.flaws.sort(key=lambda flaw: flaw.line)
        return self.table

    def _vote(self, row: SheetRow) -> VoteRow:
        key, support = self._cell(row, "key"), self._support(row)
        if not key or support is None:
            raise _Skip(_("The row names no idea, or nobody who supports it."))
        return VoteRow(key, row.line, support)

    def _comment(self, row: SheetRow) -> CommentRow:
        key, body, who = self._cell(row, "key"), settled(self._cell(row, "body"), {}), self._somebody(row, "author")
        if not key or not body or who is None:
            raise _Skip(_("The row names no idea, says nothing, or nobody says it."))
        if len(body) > MOST_COMMENT:
            raise _Skip(_("A text has at most %(most)s characters.", most=MOST_COMMENT))
        at = self._moment(row, "created")
        return CommentRow(key, row.line, _digest(key, who.mark, str(at or ""), body), body, who, at)

    def _add_comment(self, comment: CommentRow) -> None:
        if known := self.said.get(comment.name):
            raise _Skip(_("This repeats line %(line)s.", line=known))
        self.said[comment.name] = comment.line
        self.table.comments.append(comment)

    def _join(self, found: dict[str, IdeaRow], row: SheetRow, idea: IdeaRow) -> None:
        """Rows of one idea differ by who supports it; one that repeats another without anybody new is a flaw."""
        known = found.get(idea.key)
        if known is None:
            found[idea.key] = idea
            return
        new = [each for each in idea.supports if each.who.mark not in {old.who.mark for old in known.supports}]
        if not idea.supports:
            raise _Skip(_("This repeats line %(line)s.", line=known.lines[0]))
        if not new:
            self._note(row, _("This supporter stands here twice. They count once."))
        lines, supports = (*known.lines, row.line), (*known.supports, *new)
        found[idea.key] = replace(known, lines=lines, supports=supports)

    def _idea(self, row: SheetRow) -> IdeaRow:
        state = self._cell(row, "moderation").lower()
        if state in _BANNED:
            raise _Skip(_("Moderators of the other system took this out (%(state)s).", state=state))
        if self._cell(row, "private").lower() in _TRUE:
            raise _Skip(_("This is confidential, so it does not come in."))
        if self._cell(row, "withdrawn"):
            raise _Skip(_("This was withdrawn by its author."))
        title, body = self._texts(row)
        author, created = self._somebody(row, "author"), self._moment(row, "created")
        support, answer = self._support(row), settled(self._cell(row, "answer"), {})
        if len(answer) > MOST_BODY:
            raise _Skip(_("A text has at most %(most)s characters.", most=MOST_BODY))
        key = self._cell(row, "key")
        if len(key) > MOST_KEY or not key.isprintable():
            raise _Skip(_("A key has at most %(most)s printable characters.", most=MOST_KEY))
        return IdeaRow(
            key=key or _digest(title, author.mark if author else "", str(created or "")),
            lines=(row.line,), title=title, body=body, author=author, created_at=created,
            status=one_line(self._cell(row, "status"))[:MOST_NAME], tags=self._tags(row), up=self._count(row, "votes"),
            down=self._count(row, "votes_down"), supports=(support,) if support else (), answer=answer,
            answered_at=self._moment(row, "answered"), original=self._cell(row, "original"), held=state in _WAITING,
            fields=tuple(self._values(row)), told=frozenset(self._told(row)),
        )  # fmt: skip

    def _told(self, row: SheetRow) -> Iterator[str]:
        """An empty cell is an empty text, or none of the tags, but no number."""
        yield from (name for name in ("body", "tags") if self.columns.get(name))
        yield from (name for name in ("votes", "votes_down") if self._cell(row, name))

    def _texts(self, row: SheetRow) -> tuple[str, str]:
        """Title and text; a title that is too long stands in full at the head of the text."""
        title, body = one_line(self._cell(row, "title")), settled(self._cell(row, "body"), {})
        if not title and body:
            title = one_line(body.split("\n", 1)[0])
        if not title:
            raise _Skip(_("There is no title."))
        if len(title) > MOST_TITLE:
            self._note(
                row, _("The title is longer than %(most)s characters. It stands in full in the text.", most=MOST_TITLE)
            )
            body = title if body.startswith(title) else f"{title}\n\n{body}".strip()
            cut = title[: MOST_TITLE - 1]
            title = cut[: cut.rfind(" ")].rstrip(" ,.;:") + "…" if " " in cut[MOST_TITLE // 2 :] else f"{cut}…"
        link = self._cell(row, "link")
        if link.startswith(("https://", "http://")) and not set(link) & set(" \n<>"):
            body = f"{body}\n\n<{link}>".strip()
        if len(body) > MOST_BODY:
            raise _Skip(_("A text has at most %(most)s characters.", most=MOST_BODY))
        return title, body

    def _tags(self, row: SheetRow) -> tuple[str, ...]:
        """Tags out of one or several columns; those that cannot be kept are named."""
        names = self.columns.get("tags", ())
        found = [tag for name in names for tag in _split(row.cell(name), whole=len(names) > 1)]
        clean = dict.fromkeys(tag for tag in (one_line(each).lower().strip("# ,") for each in found) if tag)
        kept = [tag for tag in clean if len(tag) <= MOST_TAG][:MOST_TAGS]
        if left := [tag for tag in clean if tag not in kept]:
            said = _("Left out: tags that are too long or too many (%(tags)s).", tags=", ".join(left)[:200])
            self._note(row, said)
        return tuple(kept)

    def _values(self, row: SheetRow) -> Iterator[tuple[str, float | str]]:
        """What fields of the space say; a cell that a field does not take is left out and named."""
        for known in self.fields:
            cell = self._cell(row, f"{FIELD}{known.key}")
            try:
                value = clean_value(known, self._spelled(known, cell)) if cell else None
            except Invalid as refusal:
                self._note(row, refusal.sentence)
                continue
            if value is not None:
                yield known.key, value

    def _spelled(self, known: FieldFact, cell: str) -> str:
        """A cell as a field takes it: days, choices and yes in many ways."""
        if known.kind == SWITCH:
            return "1" if cell.lower() in _TRUE else "0"
        if known.kind == DATE:
            moment = self.moments[self.columns[f"{FIELD}{known.key}"][0]].read(cell)
            return moment.date().isoformat() if moment else cell
        choices = {choice.casefold(): choice for choice in known.choices}
        return choices.get(cell.casefold(), cell)

    def _count(self, row: SheetRow, name: str) -> int:
        cell = self._cell(row, name)
        if not cell:
            return 0
        match = _NUMBER.fullmatch(cell.replace("\u202f", "").replace(" ", ""))
        if match is None or int(match[1]) > MOST_VOTES:
            raise _Skip(_("“%(cell)s” is no number of votes.", cell=cell[:40]))
        return int(match[1])

    def _support(self, row: SheetRow) -> Support | None:
        who = self._somebody(row, "voter")
        return Support(who, self._moment(row, "voted"), row.line) if who else None

    def _somebody(self, row: SheetRow, name: str) -> Somebody | None:
        said, mail = one_line(self._cell(row, name))[:MOST_NAME], self._cell(row, f"{name}_mail").casefold()
        return Somebody(mail or said.casefold(), said) if said or mail else None

    def _moment(self, row: SheetRow, name: str) -> datetime | None:
        column = (*self.columns.get(name, ()), "")[0]
        cell = row.cell(column)
        if not cell:
            return None
        moment = self.moments[column].read(cell)
        if moment is None:
            raise _Skip(_("“%(cell)s” is no day or time that can be read.", cell=cell[:40]))
        if moment > self.now:
            self._note(row, _("“%(cell)s” lies ahead. It counts as now.", cell=cell[:40]))
            return self.now
        return moment

    def _cell(self, row: SheetRow, name: str) -> str:
        return row.cell((*self.columns.get(name, ()), "")[0]).replace("\r\n", "\n").replace("\r", "\n")

    def _note(self, row: SheetRow, reason: str) -> None:
        self.table.flaws.append(Flaw(row.line, reason, skipped=False, cells=row.cells))


def _split(cell: str, whole: bool) -> list[str]:
    """The tags of a cell: a JSON list, or words with commas, semicolons or bars between. *whole*: the cell is one tag."""
    if whole:
        return [cell]
    if cell.startswith("["):
        try:
            found = orjson.loads(cell)
            return [str(each) for each in found] if isinstance(found, list) else [cell]
        except orjson.JSONDecodeError:
            pass
    between = next((mark for mark in (";", "|") if mark in cell), ",")
    return [word.strip().strip('"') for word in cell.split(between)]


def _digest(*parts: str) -> str:
    """A key for what has none: the same words make the same key."""
    return blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()


def _originals_first(ideas: Iterable[IdeaRow]) -> list[IdeaRow]:
    """What repeats another idea comes behind it, however long the chain."""
    ideas = list(ideas)
    by_key, depths = {idea.key: idea for idea in ideas}, dict[str, int]()
    for idea in ideas:
        chain: list[str] = []
        at: IdeaRow | None = idea
        while at is not None and at.key not in depths and at.key not in chain:
            chain.append(at.key)
            at = by_key.get(at.original) if at.original else None
        depth = depths.get(at.key, -1) + 1 if at is not None else 0
        depths.update(zip(reversed(chain), count(depth), strict=False))
    return sorted(ideas, key=lambda idea: depths[idea.key])
