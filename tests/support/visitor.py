"""A person with a browser that runs no scripts: reads pages, fills in forms, keeps cookies."""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Flask, session
from werkzeug.test import TestResponse

from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import get_person
from codesign.kernel.actor import Actor
from codesign.web import identity

_TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)">')


class Visitor:
    """One browser. ``get`` a page, then ``send`` a form of it."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self._token = ""

    @classmethod
    def of(cls, app: Flask, who: Actor | PersonFact | None) -> Visitor:
        """The browser in which a person is signed in; None: nobody."""
        visitor = cls(app)
        if who is not None:
            person = get_person(who.person_id or "") if isinstance(who, Actor) else who
            assert person is not None
            with app.test_request_context():
                identity.sign_in_person(person.id, person.sign_in_epoch)
                kept = dict(session)
            with visitor.client.session_transaction() as theirs:
                theirs.update(kept)
        return visitor

    def get(self, path: str, **options: Any) -> TestResponse:
        """A page; its form token is remembered."""
        response = self.client.get(path, **options)
        if found := _TOKEN.search(response.get_data(as_text=True)):
            self._token = html.unescape(found.group(1))
        return response

    def send(self, action: str, _headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Post a form to *action*, as the page last read would."""
        if not self._token:
            self.get("/sign-in")
        return self.client.post(action, data={"csrf_token": self._token, **fields}, headers=_headers)

    def put(self, path: str, content: Any) -> TestResponse:
        """What a script of the page last read would send."""
        if not self._token:
            self.get("/sign-in")
        return self.client.put(path, json=content, headers={"X-CSRF-Token": self._token})

    def delete(self, path: str) -> TestResponse:
        """What a script of the page last read would send."""
        return self.client.delete(path, headers={"X-CSRF-Token": self._token})

    def words(self, path: str) -> str:
        """The text of a page, without its tags."""
        text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", self.get(path).get_data(as_text=True), flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())

    def register(self, name: str = "Mira", email: str = "mira@example.org", **fields: Any) -> TestResponse:
        """Make an account."""
        return self.send("/register", name=name, email=email, password=PASSWORD, **fields)

    def sign_in(self, email: str = "mira@example.org", password: str = "", **fields: Any) -> TestResponse:
        """Sign in."""
        return self.send("/sign-in", email=email, password=password or PASSWORD, **fields)

    def me(self) -> str | None:
        """Who this browser is for the API; None for nobody."""
        response = self.client.get("/api/v1/me")
        return response.json["id"] if response.status_code == 200 and response.json else None


PASSWORD = "four calm green bikes"
