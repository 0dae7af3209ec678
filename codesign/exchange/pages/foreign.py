"""Bringing in ideas of another system: a file is looked at, its columns are arranged, the worker brings it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from codesign.events.log import head
from codesign.exchange.foreign import jobs
from codesign.exchange.foreign.formats import FIELD, FIELDS, FORMATS, IDEAS
from codesign.exchange.foreign.planning import Plan, flaws_as_csv
from codesign.exchange.foreign.sheets import Flaw
from codesign.exchange.pages.blueprint import blueprint
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Closed, FieldError, Invalid, NotFound, Problem, TooLarge
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import Access, StatusFact
from codesign.spaces.queries import list_statuses
from codesign.spaces.tabs import settings_page
from codesign.triage.facts import FieldFact
from codesign.triage.fields import list_fields
from codesign.web.forms import Form, Line, done, posted, refusals
from codesign.web.identity import current_actor

#: So many rows and flaws are shown; the file has all of them.
SHOWN = 5
MOST_SHOWN_FLAWS = 10
#: Tags are gathered from so many columns.
TAG_COLUMNS = 3
#: What is asked for first; the rest is behind a press.
USUAL = ("title", "body", "key", "created", "author", "status", "tags", "votes")


class ArrangeForm(Form):
    """What the source is called, which column says what, which status a word becomes."""

    source = Line(required=True, validate=validate.Length(1, 40))
    columns = fields.Dict(
        keys=fields.String(validate=validate.Regexp(f"({FIELD})?[a-z0-9_]{{1,40}}$")),
        values=fields.List(fields.String()),
    )
    statuses = fields.Dict(keys=fields.String(validate=validate.Length(max=120)), values=fields.String())


@dataclass(frozen=True)
class Look:
    """What the page shows."""

    access: Access
    job: jobs.Job | None
    header: list[str]
    statuses: list[StatusFact]
    fields: list[FieldFact]
    seq: int
    plan: Plan | None = None
    problem: Problem | None = None
    flaws: tuple[Flaw, ...] = ()


def _look(actor: Actor, space: str) -> Look:
    """Read the file once more as it is arranged now; what cannot be read so is said, and can be arranged anew."""
    with read():
        found = look(actor, space, "product")
        job = jobs.find_job(found)
        statuses, own, seq = list_statuses(found.space.id), list_fields(found.space.id), head(found.space.id)
        if job is None:
            return Look(found, None, [], statuses, own, seq)
        sheet = jobs.sheet_of(job)
        try:
            plan, _sheet = jobs.plan_of(found, job)
        except (Invalid, Closed) as problem:
            return Look(found, job, sheet.header, statuses, own, seq, problem=problem)
        return Look(found, job, sheet.header, statuses, own, seq, plan, flaws=tuple(jobs.flaws_of(plan, job)))


def _page(space: str, refused: Problem | None = None) -> Any:
    shown: Look = offload(_look, current_actor(), space)
    problem = refused or shown.problem
    errors: tuple[FieldError, ...] = refusals(problem) if problem else ()
    return settings_page(
        "exchange/import.html", shown.access, "import", refused.status if refused else 200, look=shown, job=shown.job,
        outlook=shown.plan.outlook if shown.plan else None, errors=errors, seq=shown.seq, usual=USUAL,
        fields=FIELDS | {f"{FIELD}{field.key}": field.title for field in shown.fields},
        systems=list(dict.fromkeys(each.title for each in FORMATS if each.kind == IDEAS and each.needs)), rows=SHOWN,
        most_flaws=MOST_SHOWN_FLAWS, tag_columns=TAG_COLUMNS,
    )  # fmt: skip


@blueprint.get("/spaces/<space>/settings/import")
def import_page(space: str) -> Any:
    """The file that is looked at, or comes in; else the form that takes one."""
    return _page(space)


@blueprint.post("/spaces/<space>/settings/import")
def upload(space: str) -> Any:
    """Look at a file."""
    posted(Form())
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid.field("file", _("Choose a file."), "required")
        jobs.keep_file(current_actor(), space, sent.filename, sent.read())
    except (Invalid, TooLarge) as problem:
        named = [FieldError("file", one.code, one.message) for one in refusals(problem)]
        return _page(space, Invalid(problem.sentence, errors=named))
    return done(_("Look at what would happen, then bring it in."), "exchange.import_page", space=space)


@blueprint.post("/spaces/<space>/settings/import/arrange")
def arrange_import(space: str) -> Any:
    """Read the file in another way."""
    try:
        values = posted(ArrangeForm(), _arranged())
        jobs.arrange(current_actor(), space, values["source"], values["columns"], values["statuses"])
    except Invalid as problem:
        return _page(space, problem)
    return done(_("This is what would happen now."), "exchange.import_page", space=space)


def _arranged() -> dict[str, Any]:
    """The form as it is gathered: ``column.title``, ``word.0`` with ``status.0`` …"""
    sent = request.form
    columns = {
        name.partition(".")[2]: list(filter(None, sent.getlist(name))) for name in sent if name.startswith("column.")
    }
    words = {name.partition(".")[2]: sent[name] for name in sent if name.startswith("word.")}
    statuses = {word: sent.get(f"status.{number}", "") for number, word in words.items()}
    return {
        "source": sent.get("source", ""),
        "columns": {field: names for field, names in columns.items() if names},
        "statuses": {word: status for word, status in statuses.items() if status},
    }


@blueprint.post("/spaces/<space>/settings/import/start")
def start_import(space: str) -> Any:
    """Bring the file in."""
    posted(Form())
    try:
        jobs.start(current_actor(), space)
    except (Invalid, Closed) as problem:
        return _page(space, problem)
    return done(_("The ideas are coming in. You can go on working meanwhile."), "exchange.import_page", space=space)


@blueprint.post("/spaces/<space>/settings/import/forget")
def forget_import(space: str) -> Any:
    """Stop, and forget the file."""
    posted(Form())
    jobs.forget(current_actor(), space)
    return done(_("The file is forgotten. Ideas that are here stay."), "exchange.import_page", space=space)


@blueprint.get("/spaces/<space>/settings/import/rows.csv")
def import_errors(space: str) -> Response:
    """The rows that are wrong, as they stand in the file."""
    shown: Look = offload(_look, current_actor(), space)
    if shown.job is None or shown.plan is None:
        raise NotFound(_("There is no file to bring in."))
    answer = Response(flaws_as_csv(shown.header, shown.flaws), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{shown.access.space.slug}-rows.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
