"""Wires the walls into an app: one call, top to bottom."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Flask, request
from flask_babel import get_locale
from markupsafe import Markup

from codesign.kernel.config import Settings
from codesign.web import (
    addresses,
    assets,
    bodies,
    compiled,
    csrf,
    flashed,
    markdown,
    preferences,
    security,
    signs,
    text,
    texts,
)
from codesign.web.registry import DrawnItem, PageView, current_registry, page_view


def install(app: Flask, settings: Settings) -> None:
    """Headers, form tokens, languages, assets, templates, preferences. The factory calls `errors.install(app)` last."""
    base = urlsplit(settings.base_url)
    secure = base.scheme == "https"
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_body_kb * 1024,
        MAX_FORM_MEMORY_SIZE=settings.max_body_kb * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
    )
    origins = (f"{base.scheme}://{base.netloc}",) if base.netloc else ()
    flashed.install(app)
    security.install(app, secure=secure)
    text.install(app, [language.strip() for language in settings.languages.split(",") if language.strip()])
    addresses.install(app)
    bodies.install(app)
    csrf.install(app, secure=secure, origins=origins)
    assets.install(app)
    app.register_blueprint(preferences.blueprint)
    _install_templates(app)


def _install_templates(app: Flask) -> None:
    compiled.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(markdown=markdown.render, plain=markdown.plain)
    app.jinja_env.globals.update(frame=Frame(), script_texts=texts.script_texts, form_signs=signs.form_signs)
    app.context_processor(_frame_values)


def _frame_values() -> dict[str, Any]:
    """What every template may ask of the frame."""
    return {
        "theme": preferences.chosen_theme(),
        "language": text.page_language(),
        "direction": (get_locale() or Locale("en")).text_direction,
        "languages": preferences.language_names(),
        "here": request.full_path.rstrip("?"),
    }


class Frame:
    """The registries as a template sees them: `frame.menu("main", space)`, `frame.link("search", space)` …"""

    def view(self, space: Any = None) -> PageView:
        """The page's view."""
        return page_view(space)

    @property
    def viewer(self) -> Any:
        """Who looks at the page, or None."""
        return current_registry().viewer()

    def menu(self, name: str, space: Any = None) -> list[DrawnItem]:
        """The items of a menu that this viewer sees here."""
        return current_registry().menu(name).drawn(page_view(space))

    def link(self, name: str, space: Any = None) -> str | None:
        """The address of a known place, or None."""
        return current_registry().url(name, page_view(space))

    def slot(self, name: str, space: Any = None, facts: Any = None) -> Markup:
        """What rooms and plugins draw in the slot."""
        return Markup("").join(current_registry().slot(name).drawn(page_view(space), facts))
