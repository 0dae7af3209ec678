"""Pictures in texts: chosen, asked about, published, and seen by somebody else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.pictures import picture
from tests.support.town import Town, live

pytestmark = pytest.mark.full

LAMP = {"name": "lamp.png", "mimeType": "image/png", "buffer": picture()}


def choose(page: Page) -> Locator:
    """Add the lamp to the text; the field that asks what it shows."""
    page.click(".addpicture summary")
    page.set_input_files("cs-picture-field input[type=file]", files=[LAMP])
    asked = page.locator("cs-picture-field [data-sent] input")
    expect(page.get_by_label("What does it show?")).to_have_count(
        2
    )  # of the form without script, which is hidden, and this
    expect(asked).to_be_focused()
    return asked


def is_shown(seen: Locator) -> bool:
    """Whether the picture itself has come."""
    expect(seen).to_be_visible()
    return bool(seen.evaluate("image => image.decode().then(() => image.naturalWidth === 40)"))


def test_an_idea_with_a_picture_is_seen_by_another(town: Town) -> None:
    space = town.space()
    ann, ben = town.screen("ann", f"{town.path(space)}/ideas/new"), live(town.screen("ben", town.path(space)))
    ann.fill("#title", "A lamp that lights up")
    ann.fill("#body", "It is dark in winter.")
    choose(ann)
    expect(ann.locator("#body")).to_have_value(re.compile(r"^It is dark in winter\.\n\n!\[\]\(/pictures/\S+\)\n$"))
    ann.keyboard.type("A lamp at dusk")
    ann.keyboard.press("Enter")
    expect(ann.locator("#body")).to_have_value(re.compile(r"!\[A lamp at dusk\]\(/pictures/\S+\)"))
    ann.click("form[data-draft] button.primary")
    ann.wait_for_url(re.compile(r"/ideas/[0-9A-Z]{26}"))
    ben.click("#ideas .idea h3 a")
    assert is_shown(ben.get_by_alt_text("A lamp at dusk"))


def test_a_page_drawn_anew_loses_no_picture(town: Town) -> None:
    """Whatever changes in the space meanwhile: the picture, its question and what is typed into it stay."""
    space = town.space()
    idea = town.path(town.idea(space, "A lamp that lights up"))
    ann, ben = (live(town.screen(name, idea)) for name in ("ann", "ben"))
    ann.fill("#say", "Like this one:")
    asked = choose(ann)
    ann.keyboard.type("A lamp")
    ann.evaluate("document.querySelector('main').append(Object.assign(document.createElement('i'), { id: 'old' }))")
    town.call("PATCH", f"/spaces/{space['slug']}", purpose="Better nights")
    expect(ann.locator("#old")).to_have_count(0)
    expect(asked).to_be_focused()
    ann.keyboard.type(" at dusk")
    expect(ann.locator("cs-picture-field [data-sent] img")).to_be_visible()
    ann.click("#say-form button.primary")
    assert is_shown(ben.get_by_alt_text("A lamp at dusk"))
