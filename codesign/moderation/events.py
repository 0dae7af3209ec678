"""What can happen to a report."""

from __future__ import annotations

from codesign.events.base import TEAM, Event, event


@event("flag.raised", TEAM)
class FlagRaised(Event):
    """Somebody reported an idea or a comment. Who did is in the row, not in the log."""

    flag_id: str
    kind: str
    target_id: str


@event("flag.settled", TEAM)
class FlagSettled(Event):
    """A moderator decided on the reports of a text: ``upheld`` or ``rejected``."""

    kind: str
    target_id: str
    outcome: str
