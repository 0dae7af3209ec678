"""Reading which plugins are on, with which settings, and how far they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from codesign.events.base import SERVER
from codesign.hooks.facts import Failure, HookTimings, SetAside
from codesign.hooks.models import PluginBookmark, PluginHealth, PluginHold, PluginSetAside, PluginSpace, PluginTask
from codesign.kernel.db import once, reading, session


@dataclass(frozen=True)
class Row:
    """What is kept of one plugin in one space, together with what is kept for the server."""

    plugin: str
    enabled: bool = False
    position: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    server_settings: Mapping[str, Any] = field(default_factory=dict)
    server_enabled: bool = False
    changed_at: datetime | None = None


@reading
def rows(space_id: str) -> dict[str, Row]:
    """Everything kept about plugins for a space, by name. Asked once per snapshot, however many hooks a page
    calls."""
    return once(("plugins", space_id), lambda: _rows(space_id))


def _rows(space_id: str) -> dict[str, Row]:
    here: dict[str, PluginSpace] = {}
    server: dict[str, PluginSpace] = {}
    for row in session().scalars(select(PluginSpace).where(PluginSpace.space_id.in_({space_id, SERVER}))):
        (here if row.space_id == space_id else server)[row.plugin] = row
    if space_id == SERVER:
        server = here
    return {name: _row(name, here.get(name), server.get(name)) for name in {*here, *server}}


def _row(name: str, here: PluginSpace | None, server: PluginSpace | None) -> Row:
    return Row(
        plugin=name,
        enabled=bool(here and here.enabled),
        position=here.position if here else 0,
        settings=dict(here.settings) if here else {},
        server_settings=dict(server.settings) if server else {},
        server_enabled=bool(server and server.enabled),
        changed_at=here.changed_at if here else None,
    )


@reading
def spaces_of(plugin: str) -> list[str]:
    """The spaces in which a plugin is switched on (``server`` for a server plugin)."""
    query = select(PluginSpace.space_id).where(PluginSpace.plugin == plugin, PluginSpace.enabled.is_(True))
    return list(session().scalars(query.order_by(PluginSpace.space_id)))


@reading
def counts() -> dict[str, int]:
    """In how many spaces each plugin is switched on."""
    query = select(PluginSpace.plugin, func.count()).where(
        PluginSpace.enabled.is_(True), PluginSpace.space_id != SERVER
    )
    return {row[0]: row[1] for row in session().execute(query.group_by(PluginSpace.plugin))}


@reading
def untold(plugins: Iterable[str]) -> list[tuple[str, str, bool]]:
    """Switches a plugin has not been told of: name, space, whether it is on now."""
    query = select(PluginSpace.plugin, PluginSpace.space_id, PluginSpace.enabled)
    query = query.where(PluginSpace.plugin.in_(list(plugins)), PluginSpace.told != PluginSpace.enabled)
    return [(row.plugin, row.space_id, row.enabled) for row in session().execute(query)]


@dataclass(frozen=True)
class Mark:
    """How far a plugin has read a space."""

    seq: int = 0
    failures: int = 0
    aside: int = 0
    next_try_at: datetime | None = None
    started_at: datetime | None = None


@reading
def mark(plugin: str, space_id: str) -> Mark:
    """The bookmark of a plugin in a space."""
    found = session().get(PluginBookmark, (plugin, space_id))
    return Mark(found.seq, found.failures, found.aside, found.next_try_at, found.started_at) if found else Mark()


@reading
def marks(plugin: str) -> dict[str, Mark]:
    """The bookmarks of a plugin in all spaces."""
    found = session().scalars(select(PluginBookmark).where(PluginBookmark.plugin == plugin))
    return {m.space_id: Mark(m.seq, m.failures, m.aside, m.next_try_at, m.started_at) for m in found}


@reading
def set_aside(plugin: str, space_id: str | None = None) -> list[tuple[str, int, str, datetime]]:
    """Events a plugin could not take: space, number, error, when."""
    query = select(PluginSetAside).where(PluginSetAside.plugin == plugin)
    if space_id is not None:
        query = query.where(PluginSetAside.space_id == space_id)
    found = session().scalars(query.order_by(PluginSetAside.space_id, PluginSetAside.seq))
    return [(row.space_id, row.seq, row.error, row.created_at) for row in found]


@reading
def task_times(plugin: str) -> dict[tuple[str, str], datetime]:
    """When the tasks of a plugin ran last, by task and space."""
    found = session().scalars(select(PluginTask).where(PluginTask.plugin == plugin))
    return {(row.task, row.space_id): row.ran_at for row in found}


@dataclass(frozen=True)
class HealthRow:
    """How a plugin did in a process, as that process told last. ``calling``: what ran when it told nothing more."""

    plugin: str
    process: str
    hooks: tuple[HookTimings, ...]
    failures: tuple[Failure, ...]
    recent: tuple[datetime, ...]
    late: int
    rests: int
    rests_until: datetime | None
    calling: str


@reading
def health() -> list[HealthRow]:
    """How all plugins did in all processes."""
    return [_health(row) for row in session().scalars(select(PluginHealth))]


def _health(row: PluginHealth) -> HealthRow:
    return HealthRow(
        row.plugin, row.process,
        tuple(HookTimings(**each, process=row.process) for each in row.hooks),
        tuple(Failure(**{**each, "at": _moment(each["at"])}, process=row.process) for each in row.failures),
        tuple(_moment(each) for each in row.recent),
        row.late, row.rests, row.rests_until, row.calling,
    )  # fmt: skip


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@reading
def holds() -> dict[str, tuple[bool, datetime]]:
    """What administrators wished last, by plugin: whether it is held, and since when."""
    return {row.plugin: (row.held, row.wished_at) for row in session().scalars(select(PluginHold))}


@reading
def asides(plugin: str) -> dict[str, list[SetAside]]:
    """The events a plugin could not take, by space."""
    query = select(PluginSetAside).where(PluginSetAside.plugin == plugin).order_by(PluginSetAside.seq)
    found: dict[str, list[SetAside]] = {}
    for row in session().scalars(query):
        found.setdefault(row.space_id, []).append(SetAside(row.seq, row.error, row.created_at, row.again))
    return found


@reading
def asked_again() -> list[tuple[str, str, int]]:
    """Events set aside that somebody wants told once more: plugin, space, number."""
    query = select(PluginSetAside).where(PluginSetAside.again.is_(True))
    return [(row.plugin, row.space_id, row.seq) for row in session().scalars(query)]
