"""The only module a plugin imports. What is here is stable: it has the version of the hook API (``API_VERSION``).

Core never imports this module and is free to move things around behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import render_template as render
from flask import url_for
from marshmallow import Schema, fields, validate, validates_schema
from sqlalchemy.orm import Session

from codesign.comments.events import (
    CommentAdded,
    CommentEdited,
    CommentHeld,
    CommentHidden,
    CommentPublished,
    CommentRemoved,
)
from codesign.events.base import EVERYONE, NONE, OPEN, TEAM, Event, Recorded, event
from codesign.events.log import record as _record
from codesign.hooks.card import Plugin, Task
from codesign.hooks.facts import Facet, Found, Hit
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
from codesign.kernel.contribution import ALLOW, HOLD, REFUSE, WARN, Signs, TextDraft, Verdict
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
from codesign.moderation.events import FlagRaised, FlagSettled
from codesign.moderation.facts import ReportFact, TextFact
from codesign.moderation.texts import hold_text as _hold_text
from codesign.moderation.texts import read_texts, reports_of
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


def texts(space_id: str, targets: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TextFact]:
    """Texts of a space by kind (``idea``, ``comment``) and id, in whatever state; what is gone is left out.

    For ``events_recorded``, tasks and commands: what is held or hidden must not be shown to everybody.
    """
    return read_texts(space_id, targets)


def reports(space_id: str, kind: str, text_id: str) -> tuple[ReportFact, ...]:
    """The open reports of a text, each with how often its author was right so far: from 0 to 1, one half for a first one."""
    return reports_of(space_id, kind, text_id)


def hold(plugin: str, space_id: str, kind: str, text_id: str, reason: str) -> None:
    """Put a published text into the queue of moderators, inside a ``verb`` or ``events_recorded``; its author reads *reason*."""
    _hold_text(plugin_actor(plugin), space_id, kind, text_id, reason)


def url(plugin: str, endpoint: str, *, kind: str = "pages", **values: Any) -> str:
    """The address of a plugin's route: ``url("scoring", "explain", space=space.slug)``."""
    return url_for(f"plugin-{plugin}-{kind}-{endpoint}", **values)


__all__ = [
    "ALLOW", "API_VERSION", "EVERYONE", "HOLD", "NONE", "OPEN", "REFUSE", "TEAM", "WARN", "Actor", "BallotClosed",
    "BallotFact", "BallotKind", "BallotOpened", "Base", "Closed", "CommentAdded", "CommentEdited", "CommentHeld",
    "CommentHidden", "CommentPublished", "CommentRemoved", "Conflict", "Event", "FieldError", "FlagRaised",
    "FlagSettled", "Forbidden", "Hit", "IdeaAnswered", "IdeaEdited", "IdeaFact", "IdeaHeld", "IdeaHidden", "IdeaMerged",
    "IdeaPublished", "IdeaStatistics", "IdeaUnmerged", "IdeaWithdrawn", "Invalid", "Moment", "NotFound", "Part",
    "PhaseChanged", "Plugin", "Problem", "Recorded", "ReportFact", "Routes", "Score", "ScoreRule", "ScoresChanged",
    "Settings", "Signs", "SpaceChanged", "SpaceFact", "StatusChanged", "StatusFact", "Tally", "Task", "TextDraft",
    "TextFact", "TooMany", "Unavailable", "Verdict", "Visit", "VoteCast", "VoteWithdrawn", "VotesImported", "_",
    "current_visit", "event", "fields", "hold", "hookimpl", "new_id", "now", "read", "record", "render", "reports",
    "session", "texts", "url", "validate", "validates_schema", "verb",
]  # fmt: skip
