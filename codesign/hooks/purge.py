"""Removing what a plugin has kept: first into an archive, then from the database. For plugins that are gone, too."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, delete, select

from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.hooks import queries, tables
from codesign.hooks.care import require_administrator
from codesign.hooks.events import PluginPurged
from codesign.hooks.host import PluginHost
from codesign.hooks.models import (
    PluginBookmark,
    PluginHealth,
    PluginHold,
    PluginSetAside,
    PluginSpace,
    PluginTask,
)
from codesign.kernel import clock, db
from codesign.kernel.actor import Actor
from codesign.kernel.db import Base, session, verb
from codesign.kernel.errors import Conflict, NotFound
from codesign.kernel.text import _

_OURS = (PluginSpace, PluginBookmark, PluginSetAside, PluginTask, PluginHealth, PluginHold)


@dataclass(frozen=True)
class Purged:
    """What was removed, and where it lies now. ``rows`` by table; ``archive`` is None where there was nothing to keep."""

    plugin: str
    rows: dict[str, int]
    archive: Path | None


def what_there_is(host: PluginHost, name: str) -> list[str]:
    """The tables of a plugin; Conflict while it is on anywhere, NotFound when nothing of it is kept."""
    with db.read():
        on = queries.spaces_of(name)
        known = any(session().scalar(select(table).where(table.plugin == name).limit(1)) for table in _OURS)
    if on and name in host.plugins:
        raise Conflict(_("It is on in %(count)s places. Switch it off first: its data is of use there.", count=len(on)))
    with db.current().offline.connect() as connection:
        found = _tables(host, connection, name)
    if not found and not known:
        raise NotFound(_("Nothing is kept of a plugin called %(name)s.", name=name))
    return found


def purge(actor: Actor, host: PluginHost, name: str, folder: Path) -> Purged:
    """Write the plugin's tables as JSON lines into a zip in *folder*, then drop them with its settings and bookmarks.

    The archive is complete and on disk before anything is dropped.
    """
    require_administrator(actor)
    what_there_is(host, name)
    engine = db.current().offline
    with engine.connect() as connection:
        archive, rows = _archive(connection, _tables(host, connection, name), name, folder)
    with engine.begin() as connection:
        _drop(connection, _tables(host, connection, name), name)
    _forget(actor, name)
    host.look_at_tables()
    return Purged(name, rows, archive)


def _tables(host: PluginHost, connection: Connection, name: str) -> list[str]:
    """The tables with the plugin's prefix that are neither core's nor those of a plugin with a longer name."""
    inspector = sqlalchemy.inspect(connection)
    there = inspector.get_table_names()
    prefix = tables.version_table("")
    others = {table.removeprefix(prefix) for table in there if table.startswith(prefix)} | set(host.plugins)
    others |= {each.name for each in host.refused} | {each.name for each in host.left_out}
    longer = tuple(f"{other}_" for other in others if other.startswith(f"{name}_"))
    core = _core_tables()
    return sorted(
        table for table in there if table.startswith(f"{name}_") and table not in core and not table.startswith(longer)
    )


def _core_tables() -> set[str]:
    """The tables that are mapped by modules of core (or by none)."""
    of_others = {
        str(getattr(mapper.class_, "__tablename__", ""))
        for mapper in Base.registry.mappers
        if not mapper.class_.__module__.startswith("codesign.")
    }
    return set(Base.metadata.tables) - of_others


def _archive(connection: Connection, names: list[str], name: str, folder: Path) -> tuple[Path | None, dict[str, int]]:
    rows: dict[str, int] = {}
    kept = [table for table in names if table not in _worked_out(connection, names)]
    if not kept:
        return None, rows
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"purged-{name}-{clock.now():%Y%m%dT%H%M%S}.zip"
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        path.chmod(0o600)
        for table in kept:
            rows[table] = 0
            with archive.open(f"{table}.jsonl", "w") as file:
                for line in _lines(connection, table):
                    file.write(line)
                    rows[table] += 1
    return path, rows


def _lines(connection: Connection, table: str) -> Iterator[bytes]:
    chosen = select(sqlalchemy.text("*")).select_from(sqlalchemy.table(table))
    for row in connection.execution_options(yield_per=1000).execute(chosen).mappings():
        yield json.dumps(dict(row), ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def _virtual(connection: Connection) -> set[str]:
    """SQLite's virtual tables (a search index): dropping one drops the tables it rests on."""
    if connection.dialect.name != "sqlite":
        return set()
    found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    return {row[0] for row in found}


def _worked_out(connection: Connection, names: list[str]) -> set[str]:
    """Virtual tables and what they rest on: worked out from other tables, and not ours to read."""
    virtual = _virtual(connection)
    return {table for table in names if table in virtual or any(table.startswith(f"{each}_") for each in virtual)}


def _drop(connection: Connection, names: list[str], name: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    worked_out, virtual = _worked_out(connection, names), _virtual(connection)
    plain = [table for table in names if table not in worked_out]
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for table in [*(each for each in names if each in virtual), *plain]:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(table)}")
    elif names:
        connection.exec_driver_sql(f"DROP TABLE {', '.join(quote(table) for table in names)}")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(tables.version_table(name))}")


@verb
def _forget(actor: Actor, name: str) -> None:
    for table in _OURS:
        session().execute(delete(table).where(table.plugin == name))
    record(PluginPurged(SERVER, plugin=name), actor)
