"""Timed tasks of plugins, run by the worker: once per enabled space and interval."""

from __future__ import annotations

import contextvars
import logging
from typing import TYPE_CHECKING, Any

from codesign.hooks import queries
from codesign.hooks.models import PluginTask
from codesign.kernel import clock
from codesign.kernel.db import read, session, verb

if TYPE_CHECKING:
    from codesign.hooks.card import Task
    from codesign.hooks.host import PluginHost

#: How long a task may take; after that the plugin's next one begins without it.
BUDGET = 600.0

logger = logging.getLogger(__name__)


def run_due(host: PluginHost, only: str | None = None) -> int:
    """Run what is due, of one plugin or of all; how many tasks ran."""
    count = 0
    for name, loaded in [(only, host.plugins[only])] if only else list(host.plugins.items()):
        if not loaded.card.tasks or name in host.waiting:
            continue
        with read():
            times = queries.task_times(name)
            spaces = {space_id: host.settings(name, space_id) for space_id in queries.spaces_of(name)}
        for task in loaded.card.tasks:
            for space_id, settings in spaces.items():
                ran_at = times.get((task.name, space_id))
                if ran_at is None or ran_at + task.interval <= clock.now():
                    count += _run(host, name, task, space_id, settings)
    return count


def _run(host: PluginHost, plugin: str, task: Task, space_id: str, settings: Any) -> bool:
    if host.runner.health(plugin).why_not():
        return False
    what = f"task {task.name}"
    context = contextvars.copy_context()  # the thread works for the same app

    def run() -> None:
        context.run(task.run, space_id, settings)

    with host.marked(plugin, what):
        answer = host.runner.call(plugin, what, run, BUDGET, space_id=space_id)
    if answer.skipped:
        return False
    if not answer.ok:
        logger.warning("task %s of plugin %s failed in space %s: %s", task.name, plugin, space_id, answer.error)
    _note(plugin, task.name, space_id, answer.error or "")
    return True


@verb
def _note(plugin: str, task: str, space_id: str, error: str) -> None:
    session().merge(PluginTask(plugin=plugin, task=task, space_id=space_id, ran_at=clock.now(), error=error))
