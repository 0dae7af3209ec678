"""A product to compose, and a draft of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from codesign.configurations import service
from codesign.configurations.facts import ConfigurationFact
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import ProductFact
from tests.support.bikes import SMALL
from tests.support.world import World


@pytest.fixture
def bike(world: World) -> ProductFact:
    """The small bike, published."""
    product = products.create_product(world.owner, world.space.id, "City bike")
    products.write_draft(world.owner, product.id, engine.parse(SMALL), SMALL)
    products.publish(world.owner, product.id)
    return product


@pytest.fixture
def draft(world: World, bike: ProductFact) -> ConfigurationFact:
    """Ann's draft, still empty."""
    return service.start_configuration(world.ann, bike.id)


@pytest.fixture
def publish_next(world: World, bike: ProductFact) -> Callable[[str], None]:
    """Publish another version of the bike."""

    def publish(text: str) -> None:
        products.write_draft(world.owner, bike.id, engine.parse(text), text)
        products.publish(world.owner, bike.id)

    return publish


@pytest.fixture
def shared(world: World, draft: ConfigurationFact) -> ConfigurationFact:
    """Ann's draft, which Ben edits along, as she sees it: with both its keys."""
    service.join_draft(world.ben, draft.id, service.open_to_others(world.ann, draft.id).edit_key)
    return service.open_to_others(world.ann, draft.id)
