"""Ideas of another system come in and are triaged by keyboard alone; a second screen sees it as it happens."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessible import SIZES, complaints
from tests.browser.test_phone import STICKS_OUT, TOO_SMALL
from tests.support.skips import data_folder
from tests.support.town import Town, live

PATIENCE = 120_000
BARCELONA = "ideas-decidim-barcelona"
FIDER = ["number", "title", "description", "created_by", "total_votes", "status", "original_number"]


def table(*rows: tuple[Any, ...]) -> bytes:
    """A file as Fider writes it."""
    file = io.StringIO()
    csv.writer(file).writerows([FIDER, *rows])
    return file.getvalue().encode()


LAMPS = table(
    (1, "Bike lanes along the river", "From the bridge to the harbour", "Ann", 40, "Open", ""),
    (2, "A lamp that lights up", "", "Ben", 7, "Planned", ""),
    (3, "More bike lanes along the river", "", "Cal", 12, "Open", ""),
    (4, "A lamp that lights up twice", "", "Dee", "many", "Open", ""),
    *((number, f"Idea number {number}", "", "Eve", number, "Open", "") for number in range(5, 60)),
)


def bring_in(page: Page, name: str, data: bytes) -> None:
    """Choose a file, look at it, bring it in; the page says by itself when all of it is here."""
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    page.get_by_role("button", name="Look at it").press("Enter")
    expect(page.get_by_role("heading", name="What would happen")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Bring it in").press("Enter")
    expect(page.get_by_role("heading", name="All of it is here")).to_be_visible(timeout=PATIENCE)


def wrong_with(page: Page, size: str) -> list[str]:
    """What axe says, what sticks out, and on a phone what a thumb misses."""
    small = page.evaluate(TOO_SMALL) if size == "phone" else []
    return [*complaints(page), *page.evaluate(STICKS_OUT), *small]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("theme", "size"), [pytest.param("light", "desk", marks=pytest.mark.full), ("dark", "phone")])
def test_a_file_is_looked_at_and_comes_in_while_one_watches(town: Town, theme: str, size: str) -> None:
    space = town.space()
    options: dict[str, Any] = {"color_scheme": theme, "viewport": SIZES[size], "bypass_csp": True}
    page = town.screen("olga", f"{town.path(space)}/settings/import", **options)
    found = {"empty": complaints(page)}
    page.locator("#file").set_input_files({"name": "posts.csv", "mimeType": "text/csv", "buffer": LAMPS})
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("posts.csv, read as Fider.")).to_be_visible(timeout=PATIENCE)
    page.locator("summary", has_text="1 row with something to say").click()
    expect(page.get_by_text("is no number of votes.")).to_be_visible()
    found["draft"] = wrong_with(page, size)
    page.get_by_role("button", name="Bring it in").click()
    expect(page.get_by_role("heading", name="All of it is here")).to_be_visible(timeout=PATIENCE)
    found["done"] = wrong_with(page, size)
    assert found == {name: [] for name in found}
    page.get_by_role("link", name="To the desk").click()
    expect(page.locator("#rows tr").first).to_be_visible()


def triage(town: Town, space: dict[str, Any], words: str) -> None:
    """Find two look-alikes by words, make them one, answer it, move it on, take the last step back: all by keyboard."""
    address = f"{town.path(space)}/desk?inbox=all&sort=top"
    page, other = (live(town.screen("olga", address)) for _number in range(2))
    keys = page.keyboard
    keys.press("/")
    expect(page.locator("#desk-q")).to_be_focused()
    keys.type(words)
    keys.press("Enter")
    page.wait_for_url("**q=*")
    live(page)
    other.goto(page.url)
    live(other)
    first, second = page.locator("#rows tr").nth(0), page.locator("#rows tr").nth(1)
    kept, joined = (row.locator("th a").inner_text() for row in (first, second))
    ids = [row.get_attribute("id") for row in (first, second)]
    for key in ("j", "x", "j", "x"):
        keys.press(key)
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    keys.press("m")
    expect(page.locator("#bulk [value=merge]")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#rows tr.gone")).to_contain_text(joined)
    expect(other.locator(f"#{ids[1]}.gone")).to_have_count(1)
    page.goto(page.url)
    live(page)
    keys.press("j")
    keys.press("o")
    expect(page.locator("#open-idea h2")).to_have_text(kept)
    keys.press("a")
    expect(page.locator("#answer")).to_be_focused()
    keys.type("We begin in May.")
    keys.press("Control+Enter")
    expect(page.locator("#open-idea .answer")).to_contain_text("We begin in May.")
    keys.press("s")
    expect(page.locator("#p-status")).to_be_focused()
    keys.type("Being built")
    keys.press("Enter")
    expect(page.locator(f"#{ids[0]}")).to_contain_text("Being built")
    expect(other.locator(f"#{ids[0]}")).to_contain_text("Being built")
    keys.press("z")
    expect(page.locator(f"#{ids[0]}")).not_to_contain_text("Being built")
    expect(other.locator(f"#{ids[0]}")).not_to_contain_text("Being built")
    idea = town.call("GET", f"/ideas/{str(ids[0]).removeprefix('row-')}")
    assert (idea["answer"]["body"], idea["title"]) == ("We begin in May.", kept)
    part = town.call("GET", f"/ideas/{str(ids[1]).removeprefix('row-')}")
    assert part["merged_into"] == idea["id"]


@pytest.mark.full
@pytest.mark.timeout(300)
def test_what_came_in_is_triaged_by_keyboard_alone(town: Town) -> None:
    space = town.space()
    bring_in(town.screen("olga", f"{town.path(space)}/settings/import"), "posts.csv", LAMPS)
    triage(town, space, "bike lanes")


@pytest.mark.full
@pytest.mark.timeout(600)
@pytest.mark.needs_data(BARCELONA)
def test_the_proposals_of_barcelona_are_triaged_by_keyboard_alone(town: Town) -> None:
    """All 2,002, with exactly their votes."""
    folder: Path = data_folder() / BARCELONA
    expected = json.loads((folder / "expected.json").read_text())
    space = town.space()
    data = (folder / "proposals.csv.gz").read_bytes()
    assert gzip.decompress(data).count(b"\n") > expected["proposals"]
    page = town.screen("olga", f"{town.path(space)}/settings/import")
    bring_in(page, "proposals.csv.gz", data)
    expect(page.locator("#import-state .counts")).to_contain_text("2\u202f002")
    best = town.call("GET", f"/spaces/{space['slug']}/ideas?sort=top&limit=10")["items"]
    assert [(idea["title"], idea["tally"]["imported_up"]) for idea in best] == [
        (title, votes) for _id, votes, _status, title in expected["top10"]
    ]
    triage(town, space, "carril bici")
