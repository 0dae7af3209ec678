"""Small screens: nothing scrolls sideways, everything can be hit with a thumb."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Market, Visit
from tests.support.town import Town

#: Many pages in one test, on machines that may be busy.
pytestmark = pytest.mark.timeout(500)

#: Where the page scrolls sideways, the elements that stick out.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => `${element.outerHTML.slice(0, 80)} ${Math.round(element.getBoundingClientRect().right)}`).slice(0, 8);
}"""
#: Things to press that are smaller than 24 px, or than 44 px where a thumb goes first.
TOO_SMALL = """() => {
  // Words in a line may be small, and a box is pressed by its label too.
  const isInText = (element) => element.matches('.banner a, [type=checkbox], [type=radio]')
    || (getComputedStyle(element).display === 'inline' && !element.closest('.acts, .bottombar'));
  const found = [];
  for (const element of document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')) {
    const box = element.getBoundingClientRect();
    if (!box.width || isInText(element) || element.closest('.vh, [hidden], .skip') || element.matches('.skip, .vh')) continue;
    const isMain = element.matches('.vote, .btn:not(.tight), .bottombar a, .livepill, .input:not(.tight), summary.face');
    const least = isMain ? 43.5 : 23.5;
    const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
    if (box.height < least || box.width < Math.min(least, 24)) found.push(`${element.outerHTML.slice(0, 90)} ${size}`);
  }
  return found;
}"""


WIDTHS = [320, 360, 768, 1024, 1440]


def phone(town: Town, who: str | None, address: str, width: int) -> Page:
    """A small screen with a thumb."""
    options: dict[str, Any] = {"viewport": {"width": width, "height": 640}, "has_touch": True}
    return town.screen(who, address, **options)


def test_no_page_scrolls_sideways(town: Town, pages: list[Visit]) -> None:
    """320 to 1440 px."""
    found: dict[str, list[str]] = {}
    for name, who, address in pages:
        page = phone(town, who, address, WIDTHS[0])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            if problems := page.evaluate(STICKS_OUT):
                found[f"{name}, {width} px"] = problems
        town.close_screens()
    assert found == {}


@pytest.mark.full
def test_words_without_end_are_broken(town: Town) -> None:
    """A title, a text, a comment, a tag and a space's name of one word each stay inside a small screen."""
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
    space = town.call("POST", "/spaces", name=word[:110], slug="one-word", goal=word)
    idea = town.idea(space, word, body=f"{word} **{word}** `{word}`\n\n- {word}\n\n> {word}", tags=[word[:30].lower()])
    town.call("POST", f"/ideas/{idea['id']}/comments", body=word)
    here = town.path(space)
    found = {}
    for address in (here, town.path(idea), f"{here}/activity", f"{here}/about", f"{here}?q={word}", f"{town.url}/"):
        if problems := phone(town, None, address, 360).evaluate(STICKS_OUT):
            found[address] = problems
    assert found == {}


@pytest.mark.full
def test_text_twice_as_large_still_fits(town: Town, market: Market) -> None:
    """200 % zoom of a 640 px window is a 320 px window with text of double size."""
    found: dict[str, list[str]] = {}
    for name, who, address in market.pages()[:8]:
        page = phone(town, who, address, 640)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        if problems := page.evaluate(STICKS_OUT):
            found[name] = problems
        town.close_screens()
    assert found == {}


def test_everything_can_be_hit(town: Town, pages: list[Visit]) -> None:
    """44 px where a thumb goes, never below 24."""
    found: dict[str, list[str]] = {}
    for name, who, address in pages:
        page = phone(town, who, address, 360)
        if problems := page.evaluate(TOO_SMALL):
            found[name] = problems
        town.close_screens()
    assert found == {}


def test_a_vote_by_tap(town: Town) -> None:
    """One tap from the list, a second one takes it back; count and button keep their place."""
    space = town.space()
    idea = town.idea(space, "A lamp that lights up")
    page = phone(town, "ann", town.path(space), 360)
    vote = page.locator(f"#idea-{idea['id']} .vote")
    before = vote.bounding_box()
    for pressed in ("true", "false"):
        vote.tap()
        page.wait_for_selector(f"#idea-{idea['id']} .vote[aria-pressed={pressed}]")
        page.wait_for_timeout(600)  # the press itself gives way by two pixels
        assert vote.bounding_box() == before


@pytest.mark.full
def test_the_current_tab_is_in_view(town: Town) -> None:
    """A row of tabs wider than the screen begins where one is."""
    page = phone(town, "olga", f"{town.path(town.space())}/audit", 360)
    box = page.locator(".tabs [aria-current]").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360
