"""An @ in a text: people are suggested, one is chosen by keyboard or finger, and hears of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.town import Town, live

FIELD, LIST = "#say", "#mentions"


def join(town: Town, space: dict[str, Any], *names: str) -> None:
    """Make people members."""
    for name in names:
        town.call("POST", f"/spaces/{space['slug']}/members", email=f"{name}@example.org", role="contributor")


def boxes(page: Page) -> list[Any]:
    """Where things around the field stand."""
    return [page.locator(place).bounding_box() for place in (FIELD, "#say-form button.primary", ".foot")]


def test_ann_mentions_ben_by_keyboard_and_his_bell_tells_him(town: Town) -> None:
    """Arrow keys and Escape do what they do in every list of suggestions; nothing on the page moves."""
    space = town.space()
    join(town, space, "ann", "ben")
    idea = town.idea(space, "A lamp that lights up")
    ann, ben = (live(town.screen(name, town.path(idea))) for name in ("ann", "ben"))
    field = ann.locator(FIELD)
    field.click()
    before = boxes(ann)
    field.press_sequentially("Ask @")
    expect(ann.locator(LIST)).to_have_count(0)
    field.press_sequentially("be")
    expect(ann.locator(f"{LIST} [role=option]")).to_have_text(["Ben"])
    assert boxes(ann) == before
    expect(field).to_have_attribute("aria-controls", "mentions")
    expect(ann.locator("cs-announcer")).to_have_text("1 person to mention")
    expect(field).to_have_attribute("aria-activedescendant", "mentions-0")
    field.press("Escape")
    expect(ann.locator(LIST)).to_be_hidden()
    assert field.get_attribute("aria-activedescendant") is None
    field.fill("")
    field.press_sequentially("Ask @ben")
    expect(ann.locator(LIST)).to_be_visible()
    field.press("ArrowDown")
    expect(ann.locator(f"{LIST} [aria-selected=true]")).to_have_text("Ben")
    field.press("Enter")
    expect(field).to_have_value(re.compile(r"^Ask @\[Ben\]\(person:[0-9A-Z]{26}\) $"))
    field.press_sequentially("about it")
    ann.click("#say-form button.primary")
    expect(ben.locator("#talks .mention")).to_have_text("@Ben")
    expect(ben.locator(".bell")).to_contain_text("1")
    ben.goto(f"{town.url}/me/notices")
    expect(ben.locator("#notices")).to_contain_text("Ann mentioned you.")
    ben.click("#notices a")
    expect(ben.locator("li:target .mention")).to_have_text("@Ben")


@pytest.mark.parametrize(("theme", "width"), [pytest.param("light", 1280, marks=pytest.mark.full), ("dark", 360)])
def test_the_open_list_is_accessible_and_stays_on_the_screen(town: Town, theme: str, width: int) -> None:
    """Also by finger, on a phone, at night."""
    space = town.space()
    join(town, space, "ann", "ben")
    page = town.screen(
        "ann", f"{town.path(space)}/ideas/new", color_scheme=theme, viewport={"width": width, "height": 740}, bypass_csp=True
    )  # fmt: skip
    page.fill("#title", "A lamp that lights up")
    page.locator("#body").press_sequentially("Like the one of @be")
    option = page.locator(f"{LIST} [role=option]")
    expect(option).to_be_visible()
    box = page.locator(LIST).bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found: dict[str, Any] = Axe().run(page).response
    assert [broken["id"] for broken in found["violations"]] == []
    option.click()
    expect(page.locator("#body")).to_be_focused()
    assert page.locator("#body").input_value().startswith("Like the one of @[Ben](person:")
