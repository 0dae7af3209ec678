"""JSON door of people. Tokens are made at pages and by command, never by token."""

from __future__ import annotations

from typing import Any

from codesign.accounts import feeding, queries
from codesign.accounts.schemas import FedPerson, Person, PersonFeed, fed_json, person_json
from codesign.kernel.errors import Forbidden, Unauthenticated
from codesign.kernel.text import _
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("accounts_api", __name__, description="People")


@blueprint.route("/me", methods=["GET"])
@blueprint.response(200, Person)
def me() -> dict[str, Any]:
    """Who I am here; with a token that acts for somebody, that person."""
    actor = current_actor()
    if not actor.may("read"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="read"))
    person = queries.get_person(actor.person_id) if actor.person_id else None
    if person is None:
        raise Unauthenticated()
    return person_json(person)


@blueprint.route("/people/<external_id>", methods=["PUT"])
@blueprint.arguments(PersonFeed)
@blueprint.response(200, FedPerson)
@blueprint.alt_response(201, schema=FedPerson)
def put_person(content: dict[str, Any], external_id: str) -> tuple[dict[str, Any], int]:
    """Tell what another system (a CRM) knows of a person: name, organization, its segment and revenue.

    201 makes the person, 200 says they are as told now. For server administrators, scope `admin`.
    """
    fed = feeding.put_person(current_actor(), external_id, **content)
    return fed_json(fed), 201 if fed.new else 200
