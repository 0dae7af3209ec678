"""What can happen to a roadmap."""

from __future__ import annotations

from codesign.events.base import EVERYONE, Event, event


@event("roadmap.changed", EVERYONE)
class RoadmapChanged(Event):
    """The team arranged the columns anew."""


@event("release.published", EVERYONE)
class ReleasePublished(Event):
    """The team brought something out; it links these ideas, if any. Told once, however often it is edited later."""

    release_id: str
    idea_ids: list[str]


@event("release.changed", EVERYONE)
class ReleaseChanged(Event):
    """What was published reads otherwise now, or is gone (``removed``)."""

    release_id: str
    removed: bool = False
