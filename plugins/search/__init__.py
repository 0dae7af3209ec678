"""Search: finds ideas, comments and people as they are meant, and look-alikes while a title is typed."""

from codesign.sdk import (
    CommentAdded,
    CommentEdited,
    CommentHidden,
    CommentPublished,
    CommentRemoved,
    IdeaAnswered,
    IdeaEdited,
    IdeaHidden,
    IdeaMerged,
    IdeaPublished,
    IdeaUnmerged,
    IdeaWithdrawn,
    Plugin,
    Settings,
    StatusChanged,
    _,
    fields,
    validate,
)

from . import hooks, pages
from .commands import rebuild
from .words import LANGUAGES


class SearchSettings(Settings):
    """What a space may set."""

    language = fields.String(
        load_default="en",
        validate=validate.OneOf(LANGUAGES),
        metadata={
            "label": _("Language of short texts"),
            "help": _("Every text is read in its own language; this one counts where a text is too short to tell."),
        },
    )


plugin = Plugin(
    name="search",
    title=_("Search"),
    version="1.0.0",
    requires=">=1.0,<2",
    description=_("Finds ideas, comments and people, whatever the language, and look-alikes while a title is typed"),
    settings=SearchSettings,
    hooks=hooks,
    pages=pages.pages,
    api=pages.api,
    commands=(rebuild,),
    listens_to=(
        IdeaPublished,
        IdeaEdited,
        IdeaWithdrawn,
        IdeaHidden,
        IdeaMerged,
        IdeaUnmerged,
        IdeaAnswered,
        StatusChanged,
        CommentAdded,
        CommentEdited,
        CommentRemoved,
        CommentHidden,
        CommentPublished,
    ),
    stores_personal_data=True,
)
