"""The list of configurations: its order, page by page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from codesign.configurations import queries, service
from codesign.kernel import clock
from codesign.kernel.errors import Invalid
from codesign.products.facts import ProductFact
from tests.support.world import World


def test_the_newest_published_come_first_page_by_page(world: World, bike: ProductFact) -> None:
    drafts = [service.start_configuration(world.ann, bike.id, f"Bike {number}") for number in range(7)]
    moment = clock.now()
    order = [3, 0, 6, 1, 5, 2, 4]
    for place, number in enumerate(order):  # two at a time within the same millisecond
        clock.use(lambda place=place: moment + timedelta(seconds=place // 2))  # type: ignore[misc]
        world.idea(configuration_id=drafts[number].id, title=f"The bike {number}")
    clock.use(None)
    access = world.access(world.ben)
    pairs = [sorted((drafts[each].id for each in order[start : start + 2]), reverse=True) for start in (6, 4, 2, 0)]
    newest = [each for pair in pairs for each in pair]
    for limit in (1, 2, 3, 7, 25):
        found: list[str] = []
        cursor = None
        while True:
            page = queries.list_configurations(access, limit=limit, cursor=cursor)
            found += [each.id for each in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert found == newest, limit
    begun = queries.list_configurations(world.access(world.ann), mine=True, limit=3)
    assert [each.id for each in begun.items] == [each.id for each in reversed(drafts[4:])]
    # A cursor of another order, also one that was made before this one was so, is refused in words.
    with pytest.raises(Invalid, match="does not belong to this list"):
        queries.list_configurations(access, cursor=begun.next)
