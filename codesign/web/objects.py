"""The JSON object a request carries, read to the letter: by core's doors and by those of plugins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import Schema, ValidationError
from webargs.flaskparser import is_json_request

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.kernel.words import is_usable

MOST_DEPTH = 32


def sent(schema: Schema) -> dict[str, Any]:
    """The JSON object of this request as *schema* loads it; an empty body is an empty object. Raises Invalid, ValidationError."""
    content = read_object(request)
    check_texts(content)
    return dict(schema.load(content))


def read_object(from_request: Request) -> dict[str, Any]:
    """The body of a request as an object; an empty body is an empty object."""
    raw = from_request.get_data(cache=True)
    if not raw:
        return {}
    if not is_json_request(from_request):
        raise Invalid(_("Send this as application/json."))
    return parse_json(raw)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return content


def _no_such_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def parse_json(raw: bytes) -> dict[str, Any]:
    """The JSON object in *raw*; names that stand twice, NaN and anything but an object are refused."""
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_such_number)
    except (ValueError, RecursionError):
        raise Invalid(_("The body of this request is not the JSON it should be.")) from None
    if not isinstance(content, dict):
        raise Invalid(_("The body of this request should be a JSON object."))
    return content


def check_texts(value: Any, depth: int = 0) -> None:
    """Refuse, by ValidationError, texts that no database keeps, however deep they stand; and what stands too deep."""
    if isinstance(value, str):
        if not is_usable(value):
            raise ValidationError(str(_("This holds characters that cannot be kept.")))
    elif depth > MOST_DEPTH:
        raise ValidationError(str(_("This is nested too deeply.")))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            check_texts(name, depth)
            try:
                check_texts(inner, depth + 1)
            except ValidationError as error:
                raise ValidationError(error.messages, str(name)) from None
    elif isinstance(value, list | tuple):
        for inner in value:
            check_texts(inner, depth + 1)
