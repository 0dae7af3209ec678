"""A language that nobody speaks: every translated sentence stands in ⟦brackets⟧ and is a third longer.

What stands on a page in Latin letters and outside of brackets was never translated. So the pages are drawn in Greek:
what people wrote, dates and lists are Greek there, and only our own words are left to be found.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo

from tests.support.translations import homes, written

LANGUAGE = "el"
OPEN, CLOSE = "⟦", "⟧"
#: What is called the same in every language: names of formats, units, keys, addresses.
_NAMES = re.compile(
    r"\b[0-9a-f]{12,64}\b|\b[a-z_]+\.[a-z_]+\b|\S+@\S+|https?://\S+|/[\w/.-]+|--?[a-z-]+"
    r"|\b(Codesign|API|CSV|JSON|YAML|UVL|FeatureIDE|Markdown|UTC|RICE|ICE|WSJF|Atom|OpenAPI|CRM"
    r"|HubSpot|Tryton|Salesforce|Zoho|Odoo|Dynamics 365|EUR|kg|kB|MB|ms|min|[kMgs]|Ctrl|Esc|Enter)\b"
)
_SAID_WHOLE = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
_SAID = ("title", "aria-label", "placeholder", "alt", "data-confirm", "aria-description", "data-label")
#: What is not said in words of ours: code, moments, drawings, and what is marked as not to be translated.
_SILENT = {"script", "style", "time", "code", "kbd", "pre", "samp", "svg", "textarea"}
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_BLOCKS = {
    "p",
    "li",
    "div",
    "section",
    "h1",
    "h2",
    "h3",
    "h4",
    "td",
    "th",
    "dt",
    "dd",
    "label",
    "option",
    "button",
    "form",
}


def pseudo(text: str) -> str:
    """A sentence in that language; what is filled in stays."""
    return f"{OPEN}{text}{' ~' * (len(text) // 6 + 1)}{CLOSE}"


def write_catalogue(folder: Path) -> Path:
    """Everything Codesign and its plugins say, in that language; the folder as ``catalogues.add_folder`` takes it."""
    words = Catalog(locale=LANGUAGE, charset="utf-8")
    for home in homes():
        for message in written(home, "de"):
            if message.id:
                said = message.id
                words.add(said, pseudo(said) if isinstance(said, str) else tuple(pseudo(form) for form in said))
    place = folder / LANGUAGE / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "messages.mo").open("wb") as file:
        write_mo(file, words)
    return folder


def bare_words(text: str) -> str:
    """What of a text stands outside of brackets in Latin letters; nothing if all is well."""
    rest, found = text, 1
    while found:  # sentences stand in one another
        rest, found = _SAID_WHOLE.subn("", rest)
    rest = _NAMES.sub(" ", rest)
    return " ".join(rest.split()) if re.search(r"[A-Za-z]{2,}", rest) else ""


class Bare(HTMLParser):
    """Collects what on a page was never translated."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._block: list[str] = []
        self._silent: list[str] = []

    @classmethod
    def of(cls, page: str) -> list[str]:
        """Everything on *page* that was never translated."""
        reader = cls()
        reader.feed(page)
        reader.close()
        reader._end_block()
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        names = tag in _SILENT or values.get("translate") == "no" or "mono" in values.get("class", "").split()
        if self._silent or (names and tag not in _EMPTY):
            self._silent += [tag] if tag not in _EMPTY else []
            return
        if tag in _BLOCKS:
            self._end_block()
        for name in _SAID:
            self._look(values.get(name, ""))
        if values.get("type") in {"submit", "button"} and tag == "input":
            self._look(values.get("value", ""))
        if tag == "meta" and values.get("name") == "description":
            self._look(values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
        elif tag in _BLOCKS:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._block.append(data)

    def _end_block(self) -> None:
        self._look("".join(self._block))
        self._block = []

    def _look(self, text: str) -> None:
        if bare := bare_words(text):
            self.found.append(bare)
