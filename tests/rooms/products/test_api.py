"""The JSON doors of products: the team's verbs, and everybody's questions."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.accounts.service import make_token
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Unavailable
from codesign.kernel.limits import Buckets, Rate
from codesign.kernel.paging import make_cursor
from codesign.products import apart, engine, queries
from codesign.products.facts import ProductFact
from codesign.products.limits import COSTS, EXTENSION
from tests.support.bikes import COUNT, NEXT, SMALL
from tests.support.world import World

pytestmark = pytest.mark.doors

Make = Callable[..., ProductFact]
Ask = Callable[..., Any]


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    """Ask the API as somebody; None asks as nobody."""
    secrets: dict[tuple[str, ...], str] = {}

    def call(actor: Actor | None, method: str, path: str, json: Any = None, *scopes: str) -> Any:
        headers = {}
        if actor is not None:
            key = (str(actor.person_id), *scopes)
            if key not in secrets:
                secrets[key] = make_token(actor, key[0], "tests", scopes or ("all",))[1]
            headers = {"Authorization": f"Bearer {secrets[key]}"}
        return client.open(f"/api/v1{path}", method=method, json=json, headers=headers)

    return call


def walk(ask: Ask, actor: Actor, address: str) -> list[Any]:
    """The rows of a list, two at a time."""
    rows, cursor = [], ""
    while cursor is not None:
        answer = ask(actor, "GET", f"{address}?limit=2{cursor and f'&cursor={cursor}'}").json
        assert len(answer["items"]) == 2 or (answer["items"] and answer["next"] is None)
        rows, cursor = [*rows, *answer["items"]], answer["next"]
    return rows


def test_products_and_versions_come_in_pages(ask: Ask, world: World, make_product: Make) -> None:
    for name in ("Bike", "Car", "Anvil", "Bike"):
        product = make_product(name=name)
    make_product(name="Boat", draft=True)
    for text in (NEXT, SMALL):
        ask(world.owner, "PUT", f"/products/{product.id}/draft", {"document": engine.parse(text), "seen": ""})
        ask(world.owner, "POST", f"/products/{product.id}/publish", {})
    ask(world.owner, "PUT", f"/products/{product.id}/draft", {"document": engine.parse(NEXT), "seen": ""})
    products, versions = f"/spaces/{world.space.slug}/products", f"/products/{product.id}/versions"
    assert [one["name"] for one in walk(ask, world.ann, products)] == ["Anvil", "Bike", "Bike", "Car"]
    assert [one["name"] for one in walk(ask, world.owner, products)] == ["Anvil", "Bike", "Bike", "Boat", "Car"]
    assert [one["number"] for one in walk(ask, world.ann, versions)] == [3, 2, 1]
    assert [one["number"] for one in walk(ask, world.owner, versions)] == [4, 3, 2, 1]
    for address, cursor in ((products, make_cursor("versions", [1])), (versions, "x")):
        assert ask(world.ann, "GET", f"{address}?cursor={cursor}").status_code == 422
    assert ask(world.ann, "GET", f"{versions}?cursor={make_cursor('versions', [-(2**60)])}").status_code == 200
    assert len({one["id"] for one in walk(ask, world.ann, products)}) == 4


def test_a_product_is_made_through_the_api(ask: Ask, client: FlaskClient, world: World) -> None:
    made = ask(world.owner, "POST", f"/spaces/{world.space.slug}/products", {"name": "City bike"})
    assert made.status_code == 201 and made.json["slug"] == "city-bike" and made.json["number"] is None
    address = f"/products/{made.json['id']}"
    assert ask(None, "GET", address).status_code == 404
    draft = ask(world.owner, "PUT", f"{address}/draft", {"document": engine.parse(SMALL), "seen": ""})
    assert draft.status_code == 200 and draft.json["state"] == "draft" and draft.json["number"] == 1
    told = ask(world.owner, "GET", f"{address}/analysis?state=draft").json
    assert told["count"] == str(COUNT) and told["dead"] == [] and told["cheapest"]["price"] == 150_000
    sent = {"content_hash": draft.json["content_hash"]}
    assert ask(world.owner, "POST", f"{address}/publish", sent, "write").status_code == 403
    assert ask(world.owner, "POST", f"{address}/publish", sent).json["state"] == "published"
    assert ask(world.owner, "POST", f"{address}/publish", sent).status_code == 404
    shown = ask(None, "GET", address).json
    assert shown["number"] == 1 and [item["id"] for item in shown["attributes"]] == ["price", "weight"]
    assert ask(None, "GET", f"/spaces/{world.space.slug}/products").json["items"] == [shown]
    listed = ask(None, "GET", f"{address}/versions").json["items"]
    assert [item["content_hash"] for item in listed] == [sent["content_hash"]] and "document" not in listed[0]
    assert ask(None, "GET", f"{address}/versions/1").json["document"]["product"] == "e-bike"
    assert ask(None, "GET", f"{address}/versions/2").status_code == 404
    far = "99999999999999999999"
    assert ask(None, "GET", f"{address}/versions/{far}").status_code == 404
    page = f"/spaces/{world.space.slug}/products/city-bike/versions"
    assert (client.get(f"{page}/1").status_code, client.get(f"{page}/{far}").status_code) == (200, 404)
    changed = ask(world.owner, "PATCH", address, {"name": "Town bike", "version": shown["version"]})
    assert changed.json["name"] == "Town bike"
    assert ask(world.owner, "PATCH", address, {"name": "Third", "version": shown["version"]}).status_code == 409


def test_drafts_are_for_the_team(ask: Ask, world: World, make_product: Make) -> None:
    address = f"/products/{make_product().id}"
    assert ask(world.ann, "GET", f"{address}/draft").status_code == 403
    assert ask(world.ann, "PUT", f"{address}/draft", {"document": {}}).status_code == 403
    assert ask(world.ann, "GET", f"{address}/analysis?state=draft").status_code == 403
    wrong = ask(world.owner, "PUT", f"{address}/draft", {"document": {"groups": [{"id": "a", "choose": "two"}]}})
    assert wrong.status_code == 422 and wrong.json["errors"][0]["field"] == "groups.0.options"
    kept = ask(world.owner, "PUT", f"{address}/draft", {"document": engine.parse(NEXT)})
    assert ask(world.owner, "GET", f"{address}/draft").json == kept.json
    assert ask(world.owner, "DELETE", f"{address}/draft").status_code == 204
    assert ask(world.owner, "GET", f"{address}/draft").status_code == 404


def test_anybody_may_ask_what_follows(ask: Ask, world: World, make_product: Make) -> None:
    address = f"/products/{make_product().id}"
    told = ask(world.stranger, "POST", f"{address}/propagate", {"decisions": {"child-seat": True}}).json
    assert told["possible"] and told["number"] == 1 and told["undetermined"] == []
    states = told["states"]
    assert (states["child-seat"], states["rack"], states["trail"]) == ("on", "forced_on", "forced_off")
    assert states["city"] == "free" and told["totals"]["price"] == {"now": 168_000, "least": 168_000, "most": 341_000}
    why = ask(world.stranger, "POST", f"{address}/explain", {"decisions": {"child-seat": True}, "option": "trail"}).json
    assert why["blocked"] and why["decisions"] == ["child-seat"]
    assert [rule["message"] for rule in why["rules"]] == ["Children do not ride on trails."]
    ways = ask(
        world.stranger, "POST", f"{address}/repairs", {"decisions": {"child-seat": True}, "option": "trail"}
    ).json
    assert ways["items"][0]["gives_up"] == ["child-seat"] and ways["items"][0]["decisions"] == {"trail": True}
    whole = ask(world.stranger, "POST", f"{address}/complete", {"decisions": {"cargo": True}, "goal": "cheapest"}).json
    assert whole["decisions"]["b625"] and whole["totals"]["price"]["now"] == 265_000
    best = ask(
        world.stranger, "POST", f"{address}/complete", {"goal": {"lights": 5, "rack": 1}, "limit": {"price": 160_000}}
    ).json
    assert best["decisions"]["lights"] and not best["decisions"]["rack"]
    assert ask(world.stranger, "POST", f"{address}/count", {"decisions": {}}).json == {"count": str(COUNT)}


def test_odd_questions_are_refused(ask: Ask, world: World, make_product: Make) -> None:
    address = f"/products/{make_product().id}"
    for path, content in (
        ("propagate", {"decisions": {"sail": True}}),
        ("propagate", {"decisions": {"city": 1}}),
        ("propagate", {"decisions": {f"o{number}": True for number in range(2001)}}),
        ("propagate", {"surprise": 1}),
        ("explain", {"option": "sail"}),
        ("complete", {"goal": "nicest"}),
        ("complete", {"goal": {"city": 0.5}}),
        ("complete", {"limit": {"beauty": 3}}),
    ):
        answer = ask(world.stranger, "POST", f"{address}/{path}", content)
        assert answer.status_code == 422, (path, content)
    assert ask(world.stranger, "POST", f"{address}/propagate", {"number": 7}).status_code == 404
    impossible = ask(
        world.stranger, "POST", f"{address}/propagate", {"decisions": {"trail": True, "child-seat": True}}
    ).json
    assert not impossible["possible"]


def test_an_older_version_still_answers(ask: Ask, world: World, make_product: Make) -> None:
    product = make_product()
    ask(world.owner, "PUT", f"/products/{product.id}/draft", {"document": engine.parse(NEXT)})
    ask(world.owner, "POST", f"/products/{product.id}/publish", {})
    old = ask(
        world.stranger, "POST", f"/products/{product.id}/propagate", {"decisions": {"b400": True}, "number": 1}
    ).json
    assert old["states"]["m500"] == "forced_off"
    assert (
        ask(world.stranger, "POST", f"/products/{product.id}/propagate", {"decisions": {"b400": True}}).status_code
        == 422
    )


def test_who_asks_too_much_waits(
    app: Flask, client: FlaskClient, world: World, make_product: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/products/{make_product().id}/count"
    monkeypatch.setitem(app.extensions, EXTENSION, Buckets(Rate(0, COSTS["count"])))
    _fact, secret = make_token(world.ann, str(world.ann.person_id), "tests", ("read",))
    headers = {"Authorization": f"Bearer {secret}"}
    answers = [client.post(f"/api/v1{address}", json={}, headers=headers) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429] and answers[1].headers["Retry-After"]


def test_one_who_counts_something_hard_has_one_process_and_pays_for_it(
    app: Flask, client: FlaskClient, world: World, make_product: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/api/v1/products/{make_product().id}/count"
    headers = [
        {"Authorization": f"Bearer {make_token(who, str(who.person_id), 'tests', ('read',))[1]}"}
        for who in (world.ann, world.owner)
    ]
    meanwhile: list[int] = []

    def hard(sent: bytes) -> dict[str, str]:
        if not meanwhile:
            meanwhile.append(client.post(address, json={"decisions": {"rack": True}}, headers=headers[0]).status_code)
            meanwhile.append(client.post(address, json={"decisions": {"rack": True}}, headers=headers[1]).status_code)
            monkeypatch.setattr(apart, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 20))
        return {"count": "7"}

    monkeypatch.setattr(apart, "_run", hard)
    monkeypatch.setattr(apart, "_kept", OrderedDict())
    assert client.post(address, json={}, headers=headers[0]).status_code == 200
    assert meanwhile == [429, 200], "who waits already, and another"
    late = [client.post(address, json={"decisions": {"lights": True}}, headers=each).status_code for each in headers]
    assert late == [429, 200], "19 seconds more than usual were counted"


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, world: World, make_product: Make) -> None:
    draft = queries.draft_of(make_product(SMALL.replace("1500", "1501"), draft=True).id)
    assert draft is not None
    monkeypatch.setattr(apart, "MOST_SECONDS", 0.01)
    with pytest.raises(apart.TooHard):
        apart.ask("analysis", document=draft.document, seconds=5)
    monkeypatch.undo()
    with pytest.raises(Unavailable):
        apart.ask("nonsense", document=draft.document)
    assert apart.ask("count", document=draft.document, decisions={}, seconds=5) == {"count": str(COUNT)}


def test_the_shape_of_a_document_is_published(client: FlaskClient) -> None:
    answer = client.get("/api/v1/product.schema.json")
    assert answer.status_code == 200 and answer.json is not None and "groups" in answer.json["properties"]
