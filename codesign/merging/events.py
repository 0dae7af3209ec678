"""What can happen between two ideas."""

from __future__ import annotations

from codesign.events.base import EVERYONE, Event, event


@event("idea.merged", EVERYONE)
class IdeaMerged(Event):
    """Idea ``idea_id`` became part of ``into``; its voters, comments and followers came along."""

    idea_id: str
    into: str
    merge_id: str


@event("idea.unmerged", EVERYONE)
class IdeaUnmerged(Event):
    """The merge was undone."""

    idea_id: str
    from_id: str
    merge_id: str


@event("idea.split", EVERYONE)
class IdeaSplit(Event):
    """A part of idea ``idea_id`` stands by itself from now on, as idea ``offshoot_id``.

    ``with_votes``: who had voted for the one has the same vote on the other, too.
    """

    idea_id: str
    offshoot_id: str
    with_votes: bool
