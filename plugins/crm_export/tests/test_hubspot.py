"""HubSpot against a double of our own: batch upsert, associations, removals and refused rows, as its reference tells them.

No test of ours has reached HubSpot itself.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from codesign_plugins.crm_export.connector import Line, Operation
from codesign_plugins.crm_export.connectors.hubspot import HUBSPOT

from codesign.sdk import Answer, Request

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Double:
    """As much of HubSpot as we call: unique ``codesign_id``, at most 100 rows, rows of its own refused one by one."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.links: set[tuple[str, str, str, str]] = set()

    def __call__(self, request: Request) -> Answer:
        if request.headers.get("authorization") != "Bearer pat-1":
            return Answer(401, {}, b'{"category": "INVALID_AUTHENTICATION"}')
        path, content = request.url.removeprefix("https://api.hubapi.com/crm/"), json.loads(request.body)
        parts = path.split("/")
        if path.startswith("v4/associations/"):
            for each in content["inputs"]:
                self.links.add((parts[2], each["from"]["id"], parts[3], each["to"]["id"]))
            return Answer(200, {}, b'{"status": "COMPLETE", "results": []}')
        if path.endswith("gdpr-delete") or path.endswith("batch/archive"):
            gone = {content["objectId"]} if "objectId" in content else {each["id"] for each in content["inputs"]}
            self.objects = {key: kept for key, kept in self.objects.items() if kept["id"] not in gone}
            return Answer(204)
        return self._upsert(parts[2], content["inputs"])

    def _upsert(self, kind: str, inputs: list[dict[str, Any]]) -> Answer:
        assert len(inputs) <= 100
        results, errors = [], []
        for each in inputs:
            assert each["idProperty"] == "codesign_id" and all(isinstance(v, str) for v in each["properties"].values())
            if each["properties"].get("email") == "not an address":
                errors.append({"category": "VALIDATION_ERROR", "context": {"id": [each["id"]]}})
                continue
            known = self.objects.setdefault((kind, each["id"]), {"id": str(100 + len(self.objects))})
            known.setdefault("properties", {}).update(each["properties"])
            results.append({**known, "objectWriteTraceId": each["objectWriteTraceId"]})
        body = {"status": "COMPLETE", "results": results, "errors": errors}
        return Answer(207 if errors else 200, {}, json.dumps(body).encode())


def operation(kind: str, key: str, /, **values: Any) -> Operation:
    return Operation(kind, "upsert", f"{kind}-{key}", f"{kind}-{key}.1.x", AT, values)


def test_created_updated_associated_and_deleted_one_object_each() -> None:
    peer = Double()
    line = Line("", "pat-1", peer)
    company = operation("organization", "velo", name="Velo AG", annualrevenue=1000.0)
    first = HUBSPOT.push(line, [company])[0]
    person = replace(
        operation("person", "ann", firstname="Ann", email="ann@example.org"), refs={"organization": first.remote_id}
    )
    for _again in range(2):
        second = HUBSPOT.push(line, [person])[0]
    note = replace(operation("activity", "1", hs_note_body="Voted for it"), refs={"person": second.remote_id})
    third = HUBSPOT.push(line, [note])[0]
    assert all(each.fine for each in (first, second, third)) and len(peer.objects) == 3
    assert ("contacts", second.remote_id, "companies", first.remote_id) in peer.links
    assert ("notes", third.remote_id, "contacts", second.remote_id) in peer.links
    gone = [replace(each, action="delete", values={}, refs={}, remote_id=found.remote_id) for each, found in
            ((person, second), (note, third))]  # fmt: skip
    assert all(each.fine for each in HUBSPOT.push(line, gone)) and {key[0] for key in peer.objects} == {"companies"}


def test_one_bad_row_stops_no_other() -> None:
    rows = [operation("person", str(n), email="not an address" if n == 1 else f"p{n}@example.org") for n in range(3)]
    found = HUBSPOT.push(Line("", "pat-1", Double()), rows)
    assert [each.fine for each in found] == [True, False, True]
    assert (found[1].code, found[1].again) == ("row_refused", False)


def test_a_token_that_ran_out_stops_the_line() -> None:
    found = HUBSPOT.push(Line("", "old", Double()), [operation("person", "1"), operation("idea", "2")])
    assert found[0].stop and found[0].code == "secret_refused" and not any(each.fine for each in found)
