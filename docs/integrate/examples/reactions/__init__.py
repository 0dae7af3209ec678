"""Reactions: one tap says how an idea makes you feel, and every open screen sees it rise."""

from codesign.sdk import Plugin, Settings, _, fields, validate

from . import hooks, pages
from .events import ReactionsChanged


class ReactionsSettings(Settings):
    """What a space may set."""

    emojis = fields.List(
        fields.String(validate=validate.Length(min=1, max=12)),
        load_default=lambda: ["❤️", "🎉", "🤔", "🚲"],
        validate=validate.Length(min=1, max=8),
        metadata={"label": _("Reactions to choose from"), "help": _("One in a line, eight at most.")},
    )


plugin = Plugin(
    name="reactions",
    title=_("Reactions"),
    version="1.0.0",
    requires=">=1.0,<2",
    description=_("Emoji under ideas, live on every screen"),
    settings=ReactionsSettings,
    hooks=hooks,
    events=(ReactionsChanged,),
    pages=pages.pages,
    api=pages.api,
    stores_personal_data=True,
)
