"""The pages of the desk."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, url_for

from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.spaces.tabs import access_here
from codesign.triage.pages import arranging, changes, desk, export, splitting, trying
from codesign.triage.pages.blueprint import blueprint
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["arranging", "blueprint", "changes", "desk", "export", "install", "splitting", "trying"]


def install(app: Flask, settings: Settings) -> None:
    """Put the desk into the team's menu."""
    item = MenuItem("desk", _("Desk"), url=_desk, icon="inbox", order=55, shows=_is_team)
    registry_of(app).menu("main").add(item)
    palette = registry_of(app).menu("palette")
    for name, title in desk.TITLES.items():
        said = _("Desk: %(inbox)s", inbox=title)
        palette.add(MenuItem(f"desk-{name}", said, url=_inbox(name), order=40, shows=_is_team))


def _desk(view: PageView) -> str | None:
    return url_for("triage.desk", space=view.space.slug) if view.space else None


def _inbox(name: str) -> Callable[[PageView], str | None]:
    return lambda view: url_for("triage.desk", space=view.space.slug, inbox=name) if view.space else None


def _is_team(view: PageView) -> bool:
    access = access_here(view)
    return access is not None and access.may("moderate")
