"""One contract for every connector, whatever the other side answers; and what each of them sends."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from codesign_plugins.crm_export import sending
from codesign_plugins.crm_export.connector import KINDS, Connector, Line, Operation, wait_of
from codesign_plugins.crm_export.connectors import OWN
from codesign_plugins.crm_export.connectors.csv_file import cell, render
from codesign_plugins.crm_export.connectors.webhook import sign
from codesign_plugins.crm_export.records import FIELDS

from codesign.sdk import Answer, Request, Unreachable

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WITH_NETWORK = [each for each in OWN if each.asks]


def operation(number: int = 1, kind: str = "person", action: Any = "upsert", **values: Any) -> Operation:
    content = {"name": f"Person {number}", "email": f"p{number}@example.org"} | values
    return Operation(
        kind, action, f"{kind}-{number:020x}", f"{kind}-{number:020x}.1.abc", AT, content if action == "upsert" else {},
        "77" if action == "delete" else "",
    )  # fmt: skip


def line(send: Callable[[Request], Answer], address: str = "https://crm.example/in") -> Line:
    return Line(address, "whsec_" + base64.b64encode(b"k" * 32).decode(), send, "bikes")


def always(answer: Any) -> Callable[[Request], Answer]:
    def send(request: Request) -> Answer:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return send


@pytest.fixture(params=OWN, ids=lambda each: each.name)
def connector(request: pytest.FixtureRequest) -> Connector:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(params=WITH_NETWORK, ids=lambda each: each.name)
def networked(request: pytest.FixtureRequest) -> Connector:
    return request.param  # type: ignore[no-any-return]


def test_it_describes_fields_of_known_types_for_every_kind(connector: Connector) -> None:
    found = connector.describe(line(always(Unreachable("no"))))
    assert {each.kind for each in found} == set(KINDS)
    assert {each.type for each in found} <= {"text", "number", "date", "yes/no"}
    assert set(connector.asks) <= {"address", "secret"} and connector.batch >= 1 and connector.per_second > 0
    for names in connector.presets.values():
        assert all(key in FIELDS[kind] for kind, fields in names.items() for key in fields)


def test_a_plan_is_pure_and_sends_nothing(connector: Connector) -> None:
    operations = [operation(1), operation(2, "idea"), operation(3, action="delete")]
    first, second = (connector.plan(line(always(AssertionError("sent"))), operations) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(429, {"retry-after": "30"}), "busy"), (Answer(500), "out_of_order"), (Answer(503), "out_of_order"),
        (Answer(408), "out_of_order"), (Unreachable("the answer came too slowly"), "no_answer"),
        (Unreachable("no answer: ConnectError"), "no_answer"),
    ],
    ids=["429", "500", "503", "408", "slow drip", "unreachable"],
)  # fmt: skip
def test_what_passes_is_worth_another_try(networked: Connector, answer: Any, code: str) -> None:
    outcomes = networked.push(line(always(answer)), [operation(1), operation(2)])
    assert [(each.fine, each.again, each.stop) for each in outcomes] == [(False, True, False)] * 2
    assert outcomes[0].code == code and outcomes[0].after == (30.0 if code == "busy" else None)


@pytest.mark.parametrize("status", [400, 404, 409, 422, 302])
def test_what_is_wrong_is_not_tried_again(networked: Connector, status: int) -> None:
    outcome = networked.push(line(always(Answer(status))), [operation()])[0]
    assert (outcome.fine, outcome.again, outcome.stop) == (False, False, False)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(Answer(401), "secret_refused"), (Answer(403), "secret_refused"), (Answer(410), "gone"),
     (Unreachable("private", forbidden=True), "forbidden_address")],
)  # fmt: skip
def test_what_concerns_the_whole_line_stops_it(networked: Connector, answer: Any, code: str) -> None:
    outcomes = networked.push(line(always(answer)), [operation(1), operation(2)])
    assert outcomes[0].stop and outcomes[0].code == code and not any(each.fine for each in outcomes)


@pytest.mark.parametrize(
    "body", [b"<html><h1>Welcome</h1></html>", b'{"status": "COMPLETE", "resul', b"", b"[]", b"null"]
)
def test_a_success_that_is_no_answer_of_that_system(networked: Connector, body: bytes) -> None:
    """Who must read the answer does not take HTML or half of it for one; a webhook needs nothing but its 2xx."""
    outcomes = networked.push(line(always(Answer(200, {}, body))), [operation(1), operation(2)])
    if networked.name == "webhook":
        assert all(each.fine for each in outcomes)
    else:
        assert [(each.fine, each.again, each.code) for each in outcomes] == [(False, True, "not_understood")] * 2


def test_nothing_of_the_other_side_is_repeated(networked: Connector) -> None:
    answer = Answer(422, {"x-trace": "leak"}, b'{"message": "leak", "category": "leak"}')
    assert "leak" not in repr(networked.push(line(always(answer)), [operation()]))


def test_a_connector_that_breaks_harms_nobody() -> None:
    broken = Connector("broken", "Broken", lambda line: (), lambda line, found: (), lambda line, found: [])
    outcomes = sending.push(broken, line(always(Answer(200))), [operation()])
    assert [(each.fine, each.again, each.code) for each in outcomes] == [(False, True, "connector_broken")]


def test_retry_after_is_a_number_or_a_date() -> None:
    date = format_datetime(datetime.now(UTC).replace(year=2099), usegmt=True)
    waits = [wait_of(Answer(429, {"retry-after": text})) for text in ("7", date, "-3", "soon", "nan", "")]
    assert waits == [7.0, 86_400.0, 0.0, None, None, None]


# --- Webhook ------------------------------------------------------------------------------------------------------------


def test_a_webhook_is_a_signed_cloud_event() -> None:
    webhook = next(each for each in OWN if each.name == "webhook")
    sent: list[Request] = []
    webhook.push(line(lambda request: sent.append(request) or Answer(200)), [operation(5, note="é")])  # type: ignore[func-returns-value]
    request = sent[0]
    event = json.loads(request.body)
    assert {key: event[key] for key in ("specversion", "type", "source", "time")} == {
        "specversion": "1.0", "type": "codesign.person.upserted", "source": "/spaces/bikes", "time": "2026-03-02T09:00:00Z",
    }  # fmt: skip
    assert event["id"] == request.headers["webhook-id"] and event["data"]["note"] == "é"
    assert request.headers["content-type"] == "application/cloudevents+json"
    signed = f"{event['id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    expected = base64.b64encode(hmac.new(b"k" * 32, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


def test_two_secrets_sign_both_so_that_one_can_be_changed() -> None:
    old, new = ("whsec_" + base64.b64encode(key * 32).decode() for key in (b"a", b"b"))
    both = sign(f"{old} {new}", "id", 1, b"{}").split()
    assert both == [sign(old, "id", 1, b"{}"), sign(new, "id", 1, b"{}")] and len(set(both)) == 2


# --- CSV ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "  =1", "|calc", "%0A"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


def test_a_file_is_rfc_4180_and_comes_back_as_it_was() -> None:
    text = render(
        "Salesforce",
        ["Last Name", "Revenue"],
        [("person-1", {"Last Name": 'A "b", c\nd', "Revenue": -2.5}), ("person-2", {})],
    )
    assert text.startswith("Codesign_Id__c,Last Name,Revenue\r\n") and text.count("\r\n") == 3
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == [
        ["person-1", 'A "b", c\nd', "-2.5"],
        ["person-2", "", ""],
    ]
