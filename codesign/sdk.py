"""The only module a plugin imports. What is here is stable: it has the version of the hook API (``API_VERSION``).

Core never imports this module and is free to move things around behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import current_app, flash, redirect, url_for
from flask import render_template as render
from marshmallow import Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy.orm import Session

from codesign.accounts import directory as _directory
from codesign.accounts.feeding import feed_person as _feed_person
from codesign.accounts.organizations import describe_organization as _describe_organization
from codesign.comments.events import (
    CommentAdded,
    CommentEdited,
    CommentHeld,
    CommentHidden,
    CommentPublished,
    CommentRemoved,
)
from codesign.comments.facts import CommentFact
from codesign.comments.published import CommentText, comment_texts, wrote_comments
from codesign.comments.queries import get_comments as _get_comments
from codesign.events.base import EVERYONE, NONE, OPEN, TEAM, Bell, Event, Recorded, event
from codesign.events.log import last as _last
from codesign.events.log import record as _record
from codesign.hooks.card import Plugin, Task
from codesign.hooks.delivery import events_behind as _events_behind
from codesign.hooks.facts import Facet, Found, Hit
from codesign.hooks.guard import verb
from codesign.hooks.host import host_of as _host_of
from codesign.hooks.routes import Routes
from codesign.hooks.rules import BallotKind, Part, Score, ScoreRule, rule
from codesign.hooks.specs import API_VERSION, hookimpl
from codesign.hooks.visit import Visit, current_visit
from codesign.ideas.counts import count_ideas
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
from codesign.ideas.facts import IdeaFact, IdeaStatistics, SpaceTotals, Tally
from codesign.ideas.people import authors as _authors
from codesign.ideas.published import IdeaText, idea_texts, wrote_ideas
from codesign.ideas.queries import get_ideas as _get_ideas
from codesign.ideas.queries import tallies_of as _tallies_of
from codesign.ideas.views import idea_url
from codesign.kernel import clock
from codesign.kernel import db as _db
from codesign.kernel import outside as _outside
from codesign.kernel import sealing as _sealing
from codesign.kernel.actor import Actor, plugin_actor
from codesign.kernel.cells import as_cell
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
    Unauthenticated,
    Unavailable,
)
from codesign.kernel.ids import new_id
from codesign.kernel.outside import Answer, Request, Send, Unreachable
from codesign.kernel.patterns import Pattern, pattern
from codesign.kernel.text import _
from codesign.merging.events import IdeaMerged, IdeaSplit, IdeaUnmerged
from codesign.moderation.events import FlagRaised, FlagSettled
from codesign.moderation.facts import ReportFact, TextFact
from codesign.moderation.texts import hold_text as _hold_text
from codesign.moderation.texts import read_texts, reports_of
from codesign.privacy import part as _part
from codesign.privacy.part import Contributions, Participant
from codesign.spaces import queries as _spaces
from codesign.spaces.access import access as _access
from codesign.spaces.events import (
    BallotClosed,
    BallotOpened,
    MemberAdded,
    MemberChanged,
    MemberRemoved,
    PhaseChanged,
    SpaceChanged,
)
from codesign.spaces.facts import BallotFact, SpaceFact, StatusFact
from codesign.voting.events import VoteCast, VoteWithdrawn
from codesign.web.forms import Form, Query, asked, posted
from codesign.web.markdown import plain_text
from codesign.web.objects import sent

now = clock.now
_R = TypeVar("_R")


class Settings(Schema):
    """Base of a plugin's settings. Each field says a ``load_default`` and, as metadata, ``label``, ``help`` and ``unit``."""


def is_pattern(text: str) -> None:
    """A validator for settings: a pattern as ``pattern`` takes it, and not one that fits every text."""
    try:
        fits_everything = pattern(text).search("") is not None
    except Invalid as problem:
        raise ValidationError(problem.sentence) from None
    if fits_everything:
        raise ValidationError(_("This fits every text."))


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


def log_mark(space_id: str, events: Iterable[type[Event]]) -> str:
    """A mark that every new one of *events* in a space changes, inside ``read`` or a ``verb``.

    What was read in the same block, and only they change, stands as long as the mark is the same.
    """
    return _last(space_id, [kind.name for kind in events])


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


def go(address: str, message: str = "") -> Any:
    """Lead on to another page after a change, with a sentence for whoever made it."""
    if message:
        flash(message)
    return redirect(address, 303)


# --- Reading what core keeps. What an actor is named to is filtered as on core's own pages. -------------------------------


def ideas(actor: Actor, space_id: str, ids: Iterable[str]) -> dict[str, IdeaFact]:
    """Ideas of a space by id, as *actor* may see them; others are left out. Raises NotFound for the space."""
    return _get_ideas(_access(actor, space_id), ids)


def comments(actor: Actor, space_id: str, ids: Iterable[str]) -> dict[str, CommentFact]:
    """Comments of a space by id, as *actor* may read them; others are left out. Raises NotFound for the space."""
    return _get_comments(_access(actor, space_id), ids)


def people(actor: Actor, space_id: str, name: str) -> dict[str, str]:
    """Who wrote something published in a space and is called so: names by id, of those who are named to *actor*."""
    access = _access(actor, space_id)
    with read():
        called = _directory.ids_named(name)
        wrote = wrote_ideas(access.space.id, called) | wrote_comments(access.space.id, called)
        named = _authors(access, wrote)
    return {author.id: author.name or "" for author in named.values() if author.id}


def names(actor: Actor, space_id: str, ids: Iterable[str]) -> dict[str, str]:
    """The names of authors in a space by id, of those who are named to *actor*."""
    access = _access(actor, space_id)
    with read():
        return {author.id: author.name or "" for author in _authors(access, ids).values() if author.id}


def statuses(space_id: str) -> list[StatusFact]:
    """The statuses of a space in their order, retired ones too."""
    return _spaces.list_statuses(space_id, retired=True)


def places(actor: Actor, plugin: str) -> list[SpaceFact]:
    """The spaces *actor* finds in lists and may look at, as far as a plugin is on there; newest first, at most 100."""
    host = _host_of(current_app)
    with read():
        lines = _spaces.list_spaces(actor).items
        return [line.space for line in lines if host.is_enabled(plugin, line.space.id)]


def find_space(reference: str) -> SpaceFact | None:
    """A space by id or slug, whoever asks: for commands."""
    return _spaces.find_space(reference)


def participants(space_id: str, ids: Iterable[str]) -> dict[str, Participant]:
    """What core knows of people in a space, e-mail and organization included: for plugins that people allowed to know it.

    Who was erased is left out. Never show it to other visitors.
    """
    return _part.participants(space_id, ids)


def contributions(space_id: str, ids: Iterable[str]) -> dict[str, Contributions]:
    """What people gave in a space, each by id: published ideas, standing votes, comments per idea."""
    return _part.contributions(space_id, ids)


def tallies(space_id: str, ids: Iterable[str]) -> dict[str, Tally]:
    """Today's tallies of ideas, whoever asks: for what leaves the house as a count, never for a page of a visitor."""
    return _tallies_of(space_id, ids)


def feed_person(external_id: str, **attributes: Any) -> str:
    """What another system knows of a person (``name``, ``organization``, ``segment``, ``revenue``), inside a ``verb``; their id.

    Makes the person and the organization where need be, changes nothing that is so already. The route has asked for the right.
    """
    return _feed_person(external_id, **attributes).id


def feed_organization(organization_id: str, **attributes: Any) -> list[str]:
    """What another system knows of an organization (``segment``, ``revenue``), inside a ``verb``; which of it is news.

    Organizations are the whole server's: only an administrator may let a plugin do this.
    """
    return _describe_organization(organization_id, **attributes)


# --- Other machines --------------------------------------------------------------------------------------------------------


def sender(deadline: float = _outside.DEADLINE) -> Send:
    """Sends requests to addresses that people typed; only in the worker and in commands, never in a verb.

    Private networks are refused but for what the server's setting PRIVATE_ADDRESSES names; redirects are not followed; an
    answer has *deadline* seconds and a megabyte. What does not come raises ``Unreachable``.
    """
    return _outside.sender(_settings().private_addresses.replace(",", " ").split(), deadline)


def check_address(url: str) -> None:
    """Raise ``Unreachable`` where ``sender`` would refuse the address or nobody knows its name."""
    _outside.checked_address(url, _settings().private_addresses.replace(",", " ").split())


def seal(plugin: str, text: str) -> str:
    """A secret as a plugin keeps it: encrypted with a key made from the server's secret key."""
    return _sealing.seal(_settings().signing_key(), plugin, text)


def unseal(plugin: str, sealed: str) -> str:
    """What ``seal`` was given; raises Invalid when the server has another secret key now."""
    return _sealing.unseal(_settings().signing_key(), plugin, sealed)


def public_address(path: str) -> str:
    """The address of a page as others reach it; just the path where the server was not told its own address."""
    return str(_settings().base_url).rstrip("/") + path


def rules(kind: type[_R], space_id: str) -> dict[str, _R]:
    """The rules of a type by name, as far as the plugins that bring them are on in the space."""
    return _host_of(current_app).rules_in(kind, space_id)


def is_team(actor: Actor, space_id: str) -> bool:
    """Whether *actor* moderates, plans or owns the space."""
    return _access(actor, space_id).is_team


def behind(plugin: str, space_id: str) -> int:
    """How many events of a space wait to be told to a plugin; 500 stands for 500 or more."""
    return _events_behind(_host_of(current_app), plugin, space_id)


def _settings() -> Any:
    return current_app.extensions["codesign"]


__all__ = [
    "ALLOW", "API_VERSION", "EVERYONE", "HOLD", "NONE", "OPEN", "REFUSE", "TEAM", "WARN", "Actor", "Answer",
    "BallotClosed", "BallotFact", "BallotKind", "BallotOpened", "Base", "Bell", "Closed", "CommentAdded",
    "CommentEdited", "CommentFact", "CommentHeld", "CommentHidden", "CommentPublished", "CommentRemoved",
    "CommentText", "Conflict", "Contributions", "Event", "Facet", "FieldError", "FlagRaised", "FlagSettled",
    "Forbidden", "Form", "Found", "Hit", "IdeaAnswered", "IdeaEdited", "IdeaFact", "IdeaHeld", "IdeaHidden",
    "IdeaMerged", "IdeaPublished", "IdeaSplit", "IdeaStatistics", "IdeaText", "IdeaUnmerged", "IdeaWithdrawn", "Invalid",
    "MemberAdded", "MemberChanged", "MemberRemoved", "Moment", "NotFound", "Part", "Participant", "Pattern",
    "PhaseChanged", "Plugin", "Problem", "Query", "Recorded", "ReportFact", "Request", "Routes", "Score", "ScoreRule",
    "ScoresChanged", "Send", "Settings", "Signs", "SpaceChanged", "SpaceFact", "SpaceTotals", "StatusChanged",
    "StatusFact", "Tally", "Task", "TextDraft", "TextFact", "TooMany", "Unauthenticated", "Unavailable", "Unreachable",
    "Verdict", "Visit", "VoteCast", "VoteWithdrawn", "VotesImported", "_", "as_cell", "asked", "behind", "check_address",
    "comment_texts", "comments", "contributions", "count_ideas", "current_visit", "event", "feed_organization",
    "feed_person", "fields", "find_space", "go", "hold", "hookimpl", "idea_texts", "idea_url", "ideas", "is_pattern",
    "is_team", "log_mark", "names", "new_id", "now", "participants", "pattern", "people", "places", "plain_text", "posted",
    "public_address", "read", "record", "render", "reports", "rule", "rules", "seal", "sender", "sent", "session", "statuses",
    "tallies", "texts", "unseal", "url", "validate", "validates_schema", "verb",
]  # fmt: skip
