"""Connections that native threads leave open for one another."""

from __future__ import annotations

from collections import deque
from typing import Any

import sqlalchemy
from sqlalchemy.pool import ConnectionPoolEntry

#: So many stay open; whoever finds none opens one more.
MOST = 2


class SparePool(sqlalchemy.NullPool):
    """Keeps a few connections: SQLite takes milliseconds to open one, and then reads its pages anew.

    It has no lock, unlike SQLAlchemy's own pools: under gevent theirs belong to greenlets, and native threads that wait for
    one stand still together. Taking from a deque and giving back is one step each.
    """

    _sqla_logger_namespace = "sqlalchemy.pool.SparePool"  # as loud as the library's own pools

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._spare: deque[ConnectionPoolEntry] = deque()

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            return self._spare.pop()
        except IndexError:
            return super()._do_get()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        if len(self._spare) < MOST:
            self._spare.append(record)
        else:
            record.close()

    def dispose(self) -> None:
        """Close what nobody uses."""
        while self._spare:
            self._spare.pop().close()
