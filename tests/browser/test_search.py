"""The page of the search while somebody types: results come by themselves, the keyboard walks through them, all has a name."""

from __future__ import annotations

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.waiting import hear, hold, until
from tests.support.server import run_codesign
from tests.support.town import Town


def test_typing_finds_and_the_keyboard_walks_through_what_was_found(town: Town) -> None:
    """Arrows go down and up, Escape back to the field, Enter opens; how many were found is said to those who listen."""
    space = town.space()
    for title in ("A louder bell", "A bell of brass", "A brighter lamp"):
        town.idea(space, title)
    slug, instance = space["slug"], town.server.instance
    assert run_codesign("plugin", "enable", "search", "--space", slug, instance=instance).returncode == 0
    assert run_codesign("plugin", "run", "search", "rebuild", "--space", slug, instance=instance).returncode == 0
    page = town.screen("ann", f"{town.path(space)}/-/search/", bypass_csp=True)
    field = page.get_by_role("searchbox", name=re.compile("^Words"))
    expect(field).to_be_focused()
    with page.expect_response(re.compile(r"\?q=bel&")):
        field.press_sequentially("bel")
    results = page.get_by_role("region", name="2 ideas").get_by_role("link")
    expect(results).to_have_count(2)
    expect(page.locator("cs-announcer")).to_have_text("2 ideas")
    expect(page).to_have_url(re.compile(r"\?q=bel$"))
    field.press("ArrowDown")
    expect(results.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(results.last).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    # What is found for one more letter arrives while they are on their way through the results.
    held = hold(page, "**?q=bell&**")
    field.press_sequentially("l")
    page.keyboard.press("ArrowDown")
    until(page, lambda: held)
    expect(results.first).to_be_focused()
    drawn = hear(page, "cs:announce")
    held[0]()
    drawn()
    expect(results.first).to_be_focused()
    page.keyboard.press("Escape")
    found: dict[str, Any] = Axe().run(page).response
    assert [broken["id"] for broken in found["violations"]] == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    title = results.first.text_content() or ""
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
