"""Sentences of the desk about choices and what they lead to."""

from __future__ import annotations

from babel.lists import format_list
from flask_babel import get_locale, gettext
from markupsafe import Markup, escape

from codesign.configurations.views import listed


def joined(parts: list[Markup]) -> Markup:
    """Words as one list: A, B and C. They are escaped where they are made."""
    return Markup(format_list(list(parts), locale=get_locale() or "en"))  # noqa: S704


def filled(sentence: str, **parts: str | Markup) -> Markup:
    """A translated sentence (with its ``%(name)s`` left) with escaped or marked-up parts."""
    return escape(sentence) % parts


def not_with(chosen: list[str], ruled_out: list[str]) -> Markup:
    """Why an option is not possible, where all of it is the viewer's own doing."""
    if chosen and ruled_out:
        sentence = gettext("Not with your %(chosen)s, as long as you rule out %(ruled_out)s.")
        return filled(sentence, chosen=listed(chosen), ruled_out=listed(ruled_out))
    if chosen:
        return filled(gettext("Not with your %(chosen)s."), chosen=listed(chosen))
    if ruled_out:
        return filled(gettext("Not as long as you rule out %(ruled_out)s."), ruled_out=listed(ruled_out))
    return escape(gettext("Not in this product."))


def follows_from(chosen: list[str], ruled_out: list[str]) -> Markup:
    """Why an option comes along."""
    if chosen and ruled_out:
        sentence = gettext("Follows from your %(chosen)s, and from ruling out %(ruled_out)s.")
        return filled(sentence, chosen=listed(chosen), ruled_out=listed(ruled_out))
    if chosen:
        return filled(gettext("Follows from your %(chosen)s."), chosen=listed(chosen))
    if ruled_out:
        return filled(gettext("Follows from ruling out %(ruled_out)s."), ruled_out=listed(ruled_out))
    return escape(gettext("Always part of it."))
