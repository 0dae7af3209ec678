"""The line is cut for three seconds while a lot happens: afterwards every open page shows what a fresh one shows.

No page is reloaded, and no count is ever shown that did not exist.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from codesign.app import create_app
from codesign.events import log
from codesign.kernel import db
from codesign.testing import Database, settings_for
from tests.support.programs import NAMESPACE, Ear
from tests.support.proxy import Proxy
from tests.support.server import Server
from tests.support.town import LIMITS, Town, live, settle

pytestmark = pytest.mark.timeout(300)

CUT = 3.0
VOTES = 200
IDEAS, PEOPLE = 12, 30

#: Notes every count that any vote button of the page ever shows, and whether the page was loaded anew.
WATCH = """
(() => {
  const seen = (window.seenCounts = {});
  const look = () => {
    for (const button of document.querySelectorAll("cs-vote-button[up]")) {
      const numbers = ["up", "down", "pass"].map((name) => button.getAttribute(name)).join("/");
      const texts = [...button.querySelectorAll(".count")].map((count) => count.textContent.trim()).join("/");
      if (document.readyState === "loading" && !/^[0-9]+[/][0-9]+$/.test(texts)) continue; // still being read from the line
      (seen[button.getAttribute("idea")] ??= {})[numbers + " " + texts] = true;
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  document.addEventListener("DOMContentLoaded", look);
})();
"""

#: The page as it stands, without what differs between any two loads: tokens, when a form was opened, times, marks that
#: fade, who is here, the drawing of votes over time, whose axis ends now, and the figures of the day, which the server
#: itself reckons anew only every few seconds.
PICTURE = """
() => {
  const main = document.querySelector("main").cloneNode(true);
  const drop = "script, cs-live-pill, cs-presence, .delta, cs-toasts, .pulses, .trend";
  for (const element of main.querySelectorAll(drop)) element.remove();
  for (const element of main.querySelectorAll("time, cs-time, [datetime]")) element.replaceChildren();
  for (const element of [main, ...main.querySelectorAll("*")]) {
    element.classList.remove("moved", "gone", "leaving");
    if (!element.classList.length) element.removeAttribute("class");
    if (element.matches("input[name=csrf_token], input[name=form_opened]")) element.removeAttribute("value");
    for (const name of ["nonce", "data-live-url", "style", "tabindex", "title"]) element.removeAttribute(name);
    for (const { name, value } of [...element.attributes]) element.removeAttribute(name), element.setAttribute(name, value);
  }
  const lines = [];
  const walk = (node, depth) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent.replace(/\\s+/g, " ").trim();
      if (text) lines.push(" ".repeat(depth) + text);
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      const names = [...node.attributes].map(({ name, value }) => `${name}="${value}"`).sort();
      lines.push(" ".repeat(depth) + `<${[node.localName, ...names].join(" ")}>`);
      node.childNodes.forEach((child) => walk(child, depth + 1));
    }
  };
  walk(main, 0);
  return lines;
}
"""


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    """The line between the browsers and the server."""
    with Proxy() as line:
        yield line


@pytest.fixture(scope="module")
def town(
    proxy: Proxy,
    tmp_path_factory: pytest.TempPathFactory,
    browser: Browser,
    browser_context_args: dict[str, Any],
) -> Iterator[Town]:
    """A server whose browsers come through the proxy; programs reach it directly."""
    instance: Path = tmp_path_factory.mktemp("cut") / "instance"
    instance.mkdir()
    token = settle(instance)
    server = Server(instance, {**LIMITS, "allowed_origins": proxy.url, "token_votes_per_second": "5000"}).start()
    proxy.target = server.port
    place = Town(server, token, browser, browser_context_args)
    place.token = token  # type: ignore[attr-defined]
    place.url = proxy.url
    try:
        yield place
    finally:
        place.close_screens()
        server.stop()


def open_page(town: Town, name: str | None, address: str) -> Page:
    """A screen that notes what it shows, and that is never reloaded."""
    page = town.screen(name)
    page.add_init_script(WATCH)
    page.goto(address)
    page.evaluate("window.neverReloaded = true")
    return live(page)


class Storm:
    """What happens behind everybody's back: votes by socket, a new idea, a merge, a status."""

    def __init__(self, town: Town, space: dict[str, Any], ideas: list[dict[str, Any]]) -> None:
        self.town, self.space, self.ideas = town, space, ideas
        self.people = [f"storm:{number}" for number in range(PEOPLE)]
        for person in self.people:
            town.call("POST", f"/spaces/{space['slug']}/members", external_id=person)
        self.ear = Ear(town.server, token=town.token)  # type: ignore[attr-defined]

    def vote(self, count: int, start: int) -> None:
        """So many votes, acknowledged: for, against, passes and second thoughts."""
        answers: list[Any] = []
        for number in range(start, start + count):
            person, idea = self.people[number % PEOPLE], self.ideas[number * 7 % IDEAS]
            value = (1, 1, -1, 1, 0)[number % 5]
            message = {"idea": idea["id"], "value": value, "person": person}
            self.ear.socket.emit("vote", message, namespace=NAMESPACE, callback=answers.append)
        self.ear.wait(lambda _ear: len(answers) == count, patience=60)
        assert [answer for answer in answers if not answer["ok"] and answer["problem"]["code"] != "conflict"] == []

    def rage(self) -> None:
        """Everything at once."""
        town, ideas = self.town, self.ideas
        self.vote(VOTES // 2, 40)
        town.idea(self.space, "Nobody saw me come")
        town.call("POST", f"/ideas/{ideas[1]['id']}/merge", into=ideas[0]["id"])
        planned = next(status["id"] for status in self.space["statuses"] if status["name"] == "Planned")
        town.call("PATCH", f"/ideas/{ideas[0]['id']}", status=planned)
        town.call("PATCH", f"/ideas/{ideas[2]['id']}", status=planned)
        town.call("POST", f"/ideas/{ideas[0]['id']}/comments", body="While you were away")
        self.vote(VOTES // 2, 40 + VOTES // 2)


def existed(town: Town, slug: str) -> dict[str, set[tuple[int, int, int]]]:
    """Every count that every idea ever had, told by the log."""
    file = town.server.instance / "codesign.db"
    create_app(settings_for(Database("sqlite", f"sqlite:///{file}"), town.server.instance))
    try:
        with db.read():
            facts = log.since(str(town.call("GET", f"/spaces/{slug}")["id"]), 0, 100_000)
    finally:
        db.current().dispose()
        db.use(None)
    votes: dict[str, dict[str, int]] = defaultdict(dict)
    found: dict[str, set[tuple[int, int, int]]] = defaultdict(lambda: {(0, 0, 0)})
    for fact in facts:
        idea = str(fact.payload.get("idea_id"))
        if fact.name == "vote.cast":
            votes[idea][fact.payload["person_id"]] = fact.payload["value"]
        elif fact.name == "vote.withdrawn":
            del votes[idea][fact.payload["person_id"]]
        elif fact.name == "idea.merged":
            idea, source = fact.payload["into"], idea
            votes[idea] = {**votes[source], **votes[idea]}
        values = list(votes[idea].values())
        found[idea].add((values.count(1), values.count(-1), values.count(0)))
    return found


def impossible(page: Page, truth: dict[str, set[tuple[int, int, int]]]) -> list[str]:
    """Counts that a page has shown although they never existed."""
    wrong = []
    for idea, shown in json.loads(page.evaluate("JSON.stringify(window.seenCounts)")).items():
        for numbers, _space, texts in (line.partition(" ") for line in shown):
            up, down, passed = (int(number) for number in numbers.split("/"))
            if (up, down, passed) not in truth[idea] or not texts.startswith(f"{up}/{down}"):
                wrong.append(f"{idea}: {numbers}, written as {texts}")
    return wrong


def press_pill(page: Page) -> None:
    """Take in what waits behind the pill."""
    button = page.locator("cs-live-pill button")
    expect(button).to_be_visible(timeout=20_000)
    button.click()
    expect(button).to_have_count(0, timeout=20_000)


def settled(page: Page, fresh: Page, patience: float = 20) -> None:
    """Wait until a page shows what a fresh one shows; say what differs if it never does."""
    until = time.monotonic() + patience
    while (picture := page.evaluate(PICTURE)) != (wanted := fresh.evaluate(PICTURE)):
        assert time.monotonic() < until, "\n" + "\n".join(_difference(picture, wanted))
        time.sleep(0.2)


def _difference(here: list[str], there: list[str]) -> list[str]:
    import difflib

    return list(difflib.unified_diff(here, there, "open page", "fresh page", lineterm="", n=1))[:60]


def test_open_pages_equal_fresh_ones_after_a_cut(town: Town, proxy: Proxy) -> None:
    space = town.space(kind="updown")
    ideas = [town.idea(space, f"Idea number {number} of them") for number in range(IDEAS)]
    storm = Storm(town, space, ideas)
    storm.vote(40, 0)
    addresses = {"board": town.path(space), "new": f"{town.path(space)}?sort=new", "idea": town.path(ideas[0]),
                 "merged": town.path(ideas[1]), "stranger": town.path(space)}  # fmt: skip
    names = {"board": "ann", "new": "ben", "idea": "ann", "merged": "ben", "stranger": None}
    pages = {key: open_page(town, names[key], address) for key, address in addresses.items()}
    proxy.cut()
    started = time.monotonic()
    storm.rage()
    expect(pages["board"].locator("cs-live-pill .offline")).to_be_visible()
    time.sleep(max(0.0, CUT - (time.monotonic() - started)))
    proxy.mend()
    for key in ("board", "new", "stranger"):
        press_pill(pages[key])
    for key, page in pages.items():
        fresh = town.screen(names[key], addresses[key])
        settled(page, fresh)
        fresh.context.close()
    truth = existed(town, space["slug"])
    for key, page in pages.items():
        assert page.evaluate("window.neverReloaded") is True, key
        assert impossible(page, truth) == [], key
    storm.ear.close()
    town.close_screens()
