"""Reports, and decisions on what was reported or held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import select, update

from codesign.comments.queries import comment_access
from codesign.comments.service import hide_comment, hold_comment, publish_comment
from codesign.events.log import record
from codesign.ideas.queries import idea_access
from codesign.ideas.service import hide_idea, hold_idea, publish_idea
from codesign.ideas.texts import clean_reason
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, Problem, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.moderation.appeals import open_appeals, require_another, settle_appeal
from codesign.moderation.desk import drop_claim, require_free
from codesign.moderation.events import FlagRaised, FlagSettled, TextDecided
from codesign.moderation.facts import (
    CHANGE,
    COMMENT,
    DECISIONS,
    HIDE,
    HOLD,
    IDEA,
    KEEP,
    KINDS,
    PUBLISH,
    REFUSE,
    REJECTED,
    UPHELD,
    FlagFact,
)  # fmt: skip
from codesign.moderation.models import Flag
from codesign.moderation.queries import flag_fact
from codesign.spaces.access import access
from codesign.spaces.facts import Access

_WAYS: dict[tuple[str, str], Callable[[Actor, str, str], Any]] = {
    (IDEA, HIDE): hide_idea,
    (IDEA, HOLD): hold_idea,
    (IDEA, PUBLISH): publish_idea,
    (IDEA, REFUSE): partial(hide_idea, act=REFUSE),
    (IDEA, CHANGE): partial(hide_idea, act=CHANGE),
    (COMMENT, HIDE): hide_comment,
    (COMMENT, HOLD): hold_comment,
    (COMMENT, PUBLISH): publish_comment,
    (COMMENT, REFUSE): partial(hide_comment, act=REFUSE),
    (COMMENT, CHANGE): partial(hide_comment, act=CHANGE),
}
#: Decisions that say a report was right.
_AGREES = {HIDE, HOLD, REFUSE, CHANGE}
MOST_AT_ONCE = 50


def _target(actor: Actor, kind: str, target_id: str, right: str) -> tuple[Access, Any]:
    """The text of that kind and id behind its room's gate."""
    if kind not in KINDS:
        raise Invalid.field("kind", _("Only ideas and comments can be reported."))
    if kind == IDEA:
        return idea_access(actor, target_id, right)
    found, _idea, comment = comment_access(actor, target_id, right)
    return found, comment


@verb
def raise_flag(actor: Actor, kind: str, target_id: str, reason: str = "") -> FlagFact:
    """Report an idea or a comment to the moderators; once per person and text, a second time changes nothing.

    Raises NotFound, Unauthenticated, Forbidden, Invalid.
    """
    found, text = _target(actor, kind, target_id, "view")
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in to report this."))
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    if text.author_id == actor.person_id:
        raise Conflict(_("This is yours: edit or remove it instead."))
    words = clean_reason(reason, required=False)
    work, flag_id = session(), new_id()
    row = upsert(work, Flag).values(
        id=flag_id, space_id=found.space.id, kind=kind, target_id=target_id, person_id=actor.person_id, reason=words,
        created_at=clock.now(), settled_at=None, settled_by=None, outcome=None,
    )  # fmt: skip
    work.execute(row.on_conflict_do_nothing(index_elements=["kind", "target_id", "person_id"]))
    query = select(Flag).where(Flag.kind == kind, Flag.target_id == target_id, Flag.person_id == actor.person_id)
    kept = work.scalars(query).one()
    if kept.id == flag_id:
        record(FlagRaised(found.space.id, flag_id, kind, target_id))
    return flag_fact(kept)


@verb
def settle_flags(
    actor: Actor, kind: str, target_id: str, decision: str, reason: str = "", *, seen: str | None = None
) -> None:
    """Decide on a text that was held, reported or appealed for: ``hide``, ``hold``, ``publish``, ``refuse`` it, ask its author
    to ``change`` it, or ``keep`` it as it is.

    Its open reports are settled with it, and so is an appeal. *seen* is what the moderator saw (``QueueItem.seen``): where
    somebody was faster, nothing happens. Raises NotFound, Forbidden, Invalid, Conflict.
    """
    if decision not in DECISIONS:
        raise Invalid.field("decision", _("Publish, keep, hold, hide or refuse it, or ask for a change."), "unknown")
    flagged_in = session().scalar(select(Flag.space_id).where(Flag.kind == kind, Flag.target_id == target_id).limit(1))
    text: Any = None
    if decision == KEEP and flagged_in is not None:  # also where its author has removed the text since
        found = access(actor, flagged_in, "moderate")
    else:
        found, text = _target(actor, kind, target_id, "moderate")
    require_free(actor, kind, target_id)
    if seen is not None and text is not None and seen != seen_of(text):
        raise Conflict(_("Somebody has decided on this, or edited it, since you opened the page. Look again."))
    asked = open_appeals([(kind, target_id)]).get((kind, target_id))
    require_another(actor, found.space.id, asked)
    ground = "appeal" if asked else "held" if text is not None and text.state == HELD else "own"
    if decision != KEEP:
        _WAYS[kind, decision](actor, target_id, reason)
    settled = _settle_reports(actor, found.space.id, kind, target_id, UPHELD if decision in _AGREES else REJECTED)
    if asked is not None:
        settle_appeal(actor, asked, decision == PUBLISH)
        if decision == PUBLISH:
            _turn_round(kind, target_id)
    drop_claim(kind, target_id)
    ground = "report" if settled and ground == "own" else ground
    record(TextDecided(found.space.id, kind, decision, ground, asked is not None and decision == PUBLISH), actor)


def seen_of(text: Any) -> str:
    """What somebody who looks at a text sees of its standing; changes with every decision and edit."""
    return f"{text.state}.{text.version}.{len((text.verdict or {}).get('history', ()))}"


def _settle_reports(actor: Actor, space_id: str, kind: str, target_id: str, outcome: str) -> bool:
    here = (Flag.kind == kind) & (Flag.target_id == target_id) & Flag.settled_at.is_(None)
    values = {"settled_at": clock.now(), "settled_by": actor.person_id, "outcome": outcome}
    settled = session().execute(update(Flag).where(here).values(values).returning(Flag.id)).all()
    if settled:
        record(FlagSettled(space_id, kind, target_id, outcome), actor)
    return bool(settled)


def _turn_round(kind: str, target_id: str) -> None:
    """An appeal was right, so those who reported the text were not."""
    here = (Flag.kind == kind) & (Flag.target_id == target_id) & (Flag.outcome == UPHELD)
    session().execute(update(Flag).where(here).values(outcome=REJECTED))


def settle_many(
    actor: Actor, targets: Sequence[tuple[str, str, str | None]], decision: str, reason: str = ""
) -> dict[tuple[str, str], Problem | None]:
    """One decision on several texts (kind, id, what was seen), each by itself; what was refused says why."""
    if len(targets) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s texts at once.", most=MOST_AT_ONCE))
    outcome: dict[tuple[str, str], Problem | None] = {}
    for kind, target_id, seen in targets:
        try:
            settle_flags(actor, kind, target_id, decision, reason, seen=seen)
            outcome[kind, target_id] = None
        except Problem as problem:
            outcome[kind, target_id] = problem
    return outcome
