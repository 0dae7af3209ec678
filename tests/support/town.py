"""One running server for all browser tests: spaces made through the API, people who have signed in once, screens for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from codesign.testing import Database, actor_of, build_tables, settings_for
from tests.support.server import Server

PASSWORD = "four calm green bikes"
PEOPLE = ("ann", "ben", "olga")
#: Generous, because one machine plays a crowd.
LIMITS = {
    "votes_per_minute": "6000",
    "votes_burst": "1000",
    "votes_per_minute_address": "60000",
    "texts_per_minute": "1000",
    "logins_per_minute": "1000",
    "requests_per_minute": "60000",
}


def settle(instance: Path) -> str:
    """Make the database with its people before the server starts; returns a token of Olga, who may do everything."""
    from codesign.accounts import service
    from codesign.accounts.passwords import hash_password
    from codesign.app import create_app
    from codesign.kernel import db
    from codesign.kernel.actor import SYSTEM

    database = Database("sqlite", f"sqlite:///{instance / 'codesign.db'}")
    build_tables(database, instance)
    create_app(settings_for(database, instance))
    try:
        secret = hash_password(PASSWORD)
        for name in PEOPLE:
            email = f"{name}@example.org"
            person = service.create_person(
                SYSTEM, name=name.title(), email=email, password_hash=secret, is_admin=name == "olga"
            )
        _fact, token = service.make_token(actor_of(person), person.id, "tests", ("all",))
        return token
    finally:
        db.current().dispose()
        db.use(None)


class Town:
    """The server, a token of its administrator (Olga), and the signed-in cookies of everybody."""

    def __init__(self, server: Server, token: str, browser: Browser, options: dict[str, Any]) -> None:
        self.server, self.url = server, server.url
        self._browser, self._options = browser, options
        self._numbers = itertools.count(1)
        self._cookies: dict[str, Any] = {}
        self._open: list[BrowserContext] = []
        self.api = httpx.Client(base_url=f"{self.url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=30)

    def call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """One call of the API as the administrator; whatever is refused fails the test."""
        answer = self.api.request(method, path, json=content or None)
        assert answer.status_code < 400, answer.text
        return dict(answer.json()) if answer.content else {}

    def space(self, **fields: Any) -> dict[str, Any]:
        """A new public space."""
        number = next(self._numbers)
        ballot = {name: fields.pop(name) for name in ("kind", "results") if name in fields}
        content = {"name": f"Harbour {number}", "slug": f"harbour-{number}", "purpose": "What should we build next?"}
        return self.call("POST", "/spaces", **content, **fields, **({"ballot": ballot} if ballot else {}))

    def idea(
        self, space: dict[str, Any], title: str, body: str = "It is dark in winter.", **fields: Any
    ) -> dict[str, Any]:
        """A published idea of Olga's."""
        return self.call("POST", f"/spaces/{space['slug']}/ideas", title=title, body=body, **fields)

    def path(self, thing: dict[str, Any]) -> str:
        """The address of a space or an idea on this server."""
        return self.url + urlsplit(str(thing["url"])).path

    def screen(self, name: str | None = None, path: str = "", **options: Any) -> Page:
        """A browser of its own: of a person who has signed in, or of nobody; on a page if one is named."""
        cookies = self._signed_in(name) if name else None
        context = self._browser.new_context(**{**self._options, "storage_state": cookies, **options})
        self._open.append(context)
        page = context.new_page()
        if path:
            answer = page.goto(path)
            assert answer is not None and answer.ok, path
        return page

    def _signed_in(self, name: str) -> Any:
        if name not in self._cookies:
            context = self._browser.new_context(**self._options)
            page = context.new_page()
            page.goto(f"{self.url}/sign-in")
            page.fill("#email", f"{name}@example.org")
            page.fill("#password", PASSWORD)
            page.click("form[action$='/sign-in'] button.primary")
            page.wait_for_url(f"{self.url}/")
            self._cookies[name] = context.storage_state()
            context.close()
        return self._cookies[name]

    def close_screens(self) -> None:
        """Close what a test opened."""
        while self._open:
            self._open.pop().close()


@pytest.fixture(scope="session")
def whole_town(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser, browser_context_args: dict[str, Any]
) -> Iterator[Town]:
    """The one server of all browser tests."""
    instance: Path = tmp_path_factory.mktemp("town") / "instance"
    instance.mkdir()
    token = settle(instance)
    server = Server(instance, LIMITS).start()
    try:
        yield Town(server, token, browser, browser_context_args)
    finally:
        server.stop()


@pytest.fixture
def town(whole_town: Town) -> Iterator[Town]:
    """The server, with all screens closed after the test."""
    yield whole_town
    whole_town.close_screens()


def live(page: Page) -> Page:
    """Wait until the page's line to the server stands: it shows how many people are here."""
    page.wait_for_selector("cs-presence:not([hidden]) :is([data-count], [data-words]):not(:empty)", state="attached")
    return page
