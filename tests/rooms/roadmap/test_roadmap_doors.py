"""The doors of the roadmap: the page, the settings, JSON."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from codesign.accounts.service import make_token
from codesign.ideas import service as ideas
from codesign.kernel.actor import Actor
from codesign.roadmap.queries import list_columns
from codesign.roadmap.service import change_column
from codesign.spaces.queries import list_statuses
from tests.support.pages import Browser
from tests.support.world import World

pytestmark = pytest.mark.doors

BrowserOf = Callable[[Actor | None], Browser]


def test_the_road_is_found_in_the_menu(world: World, browser_of: BrowserOf) -> None:
    """Empty at first; then ideas stand in their columns, can be voted for there, and live regions say when to look again."""
    idea = world.idea()
    page = browser_of(None).open(f"/spaces/{world.space.slug}").follow("Roadmap")
    assert "Nothing on the roadmap yet" in page and "See the ideas" in page
    ideas.set_status(world.moderator, idea.id, list_statuses(world.space.id)[2].id)
    page = page.browser.open(page.address)
    assert "Planned 1" in page and "Under review 0" in page and "What changed this month" in page
    (region,) = page.elements("div", id="road")
    assert {"roadmap.changed", "idea.status_changed"} <= set(region["data-live-on"].split())
    page = page.press("Vote for: A lamp that lights up. 0 votes")
    assert page.address.endswith(f"/roadmap#idea-{idea.id}") and page.has_button("Take back my vote for: A lamp")


def test_a_phone_shows_one_column_at_a_time(world: World, browser_of: BrowserOf) -> None:
    """The tabs are links; the first with something in it is shown first."""
    idea = world.idea()
    ideas.set_status(world.moderator, idea.id, list_statuses(world.space.id)[3].id)
    page = browser_of(None).open(f"/spaces/{world.space.slug}/roadmap")
    assert [each["aria-labelledby"] for each in page.elements("section", class_="roadcolumn shown")] == [
        f"column-{list_statuses(world.space.id)[3].id}"
    ]
    page = page.follow("Under review")
    assert [each["aria-labelledby"] for each in page.elements("section", class_="roadcolumn shown")] == [
        f"column-{list_statuses(world.space.id)[1].id}"
    ]
    assert page.browser.open(f"/spaces/{world.space.slug}/roadmap?column=nothing").status == 200


def test_the_team_arranges_columns_without_a_script(world: World, browser_of: BrowserOf) -> None:
    browser = browser_of(world.owner)
    page = browser.open(f"/spaces/{world.space.slug}/roadmap")
    planned = list_statuses(world.space.id)[2]
    page = browser.open(f"/spaces/{world.space.slug}/settings/roadmap")
    page = page.press("Add column", name="Soon", status_ids=planned.id, public="1")
    assert "Added Soon." in page and [each.name for each in list_columns(world.space.id)][-1] == "Soon"
    assert list_columns(world.space.id)[-1].status_ids == (planned.id,)
    page = page.press("Move Soon to the front")
    assert [each.name for each in list_columns(world.space.id)][-2] == "Soon"
    page = page.press("Remove Under review")
    assert "Its ideas keep their status" in page and "Not on the roadmap:" in page
    page = page.press("Add column", name="x" * 50)
    assert page.status == 422
    page = browser.open(f"/spaces/{world.space.slug}/settings/roadmap").press("Back to the usual columns")
    assert list_columns(world.space.id)[0].name == "Under review"


def test_others_do_not_arrange(world: World, browser_of: BrowserOf) -> None:
    address = f"/spaces/{world.space.slug}/settings/roadmap"
    assert browser_of(world.moderator).open(address).status == 403
    assert "Arrange the columns" not in browser_of(world.ann).open(f"/spaces/{world.space.slug}/roadmap")
    assert "Arrange the columns" in browser_of(world.owner).open(f"/spaces/{world.space.slug}/roadmap")


def test_programs_read_and_arrange(world: World, client: FlaskClient) -> None:
    """Everything the page does, and the same refusals."""
    idea = world.idea()
    ideas.set_status(world.moderator, idea.id, list_statuses(world.space.id)[2].id)
    base = f"/api/v1/spaces/{world.space.slug}/roadmap"
    shown = client.get(base).json
    assert [(each["name"], each["count"]) for each in shown["columns"]][1] == ("Planned", 1)
    assert shown["columns"][1]["ideas"][0]["id"] == idea.id and shown["seq"] > 0
    headers = {"Authorization": f"Bearer {make_token(world.owner, str(world.owner.person_id), 'tests', ('all',))[1]}"}
    assert client.post(f"{base}/columns", json={"name": "Soon"}).status_code == 401
    made = client.post(f"{base}/columns", json={"name": "Soon", "public": False}, headers=headers)
    assert made.status_code == 201 and made.json["public"] is False
    changed = client.patch(f"{base}/columns/{made.json['id']}", json={"position": 0, "name": "Now"}, headers=headers)
    assert changed.json["name"] == "Now" and list_columns(world.space.id)[0].id == made.json["id"]
    assert "Now" not in [each["name"] for each in client.get(base).json["columns"]]
    assert "Now" in [each["name"] for each in client.get(base, headers=headers).json["columns"]]
    assert client.patch(f"{base}/columns/nothing", json={"name": "X"}, headers=headers).status_code == 404
    assert client.post(f"{base}/columns", json={"name": "X", "colour": 1}, headers=headers).status_code == 422
    assert client.delete(f"{base}/columns/{made.json['id']}", headers=headers).status_code == 204
    assert client.delete(f"{base}/columns", headers=headers).status_code == 204
    assert (
        client.get(f"{base}?limit=0").status_code == 422 and client.get("/api/v1/spaces/x/roadmap").status_code == 404
    )


def test_a_column_of_the_team_is_marked(world: World, browser_of: BrowserOf) -> None:
    idea = world.idea(title="Secretly looked at")
    ideas.set_status(world.moderator, idea.id, list_statuses(world.space.id)[1].id)
    change_column(world.owner, world.space.id, list_columns(world.space.id)[0].id, public=False)
    address = f"/spaces/{world.space.slug}/roadmap"
    assert "Secretly looked at" not in browser_of(world.ann).open(address)
    page = browser_of(world.moderator).open(address)
    assert "Secretly looked at" in page and "Only the team" in page
