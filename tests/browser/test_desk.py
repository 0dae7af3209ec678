"""The desk by keyboard alone, and on two screens."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import hear, hold, until
from tests.support.town import Town, live


def sit_down(town: Town, who: str = "olga", count: int = 4) -> tuple[Page, str]:
    """A desk with some ideas, the newest on top."""
    space = town.space()
    for number in range(count, 0, -1):
        town.idea(space, f"A lamp that lights up, number {number}")
    address = f"{town.path(space)}/desk"
    return live(town.screen(who, f"{address}?inbox=all")), address


def row(page: Page, number: int) -> Any:
    """The row of an idea."""
    return page.locator("#rows tr", has_text=f"number {number}")


def status(page: Page, number: int) -> Any:
    """The cell of an idea with its status; the form it turns into stands beside it."""
    return row(page, number).locator("a[data-edit=status]")


def open_first(page: Page) -> str | None:
    """Open the first idea by keys; its id."""
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#open-idea h2")).to_contain_text("number 1")
    return page.locator("#open-idea").get_attribute("data-idea")


def open_second(page: Page) -> None:
    """Open the second idea by a press."""
    page.locator("#rows th a", has_text="number 2").click()
    expect(page.locator("#open-idea h2")).to_contain_text("number 2")


def set_status(page: Page, name: str) -> None:
    """Set the status of the open idea by keys, and see it in the row."""
    page.keyboard.press("s")
    expect(page.locator("#p-status")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(status(page, 1)).to_contain_text(name)


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
    expect(row(page, 1).locator("th a")).to_be_focused()
    keys.press("m")
    keys.press("Enter")
    expect(page.locator("#merge")).to_contain_text("Together")
    expect(page.get_by_role("button", name="Merge now")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#rows tr.gone")).to_have_count(1)
    expect(page.locator("#recent")).to_contain_text("Merged")
    keys.press("z")
    expect(page.locator("#recent")).not_to_contain_text("Merged")


def test_an_older_answer_never_takes_the_place_of_what_was_opened_since(town: Town) -> None:
    page, address = sit_down(town, count=2)
    idea = open_first(page)
    held = hold(page, f"{address}?**")
    town.call("POST", f"/ideas/{idea}/comments", body="A word meanwhile")
    until(page, lambda: held)
    expect(page.locator("#open-idea")).to_contain_text("0 comments")
    page.keyboard.press("j")
    expect(page.locator("#open-idea h2")).to_contain_text("number 2")
    renewed = hear(page, "cs:renewed", "open-idea")
    held[0]()
    renewed()
    expect(page.locator("#open-idea h2")).to_contain_text("number 2")


def test_letters_typed_before_the_field_is_there_are_kept_for_it(town: Town) -> None:
    page, address = sit_down(town, count=1)
    page.keyboard.press("j")
    held = hold(page, f"{address}?**")
    page.keyboard.press("s")
    page.keyboard.type("Pl")
    until(page, lambda: held)
    held[0]()
    expect(page.locator("#p-status")).to_be_focused()
    expect(page.locator("#p-status option:checked")).to_have_text("Planned")
    page.keyboard.press("Enter")
    expect(status(page, 1)).to_contain_text("Planned")


def test_what_was_to_be_renewed_is_read_from_where_the_page_is_by_then(town: Town) -> None:
    page, _address = sit_down(town, count=2)
    idea = open_first(page)
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1_000 + 1)
    page.evaluate("() => document.addEventListener('cs:frame', () => { window.told = true })")
    town.call("POST", f"/ideas/{idea}/comments", body="A word meanwhile")

    def is_told() -> object:
        """A frame is drawn with the next picture; what it touches is asked for a good while after that."""
        page.clock.run_for(16)
        return page.evaluate("window.told")

    until(page, is_told)
    open_second(page)
    renewed = hear(page, "cs:renewed", "open-idea")
    page.clock.run_for(2_000)
    renewed()
    expect(page.locator("#open-idea h2")).to_contain_text("number 2")


def test_a_page_taken_anew_is_read_from_where_it_is_by_then(town: Town) -> None:
    page, address = sit_down(town, count=2)
    open_first(page)
    held = hold(page, f"{address}?**")
    town.call("PATCH", f"/spaces/{address.split('/')[-2]}", purpose="What should we build after that?")
    until(page, lambda: held)
    open_second(page)
    renewed = hear(page, "cs:renewed", "main")
    held[0]()
    renewed()
    expect(page.locator("#open-idea h2")).to_contain_text("number 2")


def test_what_changed_while_a_part_that_is_gone_was_asked_for_is_renewed(town: Town) -> None:
    page, address = sit_down(town, count=2)
    idea = open_first(page)
    other = str(row(page, 2).get_attribute("data-idea"))
    held = hold(page, f"{address}?**")
    town.call("POST", f"/ideas/{idea}/comments", body="Only for us", internal=True)
    until(page, lambda: held)
    page.keyboard.press("Escape")
    expect(page.locator("#open-idea")).to_have_count(0)
    told = hear(page, "cs:frame")
    town.call("PATCH", f"/ideas/{other}", title="A lamp that stays on, number 2")
    told()
    held[0]()
    expect(row(page, 2)).to_contain_text("stays on")


def test_undo_means_what_is_on_its_way(town: Town) -> None:
    """The line draws a change before its own answer is there: the key waits for that, and does not take back an earlier one."""
    page, address = sit_down(town, count=1)
    open_first(page)
    set_status(page, "Planned")
    expect(page.locator("#recent form")).to_have_count(1)
    expect(page.locator("#rows th a")).to_be_focused()
    held = hold(page, f"{address}**", "POST")
    set_status(page, "Shipped")
    until(page, lambda: held)
    page.keyboard.press("Escape")
    expect(row(page, 1).locator("th a")).to_be_focused()
    page.keyboard.press("z")
    with page.expect_response("**/undo?**"):
        held[0]()
    expect(status(page, 1)).to_contain_text("Planned")


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


def test_cards_are_moved_by_keys_and_by_dragging(town: Town) -> None:
    page, address = sit_down(town, count=2)
    board, other = f"{address}?inbox=all&board=1", live(town.screen("olga", f"{address}?inbox=all&board=1"))
    page.goto(board)
    live(page)

    def column(screen: Page, name: str) -> Any:
        return screen.locator(".bcolumn", has=screen.locator("h3", has_text=name)).locator(".bcard")

    card = page.locator(".bcard", has_text="number 1")
    page.keyboard.press("j")
    expect(page.locator(".bcard a").first).to_be_focused()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Planned").press("Enter")
    for screen in (page, other):
        expect(column(screen, "Planned")).to_have_count(1)
    expect(page.locator("cs-toasts")).to_contain_text("Status changed: 1 idea.")
    page.keyboard.press("z")
    for screen in (page, other):
        expect(column(screen, "Planned")).to_have_count(0)
    expect(page.locator("form[data-busy]")).to_have_count(0)
    start = page.locator(".bcard", has_text="number 2").bounding_box()
    goal = page.locator(".bcolumn", has=page.locator("h3", has_text="Planned")).bounding_box()
    assert start is not None and goal is not None
    page.mouse.move(start["x"] + 20, start["y"] + 50)
    page.mouse.down()
    page.mouse.move(goal["x"] + 60, goal["y"] + 60, steps=6)
    page.mouse.up()
    for screen in (page, other):
        expect(column(screen, "Planned")).to_have_count(1)


def test_a_cell_is_changed_in_its_place_and_a_conflict_shows_both(town: Town) -> None:
    page, address = sit_down(town, count=2)
    other = colleague(town, address)
    cell = status(page, 1)
    cell.focus()
    page.keyboard.press("Enter")
    expect(page.locator("form.cellform select")).to_be_focused()
    page.keyboard.type("Planned")
    page.keyboard.press("Enter")
    expect(cell).to_contain_text("Planned")
    expect(status(other, 1)).to_contain_text("Planned")
    expect(page.locator("form.cellform")).to_have_count(0)
    expect(cell).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(cell).to_be_focused()
    cell.click()
    expect(page.locator("form.cellform select")).to_be_focused()
    page.locator("form.cellform select").select_option("Under review")
    status(other, 1).click()
    other.locator("form.cellform select").select_option("Shipped")
    other.get_by_role("button", name="Set", exact=True).click()
    expect(cell).to_contain_text("Shipped")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#refused")).to_contain_text("changed the status to Shipped while you were writing")
    page.get_by_role("button", name="Use mine").click()
    expect(status(other, 1)).to_contain_text("Under review")


def colleague(town: Town, address: str) -> Page:
    """The same desk on the screen of a moderator."""
    slug = address.rpartition("/spaces/")[2].partition("/")[0]
    town.call("POST", f"/spaces/{slug}/members", email="ben@example.org", role="moderator")
    return live(town.screen("ben", f"{address}?inbox=all"))


@pytest.mark.full
def test_a_row_says_who_of_the_team_looks_at_it(town: Town) -> None:
    page, address = sit_down(town, count=2)
    other = colleague(town, address)
    other.locator("#rows th a", has_text="number 2").click()
    expect(other.locator("#open-idea h2")).to_contain_text("number 2")
    expect(row(page, 2).locator("cs-looking")).to_have_text("Ben is looking at this")
    expect(row(other, 2).locator("cs-looking")).to_have_text("")
