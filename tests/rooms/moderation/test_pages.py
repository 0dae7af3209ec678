"""The pages of moderators, and what an author meets: as a browser without script sees them."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask import Flask

from codesign.ideas.queries import get_idea
from codesign.kernel.actor import SYSTEM
from codesign.moderation.desk import replies
from codesign.moderation.service import raise_flag
from codesign.spaces import service as spaces
from codesign.testing import actor_of
from tests.support.visitor import Visitor


@pytest.fixture
def place(app: Flask, make_space: Any, make_person: Any) -> dict[str, Any]:
    """A space, an author, two moderators, each with a browser, and an idea that was reported."""
    space, found = make_space(), {}
    for name, role in (("ann", "contributor"), ("mia", "moderator"), ("max", "moderator")):
        visitor = Visitor(app)
        visitor.register(name.title(), f"{name}@example.org")
        found[name] = visitor
        spaces.add_member(SYSTEM, space.id, person_id=visitor.me(), role=role)
    found["ann"].send(f"/spaces/{space.slug}/ideas/new", title="A lamp by Bob, 555-123-4567", body="Bright")
    idea = found["ann"].client.get(f"/api/v1/spaces/{space.slug}/ideas").json["items"][0]
    raise_flag(actor_of(make_person("Rita")), "idea", idea["id"], "Names somebody")
    return {**found, "space": space, "id": idea["id"], "queue": f"/spaces/{space.slug}/queue"}


def field(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]+)"', page)
    assert found, name
    return html.unescape(found[1])


def test_claim_ask_for_a_change_appeal_and_the_public_count(place: dict[str, Any]) -> None:
    mia, max_, ann, slug = place["mia"], place["max"], place["ann"], place["space"].slug
    assert "weight 0.5" in mia.words(place["queue"]) and "Names somebody" in mia.words(place["queue"])
    seen = field(max_.get(place["queue"]).get_data(as_text=True), "seen")
    mia.send(f"{place['queue']}/idea/{place['id']}/claim", do="take")
    assert 'name="seen"' not in max_.get(place["queue"]).get_data(as_text=True)
    assert "Mia reads this" in max_.words(place["queue"]) and "You read this" in mia.words(place["queue"])
    decide = f"/spaces/{slug}/moderate/idea/{place['id']}?next={place['queue']}"
    assert max_.send(decide, decision="hide", reason="No", seen=seen).status_code == 303
    assert "Mia is reading this now" in max_.words(place["queue"])
    mia.send(f"{place['queue']}/replies", title="Names", body="Please leave out names and numbers.")
    reply = replies(place["space"].id)[0].id
    mia.send(decide, decision="change", reply=reply, seen=seen)
    fact = get_idea(SYSTEM, place["id"])
    page = ann.words(fact.path)
    assert "A moderator asks for a change." in page and "leave out names and numbers" in page
    assert ann.send(f"/spaces/{slug}/appeal/idea/{place['id']}").status_code == 303
    assert "Another moderator looks at it again." in ann.words(fact.path)
    assert "Appeal" in max_.words(place["queue"]) and "against your own decision" in mia.words(place["queue"])
    max_.send(decide, decision="publish", seen=field(max_.get(place["queue"]).get_data(as_text=True), "seen"))
    assert get_idea(SYSTEM, place["id"]).state == "published"
    count = Visitor(ann.client.application).words(f"/spaces/{slug}/moderation")
    assert "Appeals that were right" in count and "Bob" not in count
    assert ann.send(f"{place['queue']}/replies", title="x", body="y").status_code == 403
    mia.send(f"{place['queue']}/replies/{reply}/remove")
    assert replies(place["space"].id) == []


def test_several_at_once_and_an_authors_history(place: dict[str, Any]) -> None:
    mia, slug = place["mia"], place["space"].slug
    page = mia.get(place["queue"]).get_data(as_text=True)
    box = f"text.idea.{place['id']}"
    assert f'name="{box}"' in page
    assert mia.send(place["queue"], decision="hide", reason="").status_code == 303
    assert "Tick the texts first." in mia.words(place["queue"])
    mia.send(place["queue"], **{"decision": "hide", "reason": "Private", box: field(page, box)})
    assert "Decided on texts: 1." in mia.words(place["queue"])
    author = get_idea(SYSTEM, place["id"]).author_id
    words = mia.words(f"{place['queue']}/authors/{author}")
    assert "Hidden" in words and "Private" in words
    assert mia.get(f"{place['queue']}/authors/{'0' * 26}").status_code == 404
    assert place["ann"].get(f"{place['queue']}/authors/{author}").status_code == 403
    assert mia.send(place["queue"], **{"decision": "hide", "reason": "x", "text.idea": "1"}).status_code == 422
    assert mia.send(f"/spaces/{slug}/appeal/space/{place['id']}").status_code == 404
