"""Two people on one draft, in two browsers: who is here, whose choice it is, what contradicts, what is taken back, a cut line."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from codesign.products.engine import parse
from tests.browser.test_accessible import SIZES, complaints
from tests.browser.test_configurator import desk, pause, shop, state
from tests.support.bikes import NEXT
from tests.support.town import Town


def invite(ann: Page) -> str:
    """Ann lets others edit along; the link for it."""
    ann.get_by_text("Share", exact=True).click()
    ann.get_by_role("button", name="Edit it together").click()
    ann.get_by_text("Share", exact=True).click()
    link = str(ann.locator("#edit-link").input_value())
    ann.keyboard.press("Escape")
    return link


def together(town: Town, **options: Any) -> tuple[Page, Page]:
    """Ann's desk and Ben's, of the same draft, once they know of each other."""
    ann = desk(town, shop(town), **options)
    ben = town.screen("ben", invite(ann), **options)
    ben.get_by_role("button", name="Edit it together").click()
    expect(ben.locator("#desk")).to_be_visible()
    expect(ann.locator("cs-draft [data-words]")).to_have_text("Here with you: Ben.")
    expect(ben.locator("cs-draft [data-words]")).to_have_text("Here with you: Ann.")
    return ann, ben


def test_they_see_each_other_choose_and_who_did_it(town: Town) -> None:
    ann, ben = together(town)
    ann.locator("#o-m500").check(force=True)
    expect(state(ben, "m500")).to_have_attribute("state", "theirs")
    expect(ben.locator("#row-m500 .o-state")).to_have_text("Ann’s choice")
    expect(ben.locator("#latest")).to_contain_text("Ann chose 500 W")
    expect(ben.locator("#row-b400 .o-why")).to_contain_text("Not with 500 W (Ann).")
    expect(state(ann, "b400")).to_have_attribute("state", "blocked")
    # The last one wins, and whose choice it was is told.
    pause(ann)
    ann.locator("#o-b625").check(force=True)
    expect(state(ben, "b625")).to_have_attribute("state", "theirs")
    pause(ben)
    ben.locator("#o-b800").check(force=True)
    expect(state(ann, "b800")).to_have_attribute("state", "theirs")
    expect(ann.locator("#latest")).to_contain_text("Ben changed Battery to 800 Wh, in place of your 625 Wh")
    expect(ann.locator("cs-toasts")).to_contain_text("in place of your 625 Wh")
    # What somebody else changed since is not mine to take back; what came before is.
    ann.locator('button[value="undo"]').click()
    expect(ann.locator("cs-toasts")).to_contain_text("Ben changed 625 Wh since you did.")
    expect(state(ann, "b800")).to_have_attribute("state", "theirs")
    ann.locator('button[value="undo"]').click()
    expect(state(ann, "m500")).to_have_attribute("state", "free")
    expect(state(ben, "m500")).to_have_attribute("state", "free")
    ben.get_by_role("button", name="Leave").click()
    expect(ann.locator("cs-draft [data-words]")).to_have_text("Nobody else is here now.")


def test_a_contradiction_is_shown_to_both_with_its_repairs(town: Town) -> None:
    ann, ben = together(town)
    # Ben's page is not told of Ann's choice before he makes his own: he posts what he saw.
    seen = ben.locator("#configurator").get_attribute("data-version")
    ann.locator("#o-m500").check(force=True)
    expect(state(ben, "m500")).to_have_attribute("state", "theirs")
    ben.evaluate(
        """([seen]) => {
          const desk = document.querySelector("#configurator");
          desk.dataset.version = seen;
          desk.querySelector('cs-option[state="blocked"]:has(#row-b400)').setAttribute("state", "free");
          desk.querySelector("#row-b400").classList.replace("blocked", "free");
        }""",
        [seen],
    )
    ben.locator("#o-b400").check(force=True)
    for page in (ann, ben):
        expect(page.locator("#dispute-b400")).to_contain_text("Two choices contradict each other.")
        expect(page.locator("#dispute-b400")).to_contain_text("The 500 W motor empties a small battery too fast.")
        expect(state(page, "b400")).to_have_attribute("state", "contested")
    expect(ann.locator("#dispute-b400")).to_contain_text("400 Wh (Ben) does not go with 500 W (you).")
    expect(ben.locator("#dispute-b400")).to_contain_text("400 Wh (you) does not go with 500 W (Ann).")
    expect(ann.locator("#totals")).to_contain_text("Settle what contradicts before you publish it.")
    pause(ann)
    ann.locator("#dispute-b400 .fix").first.click()
    for page in (ann, ben):
        expect(page.locator(".dispute")).to_have_count(0)
    expect(state(ann, "b400")).to_have_attribute("state", "theirs")
    expect(state(ben, "b400")).to_have_attribute("state", "mine")


@pytest.mark.full
def test_a_cut_line_catches_up(town: Town) -> None:
    ann, ben = together(town)
    ben.context.set_offline(True)
    ben.locator("#o-rack").check(force=True)
    expect(ben.locator("cs-toasts")).to_contain_text("Your choice did not arrive.")
    ann.locator("#o-lights").check(force=True)
    expect(state(ann, "lights")).to_have_attribute("state", "mine")
    ben.context.set_offline(False)
    expect(state(ben, "lights")).to_have_attribute("state", "theirs")
    expect(state(ben, "rack")).to_have_attribute("state", "mine")
    expect(state(ann, "rack")).to_have_attribute("state", "theirs")


@pytest.mark.full
def test_who_is_removed_leaves_the_desk_and_who_only_looks_follows(town: Town) -> None:
    ann, ben = together(town)
    ann.get_by_text("Share", exact=True).click()
    looks = town.screen(None, str(ann.locator("#share-link").input_value()))
    expect(looks.get_by_role("button", name="Edit it together")).to_have_count(0)
    ann.keyboard.press("Escape")
    ann.locator("#o-trail").check(force=True)
    expect(looks.locator(".has")).to_contain_text("Trail")
    ann.get_by_text("Share", exact=True).click()
    ann.get_by_role("button", name="Remove Ben").click()
    expect(ann.locator("cs-toasts")).to_contain_text("They edit along no more")
    expect(ben.locator("#desk")).to_have_count(0)


@pytest.mark.full
def test_without_javascript_an_old_page_loses_nothing(town: Town) -> None:
    ann, ben = together(town)
    address = ann.url
    plain = town.screen("ann", address, java_script_enabled=False)
    ben.locator("#o-m500").check(force=True)
    expect(state(ben, "m500")).to_have_attribute("state", "mine")
    plain.locator("#o-b400").check(force=True)
    plain.get_by_role("button", name="Apply my choices").last.click()
    expect(plain.locator("#dispute-b400")).to_contain_text("does not go with 500 W (Ben)")
    plain.locator("#dispute-b400 .fix").last.click()
    expect(plain.locator(".dispute")).to_have_count(0)
    expect(state(plain, "b400")).to_have_attribute("state", "blocked")
    expect(plain.locator("#row-b400")).to_contain_text("Your wish")


@pytest.mark.full
def test_open_desks_learn_of_a_new_version_of_the_product(town: Town) -> None:
    """A module is added while somebody composes: their page says so by itself, and moves when they say so."""
    space = shop(town)
    ann = desk(town, space)
    ann.locator("#o-b400").check(force=True)
    expect(state(ann, "b400")).to_have_attribute("state", "mine")
    ann.evaluate("window.stayed = true")
    town.call("PUT", f"/products/{space['product']}/draft", document=parse(NEXT))
    town.call("POST", f"/products/{space['product']}/publish")
    expect(ann.locator("#move")).to_contain_text("There is a new version of City bike.")
    expect(ann.locator("#move")).to_contain_text("you would give up: 400 Wh")
    assert ann.evaluate("window.stayed") is True
    ann.get_by_role("button", name="Move to version 2").click()
    expect(ann.locator("#g-trailer")).to_contain_text("Dog trailer")


@pytest.mark.parametrize(("theme", "size"), [pytest.param("light", "desk", marks=pytest.mark.full), ("dark", "phone")])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(town: Town, theme: str, size: str) -> None:
    """A desk of two with a dispute on it, its menus open, and the page that invites."""
    options: dict[str, Any] = {"color_scheme": theme, "viewport": SIZES[size], "bypass_csp": True}
    ann, ben = together(town, **options)
    plain = town.screen("ben", ben.url, java_script_enabled=False)
    ann.locator("#o-m500").check(force=True)
    expect(state(ann, "b400")).to_have_attribute("state", "blocked")
    pause(ann)
    ann.locator("#o-lights").check(force=True)
    expect(state(ben, "lights")).to_have_attribute("state", "theirs")
    plain.locator("#o-b400").check(force=True)
    plain.get_by_role("button", name="Apply my choices").last.click()
    expect(ann.locator("#dispute-b400")).to_be_visible()
    found = {"desk": complaints(ben)}
    ann.get_by_text("Share", exact=True).click()
    link = str(ann.locator("#edit-link").input_value())
    found["menu"] = complaints(ann)
    found["invited"] = complaints(town.screen(None, link, **options))
    assert found == {name: [] for name in found}
    ben.set_viewport_size({"width": 360, "height": 700})
    assert ben.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
