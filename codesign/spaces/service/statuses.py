"""The list of statuses of a space. A status is retired, never deleted: ideas keep the one they have."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.spaces.events import StatusListChanged
from codesign.spaces.facts import STATUS_KINDS, StatusFact
from codesign.spaces.models import Status
from codesign.spaces.queries import list_statuses, status_fact
from codesign.spaces.rules import check_choice, check_text
from codesign.spaces.service.rows import lock_space

MOST = 30


@verb
def add_status(actor: Actor, reference: str, name: str, color: str = "open", kind: str | None = None) -> StatusFact:
    """Add a status at the end. *color* is a chip colour; *kind* says what it means (default: as *color*)."""
    space_id = lock_space(access(actor, reference, "product")).id
    rows = _rows(space_id)
    if len(rows) >= MOST:
        raise Conflict(_("A space has at most %(most)s statuses. Rename one instead.", most=MOST))
    row = Status(id=new_id(), space_id=space_id, position=max((row.position for row in rows), default=-1) + 1)
    row.name = _checked_name(rows, name)
    row.color = check_choice("color", color, STATUS_KINDS)
    row.kind = check_choice("kind", kind or color, STATUS_KINDS)
    row.retired = False
    session().add(row)
    return _told(actor, row)


@verb
def change_status(
    actor: Actor,
    reference: str,
    status_id: str,
    *,
    name: str | None = None,
    color: str | None = None,
    kind: str | None = None,
    retired: bool | None = None,
) -> StatusFact:
    """Rename, recolour, retire a status or bring it back; what is None stays."""
    space_id = lock_space(access(actor, reference, "product")).id
    rows = _rows(space_id)
    row = _find(rows, status_id)
    before = status_fact(row)
    if name is not None:
        row.name = _checked_name([other for other in rows if other is not row], name)
    if color is not None:
        row.color = check_choice("color", color, STATUS_KINDS)
    if kind is not None:
        row.kind = check_choice("kind", kind, STATUS_KINDS)
    if retired is not None:
        if retired and not any(other for other in rows if other is not row and not other.retired):
            raise Conflict(_("One status has to stay in use."))
        row.retired = retired
    return before if status_fact(row) == before else _told(actor, row)


@verb
def move_status(actor: Actor, reference: str, status_id: str, step: int) -> list[StatusFact]:
    """Move a status up (-1) or down (1) by one place among those in use."""
    space_id = lock_space(access(actor, reference, "product")).id
    rows = [row for row in _rows(space_id) if not row.retired]
    row = _find(rows, status_id)
    place = rows.index(row)
    target = place + (1 if step > 0 else -1)
    if not 0 <= target < len(rows):
        return list_statuses(space_id)
    rows[place], rows[target] = rows[target], rows[place]
    return _number(actor, space_id, rows, row)


@verb
def order_statuses(actor: Actor, reference: str, status_ids: Sequence[str]) -> list[StatusFact]:
    """Put the statuses in use into this order; each is named once."""
    space_id = lock_space(access(actor, reference, "product")).id
    rows = {row.id: row for row in _rows(space_id) if not row.retired}
    if sorted(rows) != sorted(status_ids):
        raise Invalid.field("status_ids", _("Name every status in use once."))
    return _number(actor, space_id, [rows[status_id] for status_id in status_ids], None)


def _number(actor: Actor, space_id: str, rows: Sequence[Status], moved: Status | None) -> list[StatusFact]:
    changed = [row for position, row in enumerate(rows) if row.position != position]
    for position, row in enumerate(rows):
        row.position = position
    session().flush()
    if changed:
        record(StatusListChanged(space_id, (moved or changed[0]).id), actor)
    return list_statuses(space_id)


def _rows(space_id: str) -> list[Status]:
    query = select(Status).where(Status.space_id == space_id).order_by(Status.position, Status.id)
    return list(session().scalars(query.with_for_update().execution_options(populate_existing=True)))


def _find(rows: Sequence[Status], status_id: str) -> Status:
    row = next((row for row in rows if row.id == status_id), None)
    if row is None:
        raise NotFound(_("There is no such status in this space."))
    return row


def _checked_name(others: Sequence[Status], name: str) -> str:
    name = check_text("name", name, 1, 40)
    if any(other.name.casefold() == name.casefold() and not other.retired for other in others):
        raise Invalid.field("name", _("There is a status of that name already."), "taken")
    return name


def _told(actor: Actor, row: Status) -> StatusFact:
    session().flush()
    record(StatusListChanged(row.space_id, row.id), actor)
    return status_fact(row)
