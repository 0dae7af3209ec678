"""The list of products: as quick with many large products as with one small one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from codesign.kernel.db import session, verb
from codesign.products import engine, queries, service
from codesign.products.facts import ProductFact
from codesign.products.models import ProductVersion
from tests.support.bikes import NEXT, SMALL
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., ProductFact]


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on nothing may read a model."""

    def forbid(*given: Any) -> Any:
        raise AssertionError("a model is read for a list")

    def begin() -> None:
        monkeypatch.setattr(engine, "read", forbid)
        monkeypatch.setattr(queries, "model_of", forbid)

    return begin


def test_a_list_reads_no_model_and_asks_the_database_as_often_for_many(
    client: FlaskClient, world: World, make_product: Make, no_models: Callable[[], None], count_queries: Any
) -> None:
    addresses = (f"/api/v1/spaces/{world.space.slug}/products", f"/spaces/{world.space.slug}/products")
    counts: dict[str, list[int]] = {address: [] for address in addresses}

    def look() -> None:
        for address in addresses:
            client.get(address)  # what belongs to the process is looked up once
            with count_queries() as statements:
                assert client.get(address).status_code == 200
            assert not any("product_version.document" in each for each in statements), statements
            counts[address].append(len(statements))

    make_product()
    look()
    for number in range(5):
        made = make_product(name=f"Bike number {number}")
        service.write_draft(world.owner, made.id, engine.parse(NEXT), NEXT)
    no_models()
    look()
    assert all(before == after for before, after in counts.values()), counts
    assert counts[addresses[0]][0] <= 6, counts
    page = re.sub("[ \n]+", " ", client.get(addresses[1]).text)
    assert len(re.findall("11 options · 74 configurations · [Pp]rice: 1\u202f500\u00a0€ – ", page)) == 6
    items = client.get(addresses[0]).json["items"]
    assert [one["id"] for one in items[0]["attributes"]] == ["price", "weight"] and len(items) == 6


def test_what_was_published_before_lists_were_quick_is_listed_too(
    client: FlaskClient, world: World, make_product: Make
) -> None:
    product = make_product(SMALL)
    addresses = (f"/api/v1/spaces/{world.space.slug}/products", f"/spaces/{world.space.slug}/products/{product.slug}")
    before = [client.get(address).text for address in addresses]

    @verb
    def forget() -> None:
        (row,) = session().scalars(select(ProductVersion))
        row.analysis = {key: told for key, told in row.analysis.items() if key not in {"options", "attributes"}}

    forget()
    assert client.get(addresses[0]).text == before[0]
    page = client.get(addresses[1]).text
    assert ">11</dd>" in page and ">74</dd>" in page


def test_the_team_sees_which_products_have_a_draft(world: World, make_product: Make) -> None:
    made = [make_product(draft=True).id, make_product(name="Another one").id]
    drafted, published = (queries.products_by_id(made)[product_id] for product_id in made)
    assert queries.products_with_draft(world.space.id) == {drafted.id}
    assert set(queries.published_cards([drafted, published])) == {published.id}
