"""Loads a Polis export into a space of its own, in small steps, opened in one.

The space is in state ``importing`` until everything is there. How far a run has come is a row beside it, moved in the
same commit as what it did: a killed import goes on where it stopped, and nothing is done twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import delete, insert

from codesign.accounts.queries import ids_of_externals as ids_of_people
from codesign.accounts.service import find_or_create_externals
from codesign.exchange.archive.loading import take_away
from codesign.exchange.models import ImportArrival, ImportRun
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
from codesign.spaces.service import create_space, open_imported_space
from codesign.voting.facts import Ask
from codesign.voting.service import apply_votes

Advance = Callable[[int, int], None]
T = TypeVar("T")

SOURCE = "polis"
#: What comes in, one after the other.
STEPS = ("people", "statements", "votes", "rejections")
#: Rows in the first commit of each step; the following ones grow or shrink until they take AIM seconds, so that a server
#: beside this is not held up.
FIRST = {"people": 100, "statements": 20, "votes": 100, "rejections": 10}
AIM = 0.015
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
    _Loader(run, export, advance).load()
    return export


def discard_import(slug: str) -> None:
    """Take away the space that an unfinished import was filling, and the people it had made for it."""
    space = find_space(slug)
    if space is None or space.state != "importing":
        raise NotFound(_("No import is filling a space called %(slug)s.", slug=slug))
    take_away(space.id)


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


class _Loader:
    """One run of an import from where it stands to its end."""

    def __init__(self, run: _Run, export: PolisExport, advance: Advance) -> None:
        self.run, self.export, self.advance = run, export, advance
        self.rejected = [statement for statement in export.statements if statement.rejected]
        self.sizes = {
            "people": len(export.people),
            "statements": len(export.statements),
            "votes": export.counts.votes,
            "rejections": len(self.rejected),
        }
        self.people: dict[str, str] = {}
        self.ideas: dict[str, str] = {}

    def load(self) -> None:
        """Every step that is not done yet."""
        export = self.export
        self._step("people", iter(export.people), self._store_people)
        self.people = ids_of_people(person_external_id(number) for number in export.people)
        self._step("statements", iter(export.statements), self._store_statements)
        self.ideas = ids_of_externals(self.run.space_id, [statement.external_id for statement in export.statements])
        self._step("votes", export.votes(), self._store_votes)
        self._step("rejections", iter(self.rejected), self._reject)
        self._open()

    def _step(self, name: str, items: Iterator[T], store: Callable[[list[T]], None]) -> None:
        """Store what is left of *items*, commit by commit."""
        if self.run.step != name:
            return
        before = sum(self.sizes[step] for step in STEPS[: STEPS.index(name)])
        left, size = islice(items, self.run.position, None), FIRST[name]
        while chunk := list(islice(left, size)):
            started = time.monotonic()
            self._commit(name, self.run.position + len(chunk), partial(store, chunk))
            self.advance(before + self.run.position, sum(self.sizes.values()))
            wanted = size * AIM / max(time.monotonic() - started, AIM / 2)
            size = max(FIRST[name] // 2, round((size + wanted) / 2))
        self._commit(([*STEPS, "opening"])[STEPS.index(name) + 1], 0, lambda: None)

    def _commit(self, step: str, position: int, store: Callable[[], None]) -> None:
        self._note(self.run, step, position, store)
        self.run = _Run(self.run.space_id, step, position, False)

    @verb
    def _note(self, before: _Run, step: str, position: int, store: Callable[[], None]) -> None:
        """Do one piece of work and note, in the same commit, that it is done."""
        row = session().get_one(ImportRun, before.space_id, with_for_update=True)
        if (row.step, row.position) != (before.step, before.position):
            raise Conflict(_("Another run of this import is under way. Wait until it is done."))
        store()
        row.step, row.position = step, position

    def _store_people(self, numbers: list[int]) -> None:
        names = [person_external_id(number) for number in numbers]
        known = ids_of_people(names)
        made = find_or_create_externals((name, "") for name in names if name not in known)
        arrivals = [{"run_id": self.run.space_id, "kind": "person", "id": person_id} for person_id in made.values()]
        if arrivals:
            session().execute(insert(ImportArrival), arrivals)

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

    def _reject(self, statements: list[Statement]) -> None:
        """Hide what was rejected, once everybody has voted: its votes count all the same."""
        for statement in statements:
            hide_idea(SYSTEM, self.ideas[statement.external_id], str(REASON))

    @verb
    def _open(self) -> None:
        open_imported_space(SYSTEM, self.run.space_id)
        session().get_one(ImportRun, self.run.space_id).finished_at = clock.now()
        # From now on nothing can be discarded: the people who came stay.
        session().execute(delete(ImportArrival).where(ImportArrival.run_id == self.run.space_id))
