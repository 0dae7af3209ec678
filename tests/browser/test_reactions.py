"""The example of docs/integrate on two screens: one person reacts, the other one sees it without doing anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server import ROOT, Server, run_codesign
from tests.support.town import LIMITS, Town, live, settle

EXAMPLES = {"plugin_folders": str(ROOT / "docs/integrate/examples")}


@pytest.fixture
def town(tmp_path: Path, browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Town]:
    """A server with the example."""
    instance = tmp_path / "instance"
    instance.mkdir()
    token = settle(instance)
    assert "reactions: 0001" in run_codesign("db", "upgrade", instance=instance, settings=EXAMPLES).stdout
    server = Server(instance, {**LIMITS, **EXAMPLES}, ("--no-worker",)).start()
    made = Town(server, token, browser, browser_context_args)
    yield made
    made.close_screens()
    server.stop()


def reacting(town: Town, name: str, address: str) -> Page:
    """A screen with the plugin's row on it: on a busy machine the plugin may be late, and its place stays empty."""
    page = live(town.screen(name, address))
    for _try in range(10):
        if page.locator("#reactions").count():
            break
        page.reload()
        live(page)
    return page


@pytest.mark.full
def test_a_reaction_rises_on_the_other_screen(town: Town) -> None:
    """By its own event in the frames; the row is drawn anew, and the page is not left."""
    space = town.space()
    idea = town.idea(space, "A lamp that lights up")
    enabled = ("plugin", "enable", "reactions", "--space", space["slug"])
    assert run_codesign(*enabled, instance=town.server.instance, settings=EXAMPLES).returncode == 0
    ann, ben = (reacting(town, name, town.path(idea)) for name in ("ann", "ben"))
    ben.evaluate(
        "() => new MutationObserver(() => document.querySelector('.reactions-rise') && (document.body.dataset.rose = '1'))"
        ".observe(document.querySelector('#reactions'), { childList: true, subtree: true })"
    )
    party = "#reactions button[data-emoji='🎉']"
    ann.fill("#say", "I am still typing")
    ann.click(party)
    expect(ben.locator(f"{party} .num")).to_have_text("1")
    expect(ben.locator("body[data-rose]")).to_have_count(1)
    expect(ann.locator(party)).to_have_attribute("aria-pressed", "true")
    expect(ben.locator(party)).to_have_attribute("aria-pressed", "false")
    assert ann.input_value("#say") == "I am still typing"
    ann.click(party)
    expect(ben.locator(f"{party} .num")).to_have_text("0")
