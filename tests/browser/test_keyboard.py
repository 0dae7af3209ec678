"""The whole way with a keyboard: find, read, vote, propose, talk; the focus is always where one expects it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.town import Town, live


def focused(page: Page) -> str:
    """What has the focus, in words."""
    words = "element => element.matches('body, main') ? '' : element.getAttribute('aria-label') || element.textContent"
    return str(page.evaluate(f"({words})(document.activeElement)")).strip()


def tab_to(page: Page, words: str, most: int = 60) -> None:
    """Press Tab until something with these words has the focus."""
    for _step in range(most):
        page.keyboard.press("Tab")
        if words in focused(page):
            return
    raise AssertionError(f"{words!r} cannot be reached with the keyboard; at last: {focused(page)!r}")


def test_the_way_of_an_idea_without_a_mouse(town: Town) -> None:
    """Skip link, list, vote, open, comment, new idea with its form."""
    space = town.space()
    town.idea(space, "A lamp that lights up")
    page = live(town.screen("ann", town.path(space)))
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    tab_to(page, "Vote for: A lamp that lights up")
    page.keyboard.press("Space")
    expect(page.locator("#ideas .vote")).to_have_attribute("aria-pressed", "true")
    assert "Take back my vote for" in focused(page)
    tab_to(page, "A lamp that lights up")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ideas/*")
    live(page)
    page.locator("#say").focus()
    page.keyboard.type("It should be bright.")
    tab_to(page, "Publish comment")
    page.keyboard.press("Enter")
    expect(page.locator("#talks")).to_contain_text("It should be bright.")
    tab_to(page, "New idea")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ideas/new")
    page.locator("#title").focus()
    page.keyboard.type("A bell that can be heard")
    tab_to(page, "Publish idea")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("A bell that can be heard")


def test_single_keys_help_and_the_menu_closes_by_escape(town: Town) -> None:
    """j and k move, v votes, Escape closes the filter and gives the focus back."""
    space = town.space()
    for title in ("The first of them", "The second of them"):
        town.idea(space, title)
    page = live(town.screen("ann", town.path(space)))
    page.keyboard.press("j")
    first = focused(page)
    page.keyboard.press("j")
    assert {first, focused(page)} == {"The first of them", "The second of them"}
    page.keyboard.press("k")
    assert focused(page) == first
    page.keyboard.press("v")
    expect(page.locator(".idea", has_text=first).locator(".vote")).to_have_attribute("aria-pressed", "true")
    page.locator("details.filter > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#status")).to_be_hidden()
    assert "Filter" in focused(page)


def test_a_refused_form_says_so_first(town: Town) -> None:
    """The focus goes to the summary of what to fix; its link leads to the field."""
    page = town.screen("ann", f"{town.path(town.space())}/ideas/new")
    page.fill("#title", "Bad")
    page.click("form[data-draft] button[type=submit]")
    expect(page.locator("#error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_be_focused()
