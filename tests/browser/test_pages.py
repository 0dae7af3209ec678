"""What a page weighs, that it stays still, that Back returns to the same place, that drafts survive, and no script at all."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Market
from tests.support.town import PASSWORD, Town, live

MOST_BYTES = 150_000
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { if (!entry.hadRecentInput) sum += entry.value; }))
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 500);
})"""


def test_the_first_page_is_light(town: Town, market: Market) -> None:
    """Everything the board loads, as it comes over the wire, without a cache."""
    page = town.screen()
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: answer.request.sizes()["responseBodySize"]}))
    page.goto(market.board)
    live(page)
    page.wait_for_load_state("load")
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    assert any(".css" in url for url in sizes) and any(".js" in url for url in sizes)


def test_nothing_shifts_while_a_page_loads(town: Town, market: Market) -> None:
    """Cumulative layout shift of the main pages is nought, or as good as."""
    for width in (390, 1280):
        for address in (market.board, market.idea, market.updown_board):
            page = live(town.screen("ann", address, viewport={"width": width, "height": 900}))
            assert page.evaluate(SHIFTS) < 0.01, (width, address)
            town.close_screens()


def test_back_returns_to_the_same_place(town: Town, market: Market) -> None:
    """The endless list has loaded more, an idea of its second page is opened, Back shows that idea where it was."""
    page = live(town.screen("ann", market.board, viewport={"width": 1280, "height": 700}))
    expect(page.locator(".pager [rel=next]")).to_have_count(1)
    page.mouse.wheel(0, 10_000)
    expect(page.locator(".pager [rel=next]")).to_have_count(0)
    assert page.locator("#ideas .idea").count() > 25
    last = page.locator("#ideas .idea h3 a").last
    last.scroll_into_view_if_needed()
    title, before = last.inner_text(), last.bounding_box()
    last.click()
    page.wait_for_url("**/ideas/*")
    page.go_back()
    again = page.locator("#ideas .idea h3 a", has_text=re.compile(f"^{re.escape(title)}$"))
    expect(again).to_be_in_viewport()
    after = again.bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 150


@pytest.mark.full
def test_a_draft_survives_a_reload_and_goes_when_it_is_stored(town: Town) -> None:
    """What is typed is there again; after publishing the form is empty."""
    space = town.space()
    new = f"{town.path(space)}/ideas/new"
    page = town.screen("ann", new)
    page.fill("#title", "A lamp that lights up")
    page.fill("#body", "Typed for an hour")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft kept")
    page.reload()
    expect(page.locator("#body")).to_have_value("Typed for an hour")
    page.click("form[data-draft] button[type=submit]")
    expect(page.locator("h1")).to_have_text("A lamp that lights up")
    page.goto(new)
    expect(page.locator("#body")).to_have_value("")


@pytest.mark.full
def test_look_alikes_appear_while_typing_and_can_be_voted_for(town: Town) -> None:
    """Vote for this instead is one key away; none of these is respected."""
    space = town.space()
    idea = town.idea(space, "A belt drive for the low-step frame")
    page = town.screen("ann", f"{town.path(space)}/ideas/new")
    page.locator("#title").press_sequentially("Belt for low-step", delay=20)
    expect(page.locator("cs-lookalikes")).to_contain_text("A belt drive for the low-step frame")
    page.click(f"#like-{idea['id']} .vote")
    expect(page.locator(f"#like-{idea['id']} .vote")).to_have_attribute("aria-pressed", "true")
    page.click("[data-dismiss]")
    expect(page.locator("cs-lookalikes")).to_be_empty()
    # The press shows at once; the vote is on its way for a moment.
    expect(town.screen("ben", town.path(idea)).locator("#head cs-vote-button .count")).to_have_text("1")
    assert town.call("GET", f"/ideas/{idea['id']}")["tally"]["up"] == 1


def test_everything_basic_works_with_script_off(town: Town) -> None:
    """Read, vote, take back, propose, comment, answer: in the same Chromium, JavaScript off."""
    space = town.space()
    town.idea(space, "A lamp that lights up")
    page = town.screen("ann", town.path(space), java_script_enabled=False)
    page.click("#ideas .vote")
    assert page.locator("#ideas .vote").get_attribute("aria-pressed") == "true"
    page.click("#ideas .vote")
    assert page.locator("#ideas .vote").get_attribute("aria-pressed") == "false"
    page.click("text=New idea >> visible=true")
    page.fill("#title", "A bell that can be heard")
    page.click("text=Publish idea")
    assert page.inner_text("h1") == "A bell that can be heard"
    page.fill("#say", "Loud, please.")
    page.click("text=Publish comment")
    page.click("text=Reply")
    page.fill("#reply", "Not too loud.")
    page.click("text=Publish reply")
    assert "2 comments" in page.inner_text("#talks")


@pytest.mark.full
def test_a_vote_of_nobody_is_completed_after_signing_in(town: Town) -> None:
    """With script, where only registered people vote: press, sign in, done."""
    space = town.space(who_votes="registered")
    idea = town.idea(space, "A lamp that lights up")
    page = live(town.screen(None, town.path(space)))
    page.click("#ideas .vote")
    page.wait_for_url("**/sign-in?**")
    page.fill("#email", "ben@example.org")
    page.fill("#password", PASSWORD)
    page.click("form[action$='/sign-in'] button.primary")
    expect(page.locator(f"#idea-{idea['id']} .vote")).to_have_attribute("aria-pressed", "true")


def test_pages_are_sent_compressed(market: Market) -> None:
    """gzip is offered and taken, and saves more than half."""
    plain = httpx.get(market.board, headers={"Accept-Encoding": "identity"})
    packed = httpx.get(market.board, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(gzip.compress(plain.content)) * 2 < len(plain.content)
