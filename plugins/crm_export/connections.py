"""Connections: made, paused, resumed; their circuit breaker and their tokens."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from codesign import sdk
from codesign.sdk import Send, SpaceFact

from .connector import KINDS, Connector, Line, Outcome
from .events import ConnectionChanged, ConnectionPaused
from .models import WAITING, Connection, Delivery, Link, Outbox
from .records import FIELDS

NAME = "crm_export"
#: Failures in a row that open the circuit breaker, and its first and longest pause in minutes.
TRIPS, FIRST_PAUSE, LONGEST_PAUSE = 5, 1, 60
MOST = 10


@dataclass(frozen=True)
class ConnectionFact:
    """A connection as pages and the worker see it; the secret stays sealed."""

    id: str
    space_id: str
    connector: str
    title: str
    address: str
    secret: str
    preset: str
    mapping: Mapping[str, Mapping[str, str]]
    mapping_version: int
    state: str
    reason: str
    failures: int
    failing_since: datetime | None
    open_until: datetime | None
    sent: int
    unchanged: int
    failed: int
    last_sent_at: datetime | None
    checked_at: datetime | None
    pulls: bool
    pulled_at: datetime | None

    @property
    def may_send(self) -> bool:
        """Whether it is on and its breaker is closed, or due for a trial."""
        return self.state == "on" and (self.open_until is None or self.open_until <= sdk.now())


_NAMES = tuple(ConnectionFact.__dataclass_fields__)


def _fact(row: Connection) -> ConnectionFact:
    return ConnectionFact(**{name: getattr(row, name) for name in _NAMES})


def of_space(space_id: str) -> list[ConnectionFact]:
    """The connections of a space, the oldest first."""
    query = select(Connection).where(Connection.space_id == space_id).order_by(Connection.id)
    with sdk.read() as session:
        return [_fact(row) for row in session.scalars(query)]


def get(space_id: str, connection_id: str) -> ConnectionFact:
    """One connection of a space; raises NotFound."""
    with sdk.read() as session:
        row = session.get(Connection, connection_id)
        if row is None or row.space_id != space_id:
            raise sdk.NotFound(sdk._("There is no such connection."))
        return _fact(row)


def open_line(connection: ConnectionFact, space: SpaceFact, send: Send) -> Line:
    """The line a connector works with; Invalid when the secret cannot be read any more."""
    secret = sdk.unseal(NAME, connection.secret) if connection.secret else ""
    return Line(connection.address, secret, send, space.slug, connection.preset, connection.mapping)


def first_mapping(connector: Connector, preset: str) -> dict[str, dict[str, str]]:
    """The names a new connection begins with: the preset's, or our own."""
    names = (
        connector.presets.get(preset)
        or connector.presets.get("")
        or {kind: {key: key for key in FIELDS[kind]} for kind in KINDS}
    )
    return {kind: dict(found) for kind, found in names.items()}


def make(space_id: str, connector: Connector, title: str, address: str, secret: str, preset: str) -> tuple[str, str]:
    """Make a connection; its id, and a secret made for it where the other side needs one and none was given."""
    made = ""
    if not secret and connector.name == "webhook":
        secret = made = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    sealed = sdk.seal(NAME, secret) if secret else ""
    return _store(space_id, connector, title=title, address=address, secret=sealed, preset=preset), made


@sdk.verb
def _store(space_id: str, connector: Connector, **values: str) -> str:
    if len(of_space(space_id)) >= MOST:
        raise sdk.Conflict(sdk._("A space has at most %(most)s connections.", most=MOST))
    row = Connection(
        id=sdk.new_id(), space_id=space_id, connector=connector.name, **values, created_at=sdk.now(), state="on", reason="",
        mapping=first_mapping(connector, values["preset"]), mapping_version=1, failures=0, tokens=0.0, sent=0, unchanged=0,
        failed=0,
    )  # fmt: skip
    sdk.session().add(row)
    sdk.record(ConnectionChanged(space_id, row.id))
    return row.id


@sdk.verb
def remap(space_id: str, connection_id: str, mapping: Mapping[str, Mapping[str, str]]) -> None:
    """Send these fields under these names from now on; what was sent under others is sent anew."""
    row = _row(space_id, connection_id)
    if row.mapping != mapping:
        row.mapping = {kind: dict(names) for kind, names in mapping.items()}
        row.mapping_version += 1
        sdk.record(ConnectionChanged(space_id, connection_id))


@sdk.verb
def pause(space_id: str, connection_id: str, reason: str = "by_hand", *, by_itself: bool = False) -> None:
    """Stop sending; the outbox goes on collecting."""
    row = _row(space_id, connection_id)
    if row.state != "paused":
        row.state, row.reason = "paused", reason
        if by_itself:
            sdk.record(ConnectionPaused(space_id, connection_id, reason))


@sdk.verb
def let_pull(space_id: str, connection_id: str, on: bool) -> None:
    """Take from now on what changes there, or no longer; what changed before is taken once, too."""
    row = _row(space_id, connection_id)
    row.pulls, row.pulled_at = on, None


@sdk.verb
def checked(space_id: str, connection_id: str) -> None:
    """Note that it answers."""
    _row(space_id, connection_id).checked_at = sdk.now()


def resume(space_id: str, connection_id: str, secret: str = "") -> None:
    """Send again, with another secret if one is given."""
    _resume(space_id, connection_id, sdk.seal(NAME, secret) if secret else "")


@sdk.verb
def _resume(space_id: str, connection_id: str, sealed: str) -> None:
    row = _row(space_id, connection_id)
    row.state, row.reason, row.failures, row.failing_since, row.open_until = "on", "", 0, None, None
    row.checked_at = None
    if sealed:
        row.secret = sealed
    mine = Outbox.connection_id == connection_id, Outbox.state == WAITING, Outbox.due_at > sdk.now()
    sdk.session().execute(update(Outbox).where(*mine).values(due_at=sdk.now()))


@sdk.verb
def remove(space_id: str, connection_id: str) -> None:
    """Forget a connection and all it knows. The other system keeps what it has."""
    _row(space_id, connection_id)
    for table in (Outbox, Link, Delivery):
        sdk.session().execute(delete(table).where(table.connection_id == connection_id))
    sdk.session().execute(delete(Connection).where(Connection.id == connection_id))


def _row(space_id: str, connection_id: str) -> Connection:
    row = sdk.session().get(Connection, connection_id, with_for_update=True)
    if row is None or row.space_id != space_id:
        raise sdk.NotFound(sdk._("There is no such connection."))
    return row


@sdk.verb
def take_token(connection_id: str, per_second: float) -> bool:
    """A token of the connection's bucket: it holds ten seconds' worth (at least one) and refills evenly."""
    row = sdk.session().get(Connection, connection_id)
    if row is None:
        return False
    full, now = max(1.0, per_second * 10), sdk.now()
    since = (now - row.tokens_at).total_seconds() if row.tokens_at else float("inf")
    tokens = min(full, row.tokens + max(0.0, since) * per_second)
    row.tokens, row.tokens_at = (tokens - 1 if tokens >= 1 else tokens), now
    return tokens >= 1


@sdk.verb
def note(space_id: str, connection_id: str, outcomes: Sequence[Outcome], give_up_hours: int) -> ConnectionFact:
    """What a batch says of the line: well, failing (the breaker opens), or to be paused, with a notice."""
    row = _row(space_id, connection_id)
    ended = next((each for each in outcomes if each.stop), None)
    busy = [each for each in outcomes if each.again and not each.fine]
    if any(each.fine for each in outcomes) or not busy:
        row.failures, row.failing_since, row.open_until, row.reason = 0, None, None, ""
    else:
        row.failures, row.failing_since, row.reason = row.failures + 1, row.failing_since or sdk.now(), busy[0].code
        minutes = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(row.failures - TRIPS, 10)) if row.failures >= TRIPS else 0
        row.open_until = sdk.now() + timedelta(minutes=minutes) if minutes else None
    if asked := max((each.after or 0.0 for each in busy), default=0.0):
        row.open_until = max(row.open_until or sdk.now(), sdk.now() + timedelta(seconds=asked))
    if ended is not None:
        pause(space_id, connection_id, ended.code, by_itself=True)
    elif row.failing_since and sdk.now() - row.failing_since >= timedelta(hours=give_up_hours):
        pause(space_id, connection_id, "failing_too_long", by_itself=True)
    return _fact(row)


def deliveries(connection_id: str, limit: int = 30, *, failed: bool = False) -> list[Any]:
    """The last tries of a connection, newest first."""
    query = select(Delivery).where(Delivery.connection_id == connection_id)
    query = query.where(Delivery.fine.is_(False)) if failed else query
    with sdk.read() as session:
        return list(session.scalars(query.order_by(Delivery.at.desc(), Delivery.id.desc()).limit(limit)))


def given_up(connection_id: str, limit: int = 50) -> list[Any]:
    """What was given up, each with its reason."""
    query = select(Outbox).where(Outbox.connection_id == connection_id, Outbox.state == "dead")
    with sdk.read() as session:
        return list(session.scalars(query.order_by(Outbox.due_at.desc()).limit(limit)))
