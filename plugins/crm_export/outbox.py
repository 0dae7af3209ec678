"""The outbox: what may have changed, for whom, and what came of sending it. One row a thing and connection."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import case, delete, func, select, update

from codesign import sdk

from .connector import KINDS, Operation, Outcome
from .models import DEAD, WAITING, Connection, Consent, Delivery, Link, Outbox
from .records import Entity

FIRST_WAIT, LONGEST_WAIT = 30.0, 7_200.0
POSTPONED = timedelta(minutes=1)
KEPT_DELIVERIES = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    """A row that is due, with what the other system has of it."""

    external_id: str
    kind: str
    entity: Entity | None
    seq: int
    tries: int
    forced: bool
    remote_id: str
    sent_hash: str
    sent: Mapping[str, Any]
    version: int
    doubt: bool
    known: bool


def connection_ids(space_id: str) -> list[str]:
    """The connections of a space, paused ones too: they go on collecting."""
    with sdk.read() as session:
        return list(session.scalars(select(Connection.id).where(Connection.space_id == space_id)))


def known_people(space_id: str, ids: Iterable[str]) -> set[str]:
    """Those of some people of whom something may be, or is, in another system."""
    wanted = sorted(set(ids))
    said = select(Consent.person_id).where(Consent.space_id == space_id, Consent.person_id.in_(wanted))
    sent = select(Link.person_id).where(Link.space_id == space_id, Link.person_id.in_(wanted))
    with sdk.read() as session:
        return {key for key in session.scalars(said.union(sent)) if key}


def linked(space_id: str, person_ids: Iterable[str]) -> list[Entity]:
    """The things of some people that were sent, or are about to be."""
    return _entities(Link, space_id, person_ids) + _entities(Outbox, space_id, person_ids)


def _entities(table: type[Link] | type[Outbox], space_id: str, person_ids: Iterable[str]) -> list[Entity]:
    query = select(table.kind, table.entity_id, table.person_id).where(table.space_id == space_id).distinct()
    with sdk.read() as session:
        rows = session.execute(query.where(table.person_id.in_(sorted(set(person_ids)))))
        return [Entity(row.kind, row.entity_id, row.person_id) for row in rows if row.entity_id]


def linked_ideas(space_id: str, idea_ids: Iterable[str]) -> list[Entity]:
    """Those of some ideas that were sent."""
    query = select(Link.entity_id, Link.person_id).where(Link.space_id == space_id, Link.kind == "idea")
    with sdk.read() as session:
        rows = session.execute(query.where(Link.entity_id.in_(sorted(set(idea_ids)))).distinct())
        return [Entity("idea", row.entity_id, row.person_id) for row in rows]


def put(space_id: str, connections: Iterable[str], entities: Mapping[Entity, int], *, again: bool = False) -> None:
    """Note that these things may have changed, each at an event's number; inside a change. Noted again, nothing doubles.

    What was given up gets a new chance when something happened to it since, or *again*.
    """
    session, wanted = sdk.session(), {each.external_id: (each, seq) for each, seq in entities.items()}
    for connection_id in connections:
        query = select(Outbox).where(Outbox.connection_id == connection_id, Outbox.external_id.in_(sorted(wanted)))
        there = {row.external_id: row for row in session.scalars(query)}
        for key, (entity, seq) in wanted.items():
            row = there.get(key)
            if row is None:
                row = Outbox(
                    connection_id=connection_id, external_id=key, space_id=space_id, kind=entity.kind,
                    entity_id=entity.id, person_id=entity.person_id, seq=seq, due_at=sdk.now(), state=WAITING, tries=0,
                )  # fmt: skip
                session.add(row)
            elif seq > row.seq or again:
                row.seq = max(seq, row.seq)
                if row.state == DEAD:  # it is another thing now
                    _revive(row)


def _revive(row: Outbox) -> None:
    row.state, row.tries, row.first_failed_at, row.due_at, row.code = WAITING, 0, None, sdk.now(), ""


def refill(space_id: str, person_ids: Iterable[str], connections: Iterable[str]) -> None:
    """Note that everything about these people, or for these connections, is to be put in; the task does so in pieces."""
    people, ways = sorted(set(person_ids)), sorted(set(connections))
    if people:
        mine = update(Consent).where(Consent.space_id == space_id, Consent.person_id.in_(people))
        sdk.session().execute(mine.values(refill=True))
    if ways:
        mine = update(Connection).where(Connection.space_id == space_id, Connection.id.in_(ways))
        sdk.session().execute(mine.values(refill=True))


def to_refill(space_id: str) -> tuple[list[str], list[str]]:
    """The people and the connections whose things are to be put in."""
    people = select(Consent.person_id).where(Consent.space_id == space_id, Consent.refill.is_(True))
    ways = select(Connection.id).where(Connection.space_id == space_id, Connection.refill.is_(True))
    with sdk.read() as session:
        return list(session.scalars(people)), list(session.scalars(ways))


@sdk.verb
def refilled(space_id: str, person_id: str | None, connections: Sequence[str]) -> None:
    """What was noted by ``refill`` is done."""
    session = sdk.session()
    session.execute(update(Connection).where(Connection.id.in_(connections)).values(refill=False))
    mine = update(Consent).where(Consent.space_id == space_id, Consent.person_id == person_id)
    session.execute(mine.values(refill=False))


@sdk.verb
def put_piece(space_id: str, connection_id: str, entities: Sequence[Entity], *, again: bool) -> None:
    """``put`` for one connection, as a change of its own."""
    put(space_id, [connection_id], dict.fromkeys(entities, 0), again=again)


def due(connection_id: str, limit: int) -> list[Due]:
    """What is to be sent now: things of one kind, those that others belong to first, and of these the oldest.

    So the other system has said how it calls a person before anything is sent that belongs to them.
    """
    rank = case({kind: place for place, kind in enumerate(KINDS)}, value=Outbox.kind)
    query = select(Outbox).where(Outbox.connection_id == connection_id, Outbox.state == WAITING)
    query = query.where(Outbox.due_at <= sdk.now()).order_by(rank, Outbox.due_at, Outbox.external_id).limit(limit)
    with sdk.read() as session:
        found = list(session.scalars(query))
        rows = [row for row in found if row.kind == found[0].kind]
        keys = [row.external_id for row in rows]
        links = select(Link).where(Link.connection_id == connection_id, Link.external_id.in_(keys))
        known = {link.external_id: link for link in session.scalars(links)}
        return [_due(row, known.get(row.external_id)) for row in rows]


def _due(row: Outbox, link: Link | None) -> Due:
    entity = Entity(row.kind, row.entity_id, row.person_id) if row.entity_id else None
    has = link or Link(remote_id="", sent_hash="", sent={}, version=0, doubt=False)
    return Due(
        row.external_id, row.kind, entity, row.seq, row.tries, row.forced, has.remote_id, has.sent_hash, has.sent,
        has.version, has.doubt, link is not None,
    )  # fmt: skip


def remote_ids(connection_id: str, external_ids: Iterable[str]) -> dict[str, str]:
    """What the other system calls things of ours."""
    query = select(Link.external_id, Link.remote_id).where(Link.connection_id == connection_id)
    with sdk.read() as session:
        rows = session.execute(query.where(Link.external_id.in_(sorted(set(external_ids)))))
        return {row.external_id: row.remote_id for row in rows if row.remote_id}


def waiting(connection_id: str, external_ids: Iterable[str]) -> set[str]:
    """Those of some things that are still to be sent."""
    query = select(Outbox.external_id).where(Outbox.connection_id == connection_id, Outbox.state == WAITING)
    with sdk.read() as session:
        return set(session.scalars(query.where(Outbox.external_id.in_(sorted(set(external_ids))))))


@sdk.verb
def postpone(connection_id: str, items: Sequence[Due]) -> None:
    """Come back to these in a minute: what they belong to has not arrived yet."""
    mine = Outbox.connection_id == connection_id, Outbox.external_id.in_([item.external_id for item in items])
    sdk.session().execute(update(Outbox).where(*mine).values(due_at=sdk.now() + POSTPONED))


@sdk.verb
def unchanged(connection_id: str, items: Sequence[Due]) -> None:
    """The other system has these as they are: nothing to send."""
    seqs = {item.external_id: item.seq for item in items}
    for row in list(sdk.session().scalars(_among(Outbox, connection_id, list(seqs)))):
        _settle(row, seqs[row.external_id])
    _count(connection_id, unchanged=len(items))


@sdk.verb
def begin(connection_id: str, space_id: str, pairs: Sequence[tuple[Due, Operation]]) -> None:
    """Before a call: note that its outcome is in doubt, so that a crash in between leads to one more try, never to a gap."""
    session = sdk.session()
    keys = [item.external_id for item, _operation in pairs]
    links = {row.external_id: row for row in session.scalars(_among(Link, connection_id, keys))}
    for item, _operation in pairs:
        link = links.get(item.external_id)
        if link is None:
            link = Link(connection_id=connection_id, external_id=item.external_id, space_id=space_id, kind=item.kind)
            link.sent, link.sent_hash, link.version, link.remote_id = {}, "", 0, ""
            session.add(link)
        if item.entity is not None:
            link.entity_id, link.person_id = item.entity.id, item.entity.person_id
        link.doubt = True


@sdk.verb
def finish(
    connection_id: str,
    space_id: str,
    triples: Sequence[tuple[Due, Operation, Outcome]],
    hashes: Mapping[str, str],
    give_up_hours: int,
) -> None:
    """After a call: keep what arrived, plan the next try of what did not, give up what is in vain."""
    session, keys = sdk.session(), [item.external_id for item, _operation, _outcome in triples]
    # Reads first: from the first write on, others wait.
    links = {row.external_id: row for row in session.scalars(_among(Link, connection_id, keys))}
    rows = {row.external_id: row for row in session.scalars(_among(Outbox, connection_id, keys))}
    with session.no_autoflush:
        for item, operation, outcome in triples:
            key = item.external_id
            _log(connection_id, space_id, operation, outcome)
            if outcome.fine and key in links:
                _arrived(links[key], operation, outcome, hashes.get(key, ""))
            if key in rows:
                _settle(rows[key], item.seq) if outcome.fine else _failed(rows[key], outcome, give_up_hours)
    fine = sum(outcome.fine for _item, _operation, outcome in triples)
    late = sum(outcome.code == "waits_for_others" for _item, _operation, outcome in triples)
    _count(connection_id, sent=fine, failed=len(triples) - fine - late)


def _among(table: type[Any], connection_id: str, keys: Sequence[str]) -> Any:
    return select(table).where(table.connection_id == connection_id, table.external_id.in_(keys))


def _arrived(link: Link, operation: Operation, outcome: Outcome, sent_hash: str) -> None:
    if operation.action == "delete":
        sdk.session().delete(link)
        return
    link.sent, link.sent_hash = dict(operation.values), sent_hash
    link.remote_id = outcome.remote_id or link.remote_id
    link.version, link.doubt, link.sent_at = link.version + 1, False, sdk.now()
    if link.entity_id is None:  # forgotten meanwhile: keep nothing of it
        link.sent, link.sent_hash = {}, ""


def _failed(row: Outbox, outcome: Outcome, give_up_hours: int) -> None:
    row.code = outcome.code
    if outcome.code == "waits_for_others":
        return
    row.tries += 1
    row.first_failed_at = row.first_failed_at or sdk.now()
    too_long = sdk.now() - row.first_failed_at >= timedelta(hours=give_up_hours)
    if not outcome.again or (too_long and not outcome.stop):
        row.state = DEAD
        return
    # Full jitter, after M. Brooker, "Exponential Backoff And Jitter" (2015); what the other side asks for is the least.
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries, 16))
    row.due_at = sdk.now() + timedelta(seconds=max(outcome.after or 0.0, random.uniform(1.0, longest)))  # noqa: S311


def _settle(row: Outbox, seq: int) -> None:
    """Take a row out that was done, unless its thing changed again meanwhile."""
    if row.seq <= seq:
        sdk.session().delete(row)
    else:
        row.tries, row.first_failed_at, row.due_at, row.code, row.forced = 0, None, sdk.now(), "", False


def _log(connection_id: str, space_id: str, operation: Operation, outcome: Outcome) -> None:
    if outcome.code == "waits_for_others":
        return
    sdk.session().add(
        Delivery(
            id=sdk.new_id(), connection_id=connection_id, space_id=space_id, external_id=operation.external_id,
            message_id=operation.message_id, kind=operation.kind, action=operation.action, at=sdk.now(),
            fine=outcome.fine, status=outcome.status, code=outcome.code,
        )
    )  # fmt: skip


def _count(connection_id: str, **more: int) -> None:
    values: dict[str, Any] = {name: getattr(Connection, name) + number for name, number in more.items()}
    if more.get("sent"):
        values["last_sent_at"] = sdk.now()
    sdk.session().execute(update(Connection).where(Connection.id == connection_id).values(**values))


@sdk.verb
def replay(connection_id: str, external_id: str | None = None) -> int:
    """Try what was given up again (or one thing, be it sent already): how many rows are due now."""
    session = sdk.session()
    if external_id is not None:
        link = session.get(Link, (connection_id, external_id))
        if session.get(Outbox, (connection_id, external_id)) is None and link is not None:
            session.add(
                Outbox(
                    connection_id=connection_id, external_id=external_id, space_id=link.space_id, kind=link.kind,
                    entity_id=link.entity_id, person_id=link.person_id, due_at=sdk.now(), state=WAITING, tries=0,
                )
            )  # fmt: skip
            session.flush()
    query = update(Outbox).where(Outbox.connection_id == connection_id)
    query = query.where(Outbox.state == DEAD) if external_id is None else query.where(Outbox.external_id == external_id)
    fresh = {"state": WAITING, "tries": 0, "first_failed_at": None, "due_at": sdk.now(), "code": "", "forced": True}
    return int(session.execute(query.values(**fresh)).rowcount)  # type: ignore[attr-defined]


@sdk.verb
def forget(person_id: str) -> None:
    """Forget a person: nothing names them here any more, and other systems are told to delete what they have."""
    session = sdk.session()
    session.execute(delete(Consent).where(Consent.person_id == person_id))
    gone = select(Link).where(Link.person_id == person_id)
    for link in session.scalars(gone):
        row = session.get(Outbox, (link.connection_id, link.external_id))
        if row is None:
            row = Outbox(
                connection_id=link.connection_id, external_id=link.external_id, space_id=link.space_id, kind=link.kind
            )
            session.add(row)
        _revive(row)
        row.entity_id = row.person_id = None
        row.seq = row.seq or 0
        link.entity_id = link.person_id = None
        link.sent, link.sent_hash = {}, ""
    session.flush()
    session.execute(delete(Outbox).where(Outbox.person_id == person_id))


@sdk.verb
def tidy(space_id: str, settings: Any) -> None:
    """Forget old deliveries, some at a time."""
    old = select(Delivery.id).where(Delivery.space_id == space_id, Delivery.at < sdk.now() - KEPT_DELIVERIES)
    sdk.session().execute(delete(Delivery).where(Delivery.id.in_(old.limit(2_000).scalar_subquery())))


def counts(connection_id: str) -> dict[str, int]:
    """How many things wait and how many were given up."""
    query = select(Outbox.state, func.count()).where(Outbox.connection_id == connection_id).group_by(Outbox.state)
    with sdk.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}
