"""Real Chromium against a real server."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from tests.support.town import Town, town, whole_town

__all__ = ["market", "pages", "town", "whole_town"]

#: Name, who looks, address.
Visit = tuple[str, str | None, str]
#: The pages most people meet most days; all of them have their turn in test-full.
EVERYDAY = frozenset({
    "board", "hidden counts", "idea for the team", "new idea", "queue", "desk", "board of the desk", "who wants what",
})  # fmt: skip

# Machines that build and test at once are slow; what is right comes all the same.
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Market:
    """A space with a bit of everything in it, and the addresses of its pages."""

    board: str
    idea: str
    updown_board: str
    merged: str
    held_by_veil: str

    def pages(self) -> list[Visit]:
        """Every kind of page of these rooms."""
        space = self.board
        here = self.idea.rpartition("/")[0] + "/" + self.idea.rpartition("/")[2].partition("-")[0]
        site = space.partition("/spaces/")[0]
        return [
            ("board", "ann", space),
            ("board of nobody", None, space),
            ("filtered", "ann", f"{space}?tag=light&sort=new"),
            ("search without hits", "ann", f"{space}?q=dynamo"),
            ("for and against", "ann", self.updown_board),
            ("hidden counts", "ann", self.held_by_veil),
            ("idea", "ann", self.idea),
            ("roadmap", "ann", f"{space}/roadmap"),
            ("what I gave", "ann", f"{site}/me/given"),
            ("letters", "ann", f"{site}/me/letters"),
            ("which moves need what", "olga", f"{space}/settings/statuses/moves"),
            ("what came of it", None, f"{space}/outcome"),
            ("the ideas behind a number", None, f"{space}/outcome/answered"),
            ("changelog", "ann", f"{space}/changelog"),
            ("new release", "olga", f"{space}/changelog/new"),
            ("columns of the roadmap", "olga", f"{space}/settings/roadmap"),
            ("idea for the team", "olga", self.idea),
            ("signpost", "ann", self.merged),
            ("new idea", "ann", f"{space}/ideas/new"),
            ("edit", "olga", f"{here}/edit"),
            ("merge", "olga", f"{here}/merge"),
            ("queue", "olga", f"{space}/queue"),
            ("desk", "olga", f"{space}/desk?inbox=all&idea={here.rpartition('/')[2]}"),
            ("who wants it at the desk", "olga", f"{space}/desk?inbox=all&cols=votes,segments,types,companies,revenue"),
            ("board of the desk", "olga", f"{space}/desk?inbox=all&board=1&idea={here.rpartition('/')[2]}"),
            ("look-alikes at the desk", "olga", f"{space}/desk?inbox=alike"),
            ("splitting an idea", "olga", f"{space}/desk/ideas/{here.rpartition('/')[2]}/split"),
            ("fields of the desk", "olga", f"{space}/desk/fields"),
            ("what if there is nothing to try", "olga", f"{space}/desk/what-if"),
            ("import", "olga", f"{space}/settings/import"),
            ("what customers say", "olga", f"{here}/customers"),
            ("who wants what", "olga", f"{space}/wants"),
            ("places to go to", "olga", f"{space}/palette"),
            ("canned replies", "olga", f"{space}/queue/replies"),
            ("what moderators did", None, f"{space}/moderation"),
            ("report", "ann", f"{space}/report/idea/{here.rpartition('/')[2]}"),
        ]


@pytest.fixture(params=["everyday", pytest.param("all", marks=pytest.mark.full)])
def pages(request: pytest.FixtureRequest, market: Market) -> list[Visit]:
    """The pages to look at."""
    return [visit for visit in market.pages() if request.param == "all" or visit[0] in EVERYDAY]


@pytest.fixture(scope="session")
def market(whole_town: Town) -> Market:
    """Made once; tests look at it and do not change it."""
    town = whole_town
    space = town.space(goal="The bikes for 2028 are being decided here, in the open.", promise_days=14)
    statuses = {status["name"]: status["id"] for status in space["statuses"]}
    ideas = [
        town.idea(space, f"{title} number {number}", "A **lamp**, and:\n\n- one\n- two", tags=["light", "winter"])
        for number in range(1, 12)
        for title in ("A lamp that lights up while I stand still", "Bell", "A supercalifragilisticexpialidocious word")
    ]
    for idea, status in zip(ideas, statuses.values(), strict=False):
        town.call("PATCH", f"/ideas/{idea['id']}", status=status)
    first = ideas[0]
    town.call("PUT", f"/ideas/{first['id']}/answer", body="Yes. In **May**.")
    root = town.call("POST", f"/ideas/{first['id']}/comments", body="From the workshop: nine of ten come back for it.")
    town.call("POST", f"/ideas/{first['id']}/comments", body="How long does it last?", parent_id=root["id"])
    town.call("POST", f"/ideas/{first['id']}/comments", body="Costs four euros", internal=True)
    town.call("PUT", f"/ideas/{first['id']}/vote", value=1)
    fleet = {"organization": "Velo Ltd", "segment": "fleet", "revenue": 1_200_000}
    town.call("PUT", "/people/crm:velo", name="Vera", **fleet)
    for number in range(6):
        caller = {"person": f"caller{number}@example.org", "organization": "Velo Ltd", "source": "call"}
        town.call("POST", f"/ideas/{first['id']}/entered-votes", **caller, note="Asked twice.")
    town.call(
        "POST",
        f"/ideas/{first['id']}/evidence",
        quote="We **need** it.",
        url="https://example.org/a",
        organization="Velo Ltd",
    )
    town.call("PUT", f"/spaces/{space['id']}/weights", weights={"fleet": 2.5}, note="They ride all day.")
    town.call("POST", f"/ideas/{ideas[4]['id']}/merge", into=first["id"])
    town.call("POST", f"/ideas/{ideas[7]['id']}/hide", reason="Said twice")
    updown = town.space(kind="updown")
    for number in (1, -1, 0):
        idea = town.idea(updown, f"For and against, number {number}")
        town.call("PUT", f"/ideas/{idea['id']}/vote", value=number)
    veiled = town.space(results="at_close")
    town.idea(veiled, "Nobody knows how this stands")
    return Market(
        board=town.path(space),
        idea=town.path(first),
        updown_board=town.path(updown),
        merged=town.path(ideas[4]),
        held_by_veil=town.path(veiled),
    )
