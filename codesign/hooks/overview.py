"""What is to be told of plugins: the list for people and programs, and the hooks with their documentation."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from codesign.events.base import SERVER
from codesign.hooks import queries, specs
from codesign.hooks.card import Plugin
from codesign.hooks.facts import PluginFact
from codesign.hooks.host import PluginHost
from codesign.kernel import clock
from codesign.kernel.db import reading
from codesign.kernel.text import _


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
    """The plugins of this server as they stand in a space: those let in, in the order they are asked, then the
    refused."""
    kept, counts = queries.rows(space_id), queries.counts()
    enabled = {item.name: item for item in host.enabled(space_id)}
    facts = []
    for name, loaded in host.plugins.items():
        row = kept.get(name)
        facts.append(
            _fact(
                host, loaded.card, source=loaded.source, enabled=name in enabled, position=row.position if row else 0,
                since=row.changed_at if row and name in enabled else None, spaces=counts.get(name, 0),
                set_aside=len(queries.set_aside(name, None if space_id == SERVER else space_id)),
            )
        )  # fmt: skip
    facts.sort(key=lambda fact: (fact.position, fact.name))
    return [*facts, *_outside(host)]


def _fact(host: PluginHost, card: Plugin, **here: Any) -> PluginFact:
    health = host.runner.health(card.name)
    resting = health.rests_until is not None and health.rests_until > clock.now()
    state, reason = ("on", "") if here["enabled"] else ("off", "")
    if resting and health.failures:
        state, reason = "resting", _("It failed again and again, last: %(error)s", error=health.failures[-1].error)
    elif here["set_aside"]:
        reason = _("%(count)s events could not be told and were set aside.", count=here["set_aside"])
    return PluginFact(
        name=card.name, title=card.title, version=card.version, description=card.description, state=state,
        reason=reason, scope=card.scope, rests_until=health.rests_until if resting else None,
        stores_personal_data=card.stores_personal_data, hooks=host.runner.timings(card.name),
        rules=tuple(rule.name for rule in card.rules), failures=tuple(health.failures), **here,
    )  # fmt: skip


def _outside(host: PluginHost) -> list[PluginFact]:
    refused = [
        PluginFact(each.name, each.name, "", "", "refused", each.reason, source=each.source) for each in host.refused
    ]
    reason = _("CODESIGN_PLUGINS does not list it.")
    left_out = [
        PluginFact(each.name, each.name, "", "", "left out", reason, source=each.source) for each in host.left_out
    ]
    return [*sorted(refused, key=lambda fact: fact.name), *sorted(left_out, key=lambda fact: fact.name)]
