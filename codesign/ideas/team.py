"""What the team does with ideas: hide, hold, publish, move to a status, answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.events.log import record
from codesign.ideas.events import (
    IdeaAnswered,
    IdeaHeld,
    IdeaHidden,
    IdeaModerated,
    IdeaPublished,
    IdeaRevised,
    StatusChanged,
)
from codesign.ideas.facts import IdeaFact
from codesign.ideas.models import Idea
from codesign.ideas.people import settle_mentions
from codesign.ideas.queries import find_idea, idea_access, seen_idea
from codesign.ideas.rows import carry, last_act, lock, noted, require_alone, show_pictures, shown_in
from codesign.ideas.texts import clean_reason, clean_text
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED, REMOVED
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.spaces.access import require
from codesign.spaces.facts import Access, MoveRuleFact, SpaceFact
from codesign.spaces.queries import list_statuses
from codesign.spaces.service.workflow import list_rules, require_move


def require_team(actor: Actor, found: Access) -> None:
    """Let through moderators and product people (and tokens with either scope)."""
    if not (actor.may("product") and found.may("product")):
        require(actor, found, "moderate")


# --- Seen or not ------------------------------------------------------------------------------------------------------


@verb
def hide_idea(actor: Actor, idea_id: str, reason: str, act: str = "hide") -> IdeaFact:
    """Let only the author and the team see an idea, with a reason they can read. Reversible; votes are kept.

    *act* says what is meant: ``hide``, ``refuse`` (what was never public), ``change`` (once its author has edited it, it
    waits for a moderator again).
    """
    return _move(actor, idea_id, HIDDEN, act, clean_reason(reason))


@verb
def hold_idea(actor: Actor, idea_id: str, reason: str) -> IdeaFact:
    """Put an idea back into the queue of moderators."""
    return _move(actor, idea_id, HELD, "hold", clean_reason(reason))


@verb
def publish_idea(actor: Actor, idea_id: str, reason: str = "") -> IdeaFact:
    """Let everybody who may see the space see an idea that was held or hidden."""
    return _move(actor, idea_id, PUBLISHED, "publish", clean_reason(reason, required=False))


def _move(actor: Actor, idea_id: str, state: str, act: str, reason: str) -> IdeaFact:
    idea_access(actor, idea_id, "moderate")
    row = lock(idea_id)
    if row.state == REMOVED:
        raise Conflict(_("Its author has withdrawn this idea."))
    if row.state != state or (state == HIDDEN and last_act(row.verdict) != act):
        record(IdeaModerated(row.space_id, row.id, row.author_id, act), actor)
        _announce(actor, row, state)
        row.state = state
        row.verdict = noted(row.verdict, act, actor, reason)
        carry(actor, row)
        session().flush()
    return seen_idea(actor, idea_id)


def _announce(actor: Actor, row: Idea, state: str) -> None:
    if row.state == PUBLISHED:
        record(IdeaHidden(row.space_id, row.id), actor)
    elif state == HIDDEN:
        record(IdeaRevised(row.space_id, row.id, row.version), actor)
    if state == HELD:
        record(IdeaHeld(row.space_id, row.id, row.author_id), actor)
    if state == PUBLISHED:
        row.published_at = row.published_at or clock.now()
        record(IdeaPublished(row.space_id, row.id, row.author_id), actor)


# --- Statuses ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moves:
    """What decides on moves of ideas in a space: the statuses of its list, by id, and its rules."""

    known: frozenset[str]
    rules: Sequence[MoveRuleFact]


def moves_of(space_id: str) -> Moves:
    """What decides on moves in a space, as it is now."""
    return Moves(frozenset(status.id for status in list_statuses(space_id)), list_rules(space_id))


def known_status(space: SpaceFact, status_id: str, moves: Moves | None = None) -> str:
    """The id of a status of the space's list; raises Invalid."""
    if status_id not in (moves.known if moves else {status.id for status in list_statuses(space.id)}):
        raise Invalid.field("status", _("This space has no such status."), "unknown")
    return status_id


def change_status(actor: Actor, found: Access, row: Idea, status_id: str, moves: Moves | None = None) -> bool:
    """Move a locked idea to another status; returns whether that changed anything."""
    if row.status_id == status_id:
        return False
    moves = moves or moves_of(found.space.id)
    known_status(found.space, status_id, moves)
    _require_public(row)
    require_move(found, moves.rules, row.status_id, status_id, answered=row.answer_body is not None)
    record(StatusChanged(row.space_id, row.id, row.status_id, status_id), actor)
    row.status_id = status_id
    return True


def _require_public(row: Idea) -> None:
    require_alone(row)
    if row.state != PUBLISHED:
        raise Conflict(_("Publish this idea first: only the team and its author see it now."))


@verb
def set_status(actor: Actor, idea_id: str, status_id: str) -> IdeaFact:
    """Move an idea to another status of the space's list. Raises NotFound, Forbidden, Invalid, Conflict."""
    found, _idea = find_idea(actor, idea_id)
    require_team(actor, found)
    row = lock(idea_id)
    if change_status(actor, found, row, status_id):
        row.version += 1
        session().flush()
    return seen_idea(actor, idea_id)


# --- The official answer ----------------------------------------------------------------------------------------------


@verb
def answer_idea(actor: Actor, idea_id: str, body: str) -> IdeaFact:
    """Give an idea its official answer, or change it."""
    found, idea = find_idea(actor, idea_id)
    require_team(actor, found)
    text = settle_mentions(found, clean_text(body, required=True), idea.answer_body or "")
    row = lock(idea_id)
    _require_public(row)
    if row.answer_body != text:
        before = shown_in(row)
        row.answer_body, row.answer_by, row.answer_at = text, actor.person_id, clock.now()
        show_pictures(actor, row, before)
        record(IdeaAnswered(row.space_id, row.id), actor)
        session().flush()
    return seen_idea(actor, idea_id)


@verb
def remove_answer(actor: Actor, idea_id: str) -> IdeaFact:
    """Take the official answer of an idea back."""
    found, _idea = find_idea(actor, idea_id)
    require_team(actor, found)
    row = lock(idea_id)
    if row.answer_body is not None:
        before = shown_in(row)
        row.answer_body = row.answer_by = row.answer_at = None
        show_pictures(actor, row, before)
        record(IdeaAnswered(row.space_id, row.id, removed=True), actor)
        session().flush()
    return seen_idea(actor, idea_id)
