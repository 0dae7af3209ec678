"""What is to be told of plugins: the list for people and programs, and the hooks with their documentation."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from codesign.events import backlog
from codesign.events.base import SERVER
from codesign.hooks import queries, specs
from codesign.hooks.facts import Failure, HookTimings, PluginFact, SpaceProgress
from codesign.hooks.host import PluginHost
from codesign.kernel import clock
from codesign.kernel.db import reading
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _

#: Of how many spaces the list tells how far a plugin has read.
MOST_SPACES = 200


@dataclass(frozen=True)
class HookFact:
    """One moment a plugin can answer."""

    name: str
    signature: str
    style: specs.Style
    doc: str


def hooks() -> list[HookFact]:
    """Every hook in the order of the specs."""
    return [HookFact(name, signature(name), style, _doc(name)) for name, style in specs.STYLES.items()]


def signature(hook: str) -> str:
    """The hook as it is called: ``fill_slot(space, actor, slot, facts, settings)``."""
    return f"{hook}({', '.join(inspect.signature(getattr(specs, hook)).parameters)})"


def _doc(hook: str) -> str:
    return inspect.getdoc(getattr(specs, hook)) or ""


@reading
def list_plugins(host: PluginHost, space_id: str = SERVER) -> list[PluginFact]:
    """The plugins of this server as they stand in a space: those let in, in the order they are asked, then the others.

    With the ``server`` as the space a plugin counts as on where it is on in any space.
    """
    state = _Kept()
    facts = [_fact(host, state, name, space_id) for name in host.plugins]
    facts.sort(key=lambda fact: (fact.position, fact.name))
    return [*facts, *_outside(host)]


@reading
def one_plugin(host: PluginHost, name: str) -> PluginFact:
    """A plugin with how far it has read each space it is on in; NotFound for one that is not here at all."""
    if name in host.plugins:
        return _fact(host, _Kept(), name, SERVER)
    for fact in _outside(host):
        if fact.name == name:
            return fact
    raise NotFound(_("There is no plugin called %(name)s.", name=name))


class _Kept:
    """What the tables say of all plugins, read once."""

    def __init__(self) -> None:
        self.counts, self.holds = queries.counts(), queries.holds()
        self.health: dict[str, dict[str, queries.HealthRow]] = {}
        for row in queries.health():
            self.health.setdefault(row.plugin, {})[row.process] = row


def _fact(host: PluginHost, kept: _Kept, name: str, space_id: str) -> PluginFact:
    loaded, card = host.plugins[name], host.card(name)
    row = queries.rows(space_id).get(name)
    enabled = {item.name for item in host.enabled(space_id)}
    spaces = kept.counts.get(name, 0)
    progress = tuple(_progress(host, name)) if space_id == SERVER else ()
    aside = sum(len(each.set_aside) for each in progress) if progress else len(
        queries.set_aside(name, None if space_id == SERVER else space_id)
    )  # fmt: skip
    doing = _doing(host, kept, name)
    on = name in enabled or (space_id == SERVER and spaces > 0)
    state, reason = _state(host, name, on, doing, aside)
    return PluginFact(
        name=name, title=card.title, version=card.version, description=card.description, state=state, reason=reason,
        scope=card.scope, source=loaded.source, enabled=on, position=row.position if row else 0,
        since=row.changed_at if row and name in enabled else None, spaces=spaces, set_aside=aside, progress=progress,
        behind=sum(each.behind for each in progress), rules=tuple(rule.name for rule in card.rules),
        stores_personal_data=card.stores_personal_data, settable=card.settings is not None,
        hooks=doing.hooks, failures=doing.failures, held=doing.held,
        rests_until=doing.rests_until if state == "resting" else None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Doing:
    """How a plugin does in all processes together."""

    hooks: tuple[HookTimings, ...]
    failures: tuple[Failure, ...]
    held: bool
    rests_until: datetime | None


def _doing(host: PluginHost, kept: _Kept, name: str) -> _Doing:
    """What the other processes told last, and what this one knows itself."""
    told = kept.health.get(name, {})
    hooks = {process: row.hooks for process, row in told.items()}
    failures = {process: row.failures for process, row in told.items()}
    rests = {process: row.rests_until for process, row in told.items()}
    own = host.runner.known().get(name)
    if own is not None and (own.moments or own.failures or own.rests_until):
        here = host.reporter.process if host.reporter else "server"
        hooks[here] = tuple(replace(each, process=here) for each in host.runner.timings(name))
        failures[here] = tuple(replace(each, process=here) for each in own.failures)
        rests[here] = own.rests_until
    moment = clock.now()
    resting = [until for until in rests.values() if until is not None and until > moment]
    held = kept.holds[name][0] if name in kept.holds else False
    return _Doing(
        tuple(each for process in sorted(hooks) for each in hooks[process]),
        tuple(sorted((each for found in failures.values() for each in found), key=lambda each: each.at)),
        held or bool(own and own.held), max(resting, default=None),
    )  # fmt: skip


def _state(host: PluginHost, name: str, on: bool, doing: _Doing, aside: int) -> tuple[str, str]:
    """The one word for how it stands, and the reason in words."""
    if name in host.waiting:
        return "waiting", host.waiting[name]
    if doing.held:
        return "resting", _("An administrator lets it rest until somebody resumes it.")
    if doing.rests_until is not None:
        error = doing.failures[-1].error if doing.failures else ""
        minutes = math.ceil((doing.rests_until - clock.now()).total_seconds() / 60)
        words = _(
            "It failed again and again and is tried once in %(minutes)s min. Last: %(error)s",
            minutes=minutes,
            error=error,
        )
        return "resting", words
    reason = _("Set aside, because they could not be told: %(count)s events.", count=aside) if aside else ""
    return ("on" if on else "off"), reason


def _progress(host: PluginHost, name: str) -> Iterator[SpaceProgress]:
    """How far it has read the log of each space it is on in (of a server plugin: of each space it has a bookmark in)."""
    marks, asides, card = queries.marks(name), queries.asides(name), host.card(name)
    spaces = queries.spaces_of(name) if card.scope == "space" else sorted(marks)
    listens = bool(card.listens_to and host.implementation("events_recorded", name))
    names = [fact.name for fact in card.listens_to]
    for space_id in sorted({*spaces[:MOST_SPACES], *asides} - {SERVER}):
        try:
            space = host.space_fact(space_id)
        except NotFound:
            continue
        mark = marks.get(space_id, queries.Mark())
        yield SpaceProgress(
            space_id, getattr(space, "slug", space_id), getattr(space, "name", space_id),
            backlog.waiting(space_id, mark.seq, names) if listens else 0, mark.seq, mark.next_try_at,
            tuple(asides.get(space_id, ())),
        )  # fmt: skip


def _outside(host: PluginHost) -> list[PluginFact]:
    refused = [
        PluginFact(each.name, each.name, "", "", "refused", each.reason, source=each.source, traceback=each.traceback)
        for each in host.refused
    ]
    reason = _("CODESIGN_PLUGINS does not list it.")
    left_out = [
        PluginFact(each.name, each.name, "", "", "left out", reason, source=each.source) for each in host.left_out
    ]
    return [*sorted(refused, key=lambda fact: fact.name), *sorted(left_out, key=lambda fact: fact.name)]
