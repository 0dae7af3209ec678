"""One part of a model as a small form: what stands in its fields, and what was typed there as values of the document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from codesign.kernel.errors import FieldError, Invalid
from codesign.kernel.text import _
from codesign.products import changes
from codesign.products.engine.model import CHOICES

Document = Mapping[str, Any]
Form = MultiDict[str, str]

ACTS = ("save", "add", "remove", "up", "down")
#: What a rule may be written as, by the key that tells it.
RULES = ("if", "requires", "forbid", "at_most", "formula")
#: "Between two numbers", beside the words for how many.
RANGE = "range"
_TEXTS = ("label", "description")
_MOST_NAMED = 400


@dataclass(frozen=True)
class Opened:
    """A part that is open for changes: what is to be done with it, its kind, and its id (or that of what it comes under)."""

    act: str
    kind: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.act}:{self.kind}:{self.at}"


def read_opened(token: str) -> Opened | None:
    """``save:option:rack`` as what it says; None where it says nothing. Raises Invalid."""
    if not token:
        return None
    act, _colon, rest = token.partition(":")
    kind, _colon, at = rest.partition(":")
    known = act in ACTS and kind in _READ and (kind != "rule" or act != "add" or at in RULES)
    if not known:
        raise Invalid.field("do", _("This page does not know that button."), "unknown")
    return Opened(act, kind, at)


# --- What stands in the fields ----------------------------------------------------------------------------------------


def shown(document: Document, opened: Opened, text: Callable[[Any], str]) -> dict[str, Any]:
    """The fields of a part as its form shows them; *text* says a text in the viewer's language. Raises NotFound."""
    if opened.act == "add":
        return {"choose": "one", "decimals": "0", "sum": "1", "form": opened.at if opened.kind == "rule" else ""}
    part = _part(document, opened)
    told = {name: text(value) if name in _MESSAGES else value for name, value in part.items()}
    told |= {f"amount.{name}": part.get(name) for name in document.get("attributes") or {}}
    if opened.kind == "rule":
        told["form"] = next((form for form in RULES if form in part), "formula")
    elif opened.kind == "attribute":
        told["sum"] = "1" if part.get("sum", True) else "0"
    elif isinstance(choose := part.get("choose", "one"), list):
        told |= {"choose": RANGE, "least": choose[0], "most": choose[1]}
    return told | _number_shown(part.get("number") or {})


_MESSAGES = (*_TEXTS, "message")


def _number_shown(number: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in number.items() if name != "each"}
    return told | {f"each.{name}": value for name, value in (number.get("each") or {}).items()}


def _part(document: Document, opened: Opened) -> dict[str, Any]:
    if opened.kind == "base":
        return dict(document.get("base") or {})
    return changes.find(dict(document), opened.kind, opened.at)


# --- What was typed ---------------------------------------------------------------------------------------------------


def typed(document: Document, opened: Opened, form: Form) -> dict[str, Any]:
    """What was typed as values of the document; raises Invalid that names the field."""
    attributes = tuple(document.get("attributes") or {})
    values = _READ[opened.kind](form, opened, attributes)
    if opened.act == "add":
        values["id"] = _line(form, "id")
        if not values["id"]:
            raise Invalid.field("id", _("Give it an id."), "required")
    elif opened.kind == "rule":
        values |= _in_their_order(values, _part(document, opened))
    return values


def _in_their_order(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of options as they stood, new ones behind: boxes are ticked in the order of the page."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        old = before.get(name)
        if isinstance(value, list) and isinstance(old, list):
            kept[name] = [*(one for one in old if one in value), *(one for one in value if one not in old)]
    return kept


def _line(form: Form, name: str) -> str:
    return form.get(name, "").strip()


def _number(form: Form, name: str) -> int | float | str:
    """A number as people write it; nothing stays nothing."""
    text = _line(form, name).replace(",", ".")
    if not text:
        return ""
    try:
        number = json.loads(text) if len(text) <= 40 else None
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Invalid.field(name, _("Write a number."), "invalid")
    return number


def _whole(form: Form, name: str) -> int | str:
    number = _number(form, name)
    if isinstance(number, float):
        raise Invalid.field(name, _("Write a whole number."), "invalid")
    return number


def _amounts(form: Form, prefix: str, attributes: tuple[str, ...]) -> dict[str, Any]:
    return {name: _number(form, f"{prefix}{name}") for name in attributes}


def _choose(form: Form) -> Any:
    """One of the words, or two numbers."""
    word = _line(form, "choose")
    if word in CHOICES:
        return word
    if word != RANGE:
        raise Invalid.field("choose", _("Choose one of these."), "unknown")
    least, most = _whole(form, "least"), _whole(form, "most")
    if least == "" or most == "":
        raise Invalid.field("least", _("Write both numbers: at least, and at most."), "required")
    return [least, most]


def _ids(form: Form, name: str) -> list[str]:
    """Options that were ticked, or written in one line."""
    return [one for text in form.getlist(name)[:_MOST_NAMED] for one in re.split(r"[,;\s]+", text.strip()) if one]


def _texts(form: Form) -> dict[str, Any]:
    return {name: form.get(name, "").replace("\r\n", "\n").strip() for name in _TEXTS}


def _group(form: Form, opened: Opened, attributes: tuple[str, ...]) -> dict[str, Any]:
    values = {**_texts(form), "choose": _choose(form)}
    if opened.act == "add":
        if not (first := _line(form, "first")):
            raise Invalid.field("first", _("A group needs at least one option."), "required")
        values["options"] = [{"id": first, "label": _line(form, "first_label") or first}]
    return values


def _stepped(form: Form, opened: Opened, attributes: tuple[str, ...]) -> dict[str, Any]:
    number = {name: _number(form, name) for name in ("from", "to", "step")}
    if missing := [name for name, value in number.items() if value == ""]:
        raise Invalid(errors=[FieldError(name, "required", _("Write a number.")) for name in missing])
    each = {name: value for name, value in _amounts(form, "each.", attributes).items() if value != ""}
    more = {"unit": _line(form, "unit"), "each": each}
    return {
        **_texts(form), "choose": _choose(form),
        "number": {**number, **{name: value for name, value in more.items() if value}},
    }  # fmt: skip


def _option(form: Form, opened: Opened, attributes: tuple[str, ...]) -> dict[str, Any]:
    names = {name: _line(form, name) for name in ("image", "replaces", "idea")}
    return {**_texts(form), **names, "since": _whole(form, "since"), **_amounts(form, "amount.", attributes)}


def _rule(form: Form, opened: Opened, attributes: tuple[str, ...]) -> dict[str, Any]:
    message, kind = _line(form, "message"), _line(form, "form")
    if kind == "if":
        return {"if": _line(form, "if"), "then": _line(form, "then"), "message": message}
    if kind == "requires":
        needed = _ids(form, "requires")
        return {
            "option": _line(form, "option"), "requires": needed[0] if len(needed) == 1 else needed, "message": message,
        }  # fmt: skip
    if kind == "forbid":
        return {"forbid": _ids(form, "forbid"), "message": message}
    if kind == "at_most":
        return {"at_most": _whole(form, "at_most"), "of": _ids(form, "of"), "message": message}
    return {"formula": _line(form, "formula"), "message": message}


def _attribute(form: Form, opened: Opened, attributes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "label": _line(form, "label"), "unit": _line(form, "unit"), "decimals": _whole(form, "decimals") or 0,
        "sum": _line(form, "sum") != "0",
    }  # fmt: skip


def _base(form: Form, opened: Opened, attributes: tuple[str, ...]) -> dict[str, Any]:
    return _amounts(form, "amount.", attributes)


_READ: dict[str, Callable[[Form, Opened, tuple[str, ...]], dict[str, Any]]] = {
    "group": _group, "number": _stepped, "option": _option, "rule": _rule, "attribute": _attribute, "base": _base,
}  # fmt: skip
