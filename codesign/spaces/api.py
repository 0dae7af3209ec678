"""JSON doors of spaces and their people."""

from __future__ import annotations

from typing import Any

from codesign.events.log import head, heads
from codesign.ideas.limits import count_suggestion
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.spaces import queries, service
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.spaces.people import suggest_people
from codesign.spaces.schemas import (
    MemberInput,
    MemberPageSchema,
    MemberSchema,
    MembersQuery,
    NewSpaceInput,
    PeopleQuery,
    PeopleSchema,
    SpacePageSchema,
    SpacePatch,
    SpaceSchema,
    SpacesQuery,
    member_json,
    space_json,
    split_space_input,
)
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("spaces_api", __name__, description="Spaces and their people")


def _shown(actor: Actor, reference: str) -> dict[str, Any]:
    with read():
        access = look(actor, reference)
        return _of_access(access)


def _of_access(access: Access) -> dict[str, Any]:
    return space_json(access.space, access.role, queries.list_statuses(access.space.id), head(access.space.id))


@blueprint.route("/spaces", methods=["GET"])
@blueprint.arguments(SpacesQuery, location="query")
@blueprint.response(200, SpacePageSchema)
def list_spaces(query: dict[str, Any]) -> dict[str, Any]:
    """The spaces I may enter, newest first. `seq` is the number of the server's own log."""
    return listed(current_actor(), query["limit"], query["cursor"])


def listed(actor: Actor, limit: int, cursor: str | None) -> dict[str, Any]:
    """One page of spaces in one snapshot: four queries, however many there are."""
    with read():
        page = queries.list_spaces(actor, limit, cursor)
        ids = [line.space.id for line in page.items]
        statuses, numbers = queries.statuses_of(ids), heads(ids)
    items = [
        space_json(line.space, line.role, statuses[line.space.id], numbers.get(line.space.id, 0)) for line in page.items
    ]
    return {"items": items, "next": page.next, "seq": page.seq}


@blueprint.route("/spaces", methods=["POST"])
@blueprint.arguments(NewSpaceInput)
@blueprint.response(201, SpaceSchema)
def create_space(content: dict[str, Any]) -> dict[str, Any]:
    """Make a space from a template; what is said here wins over it."""
    template = content.pop("template")
    return _shown(current_actor(), service.make_space(current_actor(), template, *split_space_input(content)).id)


@blueprint.route("/spaces/<space>", methods=["GET"])
@blueprint.response(200, SpaceSchema)
def get_space(space: str) -> dict[str, Any]:
    """One space, by id or slug."""
    return _shown(current_actor(), space)


@blueprint.route("/spaces/<space>", methods=["PATCH"])
@blueprint.arguments(SpacePatch)
@blueprint.response(200, SpaceSchema)
def change_space(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Change words, rules, phase or ballot of a space. With a stale `version` nothing changes."""
    version = content.pop("version", None)
    fields, steps = split_space_input(content)
    return _shown(current_actor(), service.patch_space(current_actor(), space, version, fields, steps).id)


@blueprint.route("/spaces/<space>", methods=["DELETE"])
@blueprint.response(204)
def delete_space(space: str) -> None:
    """Delete a space with everything in it. It is gone at once; export it before."""
    service.delete_space(current_actor(), space, None)


@blueprint.route("/spaces/<space>/people", methods=["GET"])
@blueprint.arguments(PeopleQuery, location="query")
@blueprint.response(200, PeopleSchema)
def suggest(query: dict[str, Any], space: str) -> dict[str, Any]:
    """Members to mention, by a beginning of a word of their name, for those who may write here.

    Members see who shows their name, the team sees everybody, others at most the team.
    """
    count_suggestion(current_actor())
    return {"items": suggest_people(current_actor(), space, query["q"])}


@blueprint.route("/spaces/<space>/members", methods=["GET"])
@blueprint.arguments(MembersQuery, location="query")
@blueprint.response(200, MemberPageSchema)
def list_members(query: dict[str, Any], space: str) -> dict[str, Any]:
    """The people of a space, for its team."""
    roles = [query.pop("role")] if "role" in query else []
    with read():
        page = queries.list_members(look(current_actor(), space, "moderate"), roles=roles, **query)
    return {"items": [member_json(member) for member in page.items], "next": page.next, "seq": page.seq}


@blueprint.route("/spaces/<space>/members", methods=["POST"])
@blueprint.arguments(MemberInput)
@blueprint.response(201, MemberSchema)
@blueprint.alt_response(200, schema=MemberSchema)
def add_member(content: dict[str, Any], space: str) -> tuple[dict[str, Any], int]:
    """Make a person a member (201), or give a member what is said here (200).

    An `external_id` nobody has yet makes the person.
    """
    member, new = service.add_member(current_actor(), space, **content)
    return member_json(member), 201 if new else 200
