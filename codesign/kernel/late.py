"""A write transaction for code we do not trust with the lock: taken late, held briefly, and taken away when needed.

SQLite has one write lock for all processes. A plugin that held it while it thinks, sleeps or hangs would stop every
vote. So its transaction reads without a lock, takes the lock at its first change, and must be through a moment
later; the waiting caller may *cut* it at any time, from outside. On PostgreSQL it is a plain transaction that can be
cut the same way.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session

from codesign.kernel.db import _session, _writing, at_verb_end, current

T = TypeVar("T")

#: How long a change may hold SQLite's write lock before it is cut, in seconds.
WINDOW = 0.25

_READS = re.compile(r"\s*(select|pragma|explain|values)\b", re.IGNORECASE)
_READS_WITH = re.compile(r"\s*with\b(?!.*\b(insert|update|delete|replace)\b)", re.IGNORECASE | re.DOTALL)


class Cut(RuntimeError):
    """The transaction was taken away: nothing of it is kept."""


class LateWrite:
    """One such transaction. ``run`` is called in the plugin's thread, everything else by the one who waits for it."""

    def __init__(self, window: float = WINDOW) -> None:
        self.window = window
        self.held = 0.0
        self.spaces: set[str] = set()
        self._guard = threading.Lock()
        self._driver: Any = None
        self._locked_at: float | None = None
        self._sqlite = current().is_sqlite
        self._cut = self._finishing = False

    def run(self, function: Callable[[], T]) -> T:
        """The result of *function*, its changes committed; Cut (and nothing kept) if it was cut meanwhile."""
        database = current()
        engine = database.offline if self._sqlite else database.writer
        with Session(engine, expire_on_commit=False) as work:
            tokens = _session.set(work), _writing.set(True)
            try:
                with work.begin():
                    self._watch(work.connection())
                    result = function()
                    work.flush()
                    self._finish(work)
            finally:
                _session.reset(tokens[0])
                _writing.reset(tokens[1])
            if self._locked_at is not None:
                self.held = time.monotonic() - self._locked_at
            self.spaces = work.info.get("spaces", set())
        return result

    def announce(self) -> None:
        """Wake those who wait for new facts; called by the waiting caller after ``run`` has ended well."""
        for tell in current().after_commit if self.spaces else ():
            tell(self.spaces)

    def overdue(self) -> str | None:
        """Why it should be cut now: it has held the write lock for too long."""
        since = self._locked_at
        if since is None or self._finishing or time.monotonic() - since <= self.window:
            return None
        return f"held the write lock for more than {self.window * 1000:.0f} ms"

    def cut(self) -> bool:
        """Take the transaction away and give back its lock; False when it is already being committed."""
        with self._guard:
            if self._finishing:
                return False
            self._cut = True
            locked, driver = self._locked_at is not None, self._driver
        if driver is None:
            return True
        if not self._sqlite:
            driver.cancel()
            driver.rollback()
        elif locked:
            driver.interrupt()
            # A statement that is just about to run must not commit by itself after the rollback.
            driver.execute("PRAGMA query_only=ON")
            driver.rollback()
        return True

    def _watch(self, connection: Connection) -> None:
        self._driver = connection.connection.driver_connection
        if self._sqlite:
            # Ends the BEGIN our engines start with: until the first change each read sees what is committed, and no
            # read snapshot is open that SQLite would refuse to turn into a write.
            connection.execute(text("COMMIT"))
        event.listen(connection, "before_cursor_execute", self._before)

    def _before(self, connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        self._refuse_if_cut()
        if not self._sqlite or self._locked_at is not None or _READS.match(statement) or _READS_WITH.match(statement):
            return
        cursor.execute("BEGIN IMMEDIATE")
        with self._guard:
            if not self._cut:
                self._locked_at = time.monotonic()
        if self._cut:
            cursor.execute("ROLLBACK")
            self._refuse_if_cut()

    def _refuse_if_cut(self) -> None:
        with self._guard:
            if self._cut:
                raise Cut("this transaction was cut")

    def _finish(self, work: Session) -> None:
        with self._guard:
            if self._cut:
                raise Cut("this transaction was cut")
            self._finishing = True
        for finish in at_verb_end:
            finish(work)
