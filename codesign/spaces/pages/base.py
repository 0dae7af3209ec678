"""The blueprint of the pages of spaces, and what they share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint
from flask_babel import get_timezone

from codesign.spaces import words
from codesign.spaces.facts import SpaceFact

blueprint = Blueprint("spaces", "codesign.spaces.pages", template_folder="../templates")


def local_moment(text: str) -> datetime:
    """What a date and time field holds, read in the viewer's zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=get_timezone())


def local_field(moment: datetime | None) -> str:
    """A moment as a date and time field takes it."""
    return "" if moment is None else moment.astimezone(get_timezone()).strftime("%Y-%m-%dT%H:%M")


def as_values(space: SpaceFact) -> dict[str, Any]:
    """The fields of a space by the names forms use."""
    return {
        name: getattr(space.ballot, name) if name in ("kind", "results") else getattr(space, name)
        for name in words.FIELDS
        if name != "when_down"
    }
