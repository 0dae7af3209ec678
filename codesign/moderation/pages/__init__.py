"""The pages of moderation: the queue, one decision, and the form to report a text."""

from __future__ import annotations

from flask import Flask, url_for

from codesign.accounts import pending
from codesign.ideas.ports import ports
from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.moderation.appeals import appeal_state
from codesign.moderation.pages import decisions, people, queue
from codesign.moderation.pages.blueprint import blueprint
from codesign.moderation.queries import count_waiting
from codesign.spaces.tabs import access_here
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["blueprint", "decisions", "install", "people", "queue"]


def install(app: Flask, settings: Settings) -> None:
    """Put the queue into the menu of moderators, and say how a report is made that was begun before signing in."""
    item = MenuItem("queue", _("Queue"), url=_queue, icon="inbox", order=60, shows=_moderates, count=_waiting)
    registry_of(app).menu("main").add(item)
    pending.register("flag", decisions.report_kept)
    ports.appeal = appeal_state


def _queue(view: PageView) -> str | None:
    return url_for("moderation.queue", space=view.space.slug) if view.space else None


def _moderates(view: PageView) -> bool:
    access = access_here(view) if view.viewer else None
    return access is not None and access.may("moderate")


def _waiting(view: PageView) -> int | None:
    return count_waiting(view.space.id) if view.space else None
