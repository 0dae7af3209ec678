"""What the exchange announces: a whole space came in. What happened in the space before stands in its own log."""

from __future__ import annotations

from codesign.events.base import NONE, Event, event


@event("space.imported", NONE)
class SpaceImported(Event):
    """A space came from an archive, with its log. Stands in the server's log."""

    imported_id: str
