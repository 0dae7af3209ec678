"""What rooms and plugins hang into every page: menus, links, slots, banners. Filled at boot, read by templates."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app, g
from jinja2 import Undefined
from markupsafe import Markup

from codesign.kernel.db import read
from codesign.kernel.errors import Problem

EXTENSION = "codesign.web.registry"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Viewer:
    """Who looks at the page, as far as the frame needs to know."""

    person_id: str
    name: str
    url: str = ""
    unread: int = 0
    is_guest: bool = False
    is_admin: bool = False


@dataclass(frozen=True)
class PageView:
    """What a menu item, link or slot may look at: the space of the page (or None) and the viewer (or None)."""

    space: Any = None
    viewer: Viewer | None = None


def _always(view: PageView) -> bool:
    return True


def _uncounted(view: PageView) -> int | None:
    return None


@dataclass(frozen=True)
class MenuItem:
    """One line of a menu. ``narrow``: stands in the bottom bar of a phone too; ``post``: is sent as a form; ``live``:
    the events after which its number may be another."""

    name: str
    title: str
    url: Callable[[PageView], str | None]
    icon: str = ""
    order: int = 50
    shows: Callable[[PageView], bool] = _always
    count: Callable[[PageView], int | None] = _uncounted
    narrow: bool = True
    post: bool = False
    live: str = ""


@dataclass(frozen=True)
class DrawnItem:
    """A menu item with its address and number worked out for one page."""

    name: str
    title: str
    url: str
    icon: str
    count: int | None
    narrow: bool
    post: bool
    live: str


@dataclass
class Menu:
    """Items by name, drawn in their order."""

    entries: dict[str, MenuItem] = field(default_factory=dict)

    def add(self, item: MenuItem) -> None:
        """Put *item* into the menu; an item of the same name is replaced."""
        self.entries[item.name] = item

    def drawn(self, view: PageView) -> list[DrawnItem]:
        """The items this viewer sees here, with what they ask read at one moment."""
        drawn: list[DrawnItem] = []
        if not self.entries:
            return drawn
        with read():
            for item in sorted(self.entries.values(), key=lambda entry: (entry.order, entry.name)):
                url = item.url(view) if item.shows(view) else None
                if url:
                    drawn.append(
                        DrawnItem(
                            item.name, item.title, url, item.icon, item.count(view), item.narrow, item.post, item.live
                        )
                    )
        return drawn


Piece = Callable[[PageView, Any], Markup | None]


@dataclass
class Slot:
    """A place on a page into which rooms and plugins draw."""

    pieces: dict[str, tuple[int, Piece]] = field(default_factory=dict)

    def add(self, name: str, piece: Piece, order: int = 50) -> None:
        """Let *piece* draw here; it gets the page view and the facts the page hands to the slot."""
        self.pieces[name] = (order, piece)

    def drawn(self, view: PageView, facts: Any = None) -> list[Markup]:
        """What the pieces drew. One that fails leaves a gap and a line in the log, never a broken page."""
        drawn = []
        for name, (_, piece) in sorted(self.pieces.items(), key=lambda entry: (entry[1][0], entry[0])):
            try:
                html = piece(view, facts)
            except Exception:
                log.exception("The piece %s of a slot failed", name)
                continue
            if html:
                drawn.append(html)
        return drawn


class Registry:
    """All registries of one app."""

    def __init__(self) -> None:
        self._menus: dict[str, Menu] = {}
        self._slots: dict[str, Slot] = {}
        self._links: dict[str, Callable[[PageView], str | None]] = {}
        self._viewer: Callable[[], Viewer | None] = lambda: None
        self._place: Callable[[], Any] = lambda: None

    def menu(self, name: str) -> Menu:
        """The menu *name*: ``main``, ``profile``, ``space`` or ``footer``."""
        return self._menus.setdefault(name, Menu())

    def slot(self, name: str) -> Slot:
        """The slot *name*, e.g. ``idea.aside``."""
        return self._slots.setdefault(name, Slot())

    def link(self, name: str, url: Callable[[PageView], str | None]) -> None:
        """Tell the frame where *name* (``search``, ``new_idea``, ``sign_in`` …) leads."""
        self._links[name] = url

    def banner(self, name: str, draw: Callable[[PageView], Markup | None], order: int = 50) -> None:
        """Draw a line above the masthead, e.g. that this is a demo."""
        self.slot("frame.banner").add(name, lambda view, facts: draw(view), order)

    def viewer_from(self, read: Callable[[], Viewer | None]) -> None:
        """Tell the frame how to learn who looks at the page."""
        self._viewer = read

    def viewer(self) -> Viewer | None:
        """Who looks; None when nobody is known or it cannot be learned now, so that error pages can be drawn."""
        if "page_viewer" not in g:
            try:
                g.page_viewer = self._viewer()
            except Problem:  # a refusal: whoever asks is told by the page itself
                g.page_viewer = None
            except Exception:
                log.exception("The viewer of a page could not be read")
                g.page_viewer = None
        viewer: Viewer | None = g.page_viewer
        return viewer

    def place_from(self, read: Callable[[], Any]) -> None:
        """Tell the frame how to learn in which space an address lies, for pages that were refused before they knew."""
        self._place = read

    def place(self) -> Any:
        """The space this address lies in; None where there is none, it may not be seen, or cannot be learned now."""
        try:
            return self._place()
        except Problem:
            return None
        except Exception:
            log.exception("The space of a page could not be read")
            return None

    def url(self, name: str, view: PageView) -> str | None:
        """Where *name* leads from this page, if anywhere."""
        link = self._links.get(name)
        return link(view) if link else None

    def names_of_slots(self) -> Sequence[str]:
        """The slots anybody draws in."""
        return sorted(self._slots)


def registry_of(app: Flask) -> Registry:
    """The registry of *app*; made on first use, so rooms may fill it in any order."""
    registry: Registry = app.extensions.setdefault(EXTENSION, Registry())
    return registry


def current_registry() -> Registry:
    """The registry of the app that answers now."""
    return registry_of(current_app)


def page_view(space: Any = None) -> PageView:
    """The view of the page being drawn."""
    known = None if isinstance(space, Undefined) else space  # a page of no space never sets it
    return PageView(space=known, viewer=current_registry().viewer())
