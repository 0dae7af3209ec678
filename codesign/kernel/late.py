"""A write transaction for code we do not trust with the lock: taken late, held briefly, and taken away when needed.

SQLite has one write lock for all processes. A plugin that held it while it thinks, sleeps or hangs would stop every
vote. So its transaction reads without a lock, takes the lock at its first change, and must be through a moment later; the
waiting caller may *cut* it at any time, from outside. On PostgreSQL it is a plain transaction that can be cut the same way.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import sqlalchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from codesign.kernel.db import Database, _session, _writing, at_verb_end, current, prepare

T = TypeVar("T")

#: How long a change may hold SQLite's write lock before it is cut, in seconds.
WINDOW = 0.25

_READS = re.compile(r"\s*(select|pragma|explain|values)\b", re.IGNORECASE)
_READS_WITH = re.compile(r"\s*with\b(?!.*\b(insert|update|delete|replace)\b)", re.IGNORECASE | re.DOTALL)


class Cut(RuntimeError):
    """The transaction was taken away: nothing of it is kept."""


class _Cursor(sqlite3.Cursor):
    """Runs one statement at a time with the one who may cut; the first change takes the write lock."""

    connection: _Connection

    def execute(self, statement: str, *parameters: Any) -> _Cursor:
        if statement == "BEGIN":  # what our engines say at the start; we begin at the first change
            return self
        with self.connection.turn:
            self.connection.lock_for(statement)
            return super().execute(statement, *parameters)

    def executemany(self, statement: str, parameters: Any) -> _Cursor:
        with self.connection.turn:
            self.connection.lock_for(statement)
            return super().executemany(statement, parameters)

    def fetchone(self) -> Any:
        with self.connection.turn:
            return super().fetchone()

    def fetchmany(self, *size: Any) -> list[Any]:
        with self.connection.turn:
            return super().fetchmany(*size)

    def fetchall(self) -> list[Any]:
        with self.connection.turn:
            return super().fetchall()

    def close(self) -> None:
        with self.connection.turn:
            super().close()


class _Connection(sqlite3.Connection):
    """A connection that another thread may roll back: the driver crashes when two threads really use it at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.turn = threading.RLock()
        self.locked_at: float | None = None
        self.is_cut = False
        self._cursors: WeakSet[_Cursor] = WeakSet()

    def lock_for(self, statement: str) -> None:
        """Take the write lock if *statement* is the first change; Cut if the transaction is gone."""
        self.refuse_if_cut()
        if self.locked_at is None and not _READS.match(statement) and not _READS_WITH.match(statement):
            sqlite3.Cursor(self).execute("BEGIN IMMEDIATE")
            self.refuse_if_cut()
            self.locked_at = time.monotonic()

    def refuse_if_cut(self) -> None:
        """Raise Cut if the transaction is gone (with what waiting for the lock has brought since)."""
        if self.is_cut:
            super().rollback()
            raise Cut("this transaction was cut")

    def cursor(self, factory: Any = _Cursor) -> Any:
        with self.turn:
            made = super().cursor(factory)
            self._cursors.add(made)
            return made

    def rollback(self) -> None:
        with self.turn:
            super().rollback()

    def close(self) -> None:
        with self.turn:
            super().close()

    def cut(self) -> None:
        """Give back the lock, from any thread: what runs is interrupted, what comes is refused."""
        self.is_cut = True
        self.interrupt()
        with self.turn:
            # An answer that is read halfway counts as running: the interrupt would hit the rollback too.
            for cursor in list(self._cursors):
                cursor.close()
            if self.locked_at is not None:
                super().rollback()


_engines: WeakKeyDictionary[Database, Engine] = WeakKeyDictionary()


def _engine(database: Database) -> Engine:
    """The engine of such transactions; on SQLite one of its own, without kept connections."""
    if not database.is_sqlite:
        return database.writer
    engine = _engines.get(database)
    if engine is None:
        options = {"check_same_thread": False, "timeout": 30, "factory": _Connection}
        engine = sqlalchemy.create_engine(database.writer.url, poolclass=sqlalchemy.NullPool, connect_args=options)
        prepare(engine, writes=False)
        _engines[database] = engine
    return engine


class LateWrite:
    """One such transaction. ``run`` is called in the plugin's thread, everything else by the one who waits for it."""

    def __init__(self, window: float = WINDOW) -> None:
        self.window = window
        #: How long the write lock was held when the function was through, without the commit.
        self.held = 0.0
        self.spaces: set[str] = set()
        self._guard = threading.Lock()
        self._driver: Any = None
        self._cut = self._finishing = False

    def run(self, function: Callable[[], T]) -> T:
        """The result of *function*, its changes committed; Cut (and nothing kept) if it was cut meanwhile."""
        with Session(_engine(current()), expire_on_commit=False) as work:
            tokens = _session.set(work), _writing.set(True)
            try:
                with work.begin():
                    result = self._inside(work, function)
            finally:
                _session.reset(tokens[0])
                _writing.reset(tokens[1])
            self.spaces = work.info.get("spaces", set())
        return result

    def _inside(self, work: Session, function: Callable[[], T]) -> T:
        try:
            self._take(work.connection())
            result = function()
            work.flush()
            self._finish()
        finally:
            self._leave()
        for finish in at_verb_end:
            finish(work)
        return result

    def announce(self) -> None:
        """Wake those who wait for new facts; called by the waiting caller after ``run`` has ended well."""
        for tell in current().after_commit if self.spaces else ():
            tell(self.spaces)

    def overdue(self) -> str | None:
        """Why it should be cut now: it has held the write lock for too long."""
        since = getattr(self._driver, "locked_at", None)
        if since is None or self._finishing or time.monotonic() - since <= self.window:
            return None
        return f"held the write lock for more than {self.window * 1000:.0f} ms"

    def cut(self) -> bool:
        """Take the transaction away and give back its lock; False when it is already being committed or over."""
        with self._guard:
            if self._finishing:
                return False
            self._cut = True
            if isinstance(self._driver, _Connection):
                self._driver.cut()
            elif self._driver is not None:
                self._driver.cancel()
                self._driver.rollback()
        return True

    def _take(self, connection: Connection) -> None:
        with self._guard:
            self._driver = connection.connection.driver_connection
        event.listen(connection, "before_cursor_execute", self._refuse_if_cut)
        self._refuse_if_cut()

    def _refuse_if_cut(self, *_: object) -> None:
        if self._cut:
            raise Cut("this transaction was cut")

    def _finish(self) -> None:
        """From here on it cannot be cut: what is left is ours and quick."""
        with self._guard:
            self._refuse_if_cut()
            self._finishing = True
            since = getattr(self._driver, "locked_at", None)
            self.held = time.monotonic() - since if since is not None else 0.0

    def _leave(self) -> None:
        """The connection is about to go back; nobody may touch it from outside any more."""
        with self._guard:
            self._driver = None
