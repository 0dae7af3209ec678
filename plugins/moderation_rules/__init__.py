"""Moderation by rules: who is new, what is said again, what hurts, what is private. Rules hold and explain; people decide."""

from codesign.sdk import (
    CommentAdded,
    CommentEdited,
    CommentHeld,
    CommentHidden,
    CommentPublished,
    FlagRaised,
    IdeaEdited,
    IdeaHeld,
    IdeaHidden,
    IdeaPublished,
    Plugin,
    Task,
    VoteCast,
    VoteWithdrawn,
    _,
)

from . import hooks, store
from .commands import figures
from .settings import ModerationSettings

plugin = Plugin(
    name="moderation_rules",
    title=_("Moderation rules"),
    version="1.0.0",
    requires=">=1.0,<2",
    description=_("Holds what a moderator should read first, and says why"),
    settings=ModerationSettings,
    hooks=hooks,
    listens_to=(
        IdeaPublished, IdeaHeld, IdeaEdited, IdeaHidden, CommentAdded, CommentHeld, CommentPublished, CommentEdited,
        CommentHidden, VoteCast, VoteWithdrawn, FlagRaised,
    ),
    commands=(figures,),
    tasks=(Task("tidy", every="1d", run=store.tidy),),
    stores_personal_data=True,
)  # fmt: skip
