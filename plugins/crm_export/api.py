"""JSON doors: what a CRM tells of people, consents collected elsewhere, and how connections do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from codesign import sdk
from codesign.sdk import SpaceFact, fields, validate

from . import connections, consent, outbox, sending

api = sdk.Routes()


class PersonInput(Schema):
    """What the CRM knows of a person."""

    name = fields.String(validate=validate.Length(1, 80))
    organization = fields.String(validate=validate.Length(max=120))
    segment = fields.String(validate=validate.Length(max=120))
    revenue = fields.Float(allow_nan=False, validate=validate.Range(min=0))


@api.route("/people/<external_id>", methods=("PUT",), needs="admin")
def put_person(space: SpaceFact, external_id: str) -> dict[str, Any]:
    """Like ``PUT /people/{external_id}``, from the CRM that also gets the export: what it says is not sent back to it."""
    return {"id": feed(space, sdk.current_visit().settings, external_id, sdk.sent(PersonInput()))}


@sdk.verb
def feed(space: SpaceFact, settings: Mapping[str, Any], external_id: str, attributes: dict[str, Any]) -> str:
    """Keep what a CRM says of a person, and count it as what that CRM has."""
    person_id = sdk.feed_person(external_id, **attributes)
    sending.suppress_echo(space, settings, [person_id], attributes)
    return person_id


@api.get("/connections", needs="own")
def list_connections(space: SpaceFact) -> dict[str, Any]:
    """How every connection does."""
    names = ("id", "title", "connector", "state", "reason", "failures", "sent", "unchanged", "failed")
    items = [
        {name: getattr(each, name) for name in names} | outbox.counts(each.id)
        for each in connections.of_space(space.id)
    ]
    return {"items": items, "behind": sdk.behind(connections.NAME, space.id)}


@api.get("/consents", needs="own")
def count_consents(space: SpaceFact) -> dict[str, Any]:
    """How many people allow the export now."""
    return {"allowed": len(consent.allowed(space.id, sdk.current_visit().settings["purpose"]))}
