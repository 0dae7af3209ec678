"""The pages of the roadmap: its columns, the changelog with its feeds, and what somebody gave."""

from __future__ import annotations

from flask import Flask, url_for

from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.roadmap.pages import changelog, mine, outcome, road
from codesign.roadmap.pages.blueprint import blueprint
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["blueprint", "changelog", "install", "mine", "outcome", "road"]


def install(app: Flask, settings: Settings) -> None:
    """Put the roadmap into the menu of spaces, and the feeds of public ones into the head of their pages."""
    registry = registry_of(app)
    registry.menu("main").add(MenuItem("roadmap", _("Roadmap"), _url, icon="milestone", order=40))
    registry.slot("frame.head").add("feeds", changelog.feed_links)
    registry.slot("idea.below").add("thanks", mine.thanks, order=10)
    item = MenuItem("given", _("What I gave"), lambda view: url_for("roadmap.given"), "star", 15)
    registry.menu("profile").add(item)


def _url(view: PageView) -> str | None:
    return url_for("roadmap.show", space=view.space.slug) if view.space else None
