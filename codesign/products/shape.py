"""The JSON Schema of a product's document. ``engine.read`` is the judge: it also knows which ids there are."""

from __future__ import annotations

from typing import Any

from codesign.products.engine.model import CHOICES
from codesign.products.engine.reading import ID, LANGUAGE, MOST_ATTRIBUTES

_ID = {"type": "string", "pattern": f"^{ID.pattern}".replace(r"\Z", "$")}
_NUMBER = {"type": "number"}
_FORMULA = {"type": "string", "description": "Ids with ! & | => <=> and brackets, as in UVL"}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "required": list(required), "properties": properties, "additionalProperties": False,
    }  # fmt: skip


def _list(of: dict[str, Any], least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


def _rule(*required: str, **properties: Any) -> dict[str, Any]:
    return _object(("id", "message", *required), id=_ID, message=_ref("text"), **properties)


def document_schema() -> dict[str, Any]:
    """The schema of what ``PUT /products/{product}/draft`` takes as ``document``, and of files in YAML or JSON."""
    ids = _list(_ID, 1)
    text = {
        "description": "One text, or one for each language",
        "oneOf": [
            {"type": "string"},
            {"type": "object", "propertyNames": {"pattern": f"^{LANGUAGE.pattern}".replace(r"\Z", "$")},
             "additionalProperties": {"type": "string"}, "minProperties": 1},
        ],
    }  # fmt: skip
    amounts = {"type": "object", "additionalProperties": _NUMBER, "description": "Amounts by attribute"}
    number = _object(("from", "to", "step"), **{"from": _NUMBER}, to=_NUMBER, step=_NUMBER,
                     unit={"type": "string"}, each=amounts)  # fmt: skip
    option = _object(
        ("id",), id=_ID, label=_ref("text"), description=_ref("text"), image={"type": "string"},
        since={"type": "integer", "minimum": 0}, replaces=_ID, idea={"type": "string"},
        groups=_list(_ref("group")),
    )  # fmt: skip
    option["additionalProperties"] = {**_NUMBER, "description": "The amount of an attribute named above"}
    choose = {"oneOf": [
        {"enum": list(CHOICES)},
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "minItems": 2, "maxItems": 2},
    ]}  # fmt: skip
    group = _object(("id",), id=_ID, label=_ref("text"), description=_ref("text"), choose=choose,
                    options=_list(_ref("option"), 1), number=_ref("number"))  # fmt: skip
    attribute = _object((), label=_ref("text"), unit={"type": "string", "maxLength": 20},
                        decimals={"type": "integer", "minimum": 0, "maximum": 6}, sum={"type": "boolean"})  # fmt: skip
    rules = {"oneOf": [
        _rule("formula", formula=_FORMULA),
        _rule("if", "then", **{"if": _FORMULA}, then=_FORMULA),
        _rule("option", "requires", option=_ID, requires={"oneOf": [_ID, ids]}),
        _rule("forbid", forbid=ids),
        _rule("at_most", "of", at_most={"type": "integer", "minimum": 0}, of=ids),
    ]}  # fmt: skip
    whole = _object(
        (), product={"type": "string", "maxLength": 200}, version={"type": "integer", "minimum": 0},
        attributes={"type": "object", "maxProperties": MOST_ATTRIBUTES, "additionalProperties": _ref("attribute")},
        base=amounts, groups=_list(_ref("group")), rules=_list(_ref("rule")),
    )  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A product: its options and rules",
        **whole,
        "$defs": {
            "text": text, "number": number, "option": option, "group": group, "attribute": attribute, "rule": rules,
        },
    }  # fmt: skip
