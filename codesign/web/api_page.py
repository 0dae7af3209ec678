"""The API's description as a page that needs no script: operations by room, and all shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def browsable(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The description as the page shows it: operations by room, each with what it takes and gives, and all shapes."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec.get("paths", {}).items():
        shared = methods.get("parameters", [])
        for method, operation in methods.items():
            if method == "parameters":
                continue
            shown = _operation(path, method, operation, shared)
            rooms.setdefault((operation.get("tags") or [""])[0], []).append(shown)
    tags = {tag["name"]: tag.get("description", "") for tag in spec.get("tags", [])}
    shapes = spec.get("components", {}).get("schemas", {})
    return {
        "info": spec["info"],
        "rooms": rooms,
        "tags": tags,
        "shapes": {name: _shape(shapes[name]) for name in sorted(shapes)},
    }


def _operation(
    path: str, method: str, operation: Mapping[str, Any], shared: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    parameters = [
        {**_line(p["name"], p.get("schema", {}), p.get("required", False)), "place": p["in"]}
        for p in [*shared, *operation.get("parameters", [])]
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    answers = {
        status: [type_name(content.get("schema", {})) for content in answer.get("content", {}).values()]
        for status, answer in operation.get("responses", {}).items()
        if status != "default"
    }
    return {
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": parameters,
        "body": type_name(body) if body else None,
        "answers": answers,
    }


def _shape(schema: Mapping[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    lines = [_line(name, inner, name in required) for name, inner in schema.get("properties", {}).items()]
    return {"description": schema.get("description", ""), "fields": lines}


def _line(name: str, schema: Mapping[str, Any], required: bool) -> dict[str, Any]:
    return {"name": name, "type": type_name(schema), "required": required, "description": schema.get("description", "")}


def type_name(schema: Mapping[str, Any]) -> str:
    """A JSON schema in a few words; a shape by its name."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " | ".join(type_name(inner) for inner in schema[word])
    kind = schema.get("type", "any")
    if "array" in kind:
        return f"{type_name(schema.get('items', {}))}[]"
    return " | ".join(kind) if isinstance(kind, list) else str(kind)
