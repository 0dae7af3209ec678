"""The model as a form: groups, options and rules, each with its own small form. Every change is a new draft."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from marshmallow import INCLUDE, validate

from codesign.configurations.views import language
from codesign.kernel.errors import Conflict, FieldError, Invalid, NotFound
from codesign.kernel.text import _
from codesign.products import changes, queries, service
from codesign.products.engine.model import CHOICES
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.pages import words
from codesign.products.pages.base import blueprint, done, errors_of, page, with_draft
from codesign.spaces.facts import Access
from codesign.web.forms import Form, Line, posted
from codesign.web.identity import current_actor

CHOOSE = {
    "one": _("exactly one"), "optional-one": _("one, or none"), "any": _("as many as you like"),
    "some": _("at least one"), "all": _("all of them"),
}  # fmt: skip
_KINDS = ("group", "option", "rule", "base")
#: What a small form may say of each kind of part; amounts of attributes come on top for options.
_FIELDS = {
    "group": ("id", "label", "description", "choose", "first"),
    "option": ("id", "label", "description", "image", "replaces", "idea"),
    "rule": ("id", "message", "formula", "if", "then"),
    "base": (),
}


class PartForm(Form):
    """One small form: what to do with which part, and its fields (``value-<name>``)."""

    class Meta:
        unknown = INCLUDE

    act = Line(required=True, validate=validate.OneOf(["save", "add", "remove", "up", "down"]))
    kind = Line(required=True, validate=validate.OneOf(_KINDS))
    at = Line(load_default="")
    seen = Line(load_default="")


@blueprint.get("/spaces/<space>/products/<slug>/form")
def form(space: str, slug: str) -> str:
    """The model as a form."""
    item, access, draft = with_draft(space, slug)
    return _form(item, access, draft)


def _form(
    item: ProductFact, access: Access, draft: VersionFact | None, errors: Any = (), typed: dict[str, str] | None = None
) -> str:
    document = _document(item, draft)
    return page(
        "products/form.html", access, product=item, draft=draft, document=document, errors=errors, typed=typed or {},
        seen=draft.content_hash if draft else "", choose=CHOOSE, choices=CHOICES, text=_text,
        comments=bool(draft and "#" in draft.source),
    )  # fmt: skip


def _document(item: ProductFact, draft: VersionFact | None) -> dict[str, Any]:
    """The draft, or what was published last, to go on from."""
    start = draft or (queries.get_version(item.published_version_id) if item.published_version_id else None)
    return dict(start.document) if start else {"groups": [], "rules": []}


def _text(value: Any) -> str:
    """A text of the document in the viewer's language."""
    return words.label(value or "")


@blueprint.post("/spaces/<space>/products/<slug>/form")
def save_part(space: str, slug: str) -> Any:
    """Do what one small form asks for; refused, the form stands there again with what was typed."""
    item, access, draft = with_draft(space, slug)
    typed = request.form.to_dict()
    values = {name.removeprefix("value-"): typed[name] for name in typed if name.startswith("value-")}
    try:
        told = posted(PartForm())
        document = _changed(_document(item, draft), told, values)
        service.write_draft(current_actor(), item.id, document, seen=told["seen"])
    except (Invalid, Conflict, NotFound) as problem:
        return _form(item, access, draft, errors_of(problem), typed), problem.status
    return done(_("Saved in the draft."), "products.form", space=space, slug=slug, _anchor=_anchor(told, values))


def _anchor(told: dict[str, Any], values: dict[str, str]) -> str:
    return f"{told['kind']}-{values.get('id') or told['at']}" if told["act"] != "remove" else ""


def _changed(document: dict[str, Any], told: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    kind, at, act = told["kind"], told["at"], told["act"]
    if act == "remove":
        return changes.without(document, kind, at)
    if act in ("up", "down"):
        return changes.moved(document, kind, at, -1 if act == "up" else 1)
    read = _read(document, kind, values)
    if act == "add":
        if first := read.pop("first", ""):
            read["options"] = [{"id": first}]  # no group is without one
        return changes.added(document, kind, at, read)
    return changes.changed(document, kind, at, read, language())


def _read(document: dict[str, Any], kind: str, values: dict[str, str]) -> dict[str, Any]:
    """What was typed as values of the document: numbers for amounts, words for the rest. Raises Invalid."""
    attributes = document.get("attributes") or {}
    amounts = tuple(attributes) if kind in ("option", "base") else ()
    unknown = [name for name in values if name not in _FIELDS[kind] and name not in amounts]
    if unknown:
        raise Invalid(errors=[FieldError(name, "unknown", _("This is not known here.")) for name in unknown])
    read: dict[str, Any] = {}
    for name, value in values.items():
        text = value.strip()
        read[name] = _number(name, text) if name in amounts else _choice(text) if name == "choose" else text
    return read


def _number(name: str, text: str) -> int | float | str:
    if not text:
        return ""
    try:
        number = json.loads(text.replace(",", "."))
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Invalid.field(name, _("Write a number."))
    return number


def _choice(text: str) -> Any:
    """One of the words, or two numbers as they stand in the document. Raises Invalid."""
    if text in CHOICES:
        return text
    try:
        return [int(part) for part in text.split("-") if part.isdecimal()]
    except ValueError:  # Python reads no number of thousands of digits
        raise Invalid.field("choose", _("Write a number.")) from None
