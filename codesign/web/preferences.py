"""What a browser remembers of its person's taste: theme and language, in cookies, so that no page flashes.

The language is kept of the person too: letters are written in it, and signing in elsewhere brings it along.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from babel import Locale
from flask import Blueprint, current_app, redirect, request
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from codesign.web import identity
from codesign.web.text import LANGUAGE_COOKIE, page_language

THEME_COOKIE = "theme"
THEMES = ("system", "light", "dark")
_YEAR = 31_536_000

blueprint = Blueprint("preferences", __name__)


class PreferencesSchema(Schema):
    """The form in the footer."""

    csrf_token = fields.String()
    next = fields.String(load_default="/")
    theme = fields.String(validate=validate.OneOf(THEMES))
    language = fields.String(validate=validate.Length(max=20))


def local_path(address: str, fallback: str = "/") -> str:
    """*address* if it is a path on this server, else *fallback*: nobody is sent elsewhere by a link of ours."""
    parts = urlsplit(address)
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if ours and not any(ord(letter) < 32 for letter in address) else fallback


def chosen_theme() -> str:
    """``light``, ``dark`` or nothing (the system decides)."""
    theme = request.cookies.get(THEME_COOKIE, "")
    return theme if theme in {"light", "dark"} else ""


def language_names() -> list[tuple[str, str]]:
    """The languages offered, each by its own name."""
    codes: list[str] = current_app.config["LANGUAGES"]
    return [(code, Locale.parse(code, sep="-").get_display_name() or code) for code in codes]


@blueprint.post("/preferences")
def save() -> Response:
    """Remember theme or language and go back."""
    wish = PreferencesSchema().load(request.form.to_dict())
    response = redirect(local_path(wish["next"]))
    secure = bool(current_app.config.get("SESSION_COOKIE_SECURE"))
    if theme := wish.get("theme"):
        response.set_cookie(THEME_COOKIE, theme, max_age=_YEAR, secure=secure, samesite="Lax")
    if (language := wish.get("language")) and language in dict(language_names()):
        bring_language(response, language)
        if language != page_language():
            identity.keep_language(language)
    return response


def bring_language(response: Response, language: str | None) -> None:
    """Let the browser ask for pages in *language*, if it is one of ours; for none known it asks as it did before."""
    if language is not None and language in current_app.config["LANGUAGES"]:
        secure = bool(current_app.config.get("SESSION_COOKIE_SECURE"))
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, secure=secure, samesite="Lax")
