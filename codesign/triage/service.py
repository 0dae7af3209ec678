"""Changing ideas at the desk, one or thousands, and taking it back.

A deed runs in short steps, so that votes get through in between; each step is one transaction with the facts of its own.
What somebody else changed since the team member looked (*seen*, a number of the log) is left alone and told, never overwritten.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, not_, select, update

from codesign.accounts.queries import get_people
from codesign.events.log import record, since
from codesign.ideas.team import require_team
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound, Problem
from codesign.kernel.ids import new_id
from codesign.kernel.text import Sentence, _
from codesign.spaces.access import standing
from codesign.spaces.facts import Access
from codesign.spaces.queries import get_status
from codesign.triage.events import DeedDone, DeedUndone
from codesign.triage.facts import DeedFact, Done, Left
from codesign.triage.kinds import FIELD, MERGE, SPLIT, STATUS, Kind, Put, kind_of
from codesign.triage.marks import put_read
from codesign.triage.models import Deed, DeedRow
from codesign.triage.queries import deed_fact, runs

#: A step takes so many ideas, or so long (seconds); what it reads first, it reads for all its ideas. So one that did not come
#: through is followed by a smaller one.
STEP, STEP_SECONDS = 100, 0.02
KEPT_FOR = timedelta(days=30)
#: So few are changed in one transaction.
FEW = 10
_FACTS_AT_ONCE = 500


@dataclass(frozen=True)
class _Step:
    """What one transaction got done: how many of its ideas it came to, those that changed, those left alone."""

    reached: int
    changed: int
    left: tuple[tuple[Left, Problem | None], ...]


def gate(actor: Actor, reference: str) -> Access:
    """Let the team of a space through. Raises NotFound, Unauthenticated, Forbidden."""
    found = standing(actor, reference)
    require_team(actor, found)
    return found


def change_ideas(
    actor: Actor, reference: str, name: str, wish: Any, idea_ids: Sequence[str], seen: int | None = None
) -> Done:
    """Do one thing to ideas of a space: *name* is a kind of ``kinds``, *wish* what it takes.

    Raises NotFound, Forbidden, Invalid; for a single idea also its Conflict, with who changed what since *seen*.
    """
    ids = list(dict.fromkeys(idea_ids))
    if name == SPLIT and len(ids) > 1:
        raise Invalid.field("ideas", _("Split one idea after the other."), "many")
    if name == MERGE and not wish and len(ids) > 1:
        raise Invalid.field("value", _("Say which idea stays: several become part of it."), "required")
    return (_change_few if len(ids) <= FEW else _change)(actor, reference, name, wish, ids, seen)


def _change(actor: Actor, reference: str, name: str, wish: Any, ids: Sequence[str], seen: int | None) -> Done:
    deed, clean = _begin(actor, reference, name, wish, len(ids))
    changed, place, size = 0, 0, STEP
    left: list[tuple[Left, Problem | None]] = []
    while place < len(ids):
        step = _take_step(actor, reference, deed.id, name, clean, tuple(ids[place : place + size]), seen)
        changed, place, size = changed + step.changed, place + step.reached, _next_size(step)
        left += step.left
    _end(actor, reference, deed.id, changed)
    if len(ids) == 1 and left and left[0][1] is not None:
        raise left[0][1]
    told = tuple(each for each, _problem in left)
    return Done(_fact(deed, changed) if changed else None, changed, told)


_change_few = verb(_change)


def _next_size(step: _Step) -> int:
    """How many ideas the next step begins with."""
    return min(STEP, max(FEW, 2 * step.reached))


def _fact(deed: DeedFact, count: int) -> DeedFact:
    return DeedFact(deed.id, deed.verb, deed.wish, count, deed.actor_id, deed.at)


@verb
def _begin(actor: Actor, reference: str, name: str, wish: Any, total: int) -> tuple[DeedFact, Any]:
    found = gate(actor, reference)
    clean = kind_of(name).check(found, wish)
    _forget_old(found.space.id)
    row = Deed(
        id=new_id(), space_id=found.space.id, actor_id=actor.person_id, verb=name, wish=clean, count=0, at=clock.now(),
        total=total, reached=0, moved_at=clock.now(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    return deed_fact(row), clean


def _forget_old(space_id: str, limit: int = 200) -> None:
    """What was done a month ago is not taken back any more; a few rows each time, so that nobody waits."""
    old = select(Deed.id).where(Deed.space_id == space_id, Deed.at < clock.now() - KEPT_FOR).order_by(Deed.id).limit(1)
    oldest = session().scalar(old)
    if oldest is None:
        return
    some = select(DeedRow.idea_id).where(DeedRow.deed_id == oldest).limit(limit)
    gone = session().execute(delete(DeedRow).where(DeedRow.deed_id == oldest, DeedRow.idea_id.in_(some)))
    if not gone.rowcount:  # type: ignore[attr-defined]
        session().execute(delete(Deed).where(Deed.id == oldest))


@verb
def _take_step(
    actor: Actor, reference: str, deed_id: str, name: str, wish: Any, ids: tuple[str, ...], seen: int | None
) -> _Step:
    started, found, kind = time.monotonic(), gate(actor, reference), kind_of(name)
    put, now = kind.put(found, ids), kind.now(found.space.id, ids, wish)
    newer = _changed_since(actor, found, kind, wish, seen, ids)
    rows: list[dict[str, Any]] = []
    left: list[tuple[Left, Problem | None]] = []
    reached = 0
    for idea_id in sorted(ids) if len(ids) == 1 else ids:
        reached += 1
        problem = newer.get(idea_id) or _put(actor, found, kind, put, idea_id, now, wish, rows, deed_id)
        if problem is not None:
            left.append((Left(idea_id, str(problem.sentence), idea_id in newer), problem))
        if time.monotonic() - started > STEP_SECONDS:
            break
    put.rest()
    _move_on(deed_id, reached, len(rows))
    if rows:
        session().execute(insert(DeedRow), rows)
        if kind.reads:
            put_read(found.space.id, [row["idea_id"] for row in rows])
    return _Step(reached, len(rows), tuple(left))


def _move_on(deed_id: str, reached: int, changed: int = 0) -> None:
    """Note how far a deed has come, for whoever waits for it."""
    moved = {"count": Deed.count + changed, "reached": Deed.reached + reached, "moved_at": clock.now()}
    session().execute(update(Deed).where(Deed.id == deed_id).values(moved))


def _put(
    actor: Actor,
    found: Access,
    kind: Kind,
    put: Put,
    idea_id: str,
    now: Any,
    wish: Any,
    rows: list[dict[str, Any]],
    deed_id: str,
) -> Problem | None:
    """Give an idea what it should have and note what it had; returns why not, where it was refused."""
    if idea_id not in now:
        return NotFound(_("There is no such idea in this space."))
    before = now[idea_id]
    after = kind.aim(before, wish)
    if after in (before, idea_id):  # nothing to do; no idea becomes part of itself
        return None
    try:
        put.one(actor, found, idea_id, after, wish)
    except Problem as problem:
        return problem
    rows.append({"deed_id": deed_id, "idea_id": idea_id, "before": before, "after": after})
    return None


@verb
def _end(actor: Actor, reference: str, deed_id: str, count: int) -> None:
    row = session().get_one(Deed, deed_id)
    if not count:
        session().delete(row)
        return
    record(DeedDone(row.space_id, deed_id, row.verb, count), actor)


# --- What somebody else did meanwhile ---------------------------------------------------------------------------------


def _changed_since(
    actor: Actor, found: Access, kind: Kind, wish: Any, seen: int | None, ids: Iterable[str]
) -> dict[str, Conflict]:
    """The ideas of which another one changed this very thing after *seen*, each with a refusal that says who and what."""
    if seen is None or not kind.told_by:
        return {}
    wanted, newer, after = set(ids), {}, seen
    while facts := since(found.space.id, after, _FACTS_AT_ONCE, kind.told_by, not_by=actor.person_id):
        after = facts[-1].seq
        for fact in facts:
            same_field = "key" not in fact.payload or fact.payload["key"] == wish["key"]
            if fact.payload.get("idea_id") in wanted and same_field:
                newer[fact.payload["idea_id"]] = fact
    people = get_people({fact.actor_id for fact in newer.values() if fact.actor_id})
    refusals = {}
    for about, fact in newer.items():
        who = people[fact.actor_id].name if fact.actor_id in people else str(_("Somebody"))
        said = _said(found, fact.name, fact.payload, who)
        refusals[about] = Conflict(said, seq=fact.seq, by=who, at=fact.occurred_at)
    return refusals


def _said(found: Access, name: str, payload: dict[str, Any], who: str) -> Sentence:
    if name == "idea.status_changed":
        status = get_status(found.space.id, payload["new"])
        title = status.name if status else ""
        return _("%(name)s changed the status to %(status)s while you were writing.", name=who, status=title)
    if name == "idea.answered":
        return _("%(name)s answered while you were writing.", name=who)
    if name == "idea.assigned":
        return _("%(name)s gave this idea to somebody else while you were writing.", name=who)
    if name == "idea.merged":
        return _("%(name)s merged this idea while you were writing.", name=who)
    if name == "idea.split":
        return _("%(name)s split this idea while you were writing.", name=who)
    return _("%(name)s changed this while you were writing.", name=who)


# --- Taking back ------------------------------------------------------------------------------------------------------


def undo_deed(actor: Actor, reference: str, deed_id: str) -> Done:
    """Put back what a deed changed, as far as nobody changed it again; says what stays and why.

    Everybody of the team may. Raises NotFound, Forbidden, Conflict (taken back already, or still under way).
    """
    fact, ids = _begin_undo(actor, reference, deed_id)
    changed, place, size = 0, 0, STEP
    left: list[tuple[Left, Problem | None]] = []
    while place < len(ids):
        step = _undo_step(actor, reference, deed_id, tuple(ids[place : place + size]))
        changed, place, size = changed + step.changed, place + step.reached, _next_size(step)
        left += step.left
    _end_undo(actor, reference, deed_id, changed)
    return Done(fact, changed, tuple(each for each, _problem in left))


@verb
def _begin_undo(actor: Actor, reference: str, deed_id: str) -> tuple[DeedFact, list[str]]:
    """Take a deed for oneself: of two who take it back at once one does, and one under way has ideas yet to come."""
    _take(actor, reference, deed_id, not_(runs()))
    query = select(DeedRow.idea_id).where(DeedRow.deed_id == deed_id).order_by(DeedRow.idea_id)
    ids = list(session().scalars(query))
    begun = {"total": len(ids), "reached": 0, "moved_at": clock.now()}
    session().execute(update(Deed).where(Deed.id == deed_id).values(begun))
    return deed_fact(session().get_one(Deed, deed_id)), ids


def _take(actor: Actor, reference: str, deed_id: str, *when: ColumnElement[bool]) -> Deed:
    """The deed, locked until this transaction ends. Raises Conflict where it was taken back, or it is not so (*when*)."""
    found = gate(actor, reference)
    query = select(Deed).where(Deed.id == deed_id, Deed.space_id == found.space.id)
    row = session().scalar(query.with_for_update())
    if row is None:
        raise NotFound(_("There is nothing to take back here."))
    if row.undone_at is not None:
        raise Conflict(_("This was taken back already."))
    if session().scalar(select(Deed.id).where(Deed.id == deed_id, *when)) is None:
        raise Conflict(_("This is still under way. Take it back when it is through."))
    return row


def _find(found: Access, deed_id: str) -> Deed:
    row = session().get(Deed, deed_id)
    if row is None or row.space_id != found.space.id:
        raise NotFound(_("There is nothing to take back here."))
    return row


@verb
def _undo_step(actor: Actor, reference: str, deed_id: str, ids: tuple[str, ...]) -> _Step:
    started, found = time.monotonic(), gate(actor, reference)
    deed = _find(found, deed_id)
    kind, wish = kind_of(deed.verb), deed.wish
    query = select(DeedRow).where(DeedRow.deed_id == deed_id, DeedRow.idea_id.in_(ids)).order_by(DeedRow.idea_id)
    rows = list(session().scalars(query))
    put, now = kind.put(found, ids), kind.now(found.space.id, ids, wish)
    changed, reached, left = 0, 0, []
    for row in rows:
        reached += 1
        problem = _put_back(actor, found, put, row, now, wish)
        changed += problem is None
        if problem is not None:
            left.append((Left(row.idea_id, str(problem.sentence), isinstance(problem, Conflict)), problem))
        if time.monotonic() - started > STEP_SECONDS:
            break
    put.rest()
    _move_on(deed_id, max(1, reached))
    return _Step(max(1, reached), changed, tuple(left))


def _put_back(actor: Actor, found: Access, put: Put, row: DeedRow, now: Any, wish: Any) -> Problem | None:
    if row.idea_id not in now:
        return NotFound(_("There is no such idea in this space."))
    if now[row.idea_id] != row.after:
        return Conflict(_("It was changed again since; that stays."))
    try:
        put.one(actor, found, row.idea_id, row.before, wish)
    except Problem as problem:
        return problem
    return None


@verb
def _end_undo(actor: Actor, reference: str, deed_id: str, count: int) -> None:
    row = _take(actor, reference, deed_id)
    row.undone_at, row.undone_by = clock.now(), actor.person_id
    record(DeedUndone(row.space_id, deed_id, count), actor)


__all__ = ["FIELD", "MERGE", "SPLIT", "STATUS", "change_ideas", "gate", "undo_deed"]
