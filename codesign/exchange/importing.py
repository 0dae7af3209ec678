"""Loads a Polis export into a space of its own, in small steps, opened in one.

The space is in state ``importing`` until everything is there. How far a run has come is a row beside it, moved in the
same commit as what it did: a killed import goes on where it stopped, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from codesign.accounts.queries import ids_of_externals as ids_of_people
from codesign.accounts.service import find_or_create_externals
from codesign.exchange.models import ImportRun
from codesign.exchange.polis_export import PolisExport, Statement, TimedVote, person_external_id, read_export
from codesign.exchange.statements import title_and_body
from codesign.ideas.imports import ForeignIdea, ids_of_externals, store_imported
from codesign.ideas.team import hide_idea
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, NotFound, Problem
from codesign.kernel.text import _
from codesign.spaces.queries import find_space, list_statuses
from codesign.spaces.service import create_space, delete_space, finish_deletions, open_imported_space
from codesign.voting.facts import Ask
from codesign.voting.service import apply_votes

Advance = Callable[[int, int], None]
T = TypeVar("T")

SOURCE = "polis"
#: Rows in one commit. Each is done within about 20 ms, so that a server beside it is not held up.
PEOPLE, STATEMENTS, VOTES = 100, 20, 120
REASON = _("Rejected by the moderators of the original conversation.")


def import_polis(
    folder: Path, slug: str, owner_id: str | None = None, advance: Advance = lambda done, total: None
) -> PolisExport:
    """Fill the new space *slug* from the export in *folder*, or finish what an earlier run began.

    Raises Conflict when the space is there for another reason or from other data. A second run changes nothing.
    """
    export = read_export(folder)
    run = _find_run(slug, export) or _begin(slug, export, owner_id)
    if run.finished:
        return export
    total = len(export.people) + len(export.statements) + export.counts.votes
    _Loader(run, export, total, advance).load()
    return export


def discard_import(slug: str) -> None:
    """Take away the space that an unfinished import was filling."""
    space = find_space(slug)
    if space is None or space.state != "importing":
        raise NotFound(_("No import is filling a space called %(slug)s.", slug=slug))
    delete_space(SYSTEM, slug, slug)
    while finish_deletions():
        pass


class _Run:
    """Where an import stands: which step, and how many rows of it are done."""

    def __init__(self, space_id: str, step: str, position: int, finished: bool) -> None:
        self.space_id, self.step, self.position, self.finished = space_id, step, position, finished


@verb
def _find_run(slug: str, export: PolisExport) -> _Run | None:
    space = find_space(slug)
    if space is None:
        return None
    row = session().get(ImportRun, space.id)
    if row is None or row.source != SOURCE:
        raise Conflict(_("There is a space called %(slug)s already. Choose another slug.", slug=slug))
    if row.digest != export.digest:
        sentence = _("The space %(slug)s was filled from other data. Choose another slug, or --discard it.", slug=slug)
        raise Conflict(sentence)
    return _Run(space.id, row.step, row.position, row.finished_at is not None)


@verb
def _begin(slug: str, export: PolisExport, owner_id: str | None) -> _Run:
    name = (export.topic or slug)[:120]
    space = create_space(
        SYSTEM, "blank", name=name, slug=slug, owner_id=owner_id, state="importing", purpose=export.description[:2000],
        kind="updown", results="live", visibility="public", who_proposes="registered", who_votes="everyone",
    )  # fmt: skip
    row = ImportRun(
        space_id=space.id, source=SOURCE, digest=export.digest, step="people", position=0, started_at=clock.now()
    )
    session().add(row)
    return _Run(space.id, "people", 0, False)


def _chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while chunk := list(islice(items, size)):
        yield chunk


class _Loader:
    """One run of an import from where it stands to its end."""

    def __init__(self, run: _Run, export: PolisExport, total: int, advance: Advance) -> None:
        self.run, self.export, self.total, self.advance = run, export, total, advance
        self.people: dict[str, str] = {}
        self.ideas: dict[str, str] = {}

    def load(self) -> None:
        """Every step that is not done yet."""
        export, done = self.export, 0
        self._step("people", "statements", iter(export.people), PEOPLE, self._store_people, done)
        done += len(export.people)
        self.people = ids_of_people(person_external_id(number) for number in export.people)
        self._step("statements", "votes", iter(export.statements), STATEMENTS, self._store_statements, done)
        done += len(export.statements)
        self.ideas = ids_of_externals(self.run.space_id, [statement.external_id for statement in export.statements])
        start = self.run.position if self.run.step == "votes" else 0
        self._step("votes", "opening", export.votes(start), VOTES, self._store_votes, done, skipped=start)
        self._open()

    def _step(
        self, name: str, following: str, items: Iterator[T], size: int, store: Callable[[list[T]], None], before: int,
        skipped: int = 0,
    ) -> None:  # fmt: skip
        if self.run.step != name:
            return
        for chunk in _chunks(islice(items, self.run.position - skipped, None), size):
            self._commit(name, self.run.position + len(chunk), partial(store, chunk))
            self.advance(before + self.run.position, self.total)
        self._commit(following, 0, lambda: None)

    @verb
    def _commit(self, step: str, position: int, store: Callable[[], None]) -> None:
        store()
        row = session().get_one(ImportRun, self.run.space_id)
        row.step, row.position = step, position
        self.run.step, self.run.position = step, position

    def _store_people(self, numbers: list[int]) -> None:
        find_or_create_externals((person_external_id(number), "") for number in numbers)

    def _store_statements(self, statements: list[Statement]) -> None:
        status = next((status.id for status in list_statuses(self.run.space_id) if status.kind == "open"), None)
        store_imported(self.run.space_id, [self._idea(statement) for statement in statements], status)

    def _idea(self, statement: Statement) -> ForeignIdea:
        title, body = title_and_body(statement.text)
        author = None if statement.author_id is None else self.people.get(person_external_id(statement.author_id))
        return ForeignIdea(statement.external_id, title, body, author, statement.created_at)

    def _store_votes(self, votes: list[TimedVote]) -> None:
        asks = [
            Ask(
                self.ideas[f"polis:{vote.comment_id}"],
                self.people[person_external_id(vote.voter_id)],
                vote.value,
                at=clock.rfc3339(vote.at),
            )
            for vote in votes
        ]
        for answer in apply_votes(session(), asks, importing=True):
            if isinstance(answer, Problem):
                raise answer

    @verb
    def _open(self) -> None:
        """Hide what was rejected (its votes count all the same) and show the space: one commit."""
        for statement in self.export.statements:
            if statement.rejected:
                hide_idea(SYSTEM, self.ideas[statement.external_id], str(REASON))
        open_imported_space(SYSTEM, self.run.space_id)
        session().get_one(ImportRun, self.run.space_id).finished_at = clock.now()
