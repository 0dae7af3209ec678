"""Writing and reading the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, literal, select, union_all, update
from sqlalchemy.orm import Session

from codesign.events.base import Event, Recorded
from codesign.events.models import EventRow, LogBookmark, LogHead
from codesign.kernel import clock, db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import look_up, once, session
from codesign.kernel.upsert import prepared

MAX_DEPTH = 5
#: Behind by more than this, a screen takes a new snapshot.
MOST_BEHIND = 5_000
GENESIS = "0" * 64

_HEAD: Any = LogHead.__table__
# Built once: every verb passes here, and building a statement costs more than running it.
_OF_SPACE = update(_HEAD).where(_HEAD.c.space_id == bindparam("space"))
_TAKE = _OF_SPACE.values(seq=_HEAD.c.seq + bindparam("count")).returning(_HEAD.c.seq, _HEAD.c.hash)
_SEAL = _OF_SPACE.values(hash=bindparam("last"))
_BEGIN = prepared(lambda insert: insert.on_conflict_do_nothing(), _HEAD)
_NOW = select(_HEAD.c.seq).where(_HEAD.c.space_id == bindparam("space"))
_EVENT: Any = EventRow.__table__
_APPEND = insert(_EVENT)
_SINCE = (
    select(_EVENT)
    .where(_EVENT.c.space_id == bindparam("space"), _EVENT.c.seq > bindparam("after"))
    .order_by(_EVENT.c.seq)
    .limit(bindparam("most"))
)


@dataclass
class _Pending:
    fact: Event
    actor: Actor
    caused_by: int | None
    depth: int
    number: Callable[[int], None] | None


class TooDeep(RuntimeError):
    """A reaction to a reaction to a reaction … went past MAX_DEPTH."""


def record(
    fact: Event,
    actor: Actor = SYSTEM,
    *,
    cause: Recorded | None = None,
    number: Callable[[int], None] | None = None,
) -> None:
    """Announce *fact*; it is written when the verb ends, in the same commit.

    *number* is called with the fact's ``seq`` while the space's log head is locked, for rows that carry it.
    """
    if not db.in_verb():
        raise RuntimeError("facts are recorded inside a verb")
    depth = cause.depth + 1 if cause else 0
    if depth > MAX_DEPTH:
        raise TooDeep(f"{fact.name} would be reaction number {depth}")
    session().info.setdefault("pending_facts", []).append(
        _Pending(fact, actor, cause.seq if cause else None, depth, number)
    )


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces: the one spelling that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def chain(previous: str, row: dict[str, Any]) -> str:
    """BLAKE2b-256 of the previous hash and the row's canonical JSON, as hex."""
    content = {**{k: v for k, v in row.items() if k != "hash"}, "occurred_at": clock.rfc3339(row["occurred_at"])}
    return hashlib.blake2b((previous + canonical(content)).encode(), digest_size=32).hexdigest()


def actor_name(actor: Actor) -> str | None:
    """What the log keeps of an actor: who acted (of an ``act_as`` token its owner), ``plugin:<name>``, nothing for the system."""
    return actor.by or actor.person_id or (actor.kind if actor.kind.startswith("plugin:") else None)


def lock_head(work: Session, space_id: str, count: int) -> tuple[int, str]:
    """Take *count* numbers of a space's log; returns the last number before them and the hash there."""
    line = work.connection()
    taken = line.execute(_TAKE, {"space": space_id, "count": count}).first()
    if taken is None:
        line.execute(_BEGIN(line.dialect.name), {"space_id": space_id, "seq": 0, "hash": GENESIS})
        return lock_head(work, space_id, count)
    return taken.seq - count, taken.hash


def _write_pending(work: Session) -> None:
    pending: list[_Pending] = work.info.pop("pending_facts", [])
    spaces = dict.fromkeys(item.fact.space_id for item in pending)
    moment = clock.now()
    for space_id in sorted(spaces):
        _append(work, space_id, [item for item in pending if item.fact.space_id == space_id], moment)
    work.info["spaces"] = set(spaces)


def _append(work: Session, space_id: str, items: list[_Pending], moment: datetime) -> None:
    seq, last = lock_head(work, space_id, len(items))
    rows: list[dict[str, Any]] = []
    for item in items:
        seq += 1
        row = {
            "space_id": space_id,
            "seq": seq,
            "name": item.fact.name,
            "version": type(item.fact).version,
            "payload": canonical(item.fact.payload()),
            "actor_id": actor_name(item.actor),
            "caused_by": item.caused_by,
            "depth": item.depth,
            "occurred_at": moment,
        }
        last = row["hash"] = chain(last, row)
        rows.append(row)
        if item.number:
            item.number(seq)
    work.connection().execute(_APPEND, rows)
    work.connection().execute(_SEAL, {"space": space_id, "last": last})


db.at_verb_end.append(_write_pending)


def _recorded(row: Any) -> Recorded:
    return Recorded(
        row.space_id, row.seq, row.name, row.version, json.loads(row.payload), row.actor_id, row.caused_by, row.depth,
        row.occurred_at, row.hash,
    )  # fmt: skip


def since(
    space_id: str, after: int, limit: int = 500, names: Iterable[str] = (), not_by: str | None = None
) -> list[Recorded]:
    """The facts of a space after number *after*, in order, at most *limit*; only *names* if given, without *not_by*'s."""
    query = _SINCE.where(_EVENT.c.name.in_(wanted)) if (wanted := list(names)) else _SINCE
    if not_by is not None:
        query = query.where(_EVENT.c.actor_id.is_distinct_from(not_by))
    rows = session().connection().execute(query, {"space": space_id, "after": after, "most": limit})
    return [_recorded(row) for row in rows]


def latest(
    space_id: str,
    limit: int = 50,
    before: int | None = None,
    names: Iterable[str] = (),
    actor_ids: Iterable[str] | None = None,
) -> list[Recorded]:
    """The newest facts of a space, newest first; only *names* if given, only what *actor_ids* did if given."""
    query = select(EventRow).where(EventRow.space_id == space_id)
    if actor_ids is not None:
        query = query.where(EventRow.actor_id.in_(list(actor_ids)))
    if before is not None:
        query = query.where(EventRow.seq < before)
    if wanted := list(names):
        query = query.where(EventRow.name.in_(wanted))
    return [_recorded(row) for row in session().scalars(query.order_by(EventRow.seq.desc()).limit(limit))]


def last(space_id: str, names: Iterable[str]) -> str:
    """The hash of the last fact of a space called one of *names*; empty where there is none. One look into the index for each.

    What was worked out from these facts stands as long as this stays the same. Numbers would not do: a space that comes back
    from an archive gives them out again.
    """
    wanted = tuple(names)
    return once(("last", space_id, wanted), lambda: look_up(_last_of(wanted), space=space_id).scalar() or "")


@lru_cache(maxsize=64)
def _last_of(names: tuple[str, ...]) -> Select[str]:
    """Built once for some names, and planned as one look-up however many there are: both cost more than running it."""
    here = _EVENT.c.space_id == bindparam("space")
    wanted = union_all(*(select(literal(name).label("name")) for name in names)).subquery("wanted")
    newest = select(func.max(_EVENT.c.seq)).where(here, _EVENT.c.name == wanted.c.name).correlate(wanted)
    seq = select(func.max(newest.scalar_subquery())).select_from(wanted).scalar_subquery()
    return select(_EVENT.c.hash).where(here, _EVENT.c.seq == seq)


def head(space_id: str) -> int:
    """The number of the last fact of a space; 0 where nothing happened yet."""
    return look_up(_NOW, space=space_id).scalar() or 0


def heads(space_ids: Iterable[str]) -> dict[str, int]:
    """The numbers of the last facts of several spaces."""
    rows = session().execute(select(LogHead.space_id, LogHead.seq).where(LogHead.space_id.in_(list(space_ids))))
    return {row.space_id: row.seq for row in rows}


def check_chain(space_id: str) -> int | None:
    """The first number whose hash does not follow from its predecessor; None when the chain is whole."""
    last = GENESIS
    rows = session().scalars(select(EventRow).where(EventRow.space_id == space_id).order_by(EventRow.seq))
    for expected, row in enumerate(rows, start=1):
        content = {c.key: getattr(row, c.key) for c in EventRow.__table__.columns}
        if row.seq != expected or chain(last, content) != row.hash:
            return row.seq
        last = row.hash
    return None


def bookmark(reader: str, space_id: str) -> int:
    """How far *reader* has come in a space."""
    query = select(LogBookmark.seq).where(LogBookmark.reader == reader, LogBookmark.space_id == space_id)
    return session().scalar(query) or 0


def move_bookmark(reader: str, space_id: str, seq: int) -> None:
    """Remember, in the current transaction, that *reader* is done with everything up to *seq*."""
    session().merge(LogBookmark(reader=reader, space_id=space_id, seq=seq))


def behind(reader: str) -> list[str]:
    """The spaces in which *reader* has something new to read."""
    mark = (LogBookmark.reader == reader) & (LogBookmark.space_id == LogHead.space_id)
    query = select(LogHead.space_id).outerjoin(LogBookmark, mark)
    return list(session().scalars(query.where((LogBookmark.seq.is_(None)) | (LogBookmark.seq < LogHead.seq))))


def about(
    space_id: str, names: Iterable[str], idea_id: str | None = None, after: datetime | None = None, limit: int = 1000
) -> list[Recorded]:
    """The newest facts called *names* in a space, newest first; of one idea or product, or since a moment, if given.

    For the rare kinds of facts (a change of status, a merge): the index leads to the names, the rest is looked through.
    """
    query = select(_EVENT).where(_EVENT.c.space_id == space_id, _EVENT.c.name.in_(list(names)))
    if idea_id is not None:
        query = query.where(_EVENT.c.payload.contains(f'"{idea_id}"', autoescape=True))
    if after is not None:
        query = query.where(_EVENT.c.occurred_at >= after)
    rows = session().connection().execute(query.order_by(_EVENT.c.seq.desc()).limit(limit))
    return [_recorded(row) for row in rows]


def naming(id: str, names: Iterable[str], after: datetime, space_ids: Iterable[str]) -> list[Recorded]:
    """The facts called *names* since a moment that name *id*, in several spaces. For the rare kinds of facts, as ``about``."""
    query = select(_EVENT).where(
        _EVENT.c.space_id.in_(sorted(set(space_ids))), _EVENT.c.name.in_(list(names)), _EVENT.c.occurred_at > after,
        _EVENT.c.payload.contains(f'"{id}"', autoescape=True),
    )  # fmt: skip
    return [_recorded(row) for row in session().connection().execute(query)]
