"""How plugins do, kept where every process can read it: the server and the worker each tell, and both obey an
administrator.

What a process knew of a plugin outlives its end: a rest goes on, and a call that took the whole process down counts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from codesign.hooks import queries
from codesign.hooks.facts import Failure, HookTimings
from codesign.hooks.models import PluginHealth
from codesign.hooks.runner import Health
from codesign.kernel import clock
from codesign.kernel.db import read, session, verb
from codesign.kernel.upsert import upsert

if TYPE_CHECKING:
    from codesign.hooks.host import PluginHost

SERVER, WORKER = "server", "worker"
#: How often a process tells and looks what is wished, in seconds.
EVERY = 2.0

logger = logging.getLogger(__name__)


class Reporter:
    """Tells for one process how plugins do in it."""

    def __init__(self, host: PluginHost, process: str) -> None:
        self.host, self.process = host, process
        self._told: dict[str, object] = {}
        self._obeyed: dict[str, datetime] = {}
        #: What runs of each plugin now: a task may run beside the delivery of the log. Written down in one order.
        self._calling: dict[str, list[str]] = {}
        self._writing = threading.Lock()
        host.reporter = self

    def restore(self) -> None:
        """Take up what the process of this kind knew before: rests, failures, and what it died of."""
        with read():
            rows, holds = queries.health(), queries.holds()
        for row in rows:
            if row.process == self.process and row.plugin in self.host.plugins:
                self._take_up(row)
        for plugin, (held, wished_at) in holds.items():
            self._obeyed[plugin] = wished_at
            self.host.runner.health(plugin).held = held
        self.beat()

    def _take_up(self, row: queries.HealthRow) -> None:
        health = self.host.runner.health(row.plugin)
        health.rests, health.rests_until = row.rests, row.rests_until
        health.recent.extend(row.recent)
        health.failures.extend(row.failures)
        if row.calling:
            logger.warning("the %s ended while plugin %s was asked: %s", self.process, row.plugin, row.calling)
            self.host.runner.blame(row.plugin, row.calling, f"the {self.process} ended while it ran")

    def beat(self) -> None:
        """Obey new wishes, look whether tables have come, and tell what changed."""
        self._obey()
        self.host.look_at_tables()
        news = {}
        for plugin, health in self.host.runner.known().items():
            state = _state(health)
            if self._told.get(plugin) != state:
                news[plugin] = state
        if news:
            with self._writing:
                _write(self.process, {plugin: self._row(plugin) for plugin in news})
            self._told.update(news)

    def _obey(self) -> None:
        for plugin, (held, wished_at) in queries.holds().items():
            if self._obeyed.get(plugin) != wished_at:
                self._obeyed[plugin] = wished_at
                health = self.host.runner.health(plugin)
                health.held = held
                if not held:
                    health.wake()

    def _row(self, plugin: str) -> dict[str, Any]:
        health = self.host.runner.health(plugin)
        return {
            "hooks": [_timing(each) for each in self.host.runner.timings(plugin)],
            "failures": [_failure(each) for each in list(health.failures)],
            "recent": [_milliseconds(moment) for moment in list(health.recent)],
            "late": len(health.late), "rests": health.rests, "rests_until": health.rests_until,
            "calling": self._words(plugin),
        }  # fmt: skip

    @contextmanager
    def marked(self, plugin: str, what: str) -> Iterator[None]:
        """Note that a call begins which may take the process down; what stands at a start is held against the plugin."""
        with self._writing:
            self._calling.setdefault(plugin, []).append(what)
            _mark(self.process, plugin, self._words(plugin))
        try:
            yield
        finally:
            with self._writing:
                self._calling[plugin].remove(what)
                _mark(self.process, plugin, self._words(plugin))

    def _words(self, plugin: str) -> str:
        return ", ".join(self._calling.get(plugin, ()))[:80]

    def start(self) -> None:
        """Restore, then go on telling beside everything else (in the server, where no worker's round does it)."""
        self.restore()
        threading.Thread(target=self._beat_on, name="plugin reports", daemon=True).start()

    def _beat_on(self) -> None:
        while True:
            time.sleep(EVERY)
            try:
                self.beat()
            except Exception:
                logger.exception("how plugins do could not be told")


def _state(health: Health) -> object:
    """What differs when there is something to tell."""
    calls = sum(moment.calls for moment in health.moments.values())
    last = health.failures[-1].at if health.failures else None
    return calls, last, len(health.failures), len(health.late), health.rests, health.rests_until


def _timing(each: HookTimings) -> dict[str, Any]:
    return {
        "hook": each.hook, "calls": each.calls, "failures": each.failures, "p50": each.p50, "p95": each.p95,
        "budget": each.budget,
    }  # fmt: skip


def _failure(each: Failure) -> dict[str, Any]:
    return {"hook": each.hook, "at": _milliseconds(each.at), "error": each.error, "traceback": each.traceback}


def _milliseconds(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


@verb
def _write(process: str, rows: dict[str, dict[str, Any]]) -> None:
    moment = clock.now()
    for plugin, values in rows.items():
        session().merge(PluginHealth(plugin=plugin, process=process, reported_at=moment, **values))


@verb
def _mark(process: str, plugin: str, calling: str) -> None:
    empty: dict[str, Any] = {"hooks": [], "failures": [], "recent": [], "late": 0, "rests": 0}
    row = {"plugin": plugin, "process": process, "calling": calling, "reported_at": clock.now(), **empty}
    write = upsert(session(), PluginHealth).values(row)
    session().execute(write.on_conflict_do_update(index_elements=["plugin", "process"], set_={"calling": calling}))
