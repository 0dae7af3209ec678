"""From the first click on "Configure" to somebody else's fork, with JavaScript off: all of it is links and forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.accounts.queries import get_person
from codesign.configurations import queries, service
from codesign.kernel.actor import Actor
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import ProductFact
from tests.support.bikes import NEXT, SMALL
from tests.support.pages import Browser
from tests.support.world import World

pytestmark = pytest.mark.doors


class Program:
    """Calls the API with a token."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client, self.headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(path: str, content: Any = None) -> Any:
            return getattr(self.client, method)(path, headers=self.headers, json=content)

        return call


BrowserOf = Callable[[Actor | None], Browser]


def bike(world: World, text: str = SMALL, product: ProductFact | None = None) -> ProductFact:
    """The small bike, published in the world's space."""
    product = product or products.create_product(world.owner, world.space.id, "City bike")
    products.write_draft(world.owner, product.id, engine.parse(text), text)
    products.publish(world.owner, product.id)
    return product


def test_composed_mended_published_voted_for_and_forked(world: World, browser_of: BrowserOf) -> None:
    bike(world)
    page = browser_of(world.ann).open(f"/spaces/{world.space.slug}").follow("Configure")
    page = page.press("Start composing")
    assert "You miss something in City bike: Motor." in page.follow("I wish there were … Motor")
    page = page.press("Apply my choices", **{"g.motor": "m500", "o.child-seat": "child-seat"})
    assert "Your choice" in page and "Follows from your Child seat. A child seat is mounted on the rack." in page
    assert "Not with your 500 W. The 500 W motor empties a small battery too fast." in page
    assert "1 980 €" in page
    page = page.press("Make it possible: 400 Wh")
    assert "You can have it. Give up one thing:" in page and "250 W instead of your 500 W" in page
    wished = page.press("Keep my choices, save 400 Wh as a wish")
    assert "Your wish" in wished
    page = wished.press("Make it possible: 400 Wh").press("250 W instead of your 500 W")
    assert "Done: it fits together again." in page and "Your wish" not in page
    page = page.press("Undo: made 400 Wh possible").press("Redo: made 400 Wh possible")
    page = page.press("Rule out: Lights").press("Cheapest").press("Set limit", limit="1700")
    assert "You ruled it out" in page and "nothing" in page
    page = page.press("Set limit", limit="100")
    assert "more than your limit of" in page
    page = page.press("Rename", name="For the school run").follow("Publish as an idea")
    assert "Your idea carries your configuration: For the school run" in page
    page = page.press("Publish idea", body="Twice a day.")
    assert "Carries a configuration: City bike" in page and "Child seat" in page
    other = browser_of(world.ben).open(page.address).press("Vote for: For the school run").press("Make it mine")
    assert "goes on from" in other and "Your choice" in other
    board = other.browser.open(f"/spaces/{world.space.slug}")
    assert "City bike · 1" in board
    beside = board.follow("City bike · 1").follow("Compare").follow("For the school run")
    assert "They are the same in every part." in beside and "Show" in beside


def test_a_guest_composes_where_everybody_may_propose(make_world: Callable[..., World], browser_of: BrowserOf) -> None:
    world = make_world(who_proposes="everyone")
    bike(world)
    page = browser_of(None).open(f"/spaces/{world.space.slug}/configure").press("Start composing")
    page = page.press("Apply my choices", **{"g.frame": "trail"})
    assert "Your choice" in page
    share = page.elements("input", id="share-link")[0]["value"]
    seen = browser_of(world.ben).open(share)
    assert "A draft somebody shows you" in seen and "Trail" in seen
    assert "Your choice" in seen.press("Make it mine")
    assert browser_of(world.ben).open(share.partition("?")[0]).status == 404


def test_who_must_sign_in_first_comes_back_to_the_draft(
    make_world: Callable[..., World], browser_of: BrowserOf
) -> None:
    world = make_world(who_proposes="registered", who_votes="registered", who_comments="registered")
    bike(world)
    page = browser_of(None).open(f"/spaces/{world.space.slug}/configure").press("Start composing")
    assert page.address.startswith("/sign-in")
    page = page.follow("Make an account").press("Make", name="Mira", email="m@example.org", password="four calm bikes")
    assert "Here is your draft." in page and "Apply my choices" in page


def test_a_new_version_is_offered(world: World, browser_of: BrowserOf) -> None:
    product = bike(world)
    draft = service.start_configuration(world.ann, product.id, decisions={"b400": True})
    bike(world, NEXT, product)
    page = browser_of(world.ann).open(draft.path)
    assert "There is a new version of City bike." in page and "you would give up: 400 Wh" in page
    page = page.press("Move to version 2")
    assert "of the new version now" in page and "400 Wh" not in page


def test_programs_compose_too(app: Flask, world: World, make_token: Callable[..., str]) -> None:
    product = bike(world)
    ann, ben = (Program(app, make_token(get_person(actor.person_id or ""))) for actor in (world.ann, world.ben))
    content = {"product_id": product.id, "decisions": {"city": True, "lights": False}}
    made = ann.post(f"/api/v1/spaces/{world.space.slug}/configurations", content)
    assert made.status_code == 201 and made.json["totals"]["price"] == {"now": 150000, "least": 150000, "most": 243000}
    address = f"/api/v1/configurations/{made.json['id']}"
    assert ben.get(address).status_code == 404
    assert ben.get(f"{address}?key={made.json['share_key']}").json["share_key"] is None
    refused = ann.patch(address, {"decisions": {"m500": True, "b400": True}})
    assert refused.status_code == 409 and refused.json["errors"][0]["code"] == "blocked"
    assert ann.patch(address, {"version": 9, "name": "New"}).status_code == 422
    changed = ann.patch(address, {"version": 1, "decisions": {"cargo": True}, "wishes": ["b400"]})
    assert changed.status_code == 200 and changed.json["wishes"] == ["b400"]
    idea = ann.post(
        f"/api/v1/spaces/{world.space.slug}/ideas", {"title": "A cargo bike", "configuration_id": made.json["id"]}
    )
    assert idea.status_code == 201
    fork = ben.post(f"{address}/fork", {})
    assert fork.status_code == 201 and fork.json["forked_from"] == made.json["id"]
    ids = f"{made.json['id']},{fork.json['id']}"
    beside = ben.get(f"/api/v1/configurations/compare?ids={ids}").json
    assert [row["differs"] for row in beside["groups"]] == [False]
    assert [each["id"] for each in ben.get(f"/api/v1/spaces/{world.space.slug}/configurations").json["items"]] == [
        made.json["id"]
    ]
    assert ben.get(f"/api/v1/spaces/{world.space.slug}/configurations?mine=1").json["items"][0]["id"] == fork.json["id"]
    assert ben.delete(f"/api/v1/configurations/{fork.json['id']}").status_code == 204
    assert queries.count_forks([made.json["id"]]) == {}


def test_who_begins_anew_puts_away_nothing_they_have_not_seen(world: World, browser_of: BrowserOf) -> None:
    draft = service.start_configuration(world.ann, bike(world).id)
    service.join_draft(world.ben, draft.id, service.open_to_others(world.ann, draft.id).edit_key)
    service.choose(world.ann, draft.id, "city", True)
    page = browser_of(world.ann).open(f"/spaces/{world.space.slug}/configure/{draft.id}")
    service.choose(world.ben, draft.id, "rack", True)
    again = page.press("Begin anew")
    assert "Somebody else changed part of this meanwhile, and it stays as it is." in again
    assert queries.find_configuration(world.ann, draft.id)[1].decisions == {"city": True, "rack": True}
    again.press("Begin anew")
    assert queries.find_configuration(world.ann, draft.id)[1].decisions == {}


def test_a_limit_that_cannot_be_kept_is_refused_beside_its_field(
    app: Flask, world: World, browser_of: BrowserOf, make_token: Callable[..., str]
) -> None:
    draft = service.start_configuration(world.ann, bike(world).id)
    page = browser_of(world.ann).open(f"/spaces/{world.space.slug}/configure/{draft.id}")
    for typed, said in (
        ("0.005", "Nothing finer than 0.01 € can be the limit here."),
        ("9" * 40, "This limit is too large."),
        ("a lot", "Write the limit as one number, nothing below zero."),
    ):
        again = page.press("Set limit", limit=typed)
        (field,) = again.elements("input", name="limit")
        assert (again.status, field["value"], field["aria-invalid"]) == (422, typed, "true")
        assert again.text.count(said) > 1
    page.press("Set limit", limit="10000000000")
    program, address = (
        Program(app, make_token(get_person(world.ann.person_id or ""))),
        f"/api/v1/configurations/{draft.id}",
    )
    kept = program.get(address).json["limits"]
    assert kept == {"price": 10**12} and program.patch(address, {"limits": kept}).status_code == 200
