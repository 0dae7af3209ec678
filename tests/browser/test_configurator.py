"""Composing a product in a real browser: a conflict, its reason and repair, publishing, and a vote from another screen."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import APIResponse, Page, Request, Route, expect

from codesign.products.engine import parse
from tests.browser.test_accessible import SIZES, complaints
from tests.support.bikes import SMALL
from tests.support.town import Town, live


def shop(town: Town) -> dict[str, Any]:
    """A space with the small bike published."""
    space = town.space()
    product = town.call("POST", f"/spaces/{space['slug']}/products", name="City bike")
    town.call("PUT", f"/products/{product['id']}/draft", document=parse(SMALL))
    town.call("POST", f"/products/{product['id']}/publish")
    return {**space, "product": product["id"]}


def desk(town: Town, space: dict[str, Any], name: str | None = "ann", **options: Any) -> Page:
    """Somebody's screen with a new draft on it."""
    page = town.screen(name, f"{town.path(space)}/configure", **options)
    page.get_by_role("button", name="Start composing").click()
    expect(page.locator("#desk")).to_be_visible()
    if options.get("java_script_enabled", True):
        page.evaluate("async () => { await customElements.whenDefined('cs-configurator') }")
    return page


def state(page: Page, option: str) -> Any:
    """The state of an option, to be expected."""
    return page.locator(f"cs-option:has(> #row-{option})")


def is_choice(request: Request) -> bool:
    """Whether a choice is sent with it."""
    return request.method == "POST" and "/configure/" in request.url


def pause(page: Page) -> None:
    """As long as a person needs to see what a choice changed; a press before that goes to what stood there."""
    page.wait_for_timeout(300)


def test_a_conflict_is_told_mended_published_and_voted_for(town: Town) -> None:
    """The heart of it, by mouse, on two screens."""
    space = shop(town)
    ann = desk(town, space)
    ann.locator("#o-m500").check(force=True)
    expect(state(ann, "m500")).to_have_attribute("state", "mine")
    expect(state(ann, "b400")).to_have_attribute("state", "blocked")
    expect(ann.locator("#row-b400 .o-why")).to_contain_text(
        "Not with your 500 W. The 500 W motor empties a small battery too fast."
    )
    expect(ann.locator("#sum-h ~ .price output")).to_contain_text("1")
    ann.locator("#row-b400 label").click()
    expect(ann.locator("#repair-h")).to_be_focused()
    expect(state(ann, "b400")).to_have_attribute("state", "blocked")
    pause(ann)
    ann.locator(".fix").first.click()
    expect(state(ann, "b400")).to_have_attribute("state", "mine")
    expect(state(ann, "m250")).to_have_attribute("state", "follows")
    expect(ann.locator("#o-b400")).to_be_focused()
    ann.locator("cs-toasts").get_by_role("button", name="Undo").click()
    expect(state(ann, "m500")).to_have_attribute("state", "mine")
    ann.reload()
    expect(state(ann, "m500")).to_have_attribute("state", "mine")
    ann.get_by_role("link", name="Publish as an idea").click()
    ann.fill("#title", "A strong city bike")
    ann.get_by_role("button", name="Publish idea").click()
    expect(ann.locator("#carried")).to_contain_text("500 W")
    ben = live(town.screen("ben", ann.url))
    ben.locator("#head cs-vote-button .vote").click()
    expect(ann.locator("#stand [data-part=total]")).to_have_text("1")
    ben.get_by_role("button", name="Make it mine").click()
    expect(state(ben, "m500")).to_have_attribute("state", "mine")
    expect(ben.locator(".chead")).to_contain_text("goes on from")
    expect(ann.locator("#carried")).to_contain_text("1 went on from it")


def test_by_keyboard_alone(town: Town) -> None:
    """Arrows walk, Space chooses, Del rules out, Escape closes a repair and brings the focus back."""
    ann = desk(town, shop(town))
    ann.locator("#o-city").focus()
    ann.keyboard.press("ArrowDown")
    expect(ann.locator("#o-trail")).to_be_focused()
    ann.keyboard.press("Space")
    expect(state(ann, "trail")).to_have_attribute("state", "mine")
    expect(ann.locator("cs-announcer")).to_contain_text("€")
    for _step in range(8):
        ann.keyboard.press("ArrowDown")
    expect(ann.locator("#o-rack")).to_be_focused()
    ann.keyboard.press("Delete")
    expect(state(ann, "rack")).to_have_attribute("state", "refused")
    expect(ann.locator("#o-rack")).to_be_focused()
    ann.keyboard.press("ArrowUp")
    expect(state(ann, "child-seat")).to_have_attribute("state", "blocked")
    ann.keyboard.press("Space")
    expect(ann.locator("#repair-h")).to_be_focused()
    expect(ann.locator("#o-child-seat")).not_to_be_checked()
    ann.keyboard.press("Escape")
    expect(ann.locator("#o-child-seat")).to_be_focused()
    expect(ann.locator(".repair")).to_have_count(0)
    ann.keyboard.press("Control+z")
    expect(state(ann, "rack")).to_have_attribute("state", "free")
    ann.keyboard.press("Control+Shift+z")
    expect(state(ann, "rack")).to_have_attribute("state", "refused")


@pytest.mark.full
def test_quick_choices_arrive_in_their_order(town: Town) -> None:
    """Five presses while the server is slow: none is lost, and nothing shows that is not so."""
    ann = desk(town, shop(town))
    ann.route("**/configure/*", lambda route: (ann.wait_for_timeout(60), route.continue_()))
    # The last one is the one that moves the others: nobody could press so quickly and mean what stands there since.
    for option in ("city", "b625", "rack", "lights", "m500"):
        ann.locator(f"#o-{option}").check(force=True)
    for option in ("city", "m500", "b625", "rack", "lights"):
        expect(state(ann, option)).to_have_attribute("state", "mine")
    expect(state(ann, "b400")).to_have_attribute("state", "blocked")


@pytest.mark.full
def test_a_press_goes_to_what_it_was_aimed_at(town: Town) -> None:
    """The answer to a choice moves the rows below it just before the finger comes down."""
    ann = desk(town, shop(town), viewport={"width": 1_280, "height": 1_400})
    box = ann.locator("#row-lights label b").bounding_box()
    assert box is not None
    hit = ann.evaluate(
        """([x, y]) => new Promise((resolve) => {
          new MutationObserver((_, observer) => {
            if (!document.querySelector('cs-option[state="blocked"] > #row-b400')) return;
            observer.disconnect();
            const under = document.elementFromPoint(x, y);
            resolve(under.closest(".option")?.dataset.option ?? "");
            under.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, detail: 1, clientX: x, clientY: y }));
          }).observe(document.querySelector("#configurator"), { subtree: true, childList: true, attributes: true });
          document.querySelector("#o-m500").click();
        })""",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert hit != "lights"
    expect(state(ann, "lights")).to_have_attribute("state", "mine")
    expect(state(ann, "rack")).to_have_attribute("state", "free")
    # A moment later a press means what stands there now.
    pause(ann)
    ann.locator("#row-rack label").click()
    expect(state(ann, "rack")).to_have_attribute("state", "mine")


@pytest.mark.full
def test_a_page_from_before_a_choice_does_not_take_it_back(town: Town) -> None:
    """The page is fetched anew, and while it is on its way a choice is made and answered."""
    ann = desk(town, shop(town))
    held: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if route.request.method == "GET":
            held.append((route, route.fetch()))
        else:
            route.continue_()

    ann.route(ann.url, hold)
    with ann.expect_request(ann.url):
        ann.evaluate(
            """document.dispatchEvent(new CustomEvent("cs:frame", {
              detail: { events: [{ name: "product.published", payload: {} }], tallies: {} },
            }))"""
        )
    ann.locator("#o-m500").check(force=True)
    expect(state(ann, "m500")).to_have_attribute("state", "mine")
    ann.evaluate("window.renewed = new Promise((done) => document.addEventListener('cs:renewed', () => done(true)))")
    [(route, answer)] = held
    route.fulfill(response=answer)
    assert ann.evaluate("window.renewed")
    expect(state(ann, "m500")).to_have_attribute("state", "mine")


@pytest.mark.full
def test_a_server_that_fails_is_no_lost_line(town: Town) -> None:
    """A gateway without a server keeps the press for later; a failure drops it, so that it does not stick."""
    ann = desk(town, shop(town))
    ann.route("**/configure/*", lambda route: route.fulfill(status=504), times=1)
    ann.locator("#o-rack").check(force=True)
    expect(ann.locator("cs-toasts")).to_contain_text("Your choice did not arrive.")
    ann.reload()
    expect(state(ann, "rack")).to_have_attribute("state", "mine")
    ann.route("**/configure/*", lambda route: route.fulfill(status=500), times=1)
    with ann.expect_navigation():
        ann.locator("#o-lights").check(force=True)
        expect(ann.locator("cs-toasts")).to_contain_text("That did not go.")
    expect(state(ann, "rack")).to_have_attribute("state", "mine")
    expect(state(ann, "lights")).to_have_attribute("state", "free")


def test_choices_made_without_a_line_survive_the_page(town: Town) -> None:
    """Pressed offline, the page closed, opened again: they are sent in their order, said so, and sent once."""
    space = shop(town)
    ann = desk(town, space)
    address = ann.url
    ann.context.set_offline(True)
    ann.locator("#o-m500").check(force=True)
    expect(ann.locator("cs-toasts")).to_contain_text("It is kept in this browser and sent when you are online again.")
    ann.locator("#row-rack .o-no").click()
    ann.locator("#o-lights").check(force=True)
    expect(ann.locator("#row-lights")).to_have_class(re.compile("mine"))
    ann.route("**/configure/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    ann.context.set_offline(False)  # the page is left before it could send
    ann.goto(f"{town.path(space)}/products")
    ann.unroute("**/configure/*")
    sent: list[str] = []
    ann.on("request", lambda request: sent.append(request.post_data or "") if is_choice(request) else None)
    ann.goto(address)
    expect(ann.locator("cs-toasts")).to_contain_text("What you chose while you were offline has been sent now.")
    for option, expected in (("m500", "mine"), ("rack", "refused"), ("lights", "mine"), ("b400", "blocked")):
        expect(state(ann, option)).to_have_attribute("state", expected)
    assert [parse_qs(each)["do"] for each in sent] == [["on:m500"], ["off:rack"], ["on:lights"]]
    ann.reload()
    expect(state(ann, "m500")).to_have_attribute("state", "mine")
    expect(ann.locator('button[value="undo"]')).to_have_attribute("aria-label", "Undo: chose Lights")
    assert len(sent) == 3


@pytest.mark.full
def test_what_one_person_could_not_send_is_not_done_by_the_next(town: Town) -> None:
    """Keys are by person and draft: somebody else who opens the same address sends nothing."""
    ann = desk(town, shop(town))
    ann.route("**/configure/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    ann.locator("#o-rack").check(force=True)
    expect(ann.locator("cs-toasts")).to_contain_text("Your choice did not arrive.")
    keys = ann.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('codesign:unsent-presses:'))")
    viewer = ann.evaluate("document.querySelector('meta[name=viewer]').content")
    assert viewer and keys == [f"codesign:unsent-presses:{viewer}:{ann.evaluate('location.pathname')}"]


def test_without_javascript(town: Town) -> None:
    """Tick, apply, read the reason, take the repair: all of it is a form."""
    ann = desk(town, shop(town), java_script_enabled=False)
    ann.locator("#o-m500").check(force=True)
    ann.locator("#o-rack").check(force=True)
    ann.get_by_role("button", name="Apply my choices").last.click()
    expect(state(ann, "rack")).to_have_attribute("state", "mine")
    ann.locator("#o-b400-ask").click()
    ann.locator(".fix").first.click()
    expect(state(ann, "b400")).to_have_attribute("state", "mine")
    ann.locator("#row-lights .o-no").click()
    expect(state(ann, "lights")).to_have_attribute("state", "refused")
    ann.locator('button[value="undo"]').click()
    expect(state(ann, "lights")).to_have_attribute("state", "free")


@pytest.mark.full
@pytest.mark.parametrize(("theme", "size"), [pytest.param("light", "desk", marks=pytest.mark.full), ("dark", "phone")])
def test_axe_finds_nothing_and_nothing_is_wider_than_a_phone(town: Town, theme: str, size: str) -> None:
    """The desk with a repair open, the page others see, two side by side."""
    space = shop(town)
    options: dict[str, Any] = {"color_scheme": theme, "viewport": SIZES[size], "bypass_csp": True}
    ann = desk(town, space, **options)
    ann.locator("#o-m500").check(force=True)
    expect(ann.locator("#o-b400-ask")).to_be_visible()
    pause(ann)
    ann.locator("#o-b400-ask").click()
    expect(ann.locator("#repair-h")).to_be_focused()
    found = {"desk": complaints(ann)}
    for number in (1, 2):
        decisions = {"city": True} if number == 1 else {"trail": True, "lights": False}
        other = town.call(
            "POST", f"/spaces/{space['slug']}/configurations", product_id=space["product"], decisions=decisions
        )
        town.idea(space, f"A bike like this, number {number}", configuration_id=other["id"])
        found["seen"] = complaints(town.screen("ben", town.url + other["url"], **options))
    listed = town.call("GET", f"/spaces/{space['slug']}/configurations")["items"]
    ids = ",".join(each["id"] for each in listed)
    compared = town.screen("ben", f"{town.path(space)}/compare?ids={ids}", **options)
    found["compare"] = complaints(compared)
    found["begin"] = complaints(town.screen("ann", f"{town.path(space)}/configure", **options))
    assert found == {name: [] for name in found}
    ann.set_viewport_size({"width": 360, "height": 700})
    assert ann.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    expect(ann.locator(".dock")).to_be_visible()
