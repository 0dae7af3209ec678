"""What a space may set. 0 switches a rule off."""

from __future__ import annotations

from typing import Any

from codesign.sdk import Settings, _, fields, is_pattern, validate

from .words import LANGUAGES


def _whole(default: int, most: int, label: Any, help: Any, unit: Any) -> fields.Integer:
    words = {"label": label, "help": help, "unit": unit}
    return fields.Integer(load_default=default, validate=validate.Range(min=0, max=most), metadata=words)


class ModerationSettings(Settings):
    """Rules, and when somebody is trusted."""

    most_links_new = _whole(
        1, 50, _("Links of somebody new"), _("A text with more links is read by a moderator first."), _("links")
    )
    most_links_known = _whole(
        3, 50, _("Links of somebody known"), _("The same for people who have taken part for a while."), _("links")
    )
    most_links_regular = _whole(
        10, 100, _("Links of a regular"), _("The same for people who take part often."), _("links")
    )
    new_account_hours = _whole(
        24,
        720,
        _("No links right after joining"),
        _("A link from somebody we first saw this recently is read by a moderator first. 0: no such rule."),
        _("hours"),
    )
    same_text_days = _whole(
        7,
        90,
        _("The same text again"),
        _("A text that was written here before, by anybody, is read by a moderator first. 0: no such rule."),
        _("days"),
    )
    most_per_minute = _whole(
        5, 100, _("Texts in a minute"), _("Who writes faster is asked to wait. 0: no such rule."), _("texts")
    )
    languages = fields.List(
        fields.String(validate=validate.OneOf(LANGUAGES, labels=LANGUAGES.values())),
        load_default=lambda: ["en"],
        metadata={
            "label": _("Languages of the word lists"),
            "help": _("Hurtful words and advertising in these are read by a moderator first."),
        },
    )
    own_words = fields.List(
        fields.String(validate=validate.Length(1, 60)),
        load_default=list,
        validate=validate.Length(max=500),
        metadata={
            "label": _("Your own words"),
            "help": _("One word or short phrase a line; a * at its end takes longer words too."),
        },
    )
    own_patterns = fields.List(
        fields.String(validate=[validate.Length(2, 200), is_pattern]),
        load_default=list,
        validate=validate.Length(max=50),
        metadata={
            "label": _("Your own patterns"),
            "help": _("Regular expressions, one a line: order no\\. ?\\d+. Small and capital letters are the same."),
        },
    )
    warn_personal = fields.Boolean(
        load_default=True,
        metadata={
            "label": _("Warn of personal data"),
            "help": _("E-mail, telephone, card and account numbers: the author is asked once before they are public."),
        },
    )
    hold_programs = fields.Boolean(
        load_default=True,
        metadata={
            "label": _("A trap for programs"),
            "help": _("A field people cannot see; a text that comes with it filled is read by a moderator first."),
        },
    )
    least_seconds = _whole(
        3, 60, _("Least time on the form"), _("Faster than this is no person typing. 0: no such rule."), _("seconds")
    )
    reports_hold_at = fields.Float(
        load_default=1.5,
        validate=validate.Range(min=0, max=20),
        metadata={
            "label": _("Reports that hold a text"),
            "help": _(
                "Each report weighs as much as its author was right before: 0.5 for a first one, up to 1; newcomers "
                "weigh half. At this sum the text waits for a moderator. 0: never."
            ),
            "unit": _("weight"),
        },
    )
    known_after_days = _whole(
        1,
        365,
        _("Known: days"),
        _("Somebody is known after so many days here and as many contributions as below."),
        _("days"),
    )
    known_after_contributions = _whole(
        3, 1000, _("Known: contributions"), _("Ideas, comments and votes here, together."), _("contributions")
    )
    regular_after_days = _whole(
        15,
        730,
        _("A regular: days"),
        _("Somebody is a regular after so many days here and as many contributions as below."),
        _("days"),
    )
    regular_after_contributions = _whole(
        20,
        10_000,
        _("A regular: contributions"),
        _("Ideas, comments and votes here, together; three of them texts."),
        _("contributions"),
    )
