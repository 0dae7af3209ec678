"""Tryton against a small double of our own; test_tryton_server.py does the same against the real one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from codesign_plugins.crm_export.connector import DELETE, Line, Operation, Outcome
from codesign_plugins.crm_export.connectors.tryton import OURS, TRYTON

from codesign.sdk import Answer, Request, Unreachable

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Double:
    """As much of Tryton as we call: unique codes, notes that cannot be changed, opportunities to be cancelled first."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[int, dict[str, Any]]] = {}
        self.in_use: set[int] = set()
        self.lose = ""  # the answer of this method is lost, once

    def __call__(self, request: Request) -> Answer:
        content = json.loads(request.body)
        method, parameters = content["method"], content["params"]
        assert request.url == "https://crm.example/sales/rpc/"
        if method == "common.db.login":
            return _said([2, "key"]) if parameters[1]["password"] == "pa:ss" else Answer(401, {}, b"<html>")
        assert request.headers["authorization"].startswith("Session ")
        if method in ("model.res.user.get_preferences", "common.db.logout"):
            return _said({"company": 1})
        model, _dot, verb = method.removeprefix("model.").rpartition(".")
        assert parameters.pop() == {"company": 1}
        answer = getattr(self, f"_{verb}")(model, *parameters)
        if method.endswith(self.lose or "!"):
            self.lose = ""
            raise Unreachable("cut")
        return answer

    def rows(self, model: str) -> list[dict[str, Any]]:
        return list(self.tables.get(model, {}).values())

    def _search_read(self, model: str, domain: list[Any], *_rest: Any) -> Answer:
        found = [row for row in self.rows(model) if all(_holds(row, clause) for clause in domain)]
        return _said(found)

    def _create(self, model: str, rows: list[dict[str, Any]]) -> Answer:
        table = self.tables.setdefault(model, {})
        if model == "party.party" and any(row["code"] == rows[0]["code"] for row in table.values()):
            return _no("The code on party must be unique.")
        if rows[0].get("name") == "refused":
            return _no("No.")
        number = 1 + sum(len(each) for each in self.tables.values())
        table[number] = {"id": number, "active": True, "state": "lead", "party": None}
        self._write(model, [number], rows[0], new=True)
        return _said([number])

    def _write(self, model: str, ids: list[int], values: Mapping[str, Any], *, new: bool = False) -> Answer:
        if model == "ir.note" and not new:
            return _no("You are not allowed to modify a note.")
        row = self.tables[model][ids[0]]
        row.update(values)
        for verb, *rest in row.pop("contact_mechanisms", []):
            if verb == "create":
                self._create("party.contact_mechanism", [{**rest[0][0], "party": ids[0]}])
            elif verb == "write":
                self._write("party.contact_mechanism", rest[0], rest[1])
            else:
                self._delete("party.contact_mechanism", rest[0])
        return _said(None)

    def _delete(self, model: str, ids: list[int]) -> Answer:
        row = self.tables[model][ids[0]]
        if ids[0] in self.in_use or (model == "sale.opportunity" and row["state"] != "cancelled"):
            return _no("It is used.")
        for each in ids:
            del self.tables[model][each]
        return _said(None)

    def _cancel(self, model: str, ids: list[int]) -> Answer:
        return self._write(model, ids, {"state": "cancelled"})

    def _read(self, model: str, ids: list[int], _names: Any) -> Answer:
        return (
            _said([{}])
            if ids[0] in self.tables.get(model, {})
            else _no("You are trying to read records that don't exist.")
        )


def _holds(row: Mapping[str, Any], clause: list[Any]) -> bool:
    name, operator, value = clause
    found = row.get(name)
    return {"in": lambda: found in value, "=": lambda: found == value, "like": lambda: value.strip("%") in str(found)}[
        operator
    ]()


def _said(result: Any) -> Answer:
    return Answer(200, {}, json.dumps({"id": 1, "result": result}).encode())


def _no(words: str) -> Answer:
    return Answer(200, {}, json.dumps({"id": 1, "error": ["UserError", [words, "", None]]}).encode())


def operation(kind: str, key: str = "1", refs: Mapping[str, str] | None = None, /, **values: Any) -> Operation:
    return Operation(kind, "upsert", f"{kind}-{key}", f"{kind}-{key}.1.x", AT, values, "", refs or {})


def push(peer: Double, *operations: Operation, secret: str = "export:pa:ss") -> list[Outcome]:
    return list(TRYTON.push(Line("https://crm.example/sales", secret, peer), operations))


def gone(each: Operation, remote_id: str = "") -> Operation:
    return replace(each, action=DELETE, values={}, refs={}, remote_id=remote_id)


def test_one_record_for_each_thing_however_often_it_is_sent() -> None:
    peer = Double()
    ann = operation("person", "ann", name="Ann", email="ann@example.org")
    for _again in range(2):
        party = push(peer, operation("organization", "velo", name="Velo AG"), ann)[1].remote_id
    refs = {"person": party}
    deal, note = (
        operation("idea", "1", refs, description="A belt"),
        operation("activity", "1", refs, message="Voted for it"),
    )
    for _again in range(2):
        found = push(peer, deal, note)
    assert all(each.fine for each in found) and len(peer.rows("party.party")) == 2
    assert [(row["party"], row["company"], row["reference"]) for row in peer.rows("sale.opportunity")] == [
        (int(party), 1, "idea-1")
    ]
    push(peer, replace(note, values={"message": "Voted against it"}))
    assert [row["message"] for row in peer.rows("ir.note")] == ["Voted against it\n[activity-1]"]
    first = peer.rows("ir.note")[0]["id"]
    assert all(each.fine for each in push(peer, gone(ann), gone(deal), gone(note, str(first)), gone(note, "99")))
    assert peer.rows("sale.opportunity") == peer.rows("ir.note") == [] and len(peer.rows("party.party")) == 1


def test_only_our_own_address_is_changed_and_taken_away() -> None:
    peer = Double()
    ann = operation("person", "ann", name="Ann", email="ann@example.org")
    push(peer, ann)
    peer._create("party.contact_mechanism", [{"party": 1, "type": "email", "name": "Work", "value": "own@example.org"}])
    push(peer, replace(ann, values={"email": "new@example.org"}))
    assert [(row["name"], row["value"]) for row in peer.rows("party.contact_mechanism")] == [
        (OURS, "new@example.org"), ("Work", "own@example.org"),
    ]  # fmt: skip
    push(peer, replace(ann, values={"email": None}))
    assert [row["name"] for row in peer.rows("party.contact_mechanism")] == ["Work"]


def test_an_answer_that_was_lost_makes_no_second_record() -> None:
    peer, ann = Double(), operation("person", "ann", name="Ann")
    peer.lose = "party.party.create"
    assert [(each.again, each.code) for each in push(peer, ann, operation("person", "bob"))] == [
        (True, "no_answer"), (True, "waits_for_others"),
    ]  # fmt: skip
    assert push(peer, ann)[0].fine and len(peer.rows("party.party")) == 1


def test_what_the_customer_made_of_an_opportunity_stays() -> None:
    peer, deal = Double(), operation("idea", "1", description="A belt")
    push(peer, deal)
    peer.rows("sale.opportunity")[0]["state"] = "won"
    assert push(peer, replace(deal, values={"description": "Other"}))[0].fine
    assert peer.rows("sale.opportunity")[0]["description"] == "A belt"
    assert push(peer, gone(deal))[0].code == "kept_there"


def test_a_party_that_is_needed_there_is_emptied_and_said() -> None:
    peer, ann = Double(), operation("person", "ann", name="Ann", email="ann@example.org")
    push(peer, ann)
    peer.in_use = {1}
    found = push(peer, gone(ann))[0]
    assert (found.fine, found.again, found.code) == (False, False, "kept_there")
    assert [(row["name"], row["active"]) for row in peer.rows("party.party")] == [(None, False)]
    assert peer.rows("party.contact_mechanism") == []


def test_one_bad_row_stops_no_other_and_a_note_needs_its_person() -> None:
    rows = [
        operation("person", "1", name="refused"),
        operation("activity", "2", message="x"),
        operation("person", "3", name="C"),
    ]
    found = push(Double(), *rows)
    assert [(each.fine, each.code) for each in found] == [(False, "row_refused"), (False, "row_refused"), (True, "")]


def test_a_wrong_password_stops_the_line() -> None:
    found = push(Double(), operation("person"), operation("idea"), secret="export:other")
    assert [(each.stop, each.code) for each in found] == [(True, "secret_refused")] * 2
