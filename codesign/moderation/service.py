"""Reports, and decisions on what was reported or held."""

from __future__ import annotations

from collections.abc import Callable
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
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.moderation.events import FlagRaised, FlagSettled
from codesign.moderation.facts import (
    COMMENT,
    DECISIONS,
    HIDE,
    HOLD,
    IDEA,
    KEEP,
    KINDS,
    PUBLISH,
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
    (COMMENT, HIDE): hide_comment,
    (COMMENT, HOLD): hold_comment,
    (COMMENT, PUBLISH): publish_comment,
}


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
def settle_flags(actor: Actor, kind: str, target_id: str, decision: str, reason: str = "") -> None:
    """Decide on a text that was held or reported: ``hide``, ``hold``, ``publish`` or ``keep`` it as it is.

    Its open reports are settled with it (hide and hold uphold them).
    """
    if decision not in DECISIONS:
        raise Invalid.field("decision", _("Hide, hold, publish or keep it."), "unknown")
    flagged_in = session().scalar(select(Flag.space_id).where(Flag.kind == kind, Flag.target_id == target_id).limit(1))
    if decision == KEEP and flagged_in is not None:  # also where its author has removed the text since
        found = access(actor, flagged_in, "moderate")
    else:
        found, _text = _target(actor, kind, target_id, "moderate")
    if decision != KEEP:
        _WAYS[kind, decision](actor, target_id, reason)
    outcome = UPHELD if decision in {HIDE, HOLD} else REJECTED
    here = (Flag.kind == kind) & (Flag.target_id == target_id) & Flag.settled_at.is_(None)
    values = {"settled_at": clock.now(), "settled_by": actor.person_id, "outcome": outcome}
    settled = session().execute(update(Flag).where(here).values(values).returning(Flag.id)).all()
    if settled:
        record(FlagSettled(found.space.id, kind, target_id, outcome), actor)
