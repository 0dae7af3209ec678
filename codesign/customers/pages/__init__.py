"""The pages of the customer's voice: at one idea, and who wants what in a space."""

from __future__ import annotations

from flask import Flask, url_for

from codesign.customers.pages import export, idea, space
from codesign.customers.pages.blueprint import blueprint
from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.spaces.tabs import access_here
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["blueprint", "export", "idea", "install", "space"]


def install(app: Flask, settings: Settings) -> None:
    """Tell the team at the desk and at the idea what its customers say of it, and everybody how much of it was entered."""
    registry = registry_of(app)
    registry.slot("idea.meta").add("customers", idea.note, order=60)
    registry.slot("desk.panel").add("customers", idea.piece(at_desk=True), order=10)
    registry.slot("idea.aside").add("customers", idea.piece(at_desk=False), order=60)
    wants = MenuItem("wants", _("Who wants what"), url=_wants, icon="chart-column", order=41, shows=_is_team)
    registry.menu("palette").add(wants)


def _wants(view: PageView) -> str | None:
    return url_for("customers.wants", space=view.space.slug) if view.space else None


def _is_team(view: PageView) -> bool:
    access = access_here(view)
    return access is not None and access.may("moderate")
