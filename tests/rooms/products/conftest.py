"""A product to work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.products import engine, service
from codesign.products.facts import ProductFact
from tests.support.bikes import SMALL
from tests.support.world import World


@pytest.fixture
def make_product(world: World) -> Callable[..., ProductFact]:
    """Make a product of the world's owner: published, unless it is said to be a draft only."""

    def make(text: str = SMALL, name: str = "City bike", draft: bool = False, **values: Any) -> ProductFact:
        product = service.create_product(world.owner, world.space.id, name, **values)
        service.write_draft(world.owner, product.id, engine.parse(text), text)
        if not draft:
            service.publish(world.owner, product.id)
        return product

    return make
