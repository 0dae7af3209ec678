"""What can happen to the customer's voice. Ids only: whose vote it is, and what was said, stands in the rows."""

from __future__ import annotations

from codesign.events.base import TEAM, Event, event


@event("vote.entered", TEAM)
class VoteEntered(Event):
    """Somebody of the team entered the vote of a customer, or what is noted of it anew; ``source`` is where it came from."""

    entry_id: str
    idea_id: str
    source: str


@event("vote.entry_removed", TEAM)
class VoteEntryRemoved(Event):
    """An entered vote was taken back by the team; one the person cast themselves since stands."""

    entry_id: str
    idea_id: str


@event("evidence.added", TEAM)
class EvidenceAdded(Event):
    """Somebody of the team attached to an idea what a customer said elsewhere."""

    evidence_id: str
    idea_id: str


@event("evidence.removed", TEAM)
class EvidenceRemoved(Event):
    """Evidence was taken away."""

    evidence_id: str
    idea_id: str


@event("weights.set", TEAM)
class WeightsSet(Event):
    """How much votes of segments weigh was set anew; the version says what to what."""

    number: int
