"""What makes the live server tick: a wake-up after our own commits, a look at the database for those of others."""

from __future__ import annotations

import logging
import time
from typing import Any

import sqlalchemy

from codesign.kernel.db import Database
from codesign.live.server import PRESENCE_PAUSE, Live

_log = logging.getLogger(__name__)


class Watcher:
    """Whether anything was committed since the last look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._version: int | None = None
        self._woken = True
        database.after_commit.append(self._wake)

    def _wake(self, spaces: set[str]) -> None:
        self._woken = True

    def anything_new(self) -> bool:
        """On SQLite a look at ``PRAGMA data_version`` (microseconds); on PostgreSQL each tick reads the heads anyway."""
        if not self._database.is_sqlite:
            return True
        if self._connection is None:
            self._connection = self._database.offline.raw_connection()
        version = self._connection.driver_connection.execute("PRAGMA data_version").fetchone()[0]
        woken, self._woken = self._woken or version != self._version, False
        self._version = version
        return woken


def run(live: Live, database: Database, tick: float) -> None:
    """Tick for ever, every *tick* seconds. A failing tick is logged and the next one goes on where it left off."""
    from gevent import sleep

    watcher, told_presence = Watcher(database), 0.0
    while True:
        started = time.monotonic()
        try:
            if watcher.anything_new():
                live.tick()
            if started - told_presence > PRESENCE_PAUSE:
                live.tell_presence()
                told_presence = started
        except sqlalchemy.exc.SQLAlchemyError:
            _log.exception("the database did not answer a tick; the next one tries again")
            watcher = Watcher(database)
            sleep(1)
        except Exception:
            _log.exception("a tick failed")
            sleep(1)
        sleep(max(0.001, tick - (time.monotonic() - started)))
