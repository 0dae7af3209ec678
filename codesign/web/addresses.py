"""Addresses that hold what no database keeps are refused before anything reads them."""

from __future__ import annotations

from flask import Flask, request

from codesign.kernel.errors import FieldError, Invalid, NotFound
from codesign.kernel.text import _
from codesign.kernel.words import is_usable


def install(app: Flask) -> None:
    """Refuse them at every door of *app*."""
    app.before_request(_refuse_unusable)


def _refuse_unusable() -> None:
    """No id holds NUL, and nothing can be asked with it. Other bytes that are no text have been replaced already."""
    if not is_usable(request.path):
        raise NotFound()
    if b"%00" in request.query_string or b"\0" in request.query_string:
        sentence = _("This holds characters that cannot be kept.")
        names = [name for name, words in request.args.lists() if not all(map(is_usable, (name, *words)))]
        raise Invalid(errors=[FieldError(name, "invalid", sentence) for name in names])
