"""Every model in docs/use/products.md can be read, and the published schema takes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from codesign.kernel.errors import Invalid
from codesign.products import engine
from codesign.products.shape import document_schema

PAGE = Path(__file__).parents[3] / "docs/use/products.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def whole(block: str) -> dict[str, Any]:
    """A block as a document: what it leaves out is filled in as a reader would."""
    return {"attributes": {"price": {"unit": "EUR", "decimals": 2}}, **engine.parse(block)}


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_what_the_page_shows_can_be_composed(block: str) -> None:
    model = engine.read(whole(block))
    assert engine.compile(model).propagate({}).possible
    _check(whole(block), document_schema(), document_schema()["$defs"])


def test_the_page_shows_something() -> None:
    assert len(BLOCKS) >= 7


def test_the_schema_refuses_what_the_engine_refuses() -> None:
    for wrong in (
        {"groups": [{"id": "a", "colour": 1}]},
        {"rules": [{"id": "r", "message": "m"}]},
        {"groups": [{"id": "a", "choose": "two", "options": [{"id": "x"}]}]},
        {"surprise": True},
    ):
        with pytest.raises(Invalid):
            engine.read(wrong)
        with pytest.raises(AssertionError):
            _check(wrong, document_schema(), document_schema()["$defs"])


_TYPES: dict[str, Any] = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
}  # fmt: skip


def _check(value: Any, schema: dict[str, Any], parts: dict[str, Any]) -> None:
    """As much of JSON Schema as ours uses."""
    if "$ref" in schema:
        _check(value, parts[schema["$ref"].rpartition("/")[2]], parts)
    if "oneOf" in schema:
        fits = [one for one in schema["oneOf"] if _fits(value, one, parts)]
        assert len(fits) == 1, value
    if "enum" in schema:
        assert value in schema["enum"]
    if "type" in schema:
        kinds = _TYPES[schema["type"]]
        assert isinstance(value, kinds) and not (isinstance(value, bool) and kinds is not bool), value
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), value
    if isinstance(value, list):
        assert len(value) >= schema.get("minItems", 0)
        for one in value if "items" in schema else ():
            _check(one, schema["items"], parts)
    if isinstance(value, dict):
        _check_object(value, schema, parts)


def _check_object(value: dict[str, Any], schema: dict[str, Any], parts: dict[str, Any]) -> None:
    assert set(schema.get("required", ())) <= set(value), value
    known, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, one in value.items():
        if key in known:
            _check(one, known[key], parts)
        else:
            assert more is not False, key
            if isinstance(more, dict):
                _check(one, more, parts)


def _fits(value: Any, schema: dict[str, Any], parts: dict[str, Any]) -> bool:
    try:
        _check(value, schema, parts)
    except AssertionError:
        return False
    return True
