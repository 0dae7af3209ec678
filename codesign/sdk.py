"""The only module a plugin imports. What is here is stable: it has the version of the hook API (``API_VERSION``).

Core never imports this module and is free to move things around behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import render_template as render
from flask import url_for
from marshmallow import Schema, fields, validate, validates_schema
from sqlalchemy.orm import Session

from codesign.events.base import EVERYONE, NONE, OPEN, TEAM, Event, Recorded, event
from codesign.events.log import record as _record
from codesign.hooks.card import Plugin, Task
from codesign.hooks.facts import Hit
from codesign.hooks.guard import verb
from codesign.hooks.routes import Routes
from codesign.hooks.rules import BallotKind, Part, Score, ScoreRule
from codesign.hooks.specs import API_VERSION, hookimpl
from codesign.hooks.visit import Visit, current_visit
from codesign.ideas.events import (
    IdeaAnswered,
    IdeaEdited,
    IdeaHeld,
    IdeaHidden,
    IdeaPublished,
    IdeaWithdrawn,
    ScoresChanged,
    StatusChanged,
    VotesImported,
)
from codesign.ideas.facts import IdeaFact, IdeaStatistics, Tally
from codesign.kernel import clock
from codesign.kernel import db as _db
from codesign.kernel.actor import Actor, plugin_actor
from codesign.kernel.contribution import ALLOW, HOLD, REFUSE, TextDraft, Verdict
from codesign.kernel.db import Base, Moment, session
from codesign.kernel.errors import (
    Closed,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    TooMany,
    Unavailable,
)
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.merging.events import IdeaMerged, IdeaUnmerged
from codesign.spaces.events import BallotClosed, BallotOpened, PhaseChanged, SpaceChanged
from codesign.spaces.facts import BallotFact, SpaceFact, StatusFact
from codesign.voting.events import VoteCast, VoteWithdrawn

now = clock.now


class Settings(Schema):
    """Base of a plugin's settings. Each field says a ``load_default`` and, as metadata, ``label``, ``help`` and ``unit``."""


@contextmanager
def read() -> Iterator[Session]:
    """One consistent snapshot for reading the plugin's tables in a hook; inside a change it is the change's own session."""
    with _db.read(_db.current().offline) as work:
        yield work


def record(fact: Event, *, actor: Actor | None = None, cause: Recorded | None = None) -> None:
    """Announce one of the plugin's own facts, inside a ``verb`` or ``events_recorded``; written with the change.

    *actor* is who did it (default: the plugin itself); *cause* the fact this is a reaction to.
    """
    _record(fact, actor or plugin_actor(fact.name.split(".")[0]), cause=cause)


def url(plugin: str, endpoint: str, *, kind: str = "pages", **values: Any) -> str:
    """The address of a plugin's route: ``url("scoring", "explain", space=space.slug)``."""
    return url_for(f"plugin-{plugin}-{kind}-{endpoint}", **values)


__all__ = [
    "ALLOW", "API_VERSION", "EVERYONE", "HOLD", "NONE", "OPEN", "REFUSE", "TEAM", "Actor", "BallotClosed", "BallotFact",
    "BallotKind", "BallotOpened", "Base", "Closed", "Conflict", "Event", "FieldError", "Forbidden", "Hit", "IdeaAnswered",
    "IdeaEdited", "IdeaFact", "IdeaHeld", "IdeaHidden", "IdeaMerged", "IdeaPublished", "IdeaStatistics", "IdeaUnmerged",
    "IdeaWithdrawn", "Invalid", "Moment", "NotFound", "Part", "PhaseChanged", "Plugin", "Problem", "Recorded", "Routes",
    "Score", "ScoreRule", "ScoresChanged", "Settings", "SpaceChanged", "SpaceFact", "StatusChanged", "StatusFact", "Tally",
    "Task", "TextDraft", "TooMany", "Unavailable", "Verdict", "Visit", "VoteCast", "VoteWithdrawn", "VotesImported", "_",
    "current_visit", "event", "fields", "hookimpl", "new_id", "now", "read", "record", "render", "session", "url",
    "validate", "validates_schema", "verb",
]  # fmt: skip
