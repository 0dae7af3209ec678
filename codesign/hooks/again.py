"""Telling a plugin once more of single events that were set aside. Runs in the worker, beside the bookmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codesign.events import log as events_log
from codesign.hooks import queries, specs
from codesign.hooks.models import PluginSetAside
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.late import LateWrite

if TYPE_CHECKING:
    from codesign.hooks.host import PluginHost

HOOK = "events_recorded"


def tell_again(host: PluginHost) -> int:
    """Tell what somebody asked for; how many events were taken this time."""
    count = 0
    for plugin, space_id, seq in queries.asked_again():
        ready = plugin in host.plugins and plugin not in host.waiting
        if ready and host.implementation(HOOK, plugin) and not host.runner.health(plugin).why_not():
            # Claimed first: if the worker ends here, it is not told a third time.
            _claim(plugin, space_id, seq)
            with host.marked(plugin, HOOK):
                count += _tell(host, plugin, space_id, seq)
    return count


@verb
def _claim(plugin: str, space_id: str, seq: int) -> None:
    row = session().get(PluginSetAside, (plugin, space_id, seq))
    if row is not None:
        row.again = False


def _tell(host: PluginHost, plugin: str, space_id: str, seq: int) -> bool:
    implementation = host.implementation(HOOK, plugin)
    assert implementation is not None
    with read():
        if not host.is_enabled(plugin, space_id):
            return False
        found = [each for each in events_log.since(space_id, seq - 1, 1) if each.seq == seq]
        try:
            given = {"space": host.space_fact(space_id), "events": tuple(found)}
        except NotFound:
            return False
        given["settings"] = host.settings(plugin, space_id)
    function, wanted = implementation
    late = LateWrite()

    def tell() -> None:
        if found:
            function(**{name: given[name] for name in wanted})
        _taken(plugin, space_id, seq)

    answer = host.runner.call(
        plugin, HOOK, lambda: late.run(tell), specs.STYLES[HOOK].budget, late.overdue, may_rest=False, space_id=space_id
    )
    if answer.late:
        late.cut()
    elif answer.ok:
        late.announce()
    if not answer.ok:
        _failed(plugin, space_id, seq, answer.error or "")
    return answer.ok


@verb
def _taken(plugin: str, space_id: str, seq: int) -> None:
    row = session().get(PluginSetAside, (plugin, space_id, seq))
    if row is not None:
        session().delete(row)


@verb
def _failed(plugin: str, space_id: str, seq: int, error: str) -> None:
    row = session().get(PluginSetAside, (plugin, space_id, seq))
    if row is not None:
        row.error = error
