"""HubSpot: people as contacts, organizations as companies, ideas as deals, what people did as notes.

Batch upsert by a unique property ``codesign_id``, which each of the four object types needs; associations by their default type;
contacts are deleted for good (GDPR), the rest is archived. After the published reference of CRM objects v3 and associations v4:
https://developers.hubspot.com/docs/api-reference/crm-objects-v3. No SDK: five addresses need none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from codesign.sdk import Answer, Request, _

from ..connector import (
    KINDS,
    TAKEN,
    Call,
    Connector,
    Incoming,
    Line,
    NotPulled,
    Operation,
    Outcome,
    RemoteField,
    asked,
    json_of,
    not_understood,
    push_each,
    tried,
)
from ..records import FIELDS

HOME = "https://api.hubapi.com"
ID = "codesign_id"
#: Rows a page of what changed there.
PAGE = 100
#: By which what changed is asked for and ordered.
CHANGED = "hs_lastmodifieddate"
TYPES = {"organization": "companies", "person": "contacts", "idea": "deals", "activity": "notes"}
PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "": {
        "organization": {"name": "name", "segment": "description", "revenue": "annualrevenue"},
        "person": {"name": "firstname", "email": "email", "organization": "company", "wanted": "message"},
        "idea": {"title": "dealname", "body": "description"},
        "activity": {"subject": "hs_note_body"},
    }
}


def _request(line: Line, path: str, content: Mapping[str, Any]) -> Request:
    headers = {"content-type": "application/json", "accept": "application/json"}
    if line.secret:
        headers["authorization"] = f"Bearer {line.secret}"
    return Request("POST", (line.address or HOME).rstrip("/") + path, headers, json.dumps(content).encode())


def _describe(line: Line) -> list[RemoteField]:
    return [RemoteField(kind, name, FIELDS[kind][key][1]) for kind in KINDS for key, name in PRESETS[""][kind].items()]


def _plan(line: Line, operations: Sequence[Operation]) -> list[Call]:
    calls: list[Call] = []
    for kind in KINDS:
        mine = [each for each in operations if each.kind == kind and each.action == "upsert"]
        if mine:
            content = {"inputs": [_input(each) for each in mine]}
            calls.append(Call(_request(line, f"/crm/v3/objects/{TYPES[kind]}/batch/upsert", content), tuple(mine)))
    for each in operations:
        if each.action == "delete" and each.remote_id:
            calls.append(Call(_removal(line, each), (each,)))
    return calls


def _input(operation: Operation) -> dict[str, Any]:
    values = {name: "" if value is None else str(value) for name, value in operation.values.items()}
    if operation.kind == "activity":
        values["hs_timestamp"] = operation.at.isoformat()
    return {
        "id": operation.external_id,
        "idProperty": ID,
        "objectWriteTraceId": operation.external_id,
        "properties": {**values, ID: operation.external_id},
    }


def _removal(line: Line, operation: Operation) -> Request:
    if operation.kind == "person":
        return _request(line, "/crm/v3/objects/contacts/gdpr-delete", {"objectId": operation.remote_id})
    path = f"/crm/v3/objects/{TYPES[operation.kind]}/batch/archive"
    return _request(line, path, {"inputs": [{"id": operation.remote_id}]})


def _read(call: Call, answer: Answer) -> list[Outcome]:
    if call.operations[0].action == "delete":
        return [Outcome(True, status=answer.status)]
    content = json_of(answer)
    results = content.get("results") if content else None
    if not isinstance(results, list) or not all(isinstance(each, dict) and "id" in each for each in results):
        return not_understood(call, answer)
    ids = {_name_of(each): str(each["id"]) for each in results}
    return [
        Outcome(True, status=answer.status, remote_id=ids[each.external_id])
        if each.external_id in ids
        else Outcome(False, "row_refused", answer.status)
        for each in call.operations
    ]


def _name_of(result: Mapping[str, Any]) -> str:
    return str(result.get("objectWriteTraceId") or (result.get("properties") or {}).get(ID, ""))


def _push(line: Line, operations: Sequence[Operation]) -> list[Outcome]:
    """Upserts and removals, then the associations of what arrived; where one fails its thing is sent again."""
    calls = _plan(line, operations)
    done = [each for call in calls for each in call.operations]
    found = dict(zip([each.external_id for each in done], push_each(line, calls, _read), strict=True))
    arrived = [each for each in done if found[each.external_id].fine and each.action == "upsert" and each.refs]
    links = [
        _association(line, each, found[each.external_id].remote_id, kind) for each in arrived for kind in each.refs
    ]
    for call, outcome in zip(links, push_each(line, links), strict=True):
        if not outcome.fine:
            found[call.operations[0].external_id] = outcome
    nothing_there = Outcome(True)  # to be deleted, and never known there
    return [found.get(each.external_id, nothing_there) for each in operations]


def _association(line: Line, operation: Operation, remote_id: str, kind: str) -> Call:
    path = f"/crm/v4/associations/{TYPES[operation.kind]}/{TYPES[kind]}/batch/associate/default"
    content = {"inputs": [{"from": {"id": remote_id}, "to": {"id": operation.refs[kind]}}]}
    return Call(_request(line, path, content), (operation,))


def _pull(line: Line, since: datetime | None) -> Iterator[Incoming]:
    """Companies that are ours and changed there, the longest ago first."""
    names = {key: name for key, name in line.names.get("organization", {}).items() if key in TAKEN}
    if not names:
        return
    filters = [{"propertyName": ID, "operator": "HAS_PROPERTY"}]
    if since is not None:
        moment = str(int(since.timestamp() * 1000))
        filters.append({"propertyName": CHANGED, "operator": "GTE", "value": moment})
    content: dict[str, Any] = {
        "filterGroups": [{"filters": filters}], "properties": [ID, CHANGED, *names.values()], "limit": PAGE,
        "sorts": [{"propertyName": CHANGED, "direction": "ASCENDING"}],
    }  # fmt: skip
    while True:
        found = asked(line, _request(line, "/crm/v3/objects/companies/search", content))
        rows = found.get("results")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise NotPulled(Outcome(False, "not_understood", 200, again=True))
        for row in rows:
            has = row.get("properties") or {}
            told = {key: has.get(name) for key, name in names.items()}
            yield Incoming(str(has.get(ID) or ""), told, _moment(has.get(CHANGED)))
        content["after"] = ((found.get("paging") or {}).get("next") or {}).get("after")
        if not content["after"]:
            return


def _moment(told: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _health(line: Line) -> Outcome:
    """Whether the token is good and the property there that everything hangs on."""
    content = {"filterGroups": [{"filters": [{"propertyName": ID, "operator": "HAS_PROPERTY"}]}], "limit": 1}
    requests = [_request(line, f"/crm/v3/objects/{kind}/search", content) for kind in TYPES.values()]
    return tried(lambda: [asked(line, request) for request in requests])


HUBSPOT = Connector(
    name="hubspot",
    title="HubSpot",
    description=_("Contacts, companies, deals and notes, by the token of a private app."),
    describe=_describe,
    plan=_plan,
    push=_push,
    pull=_pull,
    health=_health,
    presets=PRESETS,
    asks=("secret",),
    batch=50,
    per_second=2.0,
)
