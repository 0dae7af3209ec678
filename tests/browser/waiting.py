"""What a test of order needs: an answer that stays on its way, and to know that something has happened."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route

LOOKS = 600
PAUSE = 50


def until(page: Page, is_so: Callable[[], object]) -> None:
    """Wait, while the page goes on, until something is so."""
    for _look in range(LOOKS):
        if is_so():
            return
        page.wait_for_timeout(PAUSE)
    raise AssertionError("it never came to be so")


def hold(page: Page, address: str, method: str = "GET") -> list[Callable[[], None]]:
    """Keep the first answer of this address on its way; once it is there, calling it lets it go."""
    begun: list[Route] = []
    held: list[Callable[[], None]] = []

    def keep(route: Route) -> None:
        if begun or route.request.method != method:
            return route.fallback()
        begun.append(route)
        answer = route.fetch(max_redirects=0)
        held.append(lambda: route.fulfill(response=answer))

    page.route(address, keep)
    return held


def hear(page: Page, name: str, part: str = "") -> Callable[[], object]:
    """Listen from now on; the answer waits until the page has told itself so (of this part)."""
    page.evaluate(
        """([name, part]) => { window[name] = new Promise((done) => document.addEventListener(name,
          ({ detail }) => (!part || detail.ids.includes(part)) && done())) }""",
        [name, part],
    )
    return lambda: page.evaluate("(name) => window[name]", name)
