"""Drafts lie in the browser until the server has stored the text; the page after that says which one may go."""

from __future__ import annotations

from flask import session

KEY = "draft_done"


def note_stored(name: str) -> None:
    """Remember for the next page that the draft *name* (``data-draft`` of its form) is stored."""
    session[KEY] = name


def take_stored() -> str | None:
    """The draft that was stored since the last page; for the variable ``draft_done`` of a template."""
    name: str | None = session.pop(KEY, None) if KEY in session else None
    return name
