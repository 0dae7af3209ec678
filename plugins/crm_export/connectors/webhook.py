"""A generic webhook: CloudEvents 1.0 in structured mode, signed as Standard Webhooks says.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md,
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC

from codesign.sdk import Request, _

from ..connector import KINDS, Call, Connector, Line, Operation, Outcome, RemoteField, push_each
from ..records import FIELDS

_DONE = {"upsert": "upserted", "delete": "deleted"}


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``: one signature for each secret (``whsec_…``, separated by spaces, to change them)."""
    content = f"{message_id}.{timestamp}.".encode() + body
    found = []
    for each in secret.split():
        try:
            key = base64.b64decode(each.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            key = each.encode()
        found.append("v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode())
    return " ".join(found)


def _describe(line: Line) -> list[RemoteField]:
    """Whatever we call a field, the receiver gets it so."""
    return [RemoteField(kind, name, type_) for kind in KINDS for name, (_label, type_) in FIELDS[kind].items()]


def _plan(line: Line, operations: Sequence[Operation]) -> list[Call]:
    return [_call(line, operation) for operation in operations]


def _call(line: Line, operation: Operation) -> Call:
    event = {
        "specversion": "1.0",
        "id": operation.message_id,
        "source": f"/spaces/{line.space}",
        "type": f"codesign.{operation.kind}.{_DONE[operation.action]}",
        "subject": operation.external_id,
        "time": operation.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {"id": operation.external_id, **operation.values, **{f"{k}_id": v for k, v in operation.refs.items()}},
    }
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(operation.at.timestamp())
    headers = {
        "content-type": "application/cloudevents+json",
        "webhook-id": operation.message_id,
        "webhook-timestamp": str(timestamp),
    }
    if line.secret:
        headers["webhook-signature"] = sign(line.secret, operation.message_id, timestamp, body)
    return Call(Request("POST", line.address, headers, body), (operation,))


def _push(line: Line, operations: Sequence[Operation]) -> list[Outcome]:
    """2xx is success, whatever the answer says."""
    outcomes = push_each(line, _plan(line, operations))
    return [
        Outcome(True, status=outcome.status, remote_id=operation.external_id) if outcome.fine else outcome
        for operation, outcome in zip(operations, outcomes, strict=True)
    ]


WEBHOOK = Connector(
    name="webhook",
    title=_("Webhook"),
    description=_("Each change as a signed message to an address of yours."),
    describe=_describe,
    plan=_plan,
    push=_push,
    asks=("address", "secret"),
    batch=10,
    per_second=5.0,
)
