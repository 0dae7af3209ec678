"""The pages of what people want: findings with their rows, cards to answer, one's own answers."""

from __future__ import annotations

from flask import Flask, url_for

from codesign.configurations.views import can_be_composed
from codesign.insights.pages import cards, findings
from codesign.insights.pages.blueprint import blueprint
from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["blueprint", "cards", "findings", "install"]


def install(app: Flask, settings: Settings) -> None:
    """Put the findings into the menu of spaces with something to compose."""
    menu = MenuItem("insights", _("Insights"), url=_overview, icon="chart-column", order=50, narrow=False)
    registry_of(app).menu("main").add(menu)


def _overview(view: PageView) -> str | None:
    if not view.space or not can_be_composed(view.space.id):
        return None
    return url_for("insights.overview", space=view.space.slug)
