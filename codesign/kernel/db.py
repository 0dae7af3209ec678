"""The database: one snapshot to read, one lane to write. Nothing else in the house opens a session or commits.

SQLite has one writer, so all write transactions of a process run one after another in one native thread: a greenlet that
waits for a commit never blocks the hub. PostgreSQL waits cooperatively and gets its transactions straight.
"""

from __future__ import annotations

import functools
import math
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import sqlalchemy
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, Executable, Result, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from codesign.kernel.lane import Lane, run_in_thread
from codesign.kernel.spare import SparePool

P = ParamSpec("P")
T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of core and plugins."""

    metadata = sqlalchemy.MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time. Kept as milliseconds since 1970 so that both databases sort and round alike."""

    impl = sqlalchemy.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        return None if value is None else round(value.timestamp() * 1000)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else datetime.fromtimestamp(value / 1000, UTC)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

_session: ContextVar[Session | None] = ContextVar("codesign_session", default=None)
_writing: ContextVar[bool] = ContextVar("codesign_writing", default=False)

#: Called with the session when a verb ends, before its commit (the event log writes its rows here, last of all).
at_verb_end: list[Callable[[Session], None]] = []

RETRIES = 5
_RETRY_STATES = {"40001", "40P01"}  # serialization failure, deadlock


class Database:
    """The engines of one app and the lane its write transactions run in."""

    def __init__(self, reader: Engine, writer: Engine, offline: Engine) -> None:
        self.reader, self.writer, self.offline = reader, writer, offline
        self.is_sqlite = writer.dialect.name == "sqlite"
        self.lane = Lane() if self.is_sqlite else None
        #: Called after a commit with the ids of the spaces whose log grew; must not block.
        self.after_commit: list[Callable[[set[str]], None]] = []

    def write(self, function: Callable[[], T]) -> T:
        """Run *function* in one write transaction; again on deadlock or serialization failure."""
        spaces, result = self.lane.run(self._transaction, function) if self.lane else self._retrying(function)
        if spaces:
            for tell in self.after_commit:
                tell(spaces)
        return result

    def _retrying(self, function: Callable[[], T]) -> tuple[set[str], T]:
        for attempt in range(RETRIES):
            try:
                return self._transaction(function)
            except DBAPIError as error:
                if attempt + 1 == RETRIES or getattr(error.orig, "sqlstate", None) not in _RETRY_STATES:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def _transaction(self, function: Callable[[], T]) -> tuple[set[str], T]:
        with Session(self.writer, expire_on_commit=False) as work:
            tokens = _session.set(work), _writing.set(True)
            try:
                result = function()
                work.flush()
                for finish in at_verb_end:
                    finish(work)
                work.commit()
            finally:
                _session.reset(tokens[0])
                _writing.reset(tokens[1])
            return work.info.get("spaces", set()), result

    def dispose(self) -> None:
        """Close every connection."""
        for engine in (self.reader, self.writer, self.offline):
            engine.dispose()


_current: Database | None = None


def use(database: Database | None) -> None:
    """Make *database* the one that verbs and reads of this process work on (one app at a time)."""
    global _current
    _current = database


def current() -> Database:
    """The database of the running app."""
    if _current is None:
        raise RuntimeError("no app has been created yet")
    return _current


def session() -> Session:
    """The session of the enclosing verb or read block."""
    work = _session.get()
    if work is None:
        raise RuntimeError("this needs a read() block or a verb around it")
    return work


def in_verb() -> bool:
    """Whether a write transaction is open here."""
    return _writing.get()


@contextmanager
def read(engine: Engine | None = None) -> Iterator[Session]:
    """One consistent snapshot; a nested block (or one inside a verb) sees the outer one's."""
    outer = _session.get()
    if outer is not None:
        yield outer
        return
    with Session(engine or current().reader, autoflush=False) as work:
        token = _session.set(work)
        try:
            yield work
        finally:
            _session.reset(token)


def look_up(query: Executable, **values: Any) -> Result[*tuple[Any, ...]]:
    """Run a query that was built once, with its values; a verb sees what it has changed so far.

    As ``session().execute``, without what the mapping of classes costs each time: rows of columns, never objects.
    """
    work = session()
    if in_verb():
        work.flush()
    return work.connection().execute(query, values)


def once(key: object, query: Callable[[], T]) -> T:
    """What *query* reads, asked once in a snapshot, as it stays the same there; a verb asks each time, as it may change it."""
    if in_verb():
        return query()
    known: dict[object, T] = session().info.setdefault("once", {})
    if key not in known:
        known[key] = query()
    return known[key]


def present_tables() -> list[sqlalchemy.Table]:
    """The tables this database has, those that are pointed at first. A plugin that waits for its migration has none yet."""
    names = set(sqlalchemy.inspect(session().connection()).get_table_names())
    return [table for table in Base.metadata.sorted_tables if table.name in names]


def reading(function: Callable[P, T]) -> Callable[P, T]:
    """Give a query its own read block when nobody opened one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with read():
            return function(*args, **kwargs)

    return run


def verb(function: Callable[P, T]) -> Callable[P, T]:
    """A change: opens the write transaction, or joins the one of the verb that called it.

    It may be run again from the start, so it has no effects but its rows, and it returns facts, never rows.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        if in_verb():
            return function(*args, **kwargs)
        if _session.get() is not None:
            raise RuntimeError(f"{function.__name__} changes things and was called inside a read block")
        return current().write(lambda: function(*args, **kwargs))

    return run


def offload(function: Callable[..., T], *args: Any) -> T:
    """Run a read that is not a bounded index look-up in a thread, with a connection of its own."""

    def work() -> T:
        with read(current().offline):
            return function(*args)

    return run_in_thread(work)


def connect(url: str) -> dict[str, dict[str, Any]]:
    """The three engines of *url* as Flask-SQLAlchemy binds: ``reader``, ``writer``, ``offline``."""
    parsed = sqlalchemy.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        plain: dict[str, Any] = {"url": parsed, "connect_args": {"check_same_thread": False, "timeout": 30}}
        return {
            "reader": {**plain, "poolclass": sqlalchemy.QueuePool, "pool_size": 8, "max_overflow": 56},
            "writer": {**plain, "poolclass": sqlalchemy.QueuePool, "pool_size": 1, "max_overflow": 0},
            "offline": {**plain, "poolclass": SparePool},
        }
    parsed = parsed.set(drivername="postgresql+psycopg")
    plain = {"url": parsed}
    pooled = {**plain, "pool_timeout": 10, "pool_size": 10}
    return {
        "reader": {**pooled, "max_overflow": 20, "isolation_level": "REPEATABLE READ"},
        "writer": {**pooled, "max_overflow": 10},
        "offline": {**plain, "poolclass": SparePool, "isolation_level": "REPEATABLE READ"},
    }


def prepare(engine: Engine, *, writes: bool) -> None:
    """Make SQLite behave: WAL with FULL sync, explicit BEGIN, IMMEDIATE where we write."""
    if engine.dialect.name != "sqlite":
        _prepare_postgresql(engine)
        return

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-32000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


#: A connection that did something so many seconds ago is taken to be alive.
_FRESH = 1.0


def _prepare_postgresql(engine: Engine) -> None:
    """Try a connection that lay idle before it is used: PostgreSQL may be another one by now. SQLAlchemy's own ``pool_pre_ping``
    tries each time, which is a tenth of what a page asks. Nothing is compiled there: it takes longer than our queries run."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: object) -> None:
        before, connection.autocommit = connection.autocommit, True
        connection.execute("SET jit = off")
        connection.autocommit = before

    @event.listens_for(engine, "checkin")
    def on_checkin(connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: object) -> None:
        if time.monotonic() - record.info.get("used", math.inf) <= _FRESH:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


_install_lock = threading.Lock()


def install(app: Any, url: str) -> Database:
    """Give *app* its engines (Flask-SQLAlchemy keeps them) and make its database the current one."""
    binds = connect(url)
    app.config["SQLALCHEMY_DATABASE_URI"] = binds["reader"]["url"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {k: v for k, v in binds["reader"].items() if k != "url"}
    app.config["SQLALCHEMY_BINDS"] = {name: binds[name] for name in ("writer", "offline")}
    with _install_lock:
        db.init_app(app)
    with app.app_context():
        database = Database(db.engines[None], db.engines["writer"], db.engines["offline"])
    prepare(database.reader, writes=False)
    prepare(database.writer, writes=True)
    prepare(database.offline, writes=False)
    use(database)
    return database
