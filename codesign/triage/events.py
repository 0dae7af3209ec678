"""What can happen at the desk. Ids and keys only: what a field says stands in its row."""

from __future__ import annotations

from codesign.events.base import TEAM, Event, event


@event("idea.assigned", TEAM)
class IdeaAssigned(Event):
    """Somebody of the team looks after an idea from now on; None: nobody does."""

    idea_id: str
    owner_id: str | None


@event("idea.field_set", TEAM)
class FieldSet(Event):
    """A field of an idea was set or emptied."""

    idea_id: str
    key: str


@event("triage.done", TEAM)
class DeedDone(Event):
    """Somebody changed so many ideas at once. The changes have their own facts, as far as others may see them."""

    deed_id: str
    verb: str
    count: int


@event("triage.undone", TEAM)
class DeedUndone(Event):
    """A deed was taken back, as far as nobody had changed things since."""

    deed_id: str
    count: int


@event("triage.arranged", TEAM)
class DeskArranged(Event):
    """The fields or the team's views of a space changed."""
