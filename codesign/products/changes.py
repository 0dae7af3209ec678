"""Small changes of a document, as the form makes them: one group, option or rule at a time. ``engine.read`` judges the whole."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from codesign.kernel.errors import Invalid, NotFound
from codesign.kernel.text import _

Document = dict[str, Any]


def changed(document: Mapping[str, Any], kind: str, at: str, values: Mapping[str, Any], language: str) -> Document:
    """A copy of *document* where the *kind* with the id *at* has *values*; empty values are left out of it.

    Texts in several languages change in *language* only. Raises NotFound.
    """
    made = copy.deepcopy(dict(document))
    if kind == "base":
        made["base"] = {key: value for key, value in values.items() if value not in ("", None)}
        return made
    part = find(made, kind, at)
    for key, value in values.items():
        if isinstance(part.get(key), dict) and isinstance(value, str):
            part[key] = {**part[key], language: value}
        elif value in ("", None):
            part.pop(key, None)
        else:
            part[key] = value
    return made


def added(document: Mapping[str, Any], kind: str, under: str, values: Mapping[str, Any]) -> Document:
    """A copy of *document* with a new group (*under* an option, or at the top), option (in a group), rule or attribute at
    the end. Raises NotFound, Invalid (an attribute of that id is there)."""
    made = copy.deepcopy(dict(document))
    new = {key: value for key, value in values.items() if value not in ("", None)}
    new = {key: new[key] for key in ("id", *new) if key in new}  # as people write it
    if kind == "attribute":
        name = new.pop("id")
        if name in made.setdefault("attributes", {}):
            raise Invalid.field("id", _("“%(id)s” is there twice.", id=name), "twice")
        made["attributes"][name] = new
    elif kind == "rule":
        made.setdefault("rules", []).append(new)
    elif kind == "option":
        find(made, "group", under).setdefault("options", []).append(new)
    else:
        place = find(made, "option", under) if under else made
        place.setdefault("groups", []).append(new)
    return made


def without(document: Mapping[str, Any], kind: str, at: str) -> Document:
    """A copy of *document* without the *kind* of the id *at* and what lies below it; raises NotFound.

    An attribute takes along every amount that is given in it.
    """
    made = copy.deepcopy(dict(document))
    if kind == "attribute":
        return _without_attribute(made, at)
    for parts in _lists(made, kind):
        for part in parts:
            if part.get("id") == at:
                parts.remove(part)
                return made
    raise _missing()


def moved(document: Mapping[str, Any], kind: str, at: str, step: int) -> Document:
    """A copy of *document* with one part moved up (-1) or down (1) in its list; raises NotFound."""
    made = copy.deepcopy(dict(document))
    for parts in _lists(made, kind):
        places = [place for place, part in enumerate(parts) if part.get("id") == at]
        if places and 0 <= places[0] + step < len(parts):
            parts.insert(places[0] + step, parts.pop(places[0]))
        if places:
            return made
    raise _missing()


def _without_attribute(made: Document, name: str) -> Document:
    if made.get("attributes", {}).pop(name, None) is None:
        raise _missing()
    made.get("base", {}).pop(name, None)
    for kind in ("option", "group"):
        for parts in _lists(made, kind):
            for part in parts:
                amounts = part if kind == "option" else part.get("number", {}).get("each", {})
                amounts.pop(name, None)
    return made


def find(document: Document, kind: str, at: str) -> dict[str, Any]:
    """The part itself; raises NotFound."""
    if kind == "attribute" and at in document.get("attributes", {}):
        found: dict[str, Any] = document["attributes"][at]
        return found
    if kind == "attribute":
        raise _missing()
    for parts in _lists(document, kind):
        for part in parts:
            if part.get("id") == at:
                return part
    raise _missing()


def _missing() -> NotFound:
    return NotFound(_("This is not in the draft any more. Somebody else may have changed it."))


def _lists(document: Document, kind: str) -> Iterator[list[dict[str, Any]]]:
    """Every list in which parts of this *kind* lie."""
    if kind not in ("group", "number", "option", "rule"):
        raise Invalid(_("This is not known here."))
    if kind == "rule":
        yield document.setdefault("rules", [])
        return
    waiting = [document]
    while waiting:
        groups = waiting.pop().get("groups") or []
        if kind in ("group", "number"):
            yield groups
        for group in groups:
            options = group.get("options") or []
            if kind == "option":
                yield options
            waiting += options


def options_of(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every option of a document."""
    for options in _lists(dict(document), "option"):
        yield from options
