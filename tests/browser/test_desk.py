"""The desk by keyboard alone, and on two screens."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.support.town import Town, live


def sit_down(town: Town, who: str = "olga", count: int = 4) -> tuple[Page, str]:
    """A desk with some ideas, the newest on top."""
    space = town.space()
    for number in range(count, 0, -1):
        town.idea(space, f"A lamp that lights up, number {number}")
    address = f"{town.path(space)}/desk"
    return live(town.screen(who, f"{address}?inbox=all")), address


def row(page: Page, number: int) -> object:
    """The row of an idea."""
    return page.locator("#rows tr", has_text=f"number {number}")


def test_a_morning_at_the_desk_without_a_mouse(town: Town) -> None:
    page, _address = sit_down(town)
    keys = page.keyboard
    keys.press("j")
    expect(page.locator("#rows th a").first).to_be_focused()
    keys.press("o")
    expect(page.locator("#open-idea h2")).to_have_text("A lamp that lights up, number 1")
    keys.press("s")
    expect(page.locator("#p-status")).to_be_focused()
    keys.type("Planned")
    keys.press("Enter")
    expect(row(page, 1)).to_contain_text("Planned")
    expect(page.locator("cs-toasts")).to_contain_text("Status changed: 1 idea.")
    keys.press("z")
    expect(row(page, 1)).not_to_contain_text("Planned")
    keys.press("a")
    expect(page.locator("#answer")).to_be_focused()
    keys.type("In May.")
    keys.press("Control+Enter")
    expect(page.locator("#open-idea .answer")).to_contain_text("In May.")
    keys.press("m")
    keys.press("Enter")
    expect(page.locator("#merge")).to_contain_text("Together")
    expect(page.get_by_role("button", name="Merge now")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#rows tr.gone")).to_have_count(1)
    keys.press("z")
    expect(page.locator("#recent")).not_to_contain_text("Merged")


def test_several_at_once_and_one_way_back(town: Town) -> None:
    page, _address = sit_down(town)
    keys = page.keyboard
    for key in ("j", "x", "j", "x"):
        keys.press(key)
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    keys.press("t")
    keys.type("winter")
    keys.press("Enter")
    expect(page.locator("#rows tr", has_text="#winter")).to_have_count(2)
    expect(page.locator("#bulk")).to_be_hidden()
    keys.press("z")
    expect(page.locator("#rows tr", has_text="#winter")).to_have_count(0)
    keys.press("Control+k")
    expect(page.locator("#palette-words")).to_be_focused()
    keys.type("unanswered")
    expect(page.locator("#palette-list li").first).to_contain_text("Unanswered")
    keys.press("Enter")
    page.wait_for_url("**inbox=unanswered**")
    live(page)
    keys.press("?")
    expect(page.locator("#keys")).to_contain_text("Undo what you did last")


def test_another_screen_sees_it_live_and_no_row_jumps(town: Town) -> None:
    page, address = sit_down(town)
    other = live(town.screen("olga", f"{address}?inbox=all"))
    before = other.locator("#rows th a").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(page.locator("#p-status")).to_be_focused()
    page.keyboard.type("Planned")
    page.keyboard.press("Enter")
    expect(row(other, 1)).to_contain_text("Planned")
    assert other.locator("#rows th a").all_inner_texts() == before
