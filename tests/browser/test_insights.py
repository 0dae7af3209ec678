"""Cards and findings in a real browser, worked out by a real worker: by keyboard, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessible import SIZES, complaints
from tests.browser.test_configurator import shop
from tests.support.town import Town

PATIENCE = 60


def dealt(town: Town, space: dict[str, Any], name: str, **options: Any) -> Page:
    """Somebody's screen with their first card on it, as soon as the worker has dealt it."""
    page = town.screen(name, f"{town.path(space)}/insights/city-bike/card", **options)
    for _try in range(PATIENCE):
        if page.get_by_role("button", name="I would take this one").count():
            return page
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("no card was dealt")


@pytest.mark.parametrize(("theme", "size"), [pytest.param("light", "desk", marks=pytest.mark.full), ("dark", "phone")])
def test_a_card_is_answered_by_keyboard_and_taken_back(town: Town, theme: str, size: str) -> None:
    """What was answered stands below, for its owner; axe finds nothing, and nothing is wider than the screen."""
    space = shop(town)
    draft = town.call(
        "POST", f"/spaces/{space['slug']}/configurations", product_id=space["product"], decisions={"city": True}
    )
    town.idea(space, "A bike for the city", configuration_id=draft["id"])
    options: dict[str, Any] = {"color_scheme": theme, "viewport": SIZES[size], "bypass_csp": True}
    page = dealt(town, space, "ann", **options)
    found = {"card": complaints(page)}
    page.get_by_role("button", name="I would take this one").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your answers")).to_be_visible()
    expect(page.get_by_text("19 cards left today")).to_be_visible()
    found["answered"] = complaints(page)
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Taken back. It counts no more.")).to_be_visible()
    page.get_by_role("link", name="What people want of City bike").click()
    page.locator("summary", has_text="Show as table").first.click()
    found["findings"] = complaints(page)
    assert found == {name: [] for name in found}
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
