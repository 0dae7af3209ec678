"""Settings of a plugin: one marshmallow schema gives form, defaults and checks. Looked up space, then server, then
default."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, ValidationError, fields, missing, validate

from codesign.hooks.facts import SettingFact
from codesign.kernel.errors import FieldError, Invalid
from codesign.kernel.library_words import understood
from codesign.kernel.text import _

_KINDS: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.Boolean, "switch"),
    (fields.Integer, "whole"),
    (fields.Number, "number"),
    (fields.List, "list"),
    (fields.String, "text"),
)

#: A text that may be longer than this is typed into several lines.
_LINE = 300
_UNKNOWN = _("Unknown field.")


def without_default(schema: type[Schema]) -> list[str]:
    """Settings that say no default; a plugin must work before anybody has set anything."""
    return [name for name, field in schema().fields.items() if field.load_default is missing]


def resolve(schema: type[Schema] | None, server: Mapping[str, Any], space: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings in force. A kept value that the schema no longer takes (after an upgrade) counts as not set."""
    values, _origins = _resolve(schema, server, space)
    return MappingProxyType(values)


def _resolve(
    schema: type[Schema] | None, server: Mapping[str, Any], space: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, field in schema().fields.items() if schema else ():
        values[name], origins[name] = _default(field), "default"
        for origin, layer in (("server", server), ("space", space)):
            if name in layer:
                try:
                    values[name], origins[name] = field.deserialize(layer[name]), origin
                except ValidationError:
                    continue
    return values, origins


def _default(field: fields.Field[Any]) -> Any:
    return field.load_default() if callable(field.load_default) else field.load_default


def check(
    schema: type[Schema] | None, values: Mapping[str, Any], kept: Mapping[str, Any], below: Mapping[str, Any]
) -> dict[str, Any]:
    """What to keep after *values* were sent: *kept* with the changes, as JSON values; raises Invalid, naming each
    wrong field.

    None takes a setting back to what the layer *below* says. Unknown keys are refused; what a schema says about
    several fields together is checked on the settings as they will be.
    """
    changes = {name: value for name, value in values.items() if value is not None}
    if schema is None:
        if values:
            raise Invalid(errors=[FieldError(name, "unknown", _UNKNOWN) for name in values])
        return {}
    known = schema().fields
    errors: dict[str, list[str]] = {name: [_UNKNOWN] for name in values if name not in known}
    checked: dict[str, Any] = {}
    for name in changes.keys() & known.keys():
        try:
            checked[name] = known[name].deserialize(changes[name])
        except ValidationError as error:
            errors[name] = _sentences(error.messages)
    if errors:
        raise _invalid(errors)
    lasting = {name: value for name, value in kept.items() if name in known and name not in values}
    result = {**lasting, **dict(schema().dump(checked))}
    whole, _origins = _resolve(schema, below, result)
    try:
        schema().load(dict(schema().dump(whole)))
    except ValidationError as error:
        raise _invalid(error.normalized_messages()) from None
    return result


def _sentences(messages: Any) -> list[str]:
    """What is wrong with one field; of a list, in which line."""
    if isinstance(messages, Mapping):
        return [
            _("Line %(number)s: %(wrong)s", number=line + 1, wrong=wrong)
            for line, found in messages.items()
            for wrong in _sentences(found)
        ]
    return [understood(message) for message in messages]


def _invalid(messages: Mapping[str, Any]) -> Invalid:
    errors = []
    for name, found in messages.items():
        for message in found if isinstance(found, list) else [str(found)]:
            code = "unknown" if message == _UNKNOWN else "invalid"
            errors.append(FieldError("" if name == "_schema" else name, code, understood(message)))
    return Invalid(errors=errors)


def form(schema: type[Schema] | None, server: Mapping[str, Any], space: Mapping[str, Any]) -> tuple[SettingFact, ...]:
    """The lines of the settings form, drawn from the schema: kind, words, value in force and where it comes from."""
    if schema is None:
        return ()
    values, origins = _resolve(schema, server, space)
    shown = schema().dump(values)
    return tuple(_line(name, field, shown.get(name), origins[name]) for name, field in schema().fields.items())


def _kind(field: fields.Field[Any]) -> str:
    kind = next((word for cls, word in _KINDS if isinstance(field, cls)), "text")
    lengths = [rule.max or 0 for rule in field.validators if isinstance(rule, validate.Length)]
    return "prose" if kind == "text" and max(lengths, default=0) > _LINE else kind


def _line(name: str, field: fields.Field[Any], value: Any, origin: str) -> SettingFact:
    choices: tuple[Any, ...] = ()
    labels: tuple[str, ...] = ()
    least = most = None
    inner = field.inner if isinstance(field, fields.List) else field
    for rule in inner.validators:
        if isinstance(rule, validate.OneOf):
            choices = tuple(rule.choices)
            labels = tuple(rule.labels) or tuple(str(choice) for choice in choices)
        elif isinstance(rule, validate.Range):
            least, most = rule.min, rule.max
    kind = _kind(field)
    if choices:
        kind = "choice" if inner is field else "choices"
    words = field.metadata
    if words.get("secret"):
        kind = "secret"
    return SettingFact(
        name=name,
        kind=kind,
        label=words.get("label", name),
        help=words.get("help", ""),
        value=value,
        origin=origin,
        default=_default(field),
        choices=choices,
        labels=labels,
        least=least,
        most=most,
        unit=words.get("unit", ""),
    )
