"""Casting and taking back votes.

``apply_votes`` is the one core; ``cast_vote`` is the way in for single votes, which share a commit with whatever else
arrives in the same few milliseconds.
"""

from __future__ import annotations

from codesign.ideas.queries import idea_access
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from codesign.kernel.text import _
from codesign.spaces.facts import Access
from codesign.voting.apply import apply_votes
from codesign.voting.batch import submit
from codesign.voting.facts import VALUES, Ask, Outcome, Receipt
from codesign.voting.queries import may_see_tallies

__all__ = ["apply_votes", "cast_vote", "withdraw_vote"]


def cast_vote(actor: Actor, idea_id: str, value: int) -> Receipt:
    """Cast *actor*'s vote (1 up, 0 seen it, -1 down; what the ballot's kind takes), acknowledged when it is durable.

    Raises NotFound, Forbidden, Closed, Conflict (merged or hidden idea), Invalid (value). Refuses to run inside a transaction.
    """
    return _vote(actor, idea_id, value)


def withdraw_vote(actor: Actor, idea_id: str) -> Receipt:
    """Take *actor*'s vote back; nothing changes when there is none. Raises as ``cast_vote``."""
    return _vote(actor, idea_id, None)


def _vote(actor: Actor, idea_id: str, value: int | None) -> Receipt:
    access, idea = idea_access(actor, idea_id, "vote")
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in to vote here."))
    if idea.merged_into is not None:
        raise Conflict(_("This idea is now part of another one. Vote there."), merged_into=idea.merged_into)
    if idea.state != PUBLISHED:
        raise NotFound(_("There is no such idea, or you may not see it."))
    check_value(access, value)
    outcome = submit(Ask(idea_id, actor.person_id, value, by=actor.by))
    return receipt(access, outcome)


def check_value(access: Access, value: int | None) -> None:
    """Raise Invalid unless the space's ballot takes *value*."""
    takes = VALUES[access.space.ballot.kind]
    if value is not None and (isinstance(value, bool) or value not in takes):
        raise Invalid.field("value", _("This ballot takes %(values)s.", values=", ".join(map(str, takes))))


def receipt(access: Access, outcome: Outcome) -> Receipt:
    """What the voter may know of the *outcome* of their vote."""
    seen = may_see_tallies(access)
    return Receipt(outcome.ask.idea_id, outcome.value, outcome.changed, outcome.tally if seen else None, outcome.seq)
