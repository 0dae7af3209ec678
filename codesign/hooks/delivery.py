"""Telling plugins what happened, from their bookmarks. Runs in the worker.

A batch and the bookmark after it are one commit. A batch that fails is halved until the event to blame stands alone;
what fails five times is set aside and can be told again. The transaction takes SQLite's write lock only at its first
change and is cut when it keeps it, so no plugin can hold up a vote.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from codesign.events import log as events_log
from codesign.events.base import Recorded
from codesign.hooks import queries, specs
from codesign.hooks.facts import Answer
from codesign.hooks.models import PluginBookmark, PluginSetAside, PluginSpace
from codesign.hooks.queries import Mark
from codesign.kernel import clock
from codesign.kernel.db import read, reading, session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.late import LateWrite

if TYPE_CHECKING:
    from codesign.hooks.host import PluginHost

HOOK = "events_recorded"
BATCH = 500
TRIES = 5
#: How long to wait after the first, second … failed try, in seconds.
WAITS = (1, 4, 15, 60)
#: So many events in a row set aside: not the events are to blame. It rests this long, then twice as long, …
ASIDE_IN_A_ROW, REST = 5, timedelta(minutes=10)
#: A batch that kept the write lock longer than this is followed by a smaller one.
LONG, SHORT, LEAST = 0.020, 0.005, 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Errand:
    """What is to be told in one go: the facts, and how far the bookmark may move afterwards."""

    plugin: str
    space_id: str
    space: Any
    settings: Any
    mark: Mark
    events: Sequence[Recorded]
    reached: int
    head: int


def listening(host: PluginHost) -> list[str]:
    """The plugins that want to be told of events."""
    return [name for name in host.plugins if host.card(name).listens_to and host.implementation(HOOK, name)]


@reading
def behind(host: PluginHost, plugin: str) -> list[str]:
    """The spaces in which there may be something new for *plugin*, and which are not waiting for another try."""
    if plugin in host.waiting or host.runner.health(plugin).why_not():
        return []  # it would not be asked
    spaces = queries.spaces_of(plugin)
    if host.card(plugin).scope == "server" and spaces:
        spaces = events_log.behind(f"plugin:{plugin}")  # it hears of every space
    marks, moment = queries.marks(plugin), clock.now()

    def wanted(space_id: str, head: int) -> bool:
        mark = marks.get(space_id, Mark())
        if mark.next_try_at is not None and mark.next_try_at > moment:
            return False
        seen_from, seen = host.looked.get((plugin, space_id), (0, 0))
        return head > (max(mark.seq, seen) if mark.seq >= seen_from else mark.seq)  # put back: nothing is seen yet

    return [space_id for space_id, head in events_log.heads(spaces).items() if wanted(space_id, head)]


def deliver(host: PluginHost, plugin: str, space_id: str) -> bool:
    """Tell *plugin* the next facts of a space, at most 500; whether there is more to tell at once."""
    mark = queries.mark(plugin, space_id)
    if mark.next_try_at is not None and mark.next_try_at > clock.now():
        return False
    key = (plugin, space_id)
    if mark.started_at is not None and key not in host.begun:
        host.begun.add(key)
        return _died(host, plugin, space_id, mark)
    errand = _errand(host, plugin, space_id, mark)
    if errand is None:
        return False
    if mark.failures or key not in host.begun:
        host.begun.add(key)
        _begin(plugin, space_id)
    return _tell_halving(host, errand)


def _died(host: PluginHost, plugin: str, space_id: str, mark: Mark) -> bool:
    """The worker ended in the middle of telling: a failed try, and one that counts towards a rest."""
    reason = "the worker ended while it was told"
    host.runner.blame(plugin, HOOK, reason)
    if host.reporter:
        host.reporter.beat()  # before it can happen again
    return _failed(host, plugin, space_id, _first(host, plugin, space_id, mark), reason)


def _names(host: PluginHost, plugin: str) -> list[str]:
    return [fact.name for fact in host.card(plugin).listens_to]


def events_behind(host: PluginHost, plugin: str, space_id: str) -> int:
    """How many events of a space wait to be told to *plugin*; more than a batch count as one."""
    with read():
        return len(events_log.since(space_id, queries.mark(plugin, space_id).seq, BATCH, _names(host, plugin)))


def _first(host: PluginHost, plugin: str, space_id: str, mark: Mark) -> int:
    with read():
        found = events_log.since(space_id, mark.seq, 1, _names(host, plugin))
        return found[0].seq if found else mark.seq


def _errand(host: PluginHost, plugin: str, space_id: str, mark: Mark) -> _Errand | None:
    """The next facts for a plugin; None when there is nothing to tell (and the bookmark has moved past what is not
    for it)."""
    size = min(host.batches.get(plugin, BATCH), max(1, BATCH >> 3 * mark.failures))
    with read():
        if not host.is_enabled(plugin, space_id):
            return None
        head = events_log.head(space_id)
        found = events_log.since(space_id, mark.seq, size, _names(host, plugin))
        try:
            space = host.space_fact(space_id) if found else None
        except NotFound:
            host.looked[plugin, space_id] = mark.seq, head
            return None
        settings = host.settings(plugin, space_id)
    if not found:
        host.looked[plugin, space_id] = mark.seq, head
        if head - mark.seq >= BATCH:
            _move(plugin, space_id, head)
        return None
    reached = found[-1].seq if len(found) == size else head
    return _Errand(plugin, space_id, space, settings, mark, found, reached, head)


def _tell_halving(host: PluginHost, errand: _Errand) -> bool:
    left, suspects = list(errand.events), 0
    while left:
        size = len(left) if not suspects else max(1, suspects // 2)
        batch, rest = left[:size], left[size:]
        answer = _tell(host, errand, batch, rest[0].seq - 1 if rest else errand.reached)
        if answer.ok:
            left, suspects = rest, max(0, suspects - size)
        elif answer.skipped:
            return False
        elif len(batch) == 1 or (answer.late and answer.seconds >= specs.STYLES[HOOK].budget):
            return _failed(host, errand.plugin, errand.space_id, batch[0].seq, answer.error or "", len(batch) == 1)
        else:
            # Too much for one commit calls for far less at a time; a mistake is looked for in halves.
            suspects = max(2, len(batch) // 4) if answer.late else len(batch)
    return errand.reached < errand.head


def _tell(host: PluginHost, errand: _Errand, batch: Sequence[Recorded], upto: int) -> Answer:
    implementation = host.implementation(HOOK, errand.plugin)
    assert implementation is not None
    function, wanted = implementation
    arguments = {"space": errand.space, "events": tuple(batch), "settings": errand.settings}
    late = LateWrite()

    def tell() -> None:
        function(**{name: arguments[name] for name in wanted})
        _move(errand.plugin, errand.space_id, upto)

    answer = host.runner.call(
        errand.plugin, HOOK, lambda: late.run(tell), specs.STYLES[HOOK].budget, late.overdue, may_rest=False,
        space_id=errand.space_id,
    )  # fmt: skip
    if answer.late and not late.cut():
        # Its commit was under way when our patience ended: the bookmark tells how it went.
        kept = queries.mark(errand.plugin, errand.space_id).seq >= upto
        return Answer(errand.plugin, seconds=answer.seconds) if kept else answer
    if answer.ok:
        late.announce()
        _adapt(host, errand.plugin, len(batch), late.held)
    return answer


def _adapt(host: PluginHost, plugin: str, size: int, held: float) -> None:
    """Bulk work commits in steps of about 20 ms: fit the size of batches to what this plugin does with them."""
    if held > LONG:
        host.batches[plugin] = max(LEAST, size // 2)
    elif held < SHORT and plugin in host.batches:
        host.batches[plugin] = min(BATCH, host.batches[plugin] * 2)


@verb
def _begin(plugin: str, space_id: str) -> None:
    """Note that a delivery starts: if the process ends in it, the next start knows."""
    row = session().get(PluginBookmark, (plugin, space_id))
    if row is None:
        row = PluginBookmark(plugin=plugin, space_id=space_id, seq=0, failures=0, aside=0)
        session().add(row)
    row.started_at = clock.now()


@verb
def _move(plugin: str, space_id: str, seq: int) -> None:
    """Everything up to *seq* is told."""
    session().merge(
        PluginBookmark(
            plugin=plugin, space_id=space_id, seq=seq, failures=0, aside=0, next_try_at=None, started_at=None
        )
    )


def _failed(host: PluginHost, plugin: str, space_id: str, seq: int, error: str, alone: bool = True) -> bool:
    """A try failed: wait a little; after five the event *seq* is set aside. Whether to go on at once."""
    set_aside = _note_failure(plugin, space_id, seq, error, alone)
    logger.warning(
        "plugin %s failed at event %s of space %s%s: %s",
        plugin, seq, space_id, " and it was set aside" if set_aside else "", error,
    )  # fmt: skip
    return set_aside


@verb
def _note_failure(plugin: str, space_id: str, seq: int, error: str, alone: bool) -> bool:
    row = session().get(PluginBookmark, (plugin, space_id))
    if row is None:
        row = PluginBookmark(plugin=plugin, space_id=space_id, seq=0, failures=0, aside=0)
        session().add(row)
    row.started_at = None
    row.failures += 1
    if row.failures < TRIES or not alone:
        row.failures = min(row.failures, TRIES - 1)
        row.next_try_at = clock.now() + timedelta(seconds=WAITS[row.failures - 1])
        return False
    moment = clock.now()
    session().merge(PluginSetAside(plugin=plugin, space_id=space_id, seq=seq, error=error, created_at=moment))
    row.seq, row.failures, row.aside, row.next_try_at = seq, 0, row.aside + 1, None
    if row.aside % ASIDE_IN_A_ROW == 0:
        row.next_try_at = moment + REST * 2 ** (row.aside // ASIDE_IN_A_ROW - 1)
        return False
    return True


def tell_switches(host: PluginHost) -> bool:
    """Tell plugins where they were switched on or off since they were told last; whether something was told."""
    told = False
    ready = [name for name in host.plugins if name not in host.waiting and not host.runner.health(name).why_not()]
    for plugin, space_id, enabled in queries.untold(ready):
        hook = "plugin_enabled" if enabled else "plugin_disabled"
        answer = _tell_switch(host, plugin, space_id, hook, enabled)
        told = told or answer.ok
    return told


def _tell_switch(host: PluginHost, plugin: str, space_id: str, hook: str, enabled: bool) -> Answer:
    implementation = host.implementation(hook, plugin)
    if implementation is None:
        _told(plugin, space_id, enabled)
        return Answer(plugin)
    function, wanted = implementation
    with read():
        given = {"space": host.space_fact(space_id)} if "space" in wanted else {}
    late = LateWrite()

    def tell() -> None:
        function(**given)
        _told(plugin, space_id, enabled)

    with host.marked(plugin, hook):
        answer = host.runner.call(
            plugin, hook, lambda: late.run(tell), specs.STYLES[hook].budget, late.overdue, space_id=space_id
        )
    if answer.late:
        late.cut()
    elif answer.ok:
        late.announce()
    return answer


@verb
def _told(plugin: str, space_id: str, enabled: bool) -> None:
    row = session().get(PluginSpace, (plugin, space_id))
    if row is not None:
        row.told = enabled
