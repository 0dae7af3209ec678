"""Whether anything was committed, by us or by another process, without reading a table."""

from __future__ import annotations

from typing import Any

from codesign.kernel.db import Database


class Watcher:
    """Asks a database whether something is new since it was asked last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._version: int | None = None
        self._woken = True
        database.after_commit.append(self._wake)

    def _wake(self, spaces: set[str]) -> None:
        self._woken = True

    def anything_new(self) -> bool:
        """On SQLite a look at ``PRAGMA data_version`` (microseconds); on PostgreSQL it is always worth a look."""
        if not self._database.is_sqlite:
            return True
        if self._connection is None:
            self._connection = self._database.offline.raw_connection()
        version = self._connection.driver_connection.execute("PRAGMA data_version").fetchone()[0]
        woken, self._woken = self._woken or version != self._version, False
        self._version = version
        return woken

    def close(self) -> None:
        """Stop watching."""
        self._database.after_commit.remove(self._wake)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
