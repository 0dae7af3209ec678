"""Tryton: people and organizations as parties, ideas as sale opportunities, what people did as notes on their party.

By the JSON-RPC that Tryton's own clients use, signed in as a user of its own. The REST door has a key instead of a password, but
lets nobody but administrators take a note back. After Tryton's documentation (https://docs.tryton.org, series 8.2).

Nothing is written twice: a party has our external id as its unique code, an opportunity as its reference, a note in its last
line. All of them are looked for before anything is written, so what is known here is never relied on.
"""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from codesign.sdk import Request, Unreachable, _

from ..connector import (
    DELETE,
    KINDS,
    UPSERT,
    Call,
    Connector,
    Incoming,
    Line,
    NotPulled,
    Operation,
    Outcome,
    RemoteField,
    json_of,
    refusal,
    tried,
    unreachable,
)
from ..records import FIELDS

PARTY, OPPORTUNITY, NOTE = "party.party", "sale.opportunity", "ir.note"
MODELS = {"organization": PARTY, "person": PARTY, "idea": OPPORTUNITY, "activity": NOTE}
KEYS = {PARTY: "code", OPPORTUNITY: "reference"}
PRESETS: dict[str, dict[str, dict[str, str]]] = {
    "": {
        "organization": {"name": "name"},
        "person": {"name": "name", "email": "email"},
        "idea": {"title": "description", "body": "comment"},
        "activity": {"subject": "message"},
    }
}
#: The name of the e-mail address that is ours, so that none of the customer's own is changed.
OURS = "Codesign"
#: An opportunity in these states is the customer's business: it stays as it is.
_CLOSED = ("converted", "won", "lost", "cancelled")
_EVERY = ["active", "in", [True, False]]


class _Trouble(Exception):
    """A call did not go through; ``outcome`` says what that means."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.code)
        self.outcome = outcome


class _Refused(Exception):
    """Tryton understood the call and says no."""


def _request(line: Line, method: str, parameters: Sequence[Any], session: str = "") -> Request:
    headers = {"content-type": "application/json", "accept": "application/json"}
    if session:
        headers["authorization"] = f"Session {session}"
    content = {"id": 1, "method": method, "params": list(parameters)}
    return Request("POST", line.address.rstrip("/") + "/rpc/", headers, json.dumps(content).encode())


class _Peer:
    """A session with one Tryton database. Signs in when it is made; every method raises ``_Trouble`` or ``_Refused``."""

    def __init__(self, line: Line) -> None:
        self.line, self.session = line, ""
        login, _colon, password = line.secret.partition(":")
        try:
            user, key = self.call("common.db.login", login, {"password": password}, "en")[:2]
            self.session = base64.b64encode(f"{login}:{user}:{key}".encode()).decode()
            #: What Tryton's own clients send along: above all the user's company.
            self.context = dict(self.call("model.res.user.get_preferences", True, {}))
        except (TypeError, ValueError):
            raise _Trouble(Outcome(False, "not_understood", 200, again=True)) from None
        except _Refused:
            raise _Trouble(Outcome(False, "secret_refused", 200, again=True, stop=True)) from None

    def leave(self) -> None:
        """Sign out; where that fails the session ends by itself."""
        with contextlib.suppress(_Trouble, _Refused):
            self.call("common.db.logout")

    def call(self, method: str, *parameters: Any) -> Any:
        """The result of one call."""
        try:
            answer = self.line.send(_request(self.line, method, parameters, self.session))
        except Unreachable as error:
            raise _Trouble(unreachable(error)) from None
        if not 200 <= answer.status < 300:
            raise _Trouble(refusal(answer))
        content = json_of(answer)
        if content is None or not {"result", "error"} & content.keys():
            raise _Trouble(Outcome(False, "not_understood", answer.status, again=True))
        wrong = content.get("error")
        if not wrong:
            return content.get("result")
        if isinstance(wrong, list) and wrong[0] in ("UserError", "UserWarning"):
            raise _Refused
        raise _Trouble(Outcome(False, "out_of_order", answer.status, again=True))

    def model(self, model: str, method: str, *parameters: Any) -> Any:
        """The result of a method of a model, in the user's company."""
        return self.call(f"model.{model}.{method}", *parameters, self.context)

    def search(self, model: str, domain: list[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        """The records of a model that a domain finds."""
        found = self.model(model, "search_read", domain, 0, None, None, list(names))
        if not isinstance(found, list) or not all(isinstance(row, dict) and "id" in row for row in found):
            raise _Trouble(Outcome(False, "not_understood", 200, again=True))
        return found


class _Push:
    """One batch: what is there already, then one thing after another."""

    def __init__(self, line: Line, operations: Sequence[Operation]) -> None:
        self.peer = _Peer(line)
        self.there: dict[str, dict[str, Any]] = {}
        for model, key in KEYS.items():
            wanted = [each.external_id for each in operations if MODELS[each.kind] == model]
            domain = [[key, "in", wanted], *([_EVERY] if model == PARTY else [])]
            names = (key, *(("party", "state") if model == OPPORTUNITY else ()))
            self.there |= {row[key]: row for row in (self.peer.search(model, domain, names) if wanted else ())}
        self.emails: dict[int, int] = {}
        if parties := [self.there[each.external_id]["id"] for each in operations if each.external_id in self.there
                       and each.kind == "person"]:  # fmt: skip
            domain = [["party", "in", parties], ["type", "=", "email"], ["name", "=", OURS]]
            self.emails = {
                row["party"]: row["id"] for row in self.peer.search("party.contact_mechanism", domain, ["party"])
            }

    def one(self, operation: Operation) -> Outcome:
        """Carry out one operation."""
        try:
            return self._WAYS[MODELS[operation.kind], operation.action](self, operation)
        except _Refused:
            return Outcome(False, "row_refused", 200)

    def _written(self, model: str, operation: Operation, values: Mapping[str, Any]) -> Outcome:
        """Create a record, or change the one that is there."""
        known = self.there.get(operation.external_id)
        if known is None:
            made = self.peer.model(model, "create", [values])
            if not isinstance(made, list) or len(made) != 1:
                raise _Trouble(Outcome(False, "not_understood", 200, again=True))
            return Outcome(True, status=200, remote_id=str(made[0]))
        self.peer.model(model, "write", [known["id"]], values)
        return Outcome(True, status=200, remote_id=str(known["id"]))

    def _put_party(self, operation: Operation) -> Outcome:
        known = self.there.get(operation.external_id)
        values = _party(operation, known is None, self.emails.get(known["id"]) if known else None)
        try:
            return self._written(PARTY, operation, values)
        except _Refused:
            if known is None and self.peer.search(PARTY, [["code", "=", operation.external_id], _EVERY], ["code"]):
                return Outcome(
                    False, "out_of_order", 200, again=True
                )  # a call of ours that we gave up made it meanwhile
            raise

    def _put_opportunity(self, operation: Operation) -> Outcome:
        known = self.there.get(operation.external_id)
        if known and known["state"] in _CLOSED:
            return Outcome(True, status=200, remote_id=str(known["id"]))
        values = _opportunity(operation)
        if known is None:
            values["company"] = self.peer.context.get("company")
        elif known["party"]:
            values.pop("party", None)
        return self._written(OPPORTUNITY, operation, values)

    def _put_note(self, operation: Operation) -> Outcome:
        """A note cannot be changed: the old one goes and a new one comes."""
        if "person" not in operation.refs:
            return Outcome(False, "row_refused")
        values = _note(operation)
        domain = [["resource", "=", values["resource"]], ["message", "like", f"%[{operation.external_id}]%"]]
        old = self.peer.search(NOTE, domain, ["message"])
        if same := [row["id"] for row in old if row["message"] == values["message"]]:
            return Outcome(True, status=200, remote_id=str(same[0]))
        if old:
            self.peer.model(NOTE, "delete", [row["id"] for row in old])
        return self._written(NOTE, operation, values)

    def _drop_party(self, operation: Operation) -> Outcome:
        """Delete a party, its addresses and notes with it. Where Tryton needs it for papers of its own, empty it."""
        known = self.there.get(operation.external_id)
        if known is None:
            return Outcome(True)
        try:
            self.peer.model(PARTY, "delete", [known["id"]])
        except _Refused:
            if known["id"] in self.emails:
                self.peer.model("party.contact_mechanism", "delete", [self.emails[known["id"]]])
            self.peer.model(PARTY, "write", [known["id"]], {"name": None, "active": False})
            return Outcome(False, "kept_there", 200)
        return Outcome(True, status=200)

    def _drop_opportunity(self, operation: Operation) -> Outcome:
        """Cancel it, as Tryton wants, and delete it; what became a sale is the customer's own by now."""
        known = self.there.get(operation.external_id)
        if known is None:
            return Outcome(True)
        if known["state"] in ("converted", "won"):
            return Outcome(False, "kept_there", 200)
        if known["state"] == "lost":
            self.peer.model(OPPORTUNITY, "lead", [known["id"]])
        if known["state"] != "cancelled":
            self.peer.model(OPPORTUNITY, "cancel", [known["id"]])
        self.peer.model(OPPORTUNITY, "delete", [known["id"]])
        return Outcome(True, status=200)

    def _drop_note(self, operation: Operation) -> Outcome:
        """Delete a note; with its party it went already."""
        if operation.remote_id:
            try:
                self.peer.model(NOTE, "read", [int(operation.remote_id)], ["id"])
            except _Refused:
                return Outcome(True)
            self.peer.model(NOTE, "delete", [int(operation.remote_id)])
        return Outcome(True, status=200)

    _WAYS: ClassVar = {
        (PARTY, UPSERT): _put_party, (OPPORTUNITY, UPSERT): _put_opportunity, (NOTE, UPSERT): _put_note,
        (PARTY, DELETE): _drop_party, (OPPORTUNITY, DELETE): _drop_opportunity, (NOTE, DELETE): _drop_note,
    }  # fmt: skip


def _texts(operation: Operation) -> dict[str, str | None]:
    """What the mapping gives, as texts: all of these fields are texts there, and empty is null."""
    return {name: None if value in (None, "") else str(value) for name, value in operation.values.items()}


def _party(operation: Operation, new: bool, email_id: int | None = None) -> dict[str, Any]:
    values: dict[str, Any] = _texts(operation)
    address = values.pop("email", None)
    if address and email_id is None:
        made = {"type": "email", "value": address, "name": OURS}
        values["contact_mechanisms"] = [["create", [made]]]
    elif address:
        values["contact_mechanisms"] = [["write", [email_id], {"value": address}]]
    elif email_id is not None and "email" in operation.values:
        values["contact_mechanisms"] = [["delete", [email_id]]]
    return values | ({"code": operation.external_id} if new else {})


def _opportunity(operation: Operation) -> dict[str, Any]:
    person = operation.refs.get("person")
    return {**_texts(operation), "reference": operation.external_id, **({"party": int(person)} if person else {})}


def _note(operation: Operation) -> dict[str, Any]:
    words = _texts(operation).get("message") or ""
    resource = f"{PARTY},{operation.refs.get('person', '-1')}"
    return {"resource": resource, "message": f"{words}\n[{operation.external_id}]"}


def _describe(line: Line) -> list[RemoteField]:
    return [RemoteField(kind, name, FIELDS[kind][key][1]) for kind in KINDS for key, name in PRESETS[""][kind].items()]


def _plan(line: Line, operations: Sequence[Operation]) -> list[Call]:
    """The calls as they would go out were nothing there yet; who is signed in, and in which company, is left out."""
    calls = []
    for each in operations:
        model = MODELS[each.kind]
        made = {PARTY: lambda one: _party(one, True), OPPORTUNITY: _opportunity, NOTE: _note}[model]
        parameters = ("create", [made(each)]) if each.action == "upsert" else ("delete", [each.remote_id])
        calls.append(Call(_request(line, f"model.{model}.{parameters[0]}", [parameters[1], {}]), (each,)))
    return calls


def _push(line: Line, operations: Sequence[Operation]) -> list[Outcome]:
    """One thing after another; after an outcome that concerns the whole line the rest waits."""
    try:
        push = _Push(line, operations)
    except _Trouble as trouble:
        return [trouble.outcome] * len(operations)
    except _Refused:
        return [Outcome(False, "refused", 200)] * len(operations)
    found: list[Outcome] = []
    halt: Outcome | None = None
    for operation in operations:
        if halt is not None:
            found.append(replace(halt, code="waits_for_others", status=None))
            continue
        try:
            found.append(push.one(operation))
        except _Trouble as trouble:
            found.append(trouble.outcome)
            halt = trouble.outcome if trouble.outcome.again or trouble.outcome.stop else None
    if halt is None:
        push.peer.leave()
    return found


@contextlib.contextmanager
def _asking(line: Line) -> Iterator[_Peer]:
    """A session to ask something with; what goes wrong is ``NotPulled``."""
    try:
        peer = _Peer(line)
        yield peer
        peer.leave()
    except _Trouble as trouble:
        raise NotPulled(trouble.outcome) from None
    except _Refused:
        raise NotPulled(Outcome(False, "refused", 200)) from None


def _health(line: Line) -> Outcome:
    """Whether the user is let in, and may read parties, opportunities and notes."""

    def ask() -> None:
        with _asking(line) as peer:
            for model in KEYS:
                peer.search(model, [["id", "=", -1]], ["id"])
            peer.search(NOTE, [["resource", "=", f"{PARTY},-1"]], ["id"])  # of notes Tryton wants to know whose

    return tried(ask)


def _pull(line: Line, since: datetime | None) -> Iterator[Incoming]:
    """Our organizations that were changed there; their categories are their segment."""
    domain: list[Any] = [["code", "like", "organization-%"]]
    if since is not None:
        domain.append(["write_date", ">=", _moment(since)])
    with _asking(line) as peer:
        rows = peer.search(PARTY, domain, ["code", "categories"])
        wanted = sorted({category for row in rows for category in row.get("categories") or ()})
        named = peer.search("party.category", [["id", "in", wanted]], ["name"]) if wanted else []
    names = {row["id"]: str(row.get("name")) for row in named}
    for row in rows:
        found = sorted(names[each] for each in row.get("categories") or () if each in names)
        yield Incoming(str(row["code"]), {"segment": ", ".join(found)})


def _moment(moment: datetime) -> dict[str, Any]:
    """A moment as Tryton's JSON has it."""
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{part: getattr(moment.astimezone(UTC), part) for part in parts}}


TRYTON = Connector(
    name="tryton",
    title="Tryton",
    description=_("Parties, sale opportunities and notes, by a user of its own."),
    describe=_describe,
    plan=_plan,
    push=_push,
    pull=_pull,
    health=_health,
    presets=PRESETS,
    fixed=True,
    asks=("address", "secret"),
    batch=50,
    per_second=2.0,
)
