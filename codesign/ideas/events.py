"""What can happen to an idea."""

from __future__ import annotations

from codesign.events.base import EVERYONE, NONE, OPEN, TEAM, Event, event


@event("idea.published", EVERYONE)
class IdeaPublished(Event):
    """An idea can be seen by all who may see the space."""

    idea_id: str
    author_id: str | None = None


@event("idea.held", TEAM)
class IdeaHeld(Event):
    """An idea waits for a moderator."""

    idea_id: str
    author_id: str | None = None


@event("idea.edited", EVERYONE)
class IdeaEdited(Event):
    """Its text or tags changed."""

    idea_id: str
    idea_version: int


@event("idea.revised", TEAM)
class IdeaRevised(Event):
    """An idea that only its author and the team see was changed or withdrawn."""

    idea_id: str
    idea_version: int


@event("idea.withdrawn", EVERYONE)
class IdeaWithdrawn(Event):
    """Its author took it back before anybody else had voted or commented."""

    idea_id: str


@event("idea.hidden", EVERYONE)
class IdeaHidden(Event):
    """A moderator hid it; the reason is in the row."""

    idea_id: str


@event("idea.moderated", NONE)
class IdeaModerated(Event):
    """A moderator decided on it: what its author is told. ``act`` is as in its history (``publish``, ``hide``, ``refuse`` …)."""

    idea_id: str
    author_id: str | None
    act: str


@event("idea.status_changed", EVERYONE)
class StatusChanged(Event):
    """The team moved it to another status."""

    idea_id: str
    old: str | None
    new: str
    source: str = ""  # another system that said so


@event("idea.answered", EVERYONE)
class IdeaAnswered(Event):
    """The team answered, or changed its answer; ``removed`` when it was taken back."""

    idea_id: str
    removed: bool = False
    source: str = ""  # another system that said so


@event("scores.changed", OPEN)
class ScoresChanged(Event):
    """Rules gave these ideas new scores."""

    rules: list[str]
    idea_ids: list[str]


@event("idea.rescored", TEAM)
class IdeaRescored(Event):
    """Rules of the team gave these ideas new scores; none named: any of them."""

    rules: list[str]
    idea_ids: list[str]


@event("votes.imported", OPEN)
class VotesImported(Event):
    """Counts without voters were added."""

    idea_id: str
    source: str
    up: int
    down: int
