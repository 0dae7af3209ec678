"""Sending what is due: one connection after another, briefly, so that nobody in the worker waits long."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from codesign import sdk
from codesign.sdk import Send, SpaceFact

from . import connections, consent, outbox
from .connections import ConnectionFact
from .connector import DELETE, UPSERT, Connector, Line, Operation, Outcome
from .models import Link
from .records import Entity, Reader, Record, entities_of, hash_of

#: How long one run may take for a space, and a connection in it, in seconds.
RUN, SHARE = 20.0, 8.0


_CHUNK = 100
#: What a CRM tells of a person, and which fields of ours that is, by kind.
_TOLD = {
    "person": {"name": "name", "organization": "organization"},
    "organization": {"organization": "name", "segment": "segment", "revenue": "revenue"},
}


def send_due(space_id: str, settings: Mapping[str, Any], send: Send | None = None) -> None:
    """The task: send what is due on every connection of a space. *send* is the way out; tests bring their own."""
    space = sdk.find_space(space_id)
    if space is None:
        return
    until = time.monotonic() + RUN
    refill(space, settings, until)
    rules = sdk.rules(Connector, space_id)
    for connection in connections.of_space(space_id):
        connector = rules.get(connection.connector)
        if connector is not None and connection.may_send and time.monotonic() < until:
            _Sender(space, settings, connection, connector, send or sdk.sender()).run()


def refill(space: SpaceFact, settings: Mapping[str, Any], until: float) -> None:
    """Put in what consents and new connections concern, in pieces that hold the database only for a moment."""
    people, ways = outbox.to_refill(space.id)
    for person_id in people:
        if time.monotonic() > until:
            return
        _put(space.id, outbox.connection_ids(space.id), _all_of(space, [person_id]))
        outbox.refilled(space.id, person_id, [])
    if ways:
        everybody = consent.allowed(space.id, settings["purpose"])
        for start in range(0, len(everybody), _CHUNK):
            _put(space.id, ways, _all_of(space, everybody[start : start + _CHUNK]))
        for way in ways:
            _put(space.id, [way], [link[0] for link in _links(way).values()])
        outbox.refilled(space.id, None, ways)


def _all_of(space: SpaceFact, person_ids: Sequence[str]) -> list[Entity]:
    return list(dict.fromkeys([*entities_of(space, person_ids), *outbox.linked(space.id, person_ids)]))


def _put(space_id: str, ways: Sequence[str], entities: Sequence[Entity]) -> None:
    """Consent or fields are others now: what was given up before is tried again, too."""
    for way in ways:
        for start in range(0, len(entities), _CHUNK):
            outbox.put_piece(space_id, way, entities[start : start + _CHUNK], again=True)


@dataclass
class _Job:
    item: outbox.Due
    operation: Operation
    hash: str


class _Sender:
    """Empties the outbox of one connection, as far as time, tokens and the other side allow."""

    def __init__(
        self,
        space: SpaceFact,
        settings: Mapping[str, Any],
        connection: ConnectionFact,
        connector: Connector,
        send: Send,
    ) -> None:
        self.space, self.settings, self.connection, self.connector = space, settings, connection, connector
        self.reader, self.send = Reader(space, settings), send
        self.until = time.monotonic() + SHARE

    def run(self) -> None:
        """Rounds until nothing is due, or this must wait."""
        try:
            self.line = connections.open_line(self.connection, self.space, self.send)
        except sdk.Invalid:
            connections.pause(self.space.id, self.connection.id, "secret_unreadable", by_itself=True)
            return
        while self._answers() and time.monotonic() < self.until and self._round():
            pass

    def _answers(self) -> bool:
        """Try a line that is new or was resumed before anything is sent: a wrong secret is told at once."""
        if self.connection.checked_at is not None or not self.connector.tells_health:
            return True
        outcome = healthy(self.connector, self.line)
        self.connection = connections.note(self.space.id, self.connection.id, [outcome], self.settings["give_up_hours"])
        if outcome.fine:
            connections.checked(self.space.id, self.connection.id)
            self.connection = connections.get(self.space.id, self.connection.id)
        return outcome.fine

    def _round(self) -> bool:
        """One batch; whether to go on."""
        on_trial = self.connection.failures >= connections.TRIPS
        items = outbox.due(self.connection.id, 1 if on_trial else self.connector.batch)
        if not items or not connections.take_token(self.connection.id, self.connector.per_second):
            return False
        jobs, same, early = self._jobs(items)
        if same:
            outbox.unchanged(self.connection.id, same)
        if early:
            outbox.postpone(self.connection.id, early)
        if not jobs:
            return True
        outbox.begin(self.connection.id, self.space.id, [(job.item, job.operation) for job in jobs])
        outcomes = push(self.connector, self.line, [job.operation for job in jobs])
        triples = [(job.item, job.operation, outcome) for job, outcome in zip(jobs, outcomes, strict=True)]
        hashes = {job.item.external_id: job.hash for job in jobs}
        hours = self.settings["give_up_hours"]
        _patiently(lambda: outbox.finish(self.connection.id, self.space.id, triples, hashes, hours))
        self.connection = connections.note(self.space.id, self.connection.id, outcomes, hours)
        return self.connection.may_send and not any(outcome.again and not outcome.fine for outcome in outcomes)

    def _jobs(self, items: Sequence[outbox.Due]) -> tuple[list[_Job], list[outbox.Due], list[outbox.Due]]:
        """What to send, what the other side has so already, and what belongs to something that is still to be sent."""
        entities = [item.entity for item in items if item.entity]
        records = self.reader.read(entities)
        refs = {ref for record in records.values() if record for ref in record.refs.values()}
        remote = outbox.remote_ids(self.connection.id, refs)
        waiting = outbox.waiting(self.connection.id, refs - remote.keys())
        jobs: list[_Job] = []
        same: list[outbox.Due] = []
        early: list[outbox.Due] = []
        for item in items:
            record = records.get(item.entity) if item.entity else None
            if record and waiting.intersection(record.refs.values()):
                early.append(item)
                continue
            job = self._job(item, record, remote)
            (jobs if job else same).append(job or item)  # type: ignore[arg-type]
        return jobs, same, early

    def _job(self, item: outbox.Due, record: Record | None, remote: Mapping[str, str]) -> _Job | None:
        """What to do about one thing; None: the other side has it so."""
        values, hashed = content(self.connection, item.kind, record)
        action: Literal["upsert", "delete"] = UPSERT
        if values is None:
            if not item.version and not item.doubt:
                return None
            action, hashed = DELETE, "gone"
        elif hashed == item.sent_hash and not item.doubt and not item.forced:
            return None
        refs = {kind: remote[key] for kind, key in (record.refs if record else {}).items() if key in remote}
        operation = Operation(
            item.kind, action, item.external_id, f"{item.external_id}.{item.version + 1}.{hashed[:12]}", sdk.now(),
            values or {}, item.remote_id, refs,
        )  # fmt: skip
        return _Job(item, operation, hashed)


def _patiently(change: Callable[[], None]) -> None:
    """Keep what came of a call even when the database is busy. Should it fail all the same, the call counts as in doubt."""
    for _try in range(3):
        try:
            return change()
        except sdk.Unavailable:
            time.sleep(0.2)
    return change()


def content(connection: ConnectionFact, kind: str, record: Record | None) -> tuple[dict[str, Any] | None, str]:
    """What a connection sends of a record, and its hash; None where nothing may be there."""
    names = connection.mapping.get(kind, {})
    if record is None or not names:
        return None, ""
    values = record.mapped(names)
    return values, hash_of(values, record.refs)


def healthy(connector: Connector, line: Line) -> Outcome:
    """What a connector says of a line; one that breaks counts as out of order."""
    try:
        return connector.health(line)
    except Exception:
        return Outcome(False, "connector_broken", again=True)


def push(connector: Connector, line: Line, operations: Sequence[Operation]) -> list[Outcome]:
    """Carry out operations; a batch that is refused whole goes again in halves, so one bad row stops no other.

    A connector that breaks, or answers for fewer operations than it got, counts as out of order.
    """
    try:
        outcomes = list(connector.push(line, operations))
        if len(outcomes) != len(operations):
            raise ValueError("an outcome for each operation")
    except Exception:
        return [Outcome(False, "connector_broken", again=True)] * len(operations)
    if len(operations) > 1 and all(outcome.code == "refused" for outcome in outcomes):
        middle = len(operations) // 2
        return push(connector, line, operations[:middle]) + push(connector, line, operations[middle:])
    return outcomes


def compare(space_id: str, settings: Mapping[str, Any]) -> None:
    """The hourly task: what changed without an event of the space (a name, an organization) goes into the outbox.

    What may be there no more is asked to be deleted every hour, even where that was given up; other things wait for a change.
    """
    space = sdk.find_space(space_id)
    for connection in connections.of_space(space_id) if space else []:
        for entity, state, _before, _after in changes(space, settings, connection):  # type: ignore[arg-type]
            if state != "unchanged":
                outbox.put_piece(space_id, connection.id, [entity], again=state == "delete")


Change = tuple[Entity, str, Mapping[str, Any], Mapping[str, Any]]


def changes(
    space: SpaceFact, settings: Mapping[str, Any], connection: ConnectionFact, most: int = 100_000
) -> list[Change]:
    """A dry run: what would be created, updated, deleted, or is unchanged, with the values before and after. Sends nothing."""
    people = consent.allowed(space.id, settings["purpose"])
    reader, found, seen = Reader(space, settings), [], set()
    links = _links(connection.id)
    mine = [
        entity
        for start in range(0, len(people), _CHUNK)
        for entity in entities_of(space, people[start : start + _CHUNK])
    ]
    wanted = [*mine, *(link[0] for link in links.values())]
    for start in range(0, len(wanted), _CHUNK):
        chunk = [entity for entity in dict.fromkeys(wanted[start : start + _CHUNK]) if entity.external_id not in seen]
        seen |= {entity.external_id for entity in chunk}
        for entity, record in reader.read(chunk).items():
            values, hashed = content(connection, entity.kind, record)
            _entity, sent_hash, sent = links.get(entity.external_id, (entity, "", {}))
            found.append((entity, _state(values, hashed, sent_hash), sent, values or {}))
        if len(found) >= most:
            break
    return [each for each in found if each[1]]


def _state(values: Mapping[str, Any] | None, hashed: str, sent_hash: str) -> str:
    if values is None:
        return "delete" if sent_hash else ""
    return "create" if not sent_hash else "unchanged" if hashed == sent_hash else "update"


def _links(connection_id: str) -> dict[str, tuple[Entity, str, Mapping[str, Any]]]:
    query = select(Link).where(Link.connection_id == connection_id, Link.entity_id.is_not(None))
    with sdk.read() as session:
        return {
            row.external_id: (Entity(row.kind, str(row.entity_id), row.person_id), row.sent_hash, row.sent)
            for row in session.scalars(query)
        }  # fmt: skip


@sdk.verb
def suppress_echo(
    space: SpaceFact, settings: Mapping[str, Any], person_ids: Sequence[str], told: Collection[str]
) -> None:
    """What another system just told us (*told* names the fields) is what it has: it is not told so again.

    Only that counts as sent. Whatever else of ours has changed still goes out, and what waits to be sent stays as it is.
    """
    entities = [each for each in entities_of(space, person_ids) if each.kind in _TOLD]
    records = Reader(space, settings).read(entities)
    for connection in connections.of_space(space.id):
        waits = outbox.waiting(connection.id, [entity.external_id for entity in entities])
        for entity, record in records.items():
            link = sdk.session().get(Link, (connection.id, entity.external_id))
            if record and link is not None and link.sent_hash and entity.external_id not in waits:
                _count_as_sent(link, connection.mapping.get(entity.kind, {}), record, told)


def _count_as_sent(link: Link, names: Mapping[str, str], record: Record, told: Collection[str]) -> None:
    moved = hash_of(link.sent, record.refs) != link.sent_hash  # what it belongs to is another
    if moved and "organization" not in told:
        return
    fed = {ours for theirs, ours in _TOLD[link.kind].items() if theirs in told}
    link.sent = {**link.sent, **{names[key]: record.values[key] for key in fed if names.get(key)}}
    link.sent_hash = hash_of(link.sent, record.refs)
