"""Forms of pages: what was posted is read through a marshmallow schema, so pages refuse what the API refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, pre_load, validate
from werkzeug.wrappers import Response

from codesign.kernel.errors import Closed, FieldError, Invalid, Problem, TooMany, Unavailable
from codesign.kernel.text import Sentence, _
from codesign.kernel.words import is_usable
from codesign.web.csrf import FIELD
from codesign.web.errors import from_messages
from codesign.web.signs import SIGNS

MOST_TEXT = 100_000


class Line(fields.String):
    """One line of text: outer spaces cut, control characters refused."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        if any(ord(letter) < 32 for letter in text):
            raise ValidationError(_("This must be one line without control characters."))
        return text


class Prose(fields.String):
    """Text of several lines: line ends as everywhere but in forms, NUL refused."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("validate", validate.Length(max=MOST_TEXT, error=_("This text is too long.")))
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if "\0" in text:
            raise ValidationError(_("This text holds a character that cannot be kept."))
        return text.replace("\r\n", "\n").strip()


class Form(Schema):
    """Base of every posted form: unknown fields are refused; the form token and the signs are none of them."""

    class Meta:
        unknown = RAISE

    @pre_load
    def _without_token(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if name != FIELD and name not in SIGNS}


class Query(Schema):
    """Base of an address's query: what a page does not know (``utm_source``) and what is empty is passed over."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _without_blanks(self, data: Mapping[str, Any], **kwargs: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}


def posted(schema: Form, data: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The posted form as *schema* loads it; *data* where its fields were gathered otherwise. Raises Invalid."""
    return _load(schema, request.form.to_dict() if data is None else data)


def asked(schema: Query) -> dict[str, Any]:
    """The query of the address as *schema* loads it; raises Invalid."""
    return _load(schema, request.args.to_dict())


#: Refusals after which the form is shown again with what was typed: it can be sent once more, now or later.
KEEPS_TEXT = (Invalid, TooMany, Closed, Unavailable)


def refusals(problem: Problem) -> tuple[FieldError, ...]:
    """What to say on top of a form that was refused."""
    return problem.errors or (FieldError("", problem.code, problem.sentence),)


def done(message: Sentence, endpoint: str, **values: Any) -> Response:
    """Say what happened and go on."""
    flash(message)
    return redirect(url_for(endpoint, **values), 303)


def _is_kept(value: Any) -> bool:
    """Whether a database can keep what a field holds, be it one text or several."""
    return all(is_usable(text) for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _load(schema: Schema, data: Mapping[str, Any]) -> dict[str, Any]:
    if unusable := [name for name, value in data.items() if not _is_kept(value)]:
        sentence = _("This text holds a character that cannot be kept.")
        raise Invalid(errors=[FieldError(name, "invalid", sentence) for name in unusable])
    try:
        loaded: dict[str, Any] = schema.load(data)
    except ValidationError as error:
        raise from_messages(error.messages) from None
    return loaded


__all__ = ["KEEPS_TEXT", "Form", "Line", "Prose", "Query", "asked", "done", "posted", "refusals"]
