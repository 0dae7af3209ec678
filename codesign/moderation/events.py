"""What can happen to a report, and what moderators do with texts."""

from __future__ import annotations

from codesign.events.base import EVERYONE, TEAM, Event, event


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


@event("text.decided", EVERYONE)
class TextDecided(Event):
    """A moderator decided; which text it was is not told to everybody. ``ground``: ``held``, ``report``, ``appeal``, ``own``.

    ``overturned``: an appeal was right.
    """

    kind: str
    decision: str
    ground: str
    overturned: bool = False


@event("text.claimed", TEAM)
class TextClaimed(Event):
    """A moderator reads a text, or (``released``) leaves it to others."""

    kind: str
    target_id: str
    released: bool = False


@event("text.appealed", TEAM)
class TextAppealed(Event):
    """An author asks another moderator to look again."""

    kind: str
    target_id: str
