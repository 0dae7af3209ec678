"""Atom feeds (RFC 4287) of public spaces: new ideas, the roadmap, the changelog. They name no counts and no people."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as Xml

from codesign.kernel.clock import rfc3339

_ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Entry:
    """One thing in a feed: what tells it from all others for ever, words, HTML and where to read it."""

    id: str
    title: str
    url: str
    updated: datetime
    published: datetime
    html: str = ""


def atom(title: str, address: str, page: str, began: datetime, entries: Iterable[Entry]) -> bytes:
    """A feed as bytes; without entries it is as old as what it tells of (*began*)."""
    Xml.register_namespace("", _ATOM)
    found = list(entries)
    feed = Xml.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", _urn(address))
    _add(feed, "title", title)
    _add(feed, "updated", rfc3339(max((entry.updated for entry in found), default=began)))
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    _add(feed, "link", rel="alternate", type="text/html", href=page)
    author = _add(feed, "author")
    _add(author, "name", title)
    for entry in found:
        node = _add(feed, "entry")
        _add(node, "id", _urn(entry.id))
        _add(node, "title", entry.title)
        _add(node, "link", rel="alternate", type="text/html", href=entry.url)
        _add(node, "published", rfc3339(entry.published))
        _add(node, "updated", rfc3339(entry.updated))
        if entry.html:
            _add(node, "content", entry.html, type="html")
    return Xml.tostring(feed, encoding="utf-8", xml_declaration=True)


def _add(parent: Xml.Element, name: str, text: str | None = None, **attributes: str) -> Xml.Element:
    node = Xml.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    node.text = _readable(text) if text is not None else None
    return node


def _urn(key: str) -> str:
    """The id of a thing: titles may change with the addresses made of them, this never does."""
    return uuid.uuid5(uuid.NAMESPACE_URL, key).urn


def _readable(text: str) -> str:
    """*text* without what XML cannot hold."""
    return "".join(letter for letter in text if letter in "\t\n\r" or " " <= letter <= "\ud7ff" or letter >= "\ue000")
