"""The customer's voice as a page and for programs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from codesign.accounts.directory import find_or_create_organization
from codesign.accounts.organizations import describe_organization
from codesign.accounts.queries import get_person
from codesign.customers.queries import voice_of
from codesign.customers.service import enter_vote
from codesign.kernel.actor import Actor
from codesign.spaces import service as spaces
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.fixture
def open_page(app: Flask) -> Any:
    """Open an address as somebody."""
    return lambda actor, address: Browser.of(app, actor.person_id).open(address)


@pytest.fixture
def call(app: Flask, make_token: Any) -> Any:
    """Ask as somebody: ``call(actor, "GET", "/ideas/…")``."""

    def ask(actor: Actor, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {make_token(get_person(str(actor.person_id)))}"}
        return Visitor(app).client.open(f"/api/v1{path}", method=method, headers=headers, json=content or None)

    return ask


def test_the_team_enters_and_takes_back_at_a_page(world: World, open_page: Any) -> None:
    idea = world.idea()
    desk = open_page(world.moderator, f"/spaces/{world.space.slug}/desk?inbox=all&idea={idea.id}")
    assert "Nothing from calls or mails yet." in desk
    page = desk.follow("Enter a vote or evidence")
    page = page.press("Enter vote", person="lina@example.org", name="Lina", source="mail", note="Asked <b>twice</b>")
    assert "Entered. If they have voted here themselves, their own vote counts." in page
    assert "Lina" in page and "from a mail" in page and "Asked <b>twice</b>" in page.text  # as words
    page = page.press("Attach evidence", quote="We **need** it.", url="https://example.org/a", company="Velo Ltd")
    assert page.elements("strong") and "We need it." in page and "Velo Ltd" in page
    assert ("https://example.org/a", "https://example.org/a") in page.links
    assert "We need it." in open_page(world.moderator, f"/spaces/{world.space.slug}/ideas/{idea.id}-x")
    page = page.press("Take back: Lina")
    assert "Taken back." in page and voice_of(idea.id).count == 0
    page = page.press("Remove: Velo Ltd")
    assert "The evidence is gone." in page


def test_what_was_typed_is_kept_when_it_is_refused(world: World, open_page: Any) -> None:
    idea = world.idea()
    page = open_page(world.moderator, f"/spaces/{world.space.slug}/ideas/{idea.id}/customers")
    page = page.press("Enter vote", person="Nobody Known", note="She called.")
    assert page.status == 422 and "No member is called so." in page and "She called." in page.text
    page = page.press("Attach evidence", quote="Keep me", url="http://example.org")
    assert page.status == 422 and "This is no link like" in page and "Keep me" in page.text


def test_nobody_else_sees_any_of_it(world: World, open_page: Any, call: Any) -> None:
    idea = world.idea()
    assert (
        call(
            world.moderator, "POST", f"/ideas/{idea.id}/entered-votes", person="a@example.org", source="call"
        ).status_code
        == 201
    )
    for actor in (world.ann, world.stranger):
        assert "The team entered 1 vote" in open_page(actor, f"/spaces/{world.space.slug}/ideas/{idea.id}-x")
        assert open_page(actor, f"/spaces/{world.space.slug}/ideas/{idea.id}/customers").status == 403
        assert "What customers say" not in open_page(actor, f"/spaces/{world.space.slug}/ideas/{idea.id}-x")
        for method, path in (("GET", "entered-votes"), ("GET", "evidence"), ("POST", "evidence")):
            answer = call(actor, method, f"/ideas/{idea.id}/{path}", **({"quote": "x"} if method == "POST" else {}))
            assert answer.status_code == 403


def test_how_many_were_entered_is_told_with_the_tally_alone(make_world: Any, open_page: Any) -> None:
    world = make_world(results="at_close")
    idea = world.idea()
    enter_vote(world.owner, idea.id, "a@example.org", "call")
    address = f"/spaces/{world.space.slug}/ideas/{idea.id}-x"
    assert "The team entered" not in open_page(world.ann, address)
    assert "The team entered 1 vote" in open_page(world.moderator, address)


def test_the_way_of_a_program(world: World, call: Any) -> None:
    idea = world.idea()
    path = f"/ideas/{idea.id}"
    entry = call(world.owner, "POST", f"{path}/entered-votes", person="a@example.org", source="call", note="Hm").json
    assert entry["by"] == {"id": world.owner.person_id, "name": "Olga"} and entry["called"] == "a@example.org"
    found = call(world.owner, "GET", f"{path}/entered-votes").json
    assert found == {"items": [entry], "count": 1}
    said = call(world.owner, "POST", f"{path}/evidence", quote="We need it.").json
    assert call(world.owner, "GET", f"{path}/evidence").json["items"] == [said]
    assert call(world.owner, "POST", f"{path}/entered-votes", person="b@example.org", source="dream").status_code == 422
    assert call(world.owner, "DELETE", f"{path}/entered-votes/{entry['id']}").status_code == 204
    assert call(world.owner, "DELETE", f"{path}/evidence/{said['id']}").status_code == 204
    assert call(world.owner, "DELETE", f"{path}/evidence/{said['id']}").status_code == 404


def test_who_wants_what_at_pages_and_for_programs(world: World, open_page: Any, call: Any) -> None:
    idea, slug = world.idea(), world.space.slug
    for _number in range(5):
        actor = world.member()
        spaces.set_organization(world.owner, slug, str(actor.person_id), "Velo Ltd")
        cast_vote(actor, idea.id, 1)
    describe_organization(find_or_create_organization("Velo Ltd"), segment="fleet", revenue=1200.0)
    page = open_page(world.owner, f"/spaces/{slug}/wants")
    assert page.status == 200 and "fleet" in page and "1" in page and "Nobody has set any" in page
    page = page.press("Set weights", weights="fleet: 2,5\nsmall: shops: 0", note="They pay.")
    assert "Version 1 of the weights: 2 segments." in page and "12.5" in page and "They pay." in page
    page = page.press("Set weights", weights="fleet")
    assert page.status == 422 and "Write a line for each segment" in page
    columns = "segments,types,companies,revenue"
    desk = open_page(world.owner, f"/spaces/{slug}/desk?inbox=all&cols={columns}&idea={idea.id}")
    assert "fleet 5" in desk and "Customer 5" in desk and "1 organization" in desk and "Who wants it" in desk
    plain = open_page(world.moderator, f"/spaces/{slug}/desk?inbox=all&cols={columns}")
    assert "fleet 5" in plain and "Revenue" not in plain
    assert not open_page(world.moderator, f"/spaces/{slug}/wants").has_button("Set weights")
    assert open_page(world.ann, f"/spaces/{slug}/wants").status == 403
    told = call(world.owner, "GET", f"/ideas/{idea.id}/wanted-by").json
    assert told["segments"][0]["weight"] == 2.5 and told["weighted"] == 12.5 and told["revenue"] == 1200.0
    ranked = call(world.moderator, "GET", f"/spaces/{slug}/wanted-by?sort=weighted").json
    assert ranked["items"][0]["votes"] == 5 and ranked["items"][0]["wants"]["revenue"] is None
    assert ranked["everybody"]["people"] == 5
    assert call(world.owner, "PUT", f"/spaces/{slug}/weights", weights={"fleet": 3}, version=0).status_code == 409
    assert call(world.owner, "PUT", f"/spaces/{slug}/weights", weights={"fleet": 3}, version=1).json["version"] == 2
    assert call(world.moderator, "PUT", f"/spaces/{slug}/weights", weights={}).status_code == 403
    assert [each["version"] for each in call(world.moderator, "GET", f"/spaces/{slug}/weights").json["items"]] == [2, 1]
    for path in (f"/ideas/{idea.id}/wanted-by", f"/spaces/{slug}/wanted-by", f"/spaces/{slug}/weights"):
        assert call(world.ann, "GET", path).status_code == 403
