"""What the exchange announces: a whole space came in, or ideas of another system. What happened before stands in the logs."""

from __future__ import annotations

from codesign.events.base import NONE, TEAM, Event, event


@event("space.imported", NONE)
class SpaceImported(Event):
    """A space came from an archive, with its log. Stands in the server's log."""

    imported_id: str


@event("ideas.imported", TEAM)
class IdeasImported(Event):
    """Ideas of another system came in, with votes that were only counted or came with their voters."""

    source: str
    ideas: int
    votes: int
