"""What marshmallow says of a field, as sentences of ours: it speaks English alone."""

from __future__ import annotations

import re

from codesign.kernel.text import Sentence


def _(message: str) -> str:
    """Mark for the catalogue; the words are marshmallow's, and programs may know them."""
    return message


_SAID = (
    _("Missing data for required field."),
    _("Unknown field."),
    _("Field may not be null."),
    _("Invalid value."),
    _("Invalid input type."),
    _("Not a valid string."),
    _("Not a valid integer."),
    _("Not a valid number."),
    _("Not a valid boolean."),
    _("Not a valid list."),
    _("Not a valid mapping type."),
    _("Not a valid URL."),
    _("Not a valid email address."),
    _("Not a valid datetime."),
    _("Not a valid date."),
    _("Special numeric values (nan or infinity) are not permitted."),
    _("String does not match expected pattern."),
    _("Must be one of: %(choices)s."),
    _("Length must be between %(min)s and %(max)s."),
    _("Length must be %(equal)s."),
    _("Longer than maximum length %(max)s."),
    _("Shorter than minimum length %(min)s."),
    _("Must be greater than or equal to %(min)s and less than or equal to %(max)s."),
    _("Must be greater than or equal to %(min)s."),
    _("Must be less than or equal to %(max)s."),
    _("Must be greater than %(min)s."),
    _("Must be less than %(max)s."),
)
_GAP = re.compile(r"%\\\((\w+)\\\)s")
_KNOWN = [(re.compile(_GAP.sub(r"(?P<\1>.+)", re.escape(said))), said) for said in _SAID]


def understood(message: str) -> str:
    """*message* as a sentence that can be translated, if marshmallow says it; otherwise as it is."""
    if isinstance(message, Sentence):
        return message
    for pattern, said in _KNOWN:
        if found := pattern.fullmatch(message):
            return Sentence(said, **found.groupdict())
    return message
