"""Foreign code runs in native threads of its own: the caller can stop waiting, and the hub never waits at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from codesign.kernel.lane import under_gevent

#: How often a waiting caller looks up, where it was asked to watch something.
LOOK_UP = 0.02


class Call:
    """One call in a thread: still running, or with its value or its exception."""

    def __init__(self, function: Callable[[], Any], at_end: Callable[[Call], None]) -> None:
        self.value: Any = None
        self.exception: BaseException | None = None
        self.done = False
        self._function, self._at_end = function, at_end

    def work(self) -> None:
        """Body of the thread. SystemExit and the like are failures of the plugin, not the end of us."""
        try:
            self.value = self._function()
        except BaseException as error:
            self.exception = error
        self.done = True
        self._at_end(self)


class NoThread(Exception):
    """No thread was free in time; the plugin that was to be asked is not to blame."""


class Threads:
    """Starts calls; a small pool under gevent, a daemon thread each elsewhere (one that hangs cannot stop an
    exit)."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._pool: Any = None

    def run(self, call: Call, budget: float, watch: Callable[[], str | None] | None = None) -> str | None:
        """Run *call* and wait at most *budget* seconds; returns why nobody waits any longer, or None when it is done.

        *watch* is asked every moment and may end the waiting early by giving a reason.
        """
        deadline = time.monotonic() + budget
        wait = self._start(call, budget)
        while not call.done and (left := deadline - time.monotonic()) > 0:
            wait(min(left, LOOK_UP) if watch else left)
            if watch and not call.done and (reason := watch()):
                return reason
        return None if call.done else f"took longer than its {budget * 1000:.0f} ms"

    def _start(self, call: Call, budget: float) -> Callable[[float], object]:
        """Start *call*; returns a function that waits for its end up to so many seconds."""
        if not under_gevent():
            thread = threading.Thread(target=call.work, name="hook", daemon=True)
            thread.start()
            return thread.join
        import gevent
        from gevent.threadpool import ThreadPool

        if self._pool is None:
            self._pool = ThreadPool(self._most)
        result: Any = None
        with gevent.Timeout(budget, False):
            result = self._pool.spawn(call.work)
        if result is None:
            raise NoThread
        return lambda seconds: result.wait(timeout=seconds)

    def pause(self) -> None:
        """Let others go on for a moment."""
        time.sleep(0.001)
