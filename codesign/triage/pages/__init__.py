"""The pages of the desk."""

from __future__ import annotations

from flask import Flask, url_for

from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.spaces.tabs import access_here
from codesign.triage.pages import arranging, changes, desk
from codesign.triage.pages.blueprint import blueprint
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["arranging", "blueprint", "changes", "desk", "install"]


def install(app: Flask, settings: Settings) -> None:
    """Put the desk into the team's menu."""
    item = MenuItem("desk", _("Desk"), url=_desk, icon="inbox", order=55, shows=_is_team)
    registry_of(app).menu("main").add(item)


def _desk(view: PageView) -> str | None:
    return url_for("triage.desk", space=view.space.slug) if view.space else None


def _is_team(view: PageView) -> bool:
    access = access_here(view)
    return access is not None and access.may("moderate")
