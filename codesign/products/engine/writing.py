"""From a model back to its canonical document, and the hash by which it is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from codesign.products.engine.model import Attribute, Group, Model, Number, Option, Text


def write(model: Model) -> dict[str, Any]:
    """The document of *model*, ready for JSON or YAML; reading it gives the same model again."""
    attributes = {attribute.id: attribute for attribute in model.attributes}
    document = {
        "product": model.product,
        "version": model.version,
        "attributes": {attribute.id: _attribute(attribute) for attribute in model.attributes},
        "base": _amounts(model.base, attributes),
        "groups": [_group(group, attributes) for group in model.groups],
        "rules": [{"id": rule.id, **_plain(rule.shape), "message": _text(rule.message)} for rule in model.rules],
    }
    return _without_empty(document)


def content_hash(model: Model) -> str:
    """BLAKE2b-256 over the canonical JSON of *model*, in hex."""
    text = json.dumps(write(model), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


def _attribute(attribute: Attribute) -> dict[str, Any]:
    label = "" if attribute.label == attribute.id else _text(attribute.label)
    return {
        **_without_empty({"label": label, "unit": attribute.unit}),
        "decimals": attribute.decimals,
        "sum": attribute.summed,
    }


def _group(group: Group, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    choose = group.choose
    document: dict[str, Any] = {
        "id": group.id,
        "label": _text(group.label),
        "description": _text(group.description),
        "choose": choose if isinstance(choose, str) else list(choose),
    }
    if group.number:
        document["number"] = _number(group.number, attributes)
    else:
        document["options"] = [_option(option, attributes) for option in group.options]
    return _without_empty(document)


def _option(option: Option, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    return _without_empty({
        "id": option.id,
        "label": _text(option.label),
        "image": option.image,
        "description": _text(option.description),
        "since": option.since,
        "replaces": option.replaces,
        "idea": option.idea,
        **_amounts(option.attributes, attributes),
        "groups": [_group(group, attributes) for group in option.groups],
    })  # fmt: skip


def _number(number: Number, attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    return {
        "from": _json_number(number.start),
        "to": _json_number(number.to),
        "step": _json_number(number.step),
        **_without_empty({"unit": number.unit, "each": _amounts(number.each, attributes)}),
    }


def _amounts(amounts: Mapping[str, int], attributes: Mapping[str, Attribute]) -> dict[str, int | float]:
    return {
        id: _json_number(Decimal(amount).scaleb(-attributes[id].decimals)) for id, amount in sorted(amounts.items())
    }


def _json_number(value: Decimal) -> int | float:
    """At most fifteen digits (reading refuses more), so a float shows every one of them."""
    return int(value) if value == int(value) else float(value)


def _text(text: Text) -> str | dict[str, str]:
    return text if isinstance(text, str) else dict(text)


def _plain(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in shape.items()}


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value not in ("", None, {}, [])}
