"""Rows of options as HTML. Most rows look as before after a press, and alike to all who compose: those are drawn once."""

from __future__ import annotations

from functools import lru_cache

from flask import get_template_attribute
from flask_babel import get_locale
from markupsafe import Markup

from codesign.configurations.pages.desk import GroupView, OptionView

#: A row is about 700 bytes.
KEPT = 20_000


def row(group: GroupView, option: OptionView) -> Markup:
    """An option without groups of its own, as its group draws it."""
    return _row(str(get_locale()), group.kind, group.id, option)


@lru_cache(maxsize=KEPT)
def _row(_language: str, kind: str, group: str, option: OptionView) -> Markup:
    drawn: Markup = get_template_attribute("configurations/_options.html", "option_row")(kind, group, option)
    return drawn
