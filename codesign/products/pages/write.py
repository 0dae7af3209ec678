"""Writing a product: begin one, its model as text or from a file, its words, its pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import fields, validate

from codesign.kernel.errors import Conflict, FieldError, Invalid, NotFound, Problem, TooLarge
from codesign.kernel.text import _
from codesign.products import engine, files, pictures, queries, service
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.lines import Mistake, mistakes
from codesign.products.pages import words
from codesign.products.pages.base import blueprint, found, page, with_draft
from codesign.products.rules import MOST_DESCRIPTION, MOST_NAME, MOST_SLUG
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.web.bodies import takes_files
from codesign.web.forms import Form, Line, Prose, done, posted, refusals
from codesign.web.identity import current_actor

#: What an empty model looks like to whoever begins one.
START = """\
attributes:
  price: {unit: EUR, decimals: 2}
base: {price: 0}
groups:
  - id: size
    label: Size
    choose: one
    options:
      - {id: small, label: Small, price: 100}
      - {id: large, label: Large, price: 140}
rules: []
"""


class NewProductForm(Form):
    """The form of a new product."""

    name = Line(required=True, validate=validate.Length(2, MOST_NAME))
    slug = Line(load_default="", validate=validate.Length(max=MOST_SLUG))
    description = Prose(load_default="", validate=validate.Length(max=MOST_DESCRIPTION))


class WordsForm(Form):
    """Name and words of a product."""

    name = Line(required=True, validate=validate.Length(2, MOST_NAME))
    description = Prose(load_default="", validate=validate.Length(max=MOST_DESCRIPTION))
    version = fields.Integer(load_default=None)


class TextForm(Form):
    """A model as text. It is kept as it was written, so nothing of it is tidied."""

    source = fields.String(load_default="")
    seen = Line(load_default="")


class NameForm(Form):
    """Names a picture."""

    name = Line(required=True)


# --- A new product ----------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/products/new")
def new_product(space: str) -> str:
    """The form for a new product."""
    return _new(look(current_actor(), space, "product"), {}, ())


def _new(access: Access, values: dict[str, Any], errors: Any) -> str:
    return page("products/new.html", access, values=values, errors=errors)


@blueprint.post("/spaces/<space>/products")
def create(space: str) -> Any:
    """Begin a product."""
    try:
        form = posted(NewProductForm())
        item = service.create_product(current_actor(), space, **{**form, "slug": form["slug"] or None})
    except (Invalid, Conflict) as problem:
        access = look(current_actor(), space, "product")
        return _new(access, request.form.to_dict(), refusals(problem)), problem.status
    message = _("%(name)s is begun. Write down its options, then publish.", name=item.name)
    return done(message, "products.edit", space=space, slug=item.slug)


@blueprint.post("/spaces/<space>/products/<slug>/words")
def save_words(space: str, slug: str) -> Any:
    """Change name and words of a product."""
    item, _access = found(space, slug, "product")
    try:
        form = posted(WordsForm())
        service.change_product(current_actor(), item.id, form.pop("version"), **form)
    except (Invalid, Conflict) as problem:
        return _editor(space, slug, errors=refusals(problem), typed=request.form.to_dict()), problem.status
    return done(_("Saved."), "products.edit", space=space, slug=slug)


# --- The model as text ------------------------------------------------------------------------------------------------


@dataclass
class _Editor:
    """What the page of the text shows: the text as it stands in the field, and what is wrong with it."""

    source: str
    seen: str
    mistakes: list[Mistake] = field(default_factory=list)
    refusal: str = ""


@blueprint.get("/spaces/<space>/products/<slug>/edit")
def edit(space: str, slug: str) -> str:
    """The model as text: the draft, or what was published last, to go on from."""
    return _editor(space, slug)


def _editor(
    space: str, slug: str, editor: _Editor | None = None, errors: Any = (), typed: dict[str, str] | None = None
) -> str:
    item, access, draft = with_draft(space, slug)
    start = draft or _published(item)
    editor = editor or _Editor(text_of(start) if start else START, draft.content_hash if draft else "")
    return page(
        "products/edit.html", access, product=item, draft=draft, editor=editor, errors=errors,
        typed=typed or {"name": item.name, "description": item.description, "version": item.version},
        pictures=[(name, words.picture(item, access.space.slug, name)) for name in pictures.list_pictures(item.id)],
    )  # fmt: skip


def _published(item: ProductFact) -> VersionFact | None:
    return queries.get_version(item.published_version_id) if item.published_version_id else None


def text_of(version: VersionFact) -> str:
    """A version as text: as its author wrote it, else written anew."""
    return version.source or engine.show(version.document)


@blueprint.post("/spaces/<space>/products/<slug>/edit")
def save_text(space: str, slug: str) -> Any:
    """Make the text the draft; where it has mistakes it is shown again with their lines, and nothing is lost."""
    form = posted(TextForm())
    return _save(space, slug, form["source"].replace("\r\n", "\n"), form["seen"])


def _save(space: str, slug: str, source: str, seen: str) -> Any:
    item, _access = found(space, slug, "product")
    try:
        service.write_draft(current_actor(), item.id, engine.parse(source), source, seen)
    except (Invalid, TooLarge, Conflict) as problem:
        return _editor(space, slug, _refused(problem, source, seen)), problem.status
    return done(_("The draft is saved. Look at what it allows before you publish it."), "products.gate",
                space=space, slug=slug)  # fmt: skip


def _refused(problem: Problem, source: str, seen: str) -> _Editor:
    """The text as it was sent, with its mistakes. Who was too late may write over the other draft knowingly."""
    if isinstance(problem, Conflict):
        return _Editor(source, problem.details.get("draft", seen), [], problem.sentence)
    return _Editor(source, seen, mistakes(problem.errors, source), "" if problem.errors else problem.sentence)


@blueprint.post("/spaces/<space>/products/<slug>/upload")
@takes_files
def upload(space: str, slug: str) -> Any:
    """Make a file the draft: YAML, JSON, UVL or FeatureIDE's XML."""
    item, _access, draft = with_draft(space, slug)
    sent = request.files.get("file")
    seen = draft.content_hash if draft else ""
    try:
        read = files.read_file(sent.filename or "", sent.read() if sent else b"") if sent else None
        if read is None:
            raise Invalid.field("file", _("Choose a file."), "required")
        service.write_draft(current_actor(), item.id, read.document, read.source, seen)
    except (Invalid, TooLarge, Conflict) as problem:
        return _editor(space, slug, errors=_named(problem)), problem.status
    return done(_("The file is the draft now. Look at what it allows before you publish it."), "products.gate",
                space=space, slug=slug)  # fmt: skip


def _named(problem: Problem) -> list[FieldError]:
    """What is wrong with a file, said beside its field: its lines are not on the page."""
    errors = refusals(problem)[:10]
    return [FieldError("file", one.code, f"{one.field}: {one.message}" if one.field else one.message) for one in errors]


@blueprint.get("/spaces/<space>/products/<slug>/model.<any(yaml,json,uvl):form>")
def download(space: str, slug: str, form: str) -> Response:
    """The model of the version people compose now, as a file; for the team without one, the draft."""
    item, access = found(space, slug)
    version = _published(item) or (queries.draft_of(item.id) if access.may("product") else None)
    if version is None:
        raise NotFound(_("No version of this product is published yet."))
    content, media_type = files.write_file(version, form, as_written=access.may("product"))
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{item.slug}.{form}"'
    return answer


@blueprint.post("/spaces/<space>/products/<slug>/discard")
def discard(space: str, slug: str) -> Any:
    """Throw the draft away."""
    posted(Form())
    item, _access = found(space, slug, "product")
    service.discard_draft(current_actor(), item.id)
    return done(_("The draft is gone."), "products.product", space=space, slug=slug)


# --- Pictures ---------------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/products/<slug>/pictures/<name>")
def picture(space: str, slug: str, name: str) -> Response:
    """A picture of a product. Alone in a window it is under a policy that runs nothing."""
    item, _access = found(space, slug)
    kept = pictures.get_picture(item.id, name)
    if kept is None:
        raise NotFound(_("There is no such picture."))
    answer = Response(kept.content, mimetype=kept.media_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.add_etag()
    answer.cache_control.private, answer.cache_control.max_age = True, 600
    answer.make_conditional(request)
    return answer


@blueprint.post("/spaces/<space>/products/<slug>/pictures")
@takes_files
def add_picture(space: str, slug: str) -> Any:
    """Keep a picture under its file's name."""
    item, _access = found(space, slug, "product")
    sent = request.files.get("picture")
    try:
        if sent is None or not sent.filename:
            raise Invalid.field("picture", _("Choose a file."), "required")
        pictures.put_picture(current_actor(), item.id, sent.filename, sent.read())
    except (Invalid, TooLarge, Conflict) as problem:
        named = [FieldError("picture", one.code, one.message) for one in refusals(problem)]
        return _editor(space, slug, errors=named), problem.status
    return redirect(url_for("products.edit", space=space, slug=slug, _anchor="pictures"), 303)


@blueprint.post("/spaces/<space>/products/<slug>/pictures/remove")
def remove_picture(space: str, slug: str) -> Any:
    """Throw a picture away."""
    item, _access = found(space, slug, "product")
    pictures.remove_picture(current_actor(), item.id, posted(NameForm())["name"])
    return redirect(url_for("products.edit", space=space, slug=slug, _anchor="pictures"), 303)
