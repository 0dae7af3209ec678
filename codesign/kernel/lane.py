"""Threads beside the hub: one lane for writing, a few for slow reads.

Where gevent is not in charge functions run in the caller's thread, but know as little of it: no request, no app, no block
that is open. What would fail on the server fails in tests and commands too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

READ_THREADS = 4


def under_gevent() -> bool:
    """Whether this process was monkey-patched, so that blocking here would stop every socket."""
    try:
        from gevent import monkey
    except ImportError:  # pragma: no cover - gevent is a dependency; a trimmed install may lack it
        return False
    return bool(monkey.is_module_patched("threading"))


class Lane:
    """Runs functions one after another. Under gevent in one native thread, else in the caller behind a lock."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._pool: Any = None

    def run(self, function: Callable[..., T], *args: Any) -> T:
        """The result of ``function(*args)``; its exception comes through."""
        if not under_gevent():
            with self._lock:
                return Context().run(function, *args)
        if self._pool is None:
            from gevent.threadpool import ThreadPool

            self._pool = ThreadPool(1)
        return _result(self._pool.apply(_caught, (function, *args)))


def _caught(function: Callable[..., T], *args: Any) -> tuple[T | None, BaseException | None]:
    """Value or exception: gevent would write the traceback of every refusal to standard error."""
    try:
        return function(*args), None
    except BaseException as error:
        return None, error


def _result(outcome: tuple[T | None, BaseException | None]) -> T:
    value, error = outcome
    if error is not None:
        raise error
    return value  # type: ignore[return-value]


_reads: Any = None


def run_in_thread(function: Callable[[], T]) -> T:
    """Run *function* in a native thread while the hub goes on; in the caller's where there is no hub."""
    global _reads
    if not under_gevent():
        return Context().run(function)
    if _reads is None:
        from gevent.threadpool import ThreadPool

        _reads = ThreadPool(READ_THREADS)
    return _result(_reads.apply(_caught, (function,)))
