"""Reading the desk: one page of its table, the counts of its inboxes, what was done lately. A fixed number of queries each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, select

from codesign.accounts.queries import get_people
from codesign.customers.facts import Wants
from codesign.customers.wants import wants_of
from codesign.events.log import head, last
from codesign.ideas.counts import MOVED
from codesign.ideas.facts import IdeaFact, ScoreFact, VoteNumbers
from codesign.ideas.ports import ports
from codesign.ideas.queries import get_ideas
from codesign.ideas.scores import scores_of
from codesign.ideas.sifting import count_sifted, sift_beside, sift_by_status, sifted_ids
from codesign.ideas.stages import Standing
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.believed import Believed
from codesign.kernel.db import offload, reading, session
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import Access, StatusFact
from codesign.triage.events import DeedDone, DeedUndone, IdeaAssigned
from codesign.triage.facts import DeedFact, MarkFact
from codesign.triage.fields import values_of
from codesign.triage.filters import (
    ALL,
    FRESH,
    INBOXES,
    MENTIONED,
    MINE,
    SURGING,
    TWINS,
    UNANSWERED,
    Desk,
    DeskFilter,
    desk_of,
    listing_of,
    sieve_of,
    surging,
)
from codesign.triage.marks import marks_of
from codesign.triage.models import Deed

#: Counting a large inbox ends here; the screen says "999+".
MOST_COUNTED = 1_000
#: One change takes so many ideas at most.
MOST_IDEAS = 5_000
ROWS, MOST_ROWS = 50, 100
#: A change that has not moved on for so long was cut off.
STILL_RUNS = timedelta(seconds=15)
#: A column of the board shows so many; its foot leads to the others.
CARDS = 20
#: After these an inbox holds more or fewer ideas. A change of many that only marks them as read is told when it is done.
STIRRED = (*MOVED, "idea.answered", IdeaAssigned.name, DeedDone.name, DeedUndone.name)
#: The inboxes as they were counted last: all that decides on them is in the key.
_stood: Believed[dict[str, int]] = Believed(60)


@dataclass(frozen=True)
class DeskRow:
    """One idea in the table."""

    idea: IdeaFact
    mark: MarkFact
    owner: str | None
    numbers: VoteNumbers
    scores: Mapping[str, ScoreFact]
    values: Mapping[str, Any]
    wants: Wants | None = None


@dataclass(frozen=True)
class DeskPage:
    """One page of the table, read at a number of the log; beside it the idea that was asked for, with all its scores."""

    rows: tuple[DeskRow, ...]
    next: str | None
    seq: int
    sort: str
    beside: DeskRow | None = None


@dataclass(frozen=True)
class BoardColumn:
    """The ideas of one status: how many there are, and the most wanted of them."""

    status: StatusFact
    count: int
    rows: tuple[DeskRow, ...]


@reading
def board_columns(access: Access, wish: DeskFilter, desk: Desk) -> list[BoardColumn]:
    """What a filter lets through, status by status. The caller has passed the gate for the team. Raises Invalid."""
    standings = sift_by_status(access, sieve_of(desk, wish), [status.id for status in desk.statuses], CARDS)
    rows = {row.idea.id: row for row in _cards(tuple(idea for each in standings.values() for idea in each.ideas))}
    nothing = Standing()
    return [
        BoardColumn(status, found.count, tuple(rows[idea.id] for idea in found.ideas))
        for status in desk.statuses
        for found in [standings.get(status.id, nothing)]
    ]


@reading
def desk_rows(
    access: Access,
    wish: DeskFilter,
    *,
    limit: int = ROWS,
    cursor: str | None = None,
    desk: Desk | None = None,
    rules: Collection[str] | None = None,
    beside: str = "",
) -> DeskPage:
    """One page of the ideas a filter lets through, with their scores by some *rules* or by all; *beside* is the id of one more.
    The caller has passed the gate for the team. Raises Invalid."""
    desk = desk or desk_of(access)
    page, idea = sift_beside(access, *listing_of(desk, wish), beside, limit=limit, cursor=cursor)
    drawn = {row.idea.id: row for row in rows_of((*page.items, *([idea] if idea else ())), rules)}
    rows = tuple(drawn[each.id] for each in page.items)
    return DeskPage(rows, page.next, page.seq, page.sort, _with_scores(drawn[idea.id]) if idea else None)


def _with_scores(row: DeskRow) -> DeskRow:
    """The row with its scores by all rules."""
    return replace(row, scores={score.rule: score for score in scores_of([row.idea.id]).get(row.idea.id, ())})


def row_of(access: Access, idea_id: str) -> DeskRow | None:
    """The row of one idea of the space; None where it is none. Needs a read block around it."""
    idea = get_ideas(access, [idea_id]).get(idea_id)
    return rows_of((idea,))[0] if idea else None


def with_wants(access: Access, page: DeskPage) -> DeskPage:
    """The page with who wants each of its ideas. Needs a read block around it."""
    wants = wants_of(access, [row.idea.id for row in page.rows])
    return replace(page, rows=tuple(replace(row, wants=wants[row.idea.id]) for row in page.rows))


def _cards(ideas: tuple[IdeaFact, ...]) -> list[DeskRow]:
    """The rows of ideas as far as a board draws them: no scores, no values of fields."""
    marks = marks_of([idea.id for idea in ideas])
    owners = _owners(marks)
    return [
        DeskRow(idea, mark := marks.get(idea.id, MarkFact()), owners.get(mark.owner_id), VoteNumbers(), {}, {})
        for idea in ideas
    ]


def _owners(marks: Mapping[str, MarkFact]) -> dict[str | None, str]:
    """The names of who looks after ideas, by their ids."""
    return {found.id: found.name for found in get_people({m.owner_id for m in marks.values() if m.owner_id}).values()}


def rows_of(ideas: tuple[IdeaFact, ...], rules: Collection[str] | None = None) -> list[DeskRow]:
    """The rows of ideas, in their order, with their scores by some *rules* or by all. Needs a read block around it."""
    ids = [idea.id for idea in ideas]
    marks, values, scores = marks_of(ids), values_of(ids), scores_of(ids, rules)
    numbers, owners = ports.numbers_of(ids, clock.now()), _owners(marks)
    return [
        DeskRow(
            idea=idea,
            mark=(mark := marks.get(idea.id, MarkFact())),
            owner=owners.get(mark.owner_id),
            numbers=numbers.get(idea.id, VoteNumbers()),
            scores={score.rule: score for score in scores.get(idea.id, ())},
            values=values.get(idea.id, {}),
        )
        for idea in ideas
    ]


@reading
def inbox_counts(access: Access, desk: Desk | None = None) -> dict[str, int]:
    """How many ideas wait in each inbox, at most ``MOST_COUNTED``; all ideas are not counted."""
    known, space = desk or desk_of(access), access.space

    def count(name: str) -> int:
        return count_sifted(access, sieve_of(known, DeskFilter(inbox=name)), MOST_COUNTED)

    # What these depend on, and the minute: an idea is late when its time has come.
    as_of = last(space.id, STIRRED), tuple((status.id, status.kind) for status in known.statuses), space.promise_days
    here = (space.id, access.person_id, *as_of, int(clock.now().timestamp() // 60))
    stood = _stood.get(here, lambda: {name: count(name) for name in (FRESH, UNANSWERED, MINE)})
    counts = {**stood, TWINS: count(TWINS), MENTIONED: count(MENTIONED)}
    counts[SURGING] = min(len(surging(known)), MOST_COUNTED)
    return {name: counts[name] for name in INBOXES if name != ALL}


def filtered_ids(actor: Actor, reference: str, wish: DeskFilter) -> list[str]:
    """The ids of all ideas a filter lets through, for a change of them all.

    Raises NotFound, Forbidden, Invalid (also where there are more than one change may take).
    """
    ids = offload(_filtered_ids, actor, reference, wish)
    if len(ids) > MOST_IDEAS:
        raise Invalid.field(
            "filter", _("More than 5,000 ideas pass this filter. Narrow it and do it in parts."), "many"
        )
    return ids


def _filtered_ids(actor: Actor, reference: str, wish: DeskFilter) -> list[str]:
    access = look(actor, reference, "moderate")
    return sifted_ids(access, sieve_of(desk_of(access), wish), MOST_IDEAS + 1)


def deed_fact(row: Deed) -> DeedFact:
    """The fact of a row."""
    return DeedFact(row.id, row.verb, row.wish, row.count, row.actor_id, row.at, row.undone_at, row.reached, row.total)


def runs() -> ColumnElement[bool]:
    """Whether a deed is being done, or taken back: it moved on a moment ago. One that a restart cut off does not."""
    return and_(Deed.reached < Deed.total, Deed.moved_at.is_not(None), Deed.moved_at > clock.now() - STILL_RUNS)


@reading
def running_deeds(access: Access) -> list[DeedFact]:
    """What of the viewer's is being done here right now, or taken back."""
    query = select(Deed).where(Deed.space_id == access.space.id, Deed.actor_id == access.person_id, runs())
    return [deed_fact(row) for row in session().scalars(query.order_by(Deed.id))]


@reading
def last_deeds(access: Access, limit: int = 5) -> list[DeedFact]:
    """What the viewer did here last and has not taken back, the newest first."""
    query = select(Deed).where(
        Deed.space_id == access.space.id,
        Deed.actor_id == access.person_id,
        Deed.undone_at.is_(None),
        Deed.count > 0,
        not_(runs()),
    )
    return [deed_fact(row) for row in session().scalars(query.order_by(Deed.id.desc()).limit(limit))]


@reading
def seq_of(access: Access) -> int:
    """The number of the log a screen is drawn at."""
    return head(access.space.id)
