"""The blueprint of the pages of spaces, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_babel import get_timezone
from werkzeug.wrappers import Response

from codesign.kernel.errors import FieldError, Problem
from codesign.kernel.text import Sentence
from codesign.spaces import words
from codesign.spaces.facts import SpaceFact

blueprint = Blueprint("spaces", "codesign.spaces.pages", template_folder="../templates")


def errors_of(problem: Problem) -> Sequence[FieldError]:
    """What to say above a form: its wrong fields, or the sentence of the refusal."""
    return problem.errors or (FieldError("", problem.code, problem.sentence),)


def done(message: Sentence, endpoint: str, **values: Any) -> Response:
    """Say what happened and go on."""
    flash(message)
    return redirect(url_for(endpoint, **values), 303)


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
