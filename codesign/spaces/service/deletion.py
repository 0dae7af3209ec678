"""A space is deleted: gone for everybody at once, its rows step by step, so that no write waits long behind it.

Which rows belong to a space is read from the tables themselves: those with a ``space_id``, and those that point at
such a row. So a new table is covered the day it appears. Rooms that keep anything else (files) use ``on_deletion``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from sqlalchemy import Column, ColumnElement, Table, delete, select, tuple_

from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import present_tables, read, session, verb
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.spaces.events import SpaceDeleted
from codesign.spaces.models import Space
from codesign.spaces.service.rows import lock_space

STEP = 400
STEPS_AT_ONCE = 25

Step = Callable[[str, int], int]
_steps: list[Step] = []


def on_deletion(step: Step) -> Step:
    """Register ``step(space_id, limit)``: it takes away at most *limit* things that are no rows; says how many.

    It runs inside a write transaction, again and again until it answers 0.
    """
    if step not in _steps:
        _steps.append(step)
    return step


def delete_space(actor: Actor, reference: str, confirmation: str | None) -> None:
    """Delete a space with everything in it (owners). *confirmation* is its slug, typed by hand; a program
    that names the space in an address gives None.

    It cannot be seen from this moment on; what does not go at once is taken away by ``finish_deletions``.
    """
    space_id = _mark(actor, reference, confirmation)
    _take_away(space_id, STEPS_AT_ONCE)


@verb
def _mark(actor: Actor, reference: str, confirmation: str | None) -> str:
    row = lock_space(access(actor, reference, "own"))
    if confirmation is not None and confirmation.strip() != row.slug:
        raise Invalid.field("confirmation", _("Type %(slug)s to confirm.", slug=row.slug), "mismatch")
    row.state, row.slug = "deleting", row.id  # the address is free again; no slug has capital letters
    row.next_phase = row.next_phase_at = None
    session().flush()
    record(SpaceDeleted(row.id, row.id), actor)
    record(SpaceDeleted(SERVER, row.id), actor)
    return row.id


def finish_deletions(steps: int = STEPS_AT_ONCE) -> int:
    """Take away rows of deleted spaces, *steps* transactions each (for the worker); returns how many are left."""
    left = 0
    for space_id in _deleting():
        left += not _take_away(space_id, steps)
    return left


def _deleting() -> list[str]:
    with read() as work:
        return list(work.scalars(select(Space.id).where(Space.state == "deleting").order_by(Space.id)))


def _take_away(space_id: str, steps: int) -> bool:
    """Take away at most *steps* portions; whether the space is gone for good."""
    return any(not _delete_some(space_id, STEP) for _number in range(steps))


@verb
def _delete_some(space_id: str, limit: int) -> int:
    """Delete up to *limit* rows of a space, those that point at others first; 0 when nothing is left."""
    taken = 0
    for step in _steps:
        taken += step(space_id, limit - taken)
        if taken >= limit:
            return taken
    for table in _tables():
        condition = belongs_to(table, space_id)
        if condition is not None:
            taken += _delete_rows(table, condition, limit - taken)
        if taken >= limit:
            return taken
    return taken


def _tables() -> list[Table]:
    """All tables, those that point at others first. The space itself comes last: its row says that there is work left."""
    last = Space.__table__
    return [table for table in reversed(present_tables()) if table is not last] + [cast(Table, last)]


def _delete_rows(table: Table, condition: ColumnElement[bool], limit: int) -> int:
    keys = list(table.primary_key.columns)
    key = keys[0] if len(keys) == 1 else tuple_(*keys)
    chosen = select(*keys).where(condition).limit(limit)
    return session().execute(delete(table).where(key.in_(chosen))).rowcount  # type: ignore[attr-defined]


def belongs_to(table: Table, space_id: str) -> ColumnElement[bool] | None:
    """The condition for rows of *table* that belong to a space; None where none can."""
    if table is Space.__table__:
        return Space.__table__.c.id == space_id
    if "space_id" in table.c:
        return table.c.space_id == space_id
    found = _path(table)
    if found is None:
        return None
    column, parent, target = found
    inner = belongs_to(parent, space_id)
    return None if inner is None else column.in_(select(target).where(inner))


@lru_cache(maxsize=512)
def _path(table: Table) -> tuple[Column[object], Table, Column[object]] | None:
    """The first column of *table* that points at a row of a space: column, table pointed at, column there."""
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        parent = key.column.table
        if parent is not table and ("space_id" in parent.c or parent is Space.__table__ or _path(parent) is not None):
            return key.parent, parent, key.column
    return None
