"""The pages of configurations: where composing begins, the desk of one, and several side by side."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template, url_for
from markupsafe import Markup

from codesign.accounts import pending
from codesign.configurations.pages import begin, compare, configure, together
from codesign.configurations.pages.blueprint import blueprint
from codesign.configurations.views import can_be_composed, was_composed
from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["begin", "blueprint", "compare", "configure", "install", "together"]


def install(app: Flask, settings: Settings) -> None:
    """Tell the frame where composing begins, and say how what was begun before signing in is done."""
    menu = MenuItem("configure", _("Configure"), url=_begin, icon="sliders-horizontal", order=20)
    registry_of(app).menu("main").add(menu)
    registry_of(app).slot("board.aside").add("configure", _ask, order=10)
    pending.register("configure", begin.start_kept)
    pending.register("fork", begin.fork_kept)
    pending.register("join", begin.join_kept)


def _begin(view: PageView) -> str | None:
    if not view.space or not was_composed(view.space.id):
        return None
    return url_for("configurations.begin", space=view.space.slug)


def _ask(view: PageView, facts: Any) -> Markup | None:
    url = _begin(view) if view.space and can_be_composed(view.space.id) else None
    return Markup(render_template("configurations/_ask.html", url=url)) if url else None  # noqa: S704 - our own template
