"""The list of statuses of a space."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.events import log
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.spaces import queries, service

Make = Callable[..., Any]


def names(space_id: str) -> list[str]:
    return [status.name for status in queries.list_statuses(space_id)]


def test_statuses_are_added_renamed_recoloured_moved_retired(make_space: Make) -> None:
    space = make_space()
    added = service.add_status(SYSTEM, space.id, " In test ", "building")
    assert names(space.id)[-1] == "In test" and added.kind == "building"
    service.change_status(SYSTEM, space.id, added.id, name="Field test", color="planned")
    moved = service.move_status(SYSTEM, space.id, added.id, -1)
    assert [status.name for status in moved][-2:] == ["Field test", "Declined"]
    service.change_status(SYSTEM, space.id, added.id, retired=True)
    assert "Field test" not in names(space.id)
    assert queries.get_status(space.id, added.id).retired  # type: ignore[union-attr]
    service.change_status(SYSTEM, space.id, added.id, retired=False)
    assert "Field test" in names(space.id)
    with db.read():
        facts = [fact.name for fact in log.since(space.id, 1)]
    assert facts == ["status.changed"] * 5


def test_nothing_changes_where_nothing_is_different(make_space: Make) -> None:
    space = make_space()
    first, *_rest, last = queries.list_statuses(space.id)
    service.change_status(SYSTEM, space.id, first.id, name=first.name)
    service.move_status(SYSTEM, space.id, first.id, -1)
    service.move_status(SYSTEM, space.id, last.id, 1)
    with db.read():
        assert log.head(space.id) == 1


def test_an_order_names_each_status_once(make_space: Make) -> None:
    space = make_space()
    ids = [status.id for status in queries.list_statuses(space.id)]
    ordered = service.order_statuses(SYSTEM, space.id, ids[::-1])
    assert [status.id for status in ordered] == ids[::-1]
    for wrong in (ids[:-1], [*ids, ids[0]], [*ids[:-1], "x"]):
        with pytest.raises(Invalid):
            service.order_statuses(SYSTEM, space.id, wrong)


def test_odd_statuses_are_refused(make_space: Make) -> None:
    space, other = make_space(), make_space()
    foreign = queries.list_statuses(other.id)[0]
    before = names(space.id)
    for name, color in (("", "open"), ("x" * 41, "open"), ("planned", "open"), ("New", "pink"), ("a\nb", "open")):
        with pytest.raises(Invalid):
            service.add_status(SYSTEM, space.id, name, color)
    with pytest.raises(NotFound):
        service.change_status(SYSTEM, space.id, foreign.id, name="Mine")
    with pytest.raises(NotFound):
        service.move_status(SYSTEM, space.id, foreign.id, 1)
    assert names(space.id) == before and names(other.id)[0] == "Open"


def test_one_status_stays_in_use(make_space: Make) -> None:
    space = make_space()
    *most, last = queries.list_statuses(space.id)
    for status in most:
        service.change_status(SYSTEM, space.id, status.id, retired=True)
    with pytest.raises(Conflict):
        service.change_status(SYSTEM, space.id, last.id, retired=True)
    assert names(space.id) == [last.name]
