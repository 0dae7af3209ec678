"""What can happen to a comment. Internal notes have facts of their own, which only the team gets."""

from __future__ import annotations

from codesign.events.base import EVERYONE, NONE, TEAM, Event, event


@event("comment.added", EVERYONE)
class CommentAdded(Event):
    """Somebody said something that everybody who may see the space can read."""

    comment_id: str
    idea_id: str
    parent_id: str | None = None
    author_id: str | None = None
    source: str = ""  # another system it came from


@event("comment.held", TEAM)
class CommentHeld(Event):
    """A comment waits for a moderator."""

    comment_id: str
    idea_id: str
    author_id: str | None = None


@event("comment.edited", EVERYONE)
class CommentEdited(Event):
    """Its text changed."""

    comment_id: str
    idea_id: str


@event("comment.revised", TEAM)
class CommentRevised(Event):
    """A comment that only its author and the team see was changed or removed."""

    comment_id: str
    idea_id: str


@event("comment.removed", EVERYONE)
class CommentRemoved(Event):
    """It is gone; answers to it stay."""

    comment_id: str
    idea_id: str


@event("comment.hidden", EVERYONE)
class CommentHidden(Event):
    """A moderator hid it; the reason is in the row."""

    comment_id: str
    idea_id: str


@event("comment.published", EVERYONE)
class CommentPublished(Event):
    """A moderator let it be seen."""

    comment_id: str
    idea_id: str
    parent_id: str | None = None
    author_id: str | None = None


@event("comment.moderated", NONE)
class CommentModerated(Event):
    """A moderator decided on it: what its author is told. ``act`` is as in its history (``publish``, ``hide``, ``refuse`` …)."""

    comment_id: str
    idea_id: str
    author_id: str | None
    act: str


@event("note.added", TEAM)
class NoteAdded(Event):
    """The team noted something for itself."""

    comment_id: str
    idea_id: str
    parent_id: str | None = None
    author_id: str | None = None


@event("note.edited", TEAM)
class NoteEdited(Event):
    """An internal note changed."""

    comment_id: str
    idea_id: str


@event("note.removed", TEAM)
class NoteRemoved(Event):
    """An internal note is gone."""

    comment_id: str
    idea_id: str
