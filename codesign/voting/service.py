"""Casting and taking back votes.

``apply_votes`` is the one core; ``cast_vote`` is the way in for single votes, which share a look at the gate and a commit
with whatever else arrives in the same few milliseconds.
"""

from __future__ import annotations

from codesign.kernel.actor import Actor
from codesign.voting.apply import apply_votes
from codesign.voting.batch import submit
from codesign.voting.facts import Receipt
from codesign.voting.gate import Wish

__all__ = ["apply_votes", "cast_vote", "withdraw_vote"]


def cast_vote(actor: Actor, idea_id: str, value: int, voter: str | None = None) -> Receipt:
    """Cast *actor*'s vote (1 up, 0 seen it, -1 down; what the ballot's kind takes), acknowledged when it is durable.

    With *voter* (an id or external id) the vote is that person's, for whom the actor's token acts. Raises NotFound, Forbidden,
    Unauthenticated, Closed, Conflict (merged idea), Invalid (value). Refuses to run inside a transaction.
    """
    return submit(Wish(actor, idea_id, value, voter))


def withdraw_vote(actor: Actor, idea_id: str, voter: str | None = None) -> Receipt:
    """Take *actor*'s vote back, or *voter*'s; nothing changes when there is none. Raises as ``cast_vote``."""
    return submit(Wish(actor, idea_id, None, voter))
