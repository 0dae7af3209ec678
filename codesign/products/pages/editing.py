"""The model as a form: an outline of groups, options and rules, one of them open for changes. Every change is a new draft."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from marshmallow import INCLUDE, validate

from codesign.configurations.views import language
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.ideas.texts import slug_of
from codesign.ideas.wanted import wanted_options
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, FieldError, Invalid, NotFound
from codesign.kernel.text import _
from codesign.products import changes, pictures, queries, service
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.pages import words
from codesign.products.pages.base import blueprint, page, with_draft
from codesign.products.pages.parts import RANGE, Opened, read_opened, shown, typed
from codesign.spaces.facts import Access
from codesign.web.forms import Form, Line, Query, asked, done, posted, refusals
from codesign.web.identity import current_actor

CHOOSE = [
    ("one", _("exactly one")), ("optional-one", _("one, or none")), ("any", _("as many as you like")),
    ("some", _("at least one")), ("all", _("all of them")), (RANGE, _("between two numbers")),
]  # fmt: skip
RULE_FORMS = [
    ("if", _("If … then …")), ("requires", _("One needs others")), ("forbid", _("Not together")),
    ("at_most", _("At most so many of these")), ("formula", _("Formula")),
]  # fmt: skip


class FormQuery(Query):
    """Which part is open, and the idea a new option begins as."""

    open = Line(load_default="", validate=validate.Length(max=200))
    idea = Line(load_default="", validate=validate.Length(max=26))


class PartForm(Form):
    """What to do with which part; its fields come on top."""

    class Meta:
        unknown = INCLUDE

    do = Line(required=True, validate=validate.Length(1, 200))
    seen = Line(load_default="")


@blueprint.get("/spaces/<space>/products/<slug>/form")
def form(space: str, slug: str) -> str:
    """The model as a form."""
    item, access, draft = with_draft(space, slug)
    wish = asked(FormQuery())
    document = _document(item, draft)
    try:
        opened = read_opened(wish["open"])
        values = shown(document, opened, _text) if opened else {}
    except (Invalid, NotFound) as problem:
        return _form(item, access, draft, document, errors=refusals(problem))
    if opened and (opened.act, opened.kind) == ("add", "option") and wish["idea"]:
        values |= _of_idea(access, document, wish["idea"])
    return _form(item, access, draft, document, opened, values)


def _text(value: Any) -> str:
    """A text of the document in the viewer's language, where there is one."""
    return words.label(value or "")


def _of_idea(access: Access, document: dict[str, Any], idea_id: str) -> dict[str, Any]:
    """A new option as the idea it is made of names it."""
    with read():
        idea = get_ideas(access, [idea_id]).get(idea_id)
    if idea is None:
        return {}
    taken, wanted = {option["id"] for option in changes.options_of(document)}, slug_of(idea.title)[:40].strip("-")
    free = next(name for name in (wanted, *(f"{wanted}-{number}" for number in range(2, 9999))) if name not in taken)
    return {"id": free, "label": idea.title, "idea": idea.id}


def _form(
    item: ProductFact, access: Access, draft: VersionFact | None, document: dict[str, Any],
    opened: Opened | None = None, values: dict[str, Any] | None = None, errors: Any = (),
) -> str:  # fmt: skip
    with read():
        names = pictures.list_pictures(item.id)
    image = (values or {}).get("image") or ""
    images = [("", _("none")), *((name, name) for name in (*names, *({image} - {*names, ""})))]
    return page(
        "products/form.html", access, product=item, draft=draft, document=document, errors=errors,
        opened=opened, v=values or {}, seen=draft.content_hash if draft else "", choose=CHOOSE,
        rule_forms=RULE_FORMS, text=_text, wanted=_wanted(access, item, document), images=images,
        options=words.option_choices(document) if opened and opened.kind in ("rule", "option") else (),
        comments=bool(draft and "#" in draft.source),
        form_url=url_for("products.form", space=access.space.slug, slug=item.slug),
    )  # fmt: skip


def _wanted(access: Access, item: ProductFact, document: dict[str, Any]) -> dict[str, list[IdeaFact]]:
    """Ideas that miss an option, by part, without those that are one already."""
    with read():
        ideas = wanted_options(access, item.id)
    made = {option.get("idea") for option in changes.options_of(document)}
    return {group: [idea for idea in found if idea.id not in made] for group, found in ideas.items()}


def _document(item: ProductFact, draft: VersionFact | None) -> dict[str, Any]:
    """The draft, or what was published last, to go on from."""
    start = draft or (queries.get_version(item.published_version_id) if item.published_version_id else None)
    return dict(start.document) if start else {"groups": [], "rules": []}


@blueprint.post("/spaces/<space>/products/<slug>/form")
def save_part(space: str, slug: str) -> Any:
    """Do what was pressed; refused, the part stands open again with what was typed."""
    item, access, draft = with_draft(space, slug)
    told, document = posted(PartForm()), _document(item, draft)
    opened, changed = read_opened(told["do"]), document
    try:
        changed = _changed(document, opened) if opened else document
        service.write_draft(current_actor(), item.id, changed, seen=told["seen"])
    except (Invalid, Conflict, NotFound) as problem:
        errors = [_placed(error, changed) for error in refusals(problem)]
        stays = opened if opened and opened.act in ("save", "add") else None
        return _form(item, access, draft, document, stays, _typed_again(), errors), problem.status
    return done(_("Saved in the draft."), "products.form", space=space, slug=slug, _anchor=_anchor(opened))


def _typed_again() -> dict[str, Any]:
    """The fields as they were sent; those of several ticked boxes as lists."""
    return {name: values if len(values) > 1 else values[0] for name, values in request.form.lists()}


def _placed(error: FieldError, document: dict[str, Any]) -> FieldError:
    """A mistake somewhere in the document, by the name of its part."""
    where = words.place_in(document, error.field)
    return FieldError(where, error.code, error.message) if where else error


def _anchor(opened: Opened | None) -> str:
    if opened is None or opened.act == "remove":
        return ""
    kind = "group" if opened.kind == "number" else opened.kind
    return f"{kind}-{request.form.get('id', '').strip() if opened.act == 'add' else opened.at}"


def _changed(document: dict[str, Any], opened: Opened) -> dict[str, Any]:
    if opened.act == "remove":
        return changes.without(document, opened.kind, opened.at)
    if opened.act in ("up", "down"):
        return changes.moved(document, opened.kind, opened.at, -1 if opened.act == "up" else 1)
    values = typed(document, opened, request.form)
    if opened.act == "add":
        under = "" if opened.kind == "rule" else opened.at
        return changes.added(document, opened.kind, under, values)
    return changes.changed(document, opened.kind, opened.at, values, language())
