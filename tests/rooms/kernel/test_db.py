"""Verbs and reads: one transaction each, joined when nested, nothing kept of what failed."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from codesign.accounts.models import Organization
from codesign.kernel import clock, db
from codesign.kernel.config import load
from codesign.kernel.errors import Invalid, TooMany
from codesign.kernel.ids import new_id
from codesign.kernel.limits import Buckets, Rate
from tests.support.databases import Database


@db.verb
def add(name: str) -> str:
    """Add an organization."""
    db.session().add(Organization(id=(made := new_id()), name=name, attributes={}, created_at=clock.now()))
    return made


def names() -> list[str]:
    with db.read() as work:
        return list(work.scalars(select(Organization.name).order_by(Organization.name)))


def test_a_nested_verb_joins_and_fails_with_its_outer_one(app: Flask) -> None:
    @db.verb
    def add_two(fail: bool) -> None:
        add("one")
        add("two")
        if fail:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        add_two(fail=True)
    assert names() == []
    add_two(fail=False)
    assert names() == ["one", "two"]


def test_a_change_inside_a_read_is_a_mistake(app: Flask) -> None:
    with db.read(), pytest.raises(RuntimeError, match="inside a read block"):
        add("one")


def test_a_read_is_one_snapshot(app: Flask) -> None:
    with db.read() as work:
        before = list(work.scalars(select(Organization.name)))
        writer = threading.Thread(target=add, args=("one",))
        writer.start()
        writer.join()
        assert list(work.scalars(select(Organization.name))) == before == []
    assert names() == ["one"]


def test_outside_of_reads_and_verbs_there_is_no_session(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="read"):
        db.session()


def test_moments_keep_milliseconds(app: Flask) -> None:
    moment = datetime(2026, 11, 21, 12, 30, 15, 123000, UTC)

    @db.verb
    def keep() -> None:
        db.session().add(Organization(id="X", name="x", attributes={}, created_at=moment))

    keep()
    with db.read() as work:
        assert work.scalar(select(Organization.created_at)) == moment
    assert clock.rfc3339(moment) == "2026-11-21T12:30:15.123Z"


def test_ids_grow() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == 5000
    assert {len(made) for made in ids} == {26}


def test_a_bucket_lets_a_burst_through_and_then_says_when() -> None:
    buckets = Buckets(Rate(per_minute=60, burst=3))
    for _ in range(3):
        buckets.take("ann")
    with pytest.raises(TooMany) as refused:
        buckets.take("ann")
    assert refused.value.retry_after == 1
    buckets.take("bob")


@pytest.mark.parametrize(
    "environ",
    [
        {"CODESIGN_NONSENSE": "1"},
        {"CODESIGN_TICK_MS": "soon"},
        {"CODESIGN_TICK_MS": "0"},
        {"CODESIGN_VOTES_PER_MINUTE": "-1"},
        {"CODESIGN_MAX_BODY_KB": str(2**40)},
        {"CODESIGN_TRUSTED_PROXIES": "-1"},
        {"CODESIGN_LOG_LEVEL": "loud"},
        {"CODESIGN_DEMO": "perhaps"},
        {"CODESIGN_SECRET_KEY": "short"},
    ],
)
def test_wrong_settings_are_refused_by_name(environ: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        load(environ)
    assert refused.value.errors[0].field in {*environ, "CODESIGN_SECRET_KEY"}
    assert load({}).tick_ms == 50


def test_settings_are_taken_up_to_their_bounds() -> None:
    taken = load({"CODESIGN_WORKER_MEMORY_MB": "0", "CODESIGN_TICK_MS": "1", "CODESIGN_LOG_LEVEL": "debug"})
    assert (taken.worker_memory_mb, taken.tick_ms, taken.log_level) == (0, 1, "DEBUG")


def test_threads_leave_connections_open_for_one_another(app: Flask) -> None:
    engine = db.current().offline
    engine.dispose()
    with engine.connect() as one, engine.connect() as two, engine.connect() as three:
        opened = {id(each.connection.dbapi_connection): each.connection.dbapi_connection for each in (one, two, three)}
    assert len(opened) == 3
    with engine.connect() as one, engine.connect() as two, engine.connect() as three:
        again = [id(each.connection.dbapi_connection) in opened for each in (one, two, three)]
    assert again == [True, True, False]
    engine.dispose()


READERS = """
import faulthandler
faulthandler.dump_traceback_later(20, exit=True)
from gevent import monkey
monkey.patch_all()
import sys, gevent
from flask import Flask
from gevent.threadpool import ThreadPool
from sqlalchemy import text
from codesign.kernel import db

engine = db.install(Flask("x"), sys.argv[1]).offline

def read():
    for _number in range(50):
        with db.read(engine) as session:
            session.execute(text("SELECT 1")).all()
    return 50

read()  # as a server has done before it serves
pool = ThreadPool(12)
jobs = [gevent.spawn(lambda: pool.spawn(read).get()) for _number in range(12)]
gevent.joinall(jobs)
assert [job.value for job in jobs] == [50] * 12, [job.exception for job in jobs]
"""


def test_a_connection_that_was_cut_while_it_lay_idle_is_replaced(
    postgres_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was used a moment ago is taken to be alive: whoever meets the cut first is told, and nobody after."""
    database = db.install(Flask("x"), postgres_database.url)

    def cut() -> None:
        names()
        with database.writer.begin() as line:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            line.execute(text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"))

    monkeypatch.setattr(db, "_FRESH", 60.0)
    cut()
    with pytest.raises(OperationalError):
        names()
    assert names() == []
    cut()
    monkeypatch.setattr(db, "_FRESH", -1.0)
    assert names() == []
    database.dispose()


def test_postgresql_compiles_nothing_for_us(postgres_database: Database) -> None:
    """It does by itself where it takes a query for a long one, and needs longer for that than the query does."""
    database = db.install(Flask("x"), postgres_database.url)
    with database.writer.begin() as line:
        line.execute(text(f"ALTER DATABASE {line.engine.url.database} SET jit = on"))
    database.dispose()
    for engine in (database.reader, database.writer, database.offline):
        with engine.connect() as line:
            assert line.execute(text("SHOW jit")).scalar() == "off"
    database.dispose()


@pytest.mark.full
def test_many_threads_read_at_once_in_a_server(tmp_path: Path) -> None:
    """Locks of a patched process belong to greenlets: native threads that met at one would stand still."""
    command = [sys.executable, "-c", READERS, f"sqlite:///{tmp_path}/read.db"]
    told = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert told.returncode == 0, told.stderr
