"""Reading pages and pressing their buttons as a browser without scripts does: only what the HTML itself offers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from codesign.accounts.links import link_path
from codesign.accounts.service import make_link
from tests.support.visitor import Visitor

_BLOCKS = {"dt", "dd", "p", "li", "div", "h1", "h2", "h3", "td", "th", "option", "button", "label"}
_MOST_REDIRECTS = 5


@dataclass
class Button:
    """Something to press, by all it is called: its words and its label."""

    name: str
    value: str
    words: str
    disabled: bool
    pressed: str


@dataclass
class Form:
    """A form with what it would send as it stands."""

    action: str
    method: str
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.ids: set[str] = set()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.strays: list[tuple[str, Button]] = []
        self._form: Form | None = None
        self._catching: list[tuple[str, list[str], dict[str, str]]] = []
        self._select = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.elements.append((tag, values))
        self.ids |= {values["id"]} if "id" in values else set()
        if tag in {"script", "style"}:
            self._silent += 1
        if tag == "form":
            assert self._form is None, "a form stands inside a form"
            self._form = Form(values.get("action", ""), values.get("method", "get").lower(), values.get("id", ""))
            self.forms.append(self._form)
        elif tag in {"button", "a", "textarea"}:
            self._catching.append((tag, [], values))
        elif self._form is not None:
            self._field(tag, values)

    def _field(self, tag: str, values: dict[str, str]) -> None:
        form, name = self._form, values.get("name", "")
        assert form is not None
        if tag == "select":
            self._select = name
            form.known.add(name)
        elif tag == "option" and self._select and ("selected" in values or self._select not in form.fields):
            form.fields[self._select] = values.get("value", "")
        elif tag == "input" and name:
            form.known.add(name)
            if values.get("type") not in {"checkbox", "radio", "file"} or "checked" in values:
                form.fields[name] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent -= 1
        if tag in _BLOCKS:
            self.words.append(" ")
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif self._catching and self._catching[-1][0] == tag:
            _tag, caught, values = self._catching.pop()
            self._caught(tag, "".join(caught), values)

    def _caught(self, tag: str, text: str, values: dict[str, str]) -> None:
        words = " ".join(f"{text} {values.get('aria-label', '')}".split())
        if tag == "a":
            self.links.append((values.get("href", ""), words))
        elif self._form is not None and tag == "textarea":
            name = values.get("name", "")
            self._form.known.add(name)
            self._form.fields[name] = text.removeprefix("\n")
        elif (self._form is not None or "form" in values) and values.get("type", "submit") == "submit":
            button = Button(
                values.get("name", ""), values.get("value", ""), words, "disabled" in values,
                values.get("aria-pressed", ""),
            )  # fmt: skip
            self.strays.append((values["form"], button)) if "form" in values else self._form.buttons.append(button)

    def settle(self) -> None:
        """Give the buttons that stand outside of their forms to them."""
        for form in self.forms:
            form.buttons += [button for name, button in self.strays if name and name == form.id]

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words.append(data)
        for _tag, caught, _values in self._catching:
            caught.append(data)


class Page:
    """One page in a browser."""

    def __init__(self, browser: Browser, response: TestResponse, address: str) -> None:
        self.browser, self.status, self.address = browser, response.status_code, address
        self.html = response.get_data(as_text=True)
        self.headers = response.headers
        self._reader = _Reader()
        self._reader.feed(self.html)
        self._reader.settle()
        self.text = " ".join("".join(self._reader.words).split())
        self.ids, self.links, self.forms = self._reader.ids, self._reader.links, self._reader.forms

    def __contains__(self, words: str) -> bool:
        return words in self.text

    def elements(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """The attributes of all elements *tag* that have these attributes."""
        wanted = {name.replace("_", "-").strip("-"): value for name, value in attributes.items()}
        return [got for name, got in self._reader.elements if name == tag and wanted.items() <= got.items()]

    def follow(self, words: str) -> Page:
        """Press the first link with these words."""
        found = [address for address, text in self.links if words in text]
        assert found, f"no link {words!r} among {[text for _address, text in self.links]}"
        return self.browser.open(urljoin(self.address, found[0]))

    def titles(self) -> list[str]:
        """The titles of the ideas one can vote for here, in their order."""
        found = [
            re.search(r"[Vv]ote for: (.*)\. (?:\d|The count)", button.words)
            for _form, button in self._buttons("ote for: ")
        ]
        return [match.group(1) for match in found if match]

    def has_button(self, words: str) -> bool:
        """Whether a button with these words can be pressed here."""
        return any(not button.disabled for _form, button in self._buttons(words))

    def button(self, words: str) -> Button:
        """The first button with these words."""
        found = self._buttons(words)
        assert found, f"no button {words!r} among {[b.words for form in self.forms for b in form.buttons]}"
        return found[0][1]

    def _buttons(self, words: str) -> list[tuple[Form, Button]]:
        return [(form, button) for form in self.forms for button in form.buttons if words in button.words]

    def press(self, words: str, **filled: str) -> Page:
        """Fill in fields of the form that has the button with these words, and press it."""
        button = self.button(words)
        assert not button.disabled, f"{words!r} cannot be pressed"
        form = next(form for form, known in self._buttons(words) if known is button)
        unknown = set(filled) - form.known
        assert not unknown, f"the form has no field {unknown}, only {form.known}"
        sent = {**form.fields, **filled, **({button.name: button.value} if button.name else {})}
        return self.browser.submit(form, sent, self.address)


class Browser:
    """A browser without scripts: opens addresses, follows redirects, keeps cookies."""

    def __init__(self, app: Flask) -> None:
        self.visitor = Visitor(app)
        self.client = self.visitor.client

    @classmethod
    def of(cls, app: Flask, person_id: str | None) -> Browser:
        """The browser of somebody who has signed in by a link."""
        browser = cls(app)
        assert person_id is not None
        browser.open(link_path("signin", make_link(person_id, "signin"))).press("Sign in")
        assert browser.visitor.me() == person_id
        return browser

    def open(self, address: str) -> Page:
        """The page at an address."""
        return self._arrive(self.client.get(self._path(address)), address)

    def submit(self, form: Form, sent: dict[str, str], here: str) -> Page:
        """Send a form and arrive where it leads."""
        address = urljoin(here, form.action) if form.action else here
        if form.method == "get":
            return self._arrive(self.client.get(self._path(address), query_string=sent), address)
        return self._arrive(self.client.post(self._path(address), data=sent), address)

    def _arrive(self, response: TestResponse, address: str) -> Page:
        for _redirect in range(_MOST_REDIRECTS):
            if response.status_code not in {301, 302, 303}:
                return Page(self, response, address)
            address = urljoin(address, response.headers["Location"])
            response = self.client.get(self._path(address))
        raise AssertionError(f"too many redirects, the last to {address}")

    @staticmethod
    def _path(address: str) -> str:
        parts = urlsplit(address)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path
