"""The worker: follows the log for whoever needs it done calmly, and runs what is due by the clock.

It is a process of its own, so a plugin that loops, leaks or exits here cannot touch a vote. One worker leads per database.
Timed work is a plain list of chores: nothing in this version is slow enough to need a queue of jobs (huey, when it is).
"""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from flask import Flask

from codesign.hooks.host import host_of
from codesign.hooks.reports import WORKER, Reporter
from codesign.kernel import db, lease
from codesign.kernel.backoff import Backoff
from codesign.kernel.ids import new_id
from codesign.kernel.watch import Watcher

_log = logging.getLogger("codesign.worker")

PAUSE = 0.2  # seconds between two rounds
LOOK_EVERY = 1.0  # seconds until the log is looked at even though nothing seems to have happened


@dataclass
class Follower:
    """Somebody who reads the log: ``behind`` names spaces with something new, ``deliver`` does one batch of one space."""

    name: str
    behind: Callable[[], Iterable[str]]
    deliver: Callable[[str], object]
    backoffs: dict[str, Backoff] = field(default_factory=dict)

    def step(self) -> bool:
        """Deliver one batch wherever there is something; True when anything was done."""
        busy = False
        with db.read():
            spaces = list(self.behind())
        for space_id in spaces:
            backoff = self.backoffs.setdefault(space_id, Backoff())
            if backoff.ready():
                busy |= _guarded(f"{self.name} in {space_id}", partial(self.deliver, space_id), backoff)
        return busy


@dataclass
class Chore:
    """Something due every so many seconds."""

    name: str
    every: float
    run: Callable[[], object]
    backoff: Backoff = field(default_factory=Backoff)
    next_at: float = 0.0

    def step(self) -> bool:
        """Run it if it is due."""
        if time.monotonic() < self.next_at or not self.backoff.ready():
            return False
        self.next_at = time.monotonic() + self.every
        return _guarded(self.name, self.run, self.backoff)


def _guarded(what: str, run: Callable[[], object], backoff: Backoff) -> bool:
    try:
        run()
    except Exception:
        backoff.failed()
        _log.exception("%s failed %s times in a row", what, backoff.failures)
        return False
    backoff.worked()
    return True


def followers(app: Flask) -> list[Follower]:
    """Who follows the log in this version."""
    from codesign.events import log
    from codesign.hooks import host as plugins
    from codesign.ideas.rescoring import Rescorer
    from codesign.notifications import service as notifications
    from codesign.triage import alike

    host = plugins.host_of(app)
    rescorer = Rescorer(host)
    return [
        Follower("notifications", lambda: log.behind("notifications"), notifications.deliver),
        Follower("scores", rescorer.behind, rescorer.rescore),
        Follower("look-alikes", alike.behind, alike.follow),
        *host.followers(Follower),
    ]


def chores(app: Flask) -> list[Chore]:
    """What is due by the clock."""
    from codesign.accounts import service as accounts
    from codesign.exchange import pulse
    from codesign.exchange.foreign import jobs
    from codesign.hooks import host as plugins
    from codesign.insights.service import refresh_due
    from codesign.kernel.background import Background
    from codesign.notifications import deliveries, digests, post
    from codesign.pictures.service import forget_unused
    from codesign.privacy import service as privacy
    from codesign.spaces import schedule

    settings = app.extensions["codesign"]
    return [
        Chore("phases", 5, schedule.run_due_phases),
        Chore("deleted spaces", 5, schedule.finish_deletions),
        Chore("news for letters", 5, deliveries.write_due),
        Chore("digests for teams", 60, digests.write_due),
        Chore("letters", 5, lambda: post.send_due(settings)),
        Chore("erasures", 5, privacy.finish_erasures),
        Chore("old sessions and links", 3600, accounts.forget_old),
        Chore("old letters and notices", 3600, post.forget_old),
        Chore("ideas of other systems", 1, jobs.run_due),
        Chore("old files of ideas", 3600, jobs.forget_old),
        Chore("pictures nothing shows", 3600, forget_unused),
        Chore("insights", 2, Background("insights", refresh_due).begin),
        Chore("demo pulse", 1, lambda: pulse.beat(settings)),
        *plugins.host_of(app).chores(Chore),
    ]


class Worker:
    """Leads while it holds the lease; otherwise waits for its turn."""

    def __init__(self, app: Flask) -> None:
        self.app, self.holder = app, new_id()
        self.followers, self.chores = followers(app), chores(app)
        self.watcher = Watcher(db.current())
        self.reporter = Reporter(host_of(app), WORKER)
        self._leads_until = self._look_at = 0.0
        self._restored = False
        self.stopping = threading.Event()
        #: Calls of plugins hang for ever: only a new process gets rid of their threads.
        self.renew = False

    def leads(self) -> bool:
        """Take or renew the lease, every third of its length."""
        if time.monotonic() >= self._leads_until:
            if not lease.take("worker", self.holder):
                return False
            self._leads_until = time.monotonic() + lease.SECONDS / 3
        if not self._restored:
            self._restored = True
            self.reporter.restore()
        return True

    def step(self) -> bool:
        """One round; True when anything was done, so that the next one need not wait."""
        busy = False
        for part in (*(self.followers if self._look() else ()), *self.chores):
            if self.stopping.is_set() or not self.leads():
                return False
            busy |= part.step() and isinstance(part, Follower)
        self._leave_stuck_ones()
        return busy

    def _leave_stuck_ones(self) -> None:
        """Calls that hang for ever are left behind with this process; their plugins rest in the next one."""
        runner = self.reporter.host.runner
        stuck = runner.stuck()
        for plugin in stuck:
            _log.warning("calls of plugin %s hang; it rests and the worker starts anew", plugin)
            runner.health(plugin).rest()
        if stuck:
            self.reporter.beat()
            self.renew = True
            self.stopping.set()

    def _look(self) -> bool:
        """Whether to ask the log: something was committed, or it is time to try again what failed."""
        if not self.watcher.anything_new() and time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + LOOK_EVERY
        return True

    def run(self) -> None:
        """Rounds until told to stop."""
        with self.app.app_context():
            while not self.stopping.is_set():
                try:
                    busy = self.leads() and self.step()
                except Exception:
                    _log.exception("a round of the worker failed")
                    busy = False
                self.stopping.wait(0 if busy else PAUSE)
            lease.release("worker", self.holder)


def end_with_parent() -> None:
    """End when the server is gone: it holds the other end of our standard input."""

    def wait() -> None:
        # Straight from the system: a thread inside Python's own stdin would stop the interpreter from ending.
        while os.read(0, 1):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def limit_memory(megabytes: int) -> None:
    """What asks for more gets a MemoryError and fails alone, instead of the machine getting slow or ending somebody."""
    if megabytes > 0:
        _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))


def main(app: Flask) -> None:
    """Run a worker for *app*."""
    limit_memory(app.extensions["codesign"].worker_memory_mb)
    worker = Worker(app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stopping.set())
    worker.run()
    if worker.renew:
        db.current().dispose()
        # The same process with a new life: whoever watches it or holds its standard input notices nothing.
        os.execv(sys.executable, [sys.executable, "-m", "codesign", *sys.argv[1:]])  # noqa: S606
