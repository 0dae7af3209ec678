"""Foreign code runs in native threads of its own: the caller can stop waiting, and the hub never waits at all."""

from __future__ import annotations

import ctypes
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from gevent.monkey import get_original

from codesign.kernel.lane import under_gevent

#: How often a waiting caller looks up, where it was asked to watch something.
LOOK_UP = 0.02
#: A call that nobody waits for any more and that takes such a share of a processor is ended.
BURNING = 0.1
#: How many characters are kept of an exception's words, and of its traceback (the end of it).
_LONGEST_WORDS, _LONGEST_TRACE = 1_000, 4_000
#: How often those are looked at, in seconds: first, and at last.
FIRST_LOOK, LAST_LOOK = 0.05, 2.0

# Of real threads, also where gevent has put greenlets in their place.
_own_number, _make_lock, _start_thread = get_original("_thread", ("get_ident", "allocate_lock", "start_new_thread"))


class Overdue(BaseException):
    """Raised inside a call that nobody waits for and that keeps a processor busy."""


class Call:
    """One call in a thread: still running, or with its value or its exception."""

    def __init__(self, function: Callable[[], Any], at_end: Callable[[Call], None]) -> None:
        self.value: Any = None
        self.exception: BaseException | None = None
        #: What the exception says, and its traceback: asked inside the call, for that may fail or last, too.
        self.words = self.text = ""
        self.done = False
        self._function, self._at_end = function, at_end
        self._guard = _make_lock()
        self._thread: int | None = None
        self._used = 0.0

    def work(self) -> None:
        """Body of the thread. SystemExit and the like are failures of the plugin, not the end of us."""
        try:
            self._work()
        except Overdue as error:  # it came a moment after the function had ended
            self.exception = self.exception or error
        self._thread = None
        self.done = True
        self._at_end(self)

    def _work(self) -> None:
        self._used, self._thread = time.thread_time(), _own_number()
        try:
            self.value = self._function()
        except BaseException as error:
            self.exception = error
            self.words, self.text = _told(error)
        with self._guard:
            thread, self._thread = self._thread, None
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread or 0), None)

    def used(self) -> float:
        """The CPU time it used since it was asked last, in seconds; 0 once it is over."""
        with self._guard:
            if self._thread is None or not hasattr(time, "pthread_getcpuclockid"):
                return 0.0
            before, self._used = self._used, time.clock_gettime(time.pthread_getcpuclockid(self._thread))
            return self._used - before

    def end(self) -> None:
        """Raise Overdue inside it. Code in C that keeps Python's lock hears of it only when it is through."""
        with self._guard:
            if self._thread is not None:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), ctypes.py_object(Overdue))


def _told(error: BaseException) -> tuple[str, str]:
    """What can be kept of an exception: its kind with its words, and its traceback."""
    kind = type(error).__name__
    try:
        words, text = f"{kind}: {error}"[:_LONGEST_WORDS], "".join(traceback.format_exception(error))[-_LONGEST_TRACE:]
        return words.encode(errors="replace").decode(), text.encode(errors="replace").decode()
    except BaseException:
        return f"{kind}: it cannot say what happened", ""


class Watch:
    """Looks after calls that nobody waits for, while there are any: ends those that keep a processor busy.

    One that waits (for the network, asleep) disturbs nobody. A moment of grace lets those end by themselves that almost
    made it, so that no honest call is broken off in the middle of a statement. It has a real thread of its own: what is
    busy may keep the hub from its greenlets.
    """

    def __init__(self, late: Callable[[], list[Call]]) -> None:
        self._late, self._runs = late, False
        self._guard, self._bell = _make_lock(), _make_lock()
        self._bell.acquire()

    def look(self) -> None:
        """There is one more to look after: soon, whatever patience others have earned."""
        with self._guard:
            if not self._runs:
                self._runs = True
                _start_thread(self._run, ())
            elif self._bell.locked():
                self._bell.release()

    def _run(self) -> None:
        pause = FIRST_LOOK
        while calls := self._calls():
            for call in calls:
                call.used()
            started = time.monotonic()
            rung = self._bell.acquire(timeout=pause)
            passed = time.monotonic() - started
            for call in calls:
                if passed >= FIRST_LOOK and call.used() >= BURNING * passed:
                    call.end()
            pause = FIRST_LOOK if rung else min(pause * 2, LAST_LOOK)

    def _calls(self) -> list[Call]:
        with self._guard:
            calls = self._late()
            self._runs = bool(calls)
            return calls


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
