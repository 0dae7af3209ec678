"""Bringing a table in, in short steps that each end in a commit: what is here already stays as it is, so a run that was
killed is simply begun again. Nobody is told: the people who come have no account here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import blake2b
from itertools import islice
from typing import Any, TypeVar

from codesign.accounts.queries import with_account
from codesign.accounts.service import find_or_create_externals
from codesign.comments.imported import ForeignComment, store_imported_comments
from codesign.comments.queries import commenters_of
from codesign.events.log import record
from codesign.exchange.events import IdeasImported
from codesign.exchange.foreign.planning import Plan, known_here
from codesign.exchange.foreign.renewing import put_fields, remember, renew, renewals, uncounted
from codesign.exchange.foreign.rows import CommentRow, IdeaRow, Somebody, Support, VoteRow
from codesign.exchange.foreign.sheets import Flaw
from codesign.ideas.imported import name_voters
from codesign.ideas.imports import ForeignIdea, Known, store_imported
from codesign.ideas.queries import followers_of
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Problem
from codesign.merging.service import merge_idea
from codesign.spaces.access import access
from codesign.voting.facts import Ask
from codesign.voting.queries import voters_of
from codesign.voting.service import apply_votes

Advance = Callable[[int, int], None]
T = TypeVar("T")

#: Rows in the first commit; the following ones grow or shrink until they take AIM seconds, so that nobody's vote waits long.
FIRST, AIM = 10, 0.015


@dataclass
class Result:
    """What came in."""

    ideas: int = 0
    updated: int = 0
    kept: int = 0
    comments: int = 0
    merged: int = 0
    counted: int = 0
    named: int = 0
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        return {name: value for name, value in asdict(self).items() if name != "flaws"}

    def add(self, other: Result) -> None:
        """Take the result of a step in."""
        for name, value in other.counts.items():
            setattr(self, name, getattr(self, name) + value)
        self.flaws += other.flaws


def size_of(plan: Plan) -> int:
    """How many rows there are to go over."""
    return len(plan.table.ideas) + len(plan.table.votes) + len(plan.table.comments)


def bring_in(
    actor: Actor, plan: Plan, advance: Advance = lambda done, total: None, begin: int = 0, seconds: float | None = None
) -> tuple[int, Result]:
    """Bring in what a plan says from row *begin* on, for so many *seconds* or to the end; says how far it came.

    Raises NotFound, Forbidden.
    """
    started, total, done, result = time.monotonic(), size_of(plan), begin, Result()
    rows: Sequence[IdeaRow | VoteRow | CommentRow] = (*plan.table.ideas, *plan.table.votes, *plan.table.comments)
    for chunk, took in _paced(islice(rows, begin, None)):
        result.add(_store(actor, plan, chunk))
        done += len(chunk)
        advance(done, total)
        took()
        if seconds is not None and time.monotonic() - started > seconds:
            break
    return done, result


@verb
def note_import(actor: Actor, plan: Plan, ideas: int, votes: int) -> None:
    """Write into the log who brought what in."""
    if ideas or votes:
        record(IdeasImported(plan.access.space.id, plan.wish.source, ideas, votes), actor)


def _paced(rows: Iterator[T]) -> Iterator[tuple[list[T], Callable[[], None]]]:
    """Pieces of *rows* that take about ``AIM`` seconds each; whoever is through with one says so."""
    sizes = [FIRST]

    def took(started: float) -> None:
        wanted = sizes[-1] * AIM / max(time.monotonic() - started, AIM / 2)
        sizes[-1] = max(1, round((sizes[-1] + wanted) / 2))

    while chunk := list(islice(rows, sizes[-1])):
        yield chunk, partial(took, time.monotonic())


@verb
def _store(actor: Actor, plan: Plan, rows: Iterable[Any]) -> Result:
    """One commit."""
    access(actor, plan.access.space.id, "product")
    rows = list(rows)
    ideas = [row for row in rows if isinstance(row, IdeaRow)]
    votes = [row for row in rows if isinstance(row, VoteRow)]
    comments = [row for row in rows if isinstance(row, CommentRow)]
    result = _store_ideas(actor, plan, ideas)
    if votes:
        result.add(_store_votes(actor, plan, votes))
    if comments:
        result.add(_store_comments(actor, plan, comments))
    return result


def _store_ideas(actor: Actor, plan: Plan, rows: list[IdeaRow]) -> Result:
    space_id = plan.access.space.id
    known = known_here(space_id, plan.wish, [row.key for row in rows])
    new = [row for row in rows if plan.wish.external_id(row.key) not in known]
    renewed = _renew(actor, plan, rows, known)
    people = _people(space_id, (who for row in new for who in _named(row)))
    made = store_imported(space_id, [_foreign(plan, row, people) for row in new])
    session().flush()
    ids = {row.key: made[plan.wish.external_id(row.key)] for row in new}
    for row in new:
        remember(space_id, ids[row.key], row, plan.statuses.get(row.status) or plan.first_status)
        put_fields(actor, space_id, ids[row.key], dict(row.fields))
    asks = [_ask(actor, ids[row.key], each, people) for row in new if not row.held for each in row.supports]
    cast, flaws = _cast(asks, [each.line for row in new if not row.held for each in row.supports])
    result = Result(len(new), counted=sum(uncounted(row) + row.down for row in new), named=len(cast), flaws=flaws)
    result.add(renewed)
    for row in new:
        result.merged += _merge(actor, plan, row, ids)
    return result


def _renew(actor: Actor, plan: Plan, rows: list[IdeaRow], known: Mapping[str, Known]) -> Result:
    """Let a newer file change what is here already, compared once more with what is here now."""
    space_id, result = plan.access.space.id, Result()
    found = renewals(rows, plan.wish.by_key(known), plan.statuses, plan.first_status)
    people = _people(space_id, (each.who for row in rows if row.key in found for each in row.supports))
    for row in rows:
        if (renewal := found.get(row.key)) is None:
            continue
        asks = [_ask(actor, renewal.idea_id, each, people) for each in row.supports]
        cast, flaws = _cast(asks, [each.line for each in row.supports])
        result.add(Result(named=len(cast), flaws=flaws))
        result.updated, result.kept = result.updated + renewal.changes, result.kept + bool(renewal.kept)
        if renewal.tells:
            renew(actor, space_id, plan.wish.source, renewal)
        if cast and "votes" not in row.told:
            name_voters(actor, renewal.idea_id, plan.wish.source, len(cast))
    return result


def _named(row: IdeaRow) -> Iterator[Somebody]:
    if row.author:
        yield row.author
    yield from (each.who for each in row.supports)


def _foreign(plan: Plan, row: IdeaRow, people: dict[str, str]) -> ForeignIdea:
    return ForeignIdea(
        external_id=plan.wish.external_id(row.key), title=row.title, body=row.body,
        author_id=people[row.author.mark] if row.author else None, created_at=row.created_at or clock.now(),
        status_id=plan.statuses.get(row.status) or plan.first_status, tags=row.tags, source=plan.wish.source,
        up=uncounted(row), down=row.down, answer=row.answer, answered_at=row.answered_at, held=row.held,
    )  # fmt: skip


def _people(space_id: str, people: Iterable[Somebody]) -> dict[str, str]:
    """The ids of people by what tells them apart. Addresses are not kept: the same one makes the same person, here alone."""
    names: dict[str, str] = {}
    for who in people:
        names[who.mark] = names.get(who.mark) or who.name
    hidden = {mark: f"import:{space_id}:{_hidden(space_id, mark)}" for mark in names}
    made = find_or_create_externals((hidden[mark], name) for mark, name in names.items())
    return {mark: made[external_id] for mark, external_id in hidden.items()}


def _hidden(space_id: str, mark: str) -> str:
    return blake2b(mark.encode(), key=space_id.encode(), digest_size=16).hexdigest()


def _ask(actor: Actor, idea_id: str, support: Support, people: dict[str, str]) -> Ask:
    at = clock.rfc3339(support.at) if support.at else None
    return Ask(idea_id, people[support.who.mark], 1, by=actor.person_id, at=at)


def _cast(asks: list[Ask], lines: list[int]) -> tuple[list[str], list[Flaw]]:
    """Cast votes; the ideas of those that are new, and what was refused."""
    answers = apply_votes(session(), asks, importing=True) if asks else []
    flaws = [
        Flaw(line, answer.sentence) for line, answer in zip(lines, answers, strict=True) if isinstance(answer, Problem)
    ]  # fmt: skip
    return [answer.ask.idea_id for answer in answers if not isinstance(answer, Problem) and answer.changed], flaws


def _store_votes(actor: Actor, plan: Plan, rows: list[VoteRow]) -> Result:
    """Votes whose counts came before: what was counted without a name has one now, and is not counted twice."""
    space_id = plan.access.space.id
    known = known_here(space_id, plan.wish, {row.key for row in rows})
    here = [row for row in rows if plan.wish.external_id(row.key) in known]
    people = _people(space_id, (row.support.who for row in here))
    asks = [_ask(actor, known[plan.wish.external_id(row.key)].id, row.support, people) for row in here]
    cast, flaws = _cast(asks, [row.line for row in here])
    for idea_id in dict.fromkeys(cast):
        name_voters(actor, idea_id, plan.wish.source, cast.count(idea_id))
    return Result(named=len(cast), flaws=flaws)


def _store_comments(actor: Actor, plan: Plan, rows: list[CommentRow]) -> Result:
    space_id, source = plan.access.space.id, plan.wish.source
    known = known_here(space_id, plan.wish, {row.key for row in rows})
    here = [row for row in rows if plan.wish.external_id(row.key) in known]
    people = _people(space_id, (row.who for row in here))
    comments = [
        ForeignComment(
            plan.wish.comment_id(row), known[plan.wish.external_id(row.key)].id, row.body, people[row.who.mark],
            row.at or clock.now(),
        )
        for row in here
    ]  # fmt: skip
    return Result(comments=store_imported_comments(actor, space_id, source, comments))


def _merge(actor: Actor, plan: Plan, row: IdeaRow, ids: dict[str, str]) -> bool:
    """Make an idea part of the one it repeats, unless somebody here would be told of it."""
    if not row.original or row.held:
        return False
    known = known_here(plan.access.space.id, plan.wish, [row.original])
    target = known.get(plan.wish.external_id(row.original))
    if target is None or not target.published or target.id == ids[row.key] or _somebody_listens(target.id):
        return False
    merge_idea(actor, ids[row.key], target.id)
    return True


def _somebody_listens(idea_id: str) -> bool:
    return bool(with_account({*followers_of(idea_id), *voters_of(idea_id), *commenters_of(idea_id)}))
