"""What can happen to a vote. Nobody is shown single votes: screens get tallies."""

from __future__ import annotations

from codesign.events.base import NONE, Event, event


@event("vote.cast", NONE)
class VoteCast(Event):
    """A person voted, or changed their vote; ``old`` is None for a first vote, ``at`` a note of an earlier time (import)."""

    ballot_id: str
    idea_id: str
    person_id: str
    value: int
    old: int | None = None
    at: str | None = None


@event("vote.withdrawn", NONE)
class VoteWithdrawn(Event):
    """A person took their vote back."""

    ballot_id: str
    idea_id: str
    person_id: str
    old: int
