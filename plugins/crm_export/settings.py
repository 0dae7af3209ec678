"""What a space may set."""

from __future__ import annotations

from codesign.sdk import Settings, _, fields, validate

PURPOSE = "Contact me about what I asked for"
TEXT = (
    "The team of this space may copy my name, e-mail address, organization, ideas, votes and comments of this space into "
    "its customer system, to contact me about what I asked for. I can take this back at any time; the copy is then deleted."
)


class CrmExportSettings(Settings):
    """The question people are asked, and how long a connection may fail."""

    purpose = fields.String(
        load_default=PURPOSE,
        validate=validate.Length(3, 200),
        metadata={
            "label": _("Purpose"),
            "help": _("What people allow, in a few words. With another purpose everybody is asked anew."),
        },
    )
    consent_text = fields.String(
        load_default=TEXT,
        validate=validate.Length(20, 2000),
        metadata={
            "label": _("Text people agree to"),
            "help": _("Who agreed to an earlier text keeps it; which one is kept with their consent."),
        },
    )
    ask_on_board = fields.Boolean(
        load_default=True,
        metadata={
            "label": _("Ask beside the list of ideas"),
            "help": _("Once, until somebody says yes or no. The page with the question is always there."),
        },
    )
    give_up_hours = fields.Integer(
        load_default=48,
        validate=validate.Range(min=24, max=168),
        metadata={
            "label": _("Keep trying for"),
            "help": _("A connection that fails for so long is paused, and its team is told."),
            "unit": _("hours"),
        },
    )
