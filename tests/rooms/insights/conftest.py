"""A published product with its pool of cards, and people who compose it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from codesign.configurations.service import start_configuration
from codesign.insights.service import refresh
from codesign.kernel.actor import Actor
from codesign.products import engine, service
from codesign.products.facts import ProductFact
from codesign.products.queries import products_by_id
from tests.support.bikes import SMALL
from tests.support.world import World


def make_bike(world: World, text: str = SMALL) -> ProductFact:
    """A published product of the world's owner."""
    product = service.create_product(world.owner, world.space.id, "City bike")
    service.write_draft(world.owner, product.id, engine.parse(text), text)
    service.publish(world.owner, product.id)
    return products_by_id([product.id])[product.id]


def again(product: ProductFact) -> ProductFact:
    """The product as it is now."""
    return products_by_id([product.id])[product.id]


@pytest.fixture
def bike(world: World) -> ProductFact:
    """A product whose cards are dealt."""
    made = make_bike(world)
    refresh(made)
    return made


Compose = Callable[..., tuple[str, str]]


@pytest.fixture
def compose(world: World, bike: ProductFact) -> Compose:
    """``compose(actor, "city", wishes=("rack",))``: a configuration, published with an idea; says the ids of both."""

    def make(actor: Actor, *on: str, wishes: tuple[str, ...] = ()) -> tuple[str, str]:
        made = start_configuration(actor, bike.id, "Mine", dict.fromkeys(on, True), wishes)
        return made.id, world.idea(actor, "A bike of my own", configuration_id=made.id).id

    return make
