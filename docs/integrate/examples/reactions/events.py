"""What happened, for the log and for every open screen."""

from codesign.sdk import OPEN, Event, event


@event("reactions.changed", OPEN)
class ReactionsChanged(Event):
    """An idea has another number of one emoji. Who gave it is not told; where counts are hidden nothing is."""

    idea_id: str
    emoji: str
    count: int
