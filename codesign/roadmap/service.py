"""Verbs of the roadmap: the product team arranges its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import delete, select

from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.roadmap.events import RoadmapChanged
from codesign.roadmap.facts import ColumnFact
from codesign.roadmap.models import RoadmapColumn, RoadmapStatus
from codesign.roadmap.queries import list_columns
from codesign.spaces.access import access
from codesign.spaces.queries import list_statuses
from codesign.spaces.rules import check_text
from codesign.spaces.service.rows import lock_space

MOST = 12
LONGEST_NAME = 40


@verb
def add_column(
    actor: Actor, reference: str, name: str, status_ids: Sequence[str] = (), public: bool = True
) -> ColumnFact:
    """Add a column at the end. A status stands in one column: it leaves the one it was in."""
    column = ColumnFact(new_id(), _checked_name(name), tuple(dict.fromkeys(status_ids)), public)

    def arrange(columns: list[ColumnFact]) -> list[ColumnFact]:
        if len(columns) >= MOST:
            raise Conflict(_("A roadmap has at most %(most)s columns.", most=MOST))
        return [*_without(columns, column.status_ids), column]

    return _column(_arrange(actor, reference, arrange), column.id)


@verb
def change_column(
    actor: Actor,
    reference: str,
    column_id: str,
    *,
    name: str | None = None,
    status_ids: Sequence[str] | None = None,
    public: bool | None = None,
    position: int | None = None,
) -> ColumnFact:
    """Rename a column, choose its statuses, who sees it, or its place from 0; what is None stays."""

    def arrange(columns: list[ColumnFact]) -> list[ColumnFact]:
        old = _column(columns, column_id)
        new = replace(
            old,
            name=old.name if name is None else _checked_name(name),
            status_ids=old.status_ids if status_ids is None else tuple(dict.fromkeys(status_ids)),
            public=old.public if public is None else public,
        )
        place = columns.index(old) if position is None else max(0, position)
        others = _without([column for column in columns if column is not old], new.status_ids)
        return [*others[:place], new, *others[place:]]

    return _column(_arrange(actor, reference, arrange), column_id)


@verb
def remove_column(actor: Actor, reference: str, column_id: str) -> None:
    """Take a column away; ideas of its statuses are on the roadmap no more."""

    def arrange(columns: list[ColumnFact]) -> list[ColumnFact]:
        gone = _column(columns, column_id)
        if len(columns) == 1:
            raise Conflict(_("One column has to stay."))
        return [column for column in columns if column is not gone]

    _arrange(actor, reference, arrange)


@verb
def restore_columns(actor: Actor, reference: str) -> list[ColumnFact]:
    """Go back to the usual columns: one for each status."""
    return _arrange(actor, reference, lambda columns: [])


def _arrange(actor: Actor, reference: str, arrange: Callable[[list[ColumnFact]], list[ColumnFact]]) -> list[ColumnFact]:
    """Write the columns as *arrange* makes them of those there are; they are few, so all are written anew."""
    space_id = lock_space(access(actor, reference, "product")).id
    before = list_columns(space_id)
    after = arrange(list(before))
    known = {status.id for status in list_statuses(space_id, retired=True)}
    if not known.issuperset(status_id for column in after for status_id in column.status_ids):
        raise Invalid.field("status_ids", _("This space has no such status."), "unknown")
    work, mine = session(), select(RoadmapColumn.id).where(RoadmapColumn.space_id == space_id)
    work.execute(delete(RoadmapStatus).where(RoadmapStatus.column_id.in_(mine)))
    work.execute(delete(RoadmapColumn).where(RoadmapColumn.space_id == space_id))
    for position, column in enumerate(after):
        row = RoadmapColumn(id=column.id, space_id=space_id, name=column.name, position=position, public=column.public)
        work.add(row)
    work.flush()
    work.add_all(RoadmapStatus(status_id=each, column_id=column.id) for column in after for each in column.status_ids)
    work.flush()
    now = list_columns(space_id)
    if [_shape(column) for column in now] != [_shape(column) for column in before]:
        record(RoadmapChanged(space_id), actor)
    return now


def _shape(column: ColumnFact) -> tuple[str, str, frozenset[str], bool]:
    return column.id, column.name, frozenset(column.status_ids), column.public


def _without(columns: Sequence[ColumnFact], status_ids: Sequence[str]) -> list[ColumnFact]:
    return [
        replace(column, status_ids=tuple(each for each in column.status_ids if each not in status_ids))
        for column in columns
    ]


def _column(columns: Sequence[ColumnFact], column_id: str) -> ColumnFact:
    found = next((column for column in columns if column.id == column_id), None)
    if found is None:
        raise NotFound(_("There is no such column on this roadmap."))
    return found


def _checked_name(name: str) -> str:
    return check_text("name", name, 1, LONGEST_NAME)
