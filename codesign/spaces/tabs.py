"""The settings of a space as tabs, for the pages of every room that has one, and who may open them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from flask_babel import get_timezone

from codesign.kernel.errors import Forbidden, Problem
from codesign.kernel.text import Sentence, _
from codesign.spaces import words
from codesign.spaces.access import look, standing
from codesign.spaces.facts import Access
from codesign.web.identity import current_actor
from codesign.web.registry import PageView


@dataclass(frozen=True)
class Tab:
    """One tab of a space's settings: its name, title, door, and the right it needs."""

    name: str
    title: Sentence
    endpoint: str
    right: str


TABS = (
    Tab("general", _("General"), "spaces.general", "own"),
    Tab("people", _("People"), "spaces.people", "moderate"),
    Tab("voting", _("Voting"), "spaces.voting", "product"),
    Tab("statuses", _("Statuses"), "spaces.statuses", "product"),
    Tab("roadmap", _("Roadmap"), "roadmap.columns", "product"),
    Tab("products", _("Products"), "products.products", "product"),
    Tab("import", _("Import"), "exchange.import_page", "product"),
    Tab("plugins", _("Plugins"), "spaces.plugins", "own"),
    Tab("log", _("Log"), "activity.audit", "moderate"),
    Tab("danger", _("Archive, delete"), "spaces.danger", "own"),
)


def tabs_for(access: Access) -> list[Tab]:
    """The tabs this person may open."""
    return [tab for tab in TABS if access.may(tab.right)]


def entered(space: str, right: str) -> Access:
    """The access of whoever opens a tab of the settings."""
    return look(current_actor(), space, right)


def settings_page(template: str, access: Access, active: str, status: int = 200, **values: Any) -> Any:
    """A page of the settings with its tabs."""
    html = render_template(
        template, access=access, space=access.space, tabs=tabs_for(access), active_tab=active, active="settings",
        words=words, zone=str(get_timezone() or "UTC"), **values,
    )  # fmt: skip
    return html, status


def access_here(view: PageView) -> Access | None:
    """How the viewer stands to the space of the page, for menus; asked once per page, for people with an account."""
    if view.space is None or view.viewer is None or view.viewer.is_guest:
        return None
    known: dict[str, Access | None] = g.setdefault("space_access", {})
    if view.space.id not in known:
        try:
            known[view.space.id] = standing(current_actor(), view.space.id)
        except Problem:
            known[view.space.id] = None
    return known[view.space.id]


def first_tab(access: Access) -> str:
    """The first tab this person may open; Forbidden where there is none."""
    tabs = tabs_for(access)
    if not tabs:
        raise Forbidden()
    return tabs[0].endpoint
