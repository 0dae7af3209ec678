"""Doors that take files let in more than others: how much stands beside the door, and is asked before anything is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, request

Door = TypeVar("Door", bound=Callable[..., object])
#: A file that is a little too large is read all the same, so that its form can be shown again with everything typed.
FILES = 24 * 1024 * 1024
_MARK = "takes_files"


def takes_files(door: Door) -> Door:
    """Mark a door whose form may bring a file of some megabytes."""
    setattr(door, _MARK, True)
    return door


def install(app: Flask) -> None:
    """Raise the limit for marked doors; before the form token is looked for, which reads the form."""

    @app.before_request
    def _let_in() -> None:
        door = current_app.view_functions.get(request.endpoint or "")
        if getattr(door, _MARK, False):
            request.max_content_length = max(FILES, current_app.config["MAX_CONTENT_LENGTH"] or 0)
