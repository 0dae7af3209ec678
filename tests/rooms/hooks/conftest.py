"""A bare ground for the host: the database without any room above, and plugins written on the spot."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.events.base import EVERYONE, Event, Recorded, event
from codesign.events.log import record
from codesign.hooks import specs
from codesign.hooks.card import Plugin
from codesign.hooks.discovery import PACKAGE, Loaded
from codesign.hooks.host import PluginHost
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import Base, session, verb
from codesign.testing import Database

SPACE = "01SPACE0000000000000000001"


class Heard(Base):
    """What the plugin of a test has heard; a table of its own, as plugins have."""

    __tablename__ = "listener_heard"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    times: Mapped[int] = mapped_column(default=1)


@event("test.happened", EVERYONE)
class Happened(Event):
    """Something for plugins to hear."""

    number: int


@event("test.ignored", EVERYONE)
class Ignored(Event):
    """Something nobody listens to."""

    number: int


@pytest.fixture
def ground(database: Database) -> Iterator[db.Database]:
    """The database of this test is the one verbs work on, with the table of the listening plugin."""
    opened = db.install(Flask("ground"), database.url)
    Base.metadata.create_all(opened.offline, [Heard.__table__])
    yield opened
    opened.dispose()
    db.use(None)


@verb
def happen(count: int, space_id: str = SPACE, kind: type[Event] = Happened) -> None:
    """Record *count* facts in one commit."""
    for number in range(count):
        record(kind(space_id, number=number), SYSTEM)


@db.reading
def heard() -> dict[int, int]:
    """What the listening plugin has kept: how often by number."""
    return {row.seq: row.times for row in session().query(Heard).order_by(Heard.seq)}


def hear(events: Sequence[Recorded]) -> None:
    """Keep what was told, counting repetitions."""
    numbers = [each.seq for each in events]
    known = {row.seq: row for row in session().query(Heard).filter(Heard.seq.in_(numbers))}
    for seq in numbers:
        if seq in known:
            known[seq].times += 1
    session().add_all(Heard(space_id=events[0].space_id, seq=seq, times=1) for seq in numbers if seq not in known)


def hooks_module(**functions: Callable[..., object]) -> ModuleType:
    """A module with these functions as hooks."""
    module = ModuleType("hooks_of_a_test")
    for name, function in functions.items():
        setattr(module, name, specs.hookimpl(function))
    return module


def host_with(*cards: Plugin) -> PluginHost:
    """A host with these plugins alone."""
    host = PluginHost()
    for card in cards:
        host.add(Loaded(card, "test", None))
    return host


def make_plugin(name: str = "listener", **parts: object) -> Plugin:
    """A card with defaults."""
    return Plugin(**{"name": name, "title": name.title(), "version": "1.0.0", **parts})  # type: ignore[arg-type]


@pytest.fixture
def write_plugin(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Write a plugin folder: ``write_plugin("name", code, **{"slots/idea.aside.html": "…"})``; returns the folder of folders."""
    base = tmp_path / "plugins"
    written: list[str] = []

    def write(name: str, code: str, **files: str) -> Path:
        folder = base / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(textwrap.dedent(code))
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(textwrap.dedent(text))
        written.append(name)
        return base

    yield write
    for key in [key for key in sys.modules if any(key.startswith(f"{PACKAGE}.{name}") for name in written)]:
        del sys.modules[key]
