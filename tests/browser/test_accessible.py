"""axe finds nothing on any page, by day and by night, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Market, Visit
from tests.support.town import Town

#: Many pages in one test, on machines that may be busy.
pytestmark = pytest.mark.timeout(500)

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def complaints(page: Page) -> list[str]:
    """What axe has to say, one line for each thing."""
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{broken['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


@pytest.mark.parametrize(
    "variants",
    [
        [("light", "desk"), ("dark", "phone")],
        pytest.param([("dark", "desk"), ("light", "phone")], marks=pytest.mark.full),
    ],
    ids=["day-and-night", "the-other-way-round"],
)
def test_axe_finds_nothing(town: Town, pages: list[Visit], variants: list[tuple[str, str]]) -> None:
    """Every kind of page of the rooms ideas, comments, merging, moderation."""
    found: dict[str, list[str]] = {}
    for name, who, address in pages:
        page = town.screen(who, address, bypass_csp=True)
        for theme, size in variants:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size(SIZES[size])
            if name == "board" and page.get_attribute("details.filter", "open") is None:
                page.click("details.filter > summary")
            if problems := complaints(page):
                found[f"{name}, {theme}, {size}"] = problems
        town.close_screens()
    assert found == {}


def test_axe_sees_what_is_wrong(town: Town, market: Market) -> None:
    """The control: a picture without words is found."""
    page = town.screen(None, market.board, bypass_csp=True)
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any(line.startswith("image-alt") for line in complaints(page))
