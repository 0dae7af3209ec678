"""What a Polis open-data export says: statements, and every vote in the order in which it was cast.

A folder holds ``comments.csv`` and ``votes.csv`` (each may be packed with gzip) and perhaps ``summary.csv``. In these
exports 1 means agree, -1 disagree and 0 pass. The last vote of a person on a statement counts: the last in time, and of
two at the same millisecond the one further down in the file. Knows neither database nor web.
"""

from __future__ import annotations

import csv
import hashlib
import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from codesign.exchange.csv_rows import CsvFile, Problems, Row, RowProblem, UnreadableFile
from codesign.kernel.text import _

REJECTED, UNMODERATED, ACCEPTED = -1, 0, 1
AGREE, DISAGREE, PASS = 1, -1, 0
LONGEST_TEXT = 10_000
NO_TEXT = "(no text)"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MOMENT = 253_402_300_799_999
_WHOLE_NUMBER = re.compile(r"([+-]?[0-9]{1,18})(\.0*)?")

_VOTE_ALIASES = {
    "timestamp": ("created", "modified"),
    "comment-id": ("commentid", "statement-id", "tid"),
    "voter-id": ("voterid", "participant-id", "participant", "pid"),
    "vote": ("value",),
}
_COMMENT_ALIASES = {
    "timestamp": ("created",),
    "comment-id": ("commentid", "statement-id", "tid"),
    "author-id": ("authorid", "author", "participant-id", "pid"),
    "moderated": ("moderation", "mod"),
    "comment-body": ("body", "comment", "statement", "text", "txt"),
    "is-seed": ("seed",),
    "is-meta": ("meta",),
}


class PolisExportError(UnreadableFile):
    """The folder is no Polis export, or not a whole one; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement people voted on, accepted or rejected."""

    comment_id: int
    text: str
    author_id: int | None
    created_at: datetime
    moderated: int
    seed: bool
    meta: bool
    agrees: int | None
    disagrees: int | None
    line: int

    @property
    def external_id(self) -> str:
        """The name under which its idea is found again."""
        return f"polis:{self.comment_id}"

    @property
    def rejected(self) -> bool:
        """Whether a moderator took it out; its votes count all the same."""
        return self.moderated == REJECTED


@dataclass(frozen=True, slots=True)
class TimedVote:
    """One vote as it was cast; a later one of the same person on the same statement replaces it."""

    voter_id: int
    comment_id: int
    value: int
    at: datetime
    line: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """How many agree, disagree and pass."""

    agree: int = 0
    disagree: int = 0
    passed: int = 0

    @property
    def total(self) -> int:
        """All of them together."""
        return self.agree + self.disagree + self.passed

    def plus(self, value: int, count: int = 1) -> Tallies:
        """The same with *count* more votes of *value*."""
        return Tallies(
            self.agree + count * (value == AGREE),
            self.disagree + count * (value == DISAGREE),
            self.passed + count * (value == PASS),
        )


@dataclass(frozen=True)
class Counts:
    """How much an export holds."""

    statements: int
    rejected: int
    votes: int
    people: int
    rows_skipped: int
    rows_repaired: int


@dataclass
class _VoteColumns:
    """All votes in a few bytes each: a million of them must not fill the memory of a small server."""

    at: array[int] = field(default_factory=lambda: array("q"))
    voter: array[int] = field(default_factory=lambda: array("q"))
    comment: array[int] = field(default_factory=lambda: array("q"))
    value: array[int] = field(default_factory=lambda: array("b"))
    line: array[int] = field(default_factory=lambda: array("q"))
    order: array[int] = field(default_factory=lambda: array("q"))

    def sort(self) -> None:
        """Put them into the order of time; sorting is stable, so the file's order decides on ties."""
        self.order = array("q", sorted(range(len(self.at)), key=self.at.__getitem__))


@dataclass(frozen=True)
class PolisExport:
    """A whole export. ``statements`` come in the order of their making, ``votes()`` in the order of casting."""

    folder: Path
    topic: str
    description: str
    statements: tuple[Statement, ...]
    people: tuple[int, ...]
    digest: str
    counts: Counts
    problems: tuple[RowProblem, ...]
    warnings: tuple[str, ...]
    _votes: _VoteColumns = field(repr=False)

    def votes(self, start: int = 0) -> Iterator[TimedVote]:
        """Every vote from number *start* on, in the order of time, then of the file. Each call starts anew."""
        rows = self._votes
        for row in rows.order[start:]:
            moment = _EPOCH + timedelta(milliseconds=rows.at[row])
            yield TimedVote(rows.voter[row], rows.comment[row], rows.value[row], moment, rows.line[row])


def person_external_id(voter_id: int) -> str:
    """The name under which a voter or author is found again."""
    return f"polis:{voter_id}"


def read_export(folder: str | Path) -> PolisExport:
    """Read the export in *folder*. Bad rows are listed in ``problems``; a folder that is no export is refused."""
    folder = Path(folder)
    if not folder.is_dir():
        raise PolisExportError(_("%(folder)s is not a folder.", folder=str(folder)))
    problems = Problems()
    try:
        comment_file, vote_file = CsvFile(folder, "comments.csv", problems), CsvFile(folder, "votes.csv", problems)
        rows = _read_statements(comment_file, problems)
        votes = _read_votes(vote_file, set(rows), problems)
        digest = _digest(comment_file, vote_file)
    except UnreadableFile as error:
        raise PolisExportError(error.sentence) from error
    statements = _in_order(rows.values(), votes)
    people = set(votes.voter) | {one.author_id for one in statements if one.author_id is not None}
    topic, description = _read_summary(folder)
    return PolisExport(
        folder=folder,
        topic=topic,
        description=description,
        statements=statements,
        people=tuple(sorted(people)),
        digest=digest,
        counts=Counts(
            statements=len(statements),
            rejected=sum(statement.rejected for statement in statements),
            votes=len(votes.at),
            people=len(people),
            rows_skipped=problems.skipped,
            rows_repaired=problems.repaired,
        ),
        problems=tuple(problems.rows),
        warnings=_warnings(statements, votes),
        _votes=votes,
    )


def last_votes(votes: Iterable[TimedVote]) -> dict[tuple[int, int], TimedVote]:
    """The vote that counts for each (voter, statement); *votes* come in the order of casting."""
    return {(vote.voter_id, vote.comment_id): vote for vote in votes}


def final_tallies(votes: Iterable[TimedVote]) -> dict[int, Tallies]:
    """What each statement stands at in the end; statements nobody voted on are left out."""
    tallies: dict[int, Tallies] = {}
    for vote in last_votes(votes).values():
        tallies[vote.comment_id] = tallies.get(vote.comment_id, Tallies()).plus(vote.value)
    return tallies


def total_of(tallies: Iterable[Tallies]) -> Tallies:
    """Several tallies added up."""
    rows = list(tallies)
    return Tallies(sum(row.agree for row in rows), sum(row.disagree for row in rows), sum(row.passed for row in rows))


def _read_statements(file: CsvFile, problems: Problems) -> dict[int, tuple[Statement, bool]]:
    """Statements by number, each with whether its time is known. Without a time it takes that of its first vote."""
    found: dict[int, tuple[Statement, bool]] = {}
    for row in file.rows(_COMMENT_ALIASES, ("comment-id", "comment-body")):
        comment_id = _whole_number(row.cell("comment-id"))
        if comment_id is None:
            problems.skip(file.name, row.line, _not_a_number(row, "comment-id"))
        elif comment_id in found:
            first = found[comment_id][0].line
            reason = _("Statement %(id)s was already on line %(line)s.", id=comment_id, line=first)
            problems.skip(file.name, row.line, reason)
        else:
            moment = _moment(row)
            if moment is None:
                problems.repair(file.name, row.line, _not_a_number(row, "timestamp"))
            found[comment_id] = (_statement(file, row, comment_id, moment, problems), moment is not None)
    return found


def _statement(file: CsvFile, row: Row, comment_id: int, moment: int | None, problems: Problems) -> Statement:
    author = _whole_number(row.cell("author-id"))
    if author is None and row.cell("author-id"):
        problems.repair(file.name, row.line, _not_a_number(row, "author-id"))
    moderated = _whole_number(row.cell("moderated") or "0")
    if moderated not in (REJECTED, UNMODERATED, ACCEPTED):
        problems.repair(file.name, row.line, _not_a_number(row, "moderated"))
        moderated = UNMODERATED
    return Statement(
        comment_id=comment_id,
        text=_text(file, row, problems),
        author_id=author,
        created_at=_EPOCH + timedelta(milliseconds=moment or 0),
        moderated=moderated,
        seed=row.cell("is-seed").lower() in ("1", "true"),
        meta=row.cell("is-meta").lower() in ("1", "true"),
        agrees=_whole_number(row.cell("agrees")),
        disagrees=_whole_number(row.cell("disagrees")),
        line=row.line,
    )


def _text(file: CsvFile, row: Row, problems: Problems) -> str:
    """The statement's words, fit for any database: without NUL, not endless, never empty."""
    text = row.cell("comment-body")
    if "\0" in text:
        problems.repair(file.name, row.line, _("NUL characters were taken out of the text."))
        text = text.replace("\0", "").strip()
    if len(text) > LONGEST_TEXT:
        problems.repair(file.name, row.line, _("The text was cut to %(limit)s characters.", limit=LONGEST_TEXT))
        text = text[:LONGEST_TEXT].rstrip()
    if not text:
        problems.repair(file.name, row.line, _("The statement has no text."))
    return text or NO_TEXT


def _read_votes(file: CsvFile, known: set[int], problems: Problems) -> _VoteColumns:
    votes = _VoteColumns()
    for row in file.plain_rows(_VOTE_ALIASES, tuple(_VOTE_ALIASES)):
        moment = _moment(row)
        voter, comment = _whole_number(row.cell("voter-id")), _whole_number(row.cell("comment-id"))
        value = _whole_number(row.cell("vote"))
        if moment is None or voter is None or comment is None or value not in (AGREE, DISAGREE, PASS):
            problems.skip(file.name, row.line, _why_no_vote(row, moment, voter, comment))
        elif comment not in known:
            reason = _("The vote is about statement %(id)s, which comments.csv does not have.", id=comment)
            problems.skip(file.name, row.line, reason)
        else:
            votes.at.append(moment)
            votes.voter.append(voter)
            votes.comment.append(comment)
            votes.value.append(value)
            votes.line.append(row.line)
    votes.sort()
    return votes


def _why_no_vote(row: Row, moment: int | None, voter: int | None, comment: int | None) -> str:
    if comment is None:
        return _not_a_number(row, "comment-id")
    if voter is None:
        return _not_a_number(row, "voter-id")
    if moment is None:
        return _not_a_number(row, "timestamp")
    return _('"%(cell)s" is no vote: it must be 1, -1 or 0.', cell=_shown(row.cell("vote")))


def _not_a_number(row: Row, column: str) -> str:
    cell = _shown(row.cell(column))
    return _('The column %(column)s cannot be "%(cell)s".', column=column, cell=cell)


def _shown(cell: str) -> str:
    """A cell fit for a terminal: short, and without control characters."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in cell[:40])


def _whole_number(cell: str) -> int | None:
    """The number in a cell; "12.0" is 12, as spreadsheets like to write it."""
    match = _WHOLE_NUMBER.fullmatch(cell)
    return int(match[1]) if match else None


def _moment(row: Row) -> int | None:
    """Milliseconds since 1970, or None when the cell is no possible time."""
    number = _whole_number(row.cell("timestamp"))
    return number if number is not None and 0 <= number <= _LAST_MOMENT else None


def _in_order(rows: Iterable[tuple[Statement, bool]], votes: _VoteColumns) -> tuple[Statement, ...]:
    """Statements by time; one without a time gets that of its first vote, or of the first vote of all."""
    first_vote: dict[int, int] = {}
    for row in votes.order:
        first_vote.setdefault(votes.comment[row], votes.at[row])
    start = min(first_vote.values(), default=0)
    dated = [
        statement if known else _dated(statement, first_vote.get(statement.comment_id, start))
        for statement, known in rows
    ]
    return tuple(sorted(dated, key=lambda statement: (statement.created_at, statement.comment_id)))


def _dated(statement: Statement, moment: int) -> Statement:
    values = {name: getattr(statement, name) for name in Statement.__slots__}
    return Statement(**{**values, "created_at": _EPOCH + timedelta(milliseconds=moment)})


def _digest(*files: CsvFile) -> str:
    """The same for the same data, packed or not; tells a second run that it has seen this input before."""
    digest = hashlib.blake2b(digest_size=32)
    for file in files:
        digest.update(f"{file.name.removesuffix('.gz')}\0".encode())
        for piece in file.unpacked():
            digest.update(piece)
    return digest.hexdigest()


def _read_summary(folder: Path) -> tuple[str, str]:
    """Topic and description, if the export tells them."""
    path = folder / "summary.csv"
    try:
        rows = csv.reader(path.read_text(encoding="utf-8-sig", errors="replace").replace("\0", "").splitlines(True))
        told = {row[0].strip(): row[1].strip() for row in rows if len(row) > 1}
    except (OSError, csv.Error):
        return "", ""
    return told.get("topic", ""), told.get("conversation-description", "")


def _warnings(statements: Iterable[Statement], votes: _VoteColumns) -> tuple[str, ...]:
    """Polis' own counts beside ours: an export with turned signs would show here (it is told, never turned back)."""
    cast: dict[tuple[int, int], int] = {}
    for comment, value in zip(votes.comment, votes.value, strict=True):
        cast[comment, value] = cast.get((comment, value), 0) + 1
    straight = turned = 0
    for statement in statements:
        if statement.agrees is not None and statement.disagrees is not None:
            ours = cast.get((statement.comment_id, AGREE), 0), cast.get((statement.comment_id, DISAGREE), 0)
            straight += abs(statement.agrees - ours[0]) + abs(statement.disagrees - ours[1])
            turned += abs(statement.agrees - ours[1]) + abs(statement.disagrees - ours[0])
    if turned < straight:
        return (_("The counts in comments.csv fit better if 1 meant disagree. The votes are read as they stand."),)
    return ()
