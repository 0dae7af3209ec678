"""A product is withdrawn and offered again: nothing new begins with it, what was composed stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.configurations import service as configurations
from codesign.insights.queries import get_card
from codesign.kernel.actor import ANONYMOUS
from codesign.kernel.errors import Conflict, Forbidden, NotFound
from codesign.products import queries, service
from codesign.products.facts import ProductFact
from tests.support.doors import Door, problem
from tests.support.world import World

Make = Callable[..., ProductFact]


def test_nothing_new_begins_and_what_was_composed_stays(world: World, make_product: Make) -> None:
    product = make_product()
    draft = configurations.start_configuration(world.ann, product.id)
    idea = world.idea(configuration_id=draft.id)
    kept = configurations.start_configuration(world.ben, product.id)
    assert not service.withdraw_product(world.owner, product.id).is_offered
    assert not service.withdraw_product(world.owner, product.id).is_offered  # twice is once
    assert queries.list_products(world.access(world.ann)) == [] and queries.offers_products(world.space.id) is False
    assert [one.id for one in queries.list_products(world.access(world.owner))] == [product.id]
    with pytest.raises(Conflict):
        configurations.start_configuration(world.ann, product.id)
    with pytest.raises(Conflict):
        configurations.fork_configuration(world.ben, draft.id)
    with pytest.raises(Conflict):
        get_card(world.ann, product.id)
    assert queries.get_product(ANONYMOUS, product.id).name == "City bike" and idea.configuration_id == draft.id
    assert configurations.choose(world.ben, kept.id, "city", True).decisions == {"city": True}
    assert service.offer_product(world.owner, product.id).is_offered and queries.offers_products(world.space.id)
    assert configurations.fork_configuration(world.ben, draft.id).forked_from == draft.id
    assert [name for name in world.names() if name.startswith("product.")] == [
        "product.created", "product.published", "product.withdrawn", "product.offered",
    ]  # fmt: skip


def test_only_the_product_team_withdraws_what_is_published(world: World, make_product: Make) -> None:
    product, draft = make_product(), make_product(name="Another", draft=True)
    for actor in (world.ann, world.moderator):
        with pytest.raises(Forbidden):
            service.withdraw_product(actor, product.id)
        with pytest.raises(Forbidden):
            service.offer_product(actor, product.id)
    with pytest.raises(NotFound):
        service.withdraw_product(world.ann, draft.id)
    with pytest.raises(Conflict):
        service.withdraw_product(world.owner, draft.id)


@pytest.mark.doors
def test_programs_and_pages_withdraw(app: Flask, world: World, make_product: Make, enter: Any) -> None:
    product, door, slug = make_product(), Door(app), world.space.slug
    assert door.ask(world.owner, "POST", f"/products/{product.id}/withdraw").json["withdrawn_at"]
    assert problem(door.ask(world.ann, "POST", f"/products/{product.id}/offer", {}))["code"] == "forbidden"
    assert door.ask(world.ann, "GET", f"/products/{product.id}").status_code == 200
    refused = door.ask(world.ann, "POST", f"/spaces/{slug}/configurations", {"product_id": product.id})
    assert problem(refused)["code"] == "conflict"
    seen, team = enter(None).get(f"/spaces/{slug}/products/city-bike").text, enter(world.owner)
    assert "not offered any more" in seen and "Compose your own" not in seen
    assert "Nothing to compose" in enter(None).get(f"/spaces/{slug}/configure").text
    assert "Not offered any more" in team.get(f"/spaces/{slug}/products").text
    assert team.send(f"/spaces/{slug}/products/city-bike/offer", do="offer").status_code == 303
    assert "Compose your own" in enter(None).get(f"/spaces/{slug}/products/city-bike").text
    assert team.send(f"/spaces/{slug}/products/city-bike/offer", do="burn").status_code == 422
