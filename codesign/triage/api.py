"""JSON doors of the desk, for the team of a space."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app

from codesign.hooks.host import host_of
from codesign.ideas.ports import ports
from codesign.ideas.schemas import NothingInput
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.moderation.queries import count_waiting
from codesign.spaces.access import look
from codesign.triage import fields, views
from codesign.triage.events import DeskArranged
from codesign.triage.facts import FieldFact
from codesign.triage.filters import DeskFilter
from codesign.triage.queries import desk_rows, filtered_ids, inbox_counts
from codesign.triage.schemas import (
    ChangeInput,
    DeskPageSchema,
    DeskRowsQuery,
    DoneSchema,
    InboxSchema,
    TriageFieldInput,
    TriageFieldSchema,
    TriageFieldsSchema,
    ViewInput,
    ViewSchema,
    ViewsSchema,
    WhatIfQuery,
    WhatIfSchema,
    done_json,
    outcome_json,
    row_json,
)
from codesign.triage.service import change_ideas, undo_deed
from codesign.triage.what_if import Wish, refuse_unknown, what_if
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("triage_api", __name__, description="The desk")


def install(app: Flask, settings: object) -> None:
    """Let score rules count with what the team keeps of ideas."""
    host_of(app).number_fields = fields.number_fields
    ports.fields_of, ports.arranged = fields.numbers_in, (DeskArranged.name,)


def _rows(actor: Actor, space: str, query: dict[str, Any]) -> dict[str, Any]:
    page = desk_rows(
        look(actor, space, "moderate"),
        limit=query.pop("limit"),
        cursor=query.pop("cursor"),
        wish=DeskFilter(**query),
    )
    return {"items": [row_json(row) for row in page.rows], "next": page.next, "seq": page.seq}


@blueprint.route("/spaces/<space>/desk", methods=["GET"])
@blueprint.arguments(DeskRowsQuery, location="query")
@blueprint.response(200, DeskPageSchema)
def rows(query: dict[str, Any], space: str) -> dict[str, Any]:
    """The ideas of an inbox, filtered and ordered, with what the team keeps of them."""
    return offload(_rows, current_actor(), space, query)


@blueprint.route("/spaces/<space>/desk/inbox", methods=["GET"])
@blueprint.response(200, InboxSchema)
def inbox(space: str) -> dict[str, int]:
    """How many ideas wait in each inbox."""
    with read():
        access = look(current_actor(), space, "moderate")
        return {**inbox_counts(access), "held": count_waiting(access.space.id)}


@blueprint.route("/spaces/<space>/desk/what-if", methods=["GET"])
@blueprint.arguments(WhatIfQuery, location="query")
@blueprint.response(200, WhatIfSchema)
def try_rule(query: dict[str, Any], space: str) -> dict[str, Any]:
    """The order that would come of other settings of a rule, or other fields of one idea, beside the one there is."""
    wish = Wish(**query)
    outcome = what_if(host_of(current_app), current_actor(), space, wish)
    if outcome.problem is not None:
        raise outcome.problem
    refuse_unknown(wish, outcome)
    return outcome_json(outcome)


@blueprint.route("/spaces/<space>/desk/changes", methods=["POST"])
@blueprint.arguments(ChangeInput)
@blueprint.response(200, DoneSchema)
def change(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Do one thing to ideas: `status`, `tag`, `untag`, `tags`, `owner`, `read`, `answer`, `merge`, `field` (`{key, value}`),
    and of one idea `split` (`{title, body, tags, comments, with_votes}`)."""
    actor, ids, wish = current_actor(), content["ideas"], content["filter"]
    if (ids is None) == (wish is None):
        raise Invalid.field("ideas", _("Give either ideas or a filter."))
    if ids is None:
        ids = filtered_ids(actor, space, DeskFilter(**wish))
    return done_json(change_ideas(actor, space, content["verb"], content["value"], ids, content["seen"]))


@blueprint.route("/spaces/<space>/desk/deeds/<deed>/undo", methods=["POST"])
@blueprint.arguments(NothingInput)
@blueprint.response(200, DoneSchema)
def undo(content: dict[str, Any], space: str, deed: str) -> dict[str, Any]:
    """Take a deed back, as far as nobody changed things since."""
    return done_json(undo_deed(current_actor(), space, deed))


@blueprint.route("/spaces/<space>/desk/views", methods=["GET"])
@blueprint.response(200, ViewsSchema)
def list_views(space: str) -> dict[str, Any]:
    """The saved views of the team and of the caller."""
    return {"items": views.list_views(look(current_actor(), space, "moderate"))}


@blueprint.route("/spaces/<space>/desk/views", methods=["POST"])
@blueprint.arguments(ViewInput)
@blueprint.response(201, ViewSchema)
def save_view(content: dict[str, Any], space: str) -> Any:
    """Save a view."""
    return views.save_view(current_actor(), space, content["name"], content["query"], content["team"])


@blueprint.route("/spaces/<space>/desk/views/<view>", methods=["DELETE"])
@blueprint.response(204)
def drop_view(space: str, view: str) -> None:
    """Forget a view."""
    views.drop_view(current_actor(), space, view)


@blueprint.route("/spaces/<space>/desk/fields", methods=["GET"])
@blueprint.response(200, TriageFieldsSchema)
def list_fields(space: str) -> dict[str, Any]:
    """The fields the team keeps for ideas, retired ones too."""
    access = look(current_actor(), space, "moderate")
    return {"items": fields.list_fields(access.space.id, retired=True)}


@blueprint.route("/spaces/<space>/desk/fields/<key>", methods=["PUT"])
@blueprint.arguments(TriageFieldInput)
@blueprint.response(200, TriageFieldSchema)
def keep_field(content: dict[str, Any], space: str, key: str) -> FieldFact:
    """Add a field, or change its words. For product people."""
    return fields.keep_field(current_actor(), space, key, **content)


@blueprint.route("/spaces/<space>/desk/fields/<key>", methods=["DELETE"])
@blueprint.response(204)
def retire_field(space: str, key: str) -> None:
    """Retire a field; what it said is kept."""
    fields.retire_field(current_actor(), space, key)
