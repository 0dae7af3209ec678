"""Asking one plugin: inside its budget, with failure as a value, and with a rest for what fails again and again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from codesign.hooks.facts import Answer, Failure, HookTimings
from codesign.hooks.threads import Call, NoThread, Threads, Watch
from codesign.kernel import clock

FAILURES, WITHIN = 5, timedelta(minutes=10)
FIRST_REST, LONGEST_REST = timedelta(minutes=10), timedelta(days=1)
#: A plugin that has so many calls running which nobody waits for is not asked at all.
MOST_LATE = 2
REMEMBERED_CALLS, REMEMBERED_FAILURES = 256, 20


@dataclass
class _Moment:
    calls: int = 0
    failures: int = 0
    budget: float = 0.0
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED_CALLS))


@dataclass
class Health:
    """How a plugin has been doing in this process."""

    moments: dict[str, _Moment] = field(default_factory=dict)
    failures: deque[Failure] = field(default_factory=lambda: deque(maxlen=REMEMBERED_FAILURES))
    recent: deque[datetime] = field(default_factory=deque)
    late: set[Call] = field(default_factory=set)
    rests: int = 0
    rests_until: datetime | None = None
    trying: bool = False
    #: An administrator lets it rest until somebody resumes it.
    held: bool = False

    def why_not(self) -> str | None:
        """Why it should not be asked now. Past the end of a rest one single call is let through as a trial."""
        if self.held:
            return "rests until an administrator resumes it"
        if len(self.late) >= MOST_LATE:
            return f"{len(self.late)} earlier calls are still running"
        if self.rests_until is None:
            return None
        if clock.now() < self.rests_until:
            return f"rests until {clock.rfc3339(self.rests_until)} after failing repeatedly"
        return "a trial call is under way" if self.trying else None

    def went_well(self) -> None:
        """A call came back: a plugin on trial is well again."""
        if self.rests_until is not None:
            self.wake()

    def went_wrong(self, failure: Failure) -> None:
        """Five failures in ten minutes, or a failed trial, begin a rest; each is twice as long as the one before."""
        self.failures.append(failure)
        moment = clock.now()
        self.recent.append(moment)
        while self.recent and self.recent[0] <= moment - WITHIN:
            self.recent.popleft()
        on_trial = self.rests_until is not None and moment >= self.rests_until
        if on_trial or (self.rests_until is None and len(self.recent) >= FAILURES):
            self.rest()

    def rest(self) -> None:
        """Begin a rest now, twice as long as the one before."""
        self.rests_until = clock.now() + min(LONGEST_REST, FIRST_REST * 2 ** min(self.rests, 16))
        self.rests += 1
        self.recent.clear()

    def wake(self) -> None:
        """Forget rests and failures counted so far; what is remembered for people stays."""
        self.rests, self.rests_until = 0, None
        self.recent.clear()


class Runner:
    """Calls plugins for one host and keeps their health and timings."""

    def __init__(self, trace: Callable[[str], None] | None = None) -> None:
        self.trace = trace
        self._threads = Threads()
        self._watch = Watch(self.late)
        self._health: dict[str, Health] = {}

    def health(self, plugin: str) -> Health:
        """The health of *plugin* in this process."""
        return self._health.setdefault(plugin, Health())

    def known(self) -> dict[str, Health]:
        """The health of every plugin this process has asked (or was told of) so far."""
        return dict(self._health)

    def late(self) -> list[Call]:
        """The calls that nobody waits for and that still run."""
        return [call for health in self.known().values() for call in list(health.late)]

    def stuck(self) -> list[str]:
        """The plugins with so many calls running that they are not asked any more."""
        return [name for name, health in self.known().items() if len(health.late) >= MOST_LATE]

    def call(
        self,
        plugin: str,
        hook: str,
        function: Callable[[], Any],
        budget: float,
        watch: Callable[[], str | None] | None = None,
        *,
        may_rest: bool = True,
        space_id: str = "",
    ) -> Answer:
        """Ask *plugin*: what ``function()`` returns, unless it fails, is late, or should not be asked now.

        ``may_rest=False`` is for callers with their own way of trying again (the delivery of the log): what fails there
        begins no rest. ``space_id`` is for the trace.
        """
        health = self.health(plugin)
        if refusal := health.why_not():
            self._trace(plugin, hook, space_id, 0.0, "skipped")
            return Answer(plugin, error=refusal, skipped=True)
        health.trying = health.rests_until is not None
        try:
            answer, text = self._measure(plugin, health, function, budget, watch)
        except NoThread:
            return Answer(plugin, error="no thread was free", skipped=True)
        finally:
            health.trying = False
        self._note(health, hook, budget, answer, text, may_rest)
        # The kind of an exception, never its words: they may quote what somebody wrote.
        kind = "ok" if answer.ok else "late" if answer.late else f"failed: {(answer.error or '').partition(':')[0]}"
        self._trace(plugin, hook, space_id, answer.seconds, kind)
        return answer

    def _trace(self, plugin: str, hook: str, space_id: str, seconds: float, outcome: str) -> None:
        if self.trace:
            self.trace(f"{plugin}.{hook} space={space_id or '-'} {seconds * 1000:.1f} ms {outcome}")

    def _measure(
        self,
        plugin: str,
        health: Health,
        function: Callable[[], Any],
        budget: float,
        watch: Callable[[], str | None] | None,
    ) -> tuple[Answer, str]:
        call = Call(function, health.late.discard)
        started = time.perf_counter()
        late = self._threads.run(call, budget, watch)
        seconds = time.perf_counter() - started
        if late:
            health.late.add(call)
            if call.done:  # it ended between our giving up and our noting so
                health.late.discard(call)
            self._watch.look()
            return Answer(plugin, error=late, seconds=seconds, late=True), ""
        if call.exception is not None:
            return Answer(plugin, error=call.words, seconds=seconds), call.text
        return Answer(plugin, call.value, seconds=seconds), ""

    def _note(self, health: Health, hook: str, budget: float, answer: Answer, text: str, may_rest: bool) -> None:
        moment = health.moments.setdefault(hook, _Moment())
        moment.calls += 1
        moment.budget = budget
        moment.seconds.append(answer.seconds)
        on_trial = health.rests_until is not None
        if answer.ok:
            health.went_well()
            return
        moment.failures += 1
        failure = Failure(hook, clock.now(), answer.error or "", text)
        if may_rest or on_trial:
            health.went_wrong(failure)
        else:
            health.failures.append(failure)

    def blame(self, plugin: str, hook: str, error: str) -> None:
        """Note a failure seen outside a call: a template that broke, an answer that told what may not be seen."""
        self.health(plugin).went_wrong(Failure(hook, clock.now(), error))

    def timings(self, plugin: str) -> tuple[HookTimings, ...]:
        """Calls, failures and percentiles per hook, of the last few hundred calls."""
        return tuple(
            HookTimings(hook, m.calls, m.failures, _percentile(m.seconds, 50), _percentile(m.seconds, 95), m.budget)
            for hook, m in sorted(self.health(plugin).moments.items())
        )


def _percentile(values: deque[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0.0
