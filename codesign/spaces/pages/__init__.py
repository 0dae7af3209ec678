"""The pages of spaces. Each module hangs its doors on the one blueprint."""

from __future__ import annotations

from flask import Flask, request, url_for

from codesign.kernel.config import Settings
from codesign.kernel.errors import Problem
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import SpaceFact
from codesign.spaces.pages import about, home, invitations, moves, palette, people, plugins, server, settings, statuses
from codesign.spaces.pages.base import blueprint
from codesign.spaces.tabs import access_here, tabs_for
from codesign.web.identity import current_actor
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = [
    "about", "blueprint", "home", "install", "invitations", "moves", "palette", "people", "plugins", "server",
    "settings", "statuses",
]  # fmt: skip


def install(app: Flask, config: Settings) -> None:
    """Fill the menus and links of the frame."""
    registry = registry_of(app)
    registry.place_from(_space_of_address)
    main = registry.menu("main")
    # Who runs the space has "Settings" in that place; the way to "About" stands in the footer for everybody.
    main.add(MenuItem("about", _("About"), _about_url, icon="info", order=70, shows=_only_takes_part))
    registry.menu("footer").add(MenuItem("about", _("About this space"), _about_url, order=10))
    registry.menu("footer").add(MenuItem("spaces", _("All spaces"), lambda view: url_for("spaces.home"), order=20))
    main.add(
        MenuItem("settings", _("Settings"), _settings_url, icon="settings", order=90, shows=_may_set, narrow=False)
    )
    profile = registry.menu("profile")
    profile.add(MenuItem("spaces", _("All spaces"), lambda view: url_for("spaces.home"), icon="layers-2", order=40))
    profile.add(
        MenuItem(
            "server", _("This server"), lambda view: url_for("spaces.server"), icon="shield", order=80, shows=_admin
        )
    )


def _space_of_address() -> SpaceFact | None:
    """The space an address lies in, as far as the viewer may see it: what went wrong there is told inside of it."""
    _root, spaces, reference, *_rest = [*request.path.split("/"), "", ""]
    try:
        return look(current_actor(), reference).space if spaces == "spaces" and reference else None
    except Problem:
        return None


def _about_url(view: PageView) -> str | None:
    return url_for("spaces.about", space=view.space.slug) if view.space else None


def _settings_url(view: PageView) -> str | None:
    return url_for("spaces.settings", space=view.space.slug) if view.space else None


def _may_set(view: PageView) -> bool:
    access = access_here(view)
    return access is not None and bool(tabs_for(access))


def _only_takes_part(view: PageView) -> bool:
    return not _may_set(view)


def _admin(view: PageView) -> bool:
    return view.viewer is not None and view.viewer.is_admin
