"""Taking what the other system says of organizations we sent, where an administrator of the server lets it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from codesign import sdk
from codesign.sdk import Send, SpaceFact

from . import connections
from .connections import ConnectionFact
from .connector import TAKEN, Connector, Incoming, NotPulled, Outcome
from .models import WAITING, Connection, Link, Outbox
from .records import hash_of

_log = logging.getLogger(__name__)

#: Clocks differ, and a search there may be late: so far back is asked again. Told the same twice, nothing changes.
OVERLAP = timedelta(minutes=5)
#: Rows of a run, where the rest can follow in the next one; rows a change; letters of a text.
MOST, CHUNK, LONGEST = 2_000, 50, 120


def pull_due(space_id: str, settings: Mapping[str, Any], send: Send | None = None) -> None:
    """The task: ask every connection of a space that may. *send* is the way out; tests bring their own."""
    space, rules = sdk.find_space(space_id), sdk.rules(Connector, space_id)
    for connection in connections.of_space(space_id) if space else ():
        connector = rules.get(connection.connector)
        if connector is not None and connector.pulls and connection.pulls and connection.may_send:
            _pull(space, settings, connection, connector, send or sdk.sender())  # type: ignore[arg-type]


def _pull(
    space: SpaceFact, settings: Mapping[str, Any], connection: ConnectionFact, connector: Connector, send: Send
) -> None:
    began, since = sdk.now(), connection.pulled_at and connection.pulled_at - OVERLAP
    try:
        line = connections.open_line(connection, space, send)
    except sdk.Invalid:
        connections.pause(space.id, connection.id, "secret_unreadable", by_itself=True)
        return
    try:
        found, until = _part(connector.pull(line, since), since)
    except NotPulled as trouble:
        connections.note(space.id, connection.id, [trouble.outcome], settings["give_up_hours"])
        return
    except Exception:  # it must not keep the others from being asked
        _log.exception("connector %s broke while it was asked what changed", connector.name)
        broken = Outcome(False, "connector_broken", again=True)
        connections.note(space.id, connection.id, [broken], settings["give_up_hours"])
        return
    for start in range(0, len(found), CHUNK):
        take(connection, found[start : start + CHUNK])
    _pulled(connection.id, min(began, until + OVERLAP) if until else began)


def _part(told: Iterable[Incoming], since: datetime | None) -> tuple[list[Incoming], datetime | None]:
    """What one run takes, and the moment from which the next one goes on; None where this is everything.

    It ends only behind a row that says it changed later than what was asked for, so that every run gets on.
    """
    found: list[Incoming] = []
    for each in told:
        found.append(each)
        if len(found) >= MOST and each.at and (since is None or each.at > since):
            return found, each.at
    return found, None


@sdk.verb
def take(connection: ConnectionFact, found: Iterable[Incoming]) -> None:
    """Keep what is news of organizations that were sent there. What we are about to send ourselves goes first.

    A field that is there as it was sent is no news: it says what we said. What is empty there changes nothing here.
    """
    session, names = sdk.session(), connection.mapping.get("organization", {})
    for each in found:
        link = session.get(Link, (connection.id, each.external_id))
        if link is None or link.kind != "organization" or not link.entity_id or not link.sent_hash:
            continue
        ours = session.get(Outbox, (connection.id, each.external_id))
        if ours is not None and ours.state == WAITING:
            continue
        sent = {key: _tidy(key, link.sent.get(names.get(key, ""))) for key in TAKEN}
        told = {key: _tidy(key, each.values.get(key)) for key in TAKEN}
        news = {key: value for key, value in told.items() if value is not None and value != sent[key]}
        if not news:
            continue
        try:
            sdk.feed_organization(link.entity_id, **news)
        except sdk.NotFound:
            continue  # it is gone meanwhile, and so will be the copy there
        link.sent = {**link.sent, **{names[key]: value for key, value in news.items() if names.get(key)}}
        link.sent_hash = hash_of(link.sent, {})


def _tidy(key: str, value: Any) -> Any:
    """A value as we keep it; None where there is none, or none that could be kept."""
    text = " ".join(str("" if value is None else value).split())
    if key != "revenue":
        return text[:LONGEST] or None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


@sdk.verb
def _pulled(connection_id: str, until: datetime) -> None:
    row = sdk.session().get(Connection, connection_id)
    if row is not None:
        row.pulled_at = until
