"""Changing what plugins do: switch them per space, set them, order them. The caller has passed the gate of the space.

The rooms above know who owns a space; down here nobody does. Doors call these with ``access(actor, space, "own")``
passed (an administrator's right for ``server``). What an administrator alone may do is in ``care.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.hooks import settings
from codesign.hooks.events import PluginDisabled, PluginEnabled, PluginSettingsChanged
from codesign.hooks.host import PluginHost
from codesign.hooks.models import PluginBookmark, PluginSetAside, PluginSpace
from codesign.hooks.rules import FIELD, ScoreRule
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.text import Sentence, _


def _known(host: PluginHost, name: str, space_id: str) -> None:
    if name not in host.plugins:
        refused = next((item for item in host.refused if item.name == name), None)
        if refused:
            raise Conflict(_("This plugin was refused: %(reason)s", reason=refused.reason))
        raise NotFound(_("There is no plugin called %(name)s.", name=name))
    if host.card(name).scope == "server" and space_id != SERVER:
        raise Conflict(_("%(name)s works for the whole server and is switched there.", name=host.card(name).title))


def _row(name: str, space_id: str) -> PluginSpace:
    row = session().get(PluginSpace, (name, space_id))
    if row is None:
        row = PluginSpace(
            plugin=name, space_id=space_id, enabled=False, position=0, settings={}, told=False, changed_at=clock.now()
        )
        session().add(row)
    return row


@verb
def switch_plugin(actor: Actor, host: PluginHost, space_id: str, name: str, enabled: bool) -> bool:
    """Switch a plugin on or off in a space (or for the ``server``), at once; whether that changed anything."""
    _known(host, name, space_id)
    if enabled and space_id == SERVER and host.card(name).scope != "server":
        raise Conflict(
            _("%(name)s works in single spaces and is switched on in each of them.", name=host.card(name).title)
        )
    row = _row(name, space_id)
    if row.enabled == enabled:
        return False
    row.enabled, row.changed_at = enabled, clock.now()
    fact = PluginEnabled(space_id, plugin=name) if enabled else PluginDisabled(space_id, plugin=name)
    record(fact, actor)
    return True


@verb
def save_settings(
    actor: Actor, host: PluginHost, space_id: str, name: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Set what *values* say, None takes a setting back; returns what is kept here. Wrong or unknown: Invalid, by
    field."""
    if name not in host.plugins:
        _known(host, name, space_id)
    row = _row(name, space_id)
    server = session().get(PluginSpace, (name, SERVER)) if space_id != SERVER else None
    before = dict(row.settings)
    row.settings = settings.check(host.card(name).settings, values, before, server.settings if server else {})
    changed = sorted(key for key in {*before, *row.settings} if before.get(key) != row.settings.get(key))
    if changed:
        in_force = settings.resolve(host.card(name).settings, server.settings if server else {}, row.settings)
        if space_id != SERVER:
            _check_needs(host, space_id, name, changed, in_force)
        record(PluginSettingsChanged(space_id, plugin=name, keys=changed), actor)
    return dict(row.settings)


def _check_needs(
    host: PluginHost, space_id: str, name: str, changed: Sequence[str], in_force: Mapping[str, Any]
) -> None:
    """Refuse what would make a rule need a field the space does not have: it would vanish without a word."""
    for rule in host.card(name).rules:
        if isinstance(rule, ScoreRule) and (touched := [key for key in rule.parameters.values() if key in changed]):
            settled = rule.settled({word: in_force[key] for word, key in rule.parameters.items()})
            added = [need.removeprefix(FIELD) for need in settled.needs if need not in rule.needs]
            missing = [key for key in settled.fields if key in added and key not in host.number_fields(space_id)]
            if missing:
                raise Invalid.field(touched[0], unknown_field(missing[0]), "unknown")


def unknown_field(key: str) -> Sentence:
    """What is said of a name that is no field of the space."""
    return _("“%(name)s” is neither known of every idea nor a number field of this space.", name=key)


@verb
def order_plugins(actor: Actor, host: PluginHost, space_id: str, names: Sequence[str]) -> None:
    """Ask plugins in this order here; those not named come before them, by name."""
    for position, name in enumerate(dict.fromkeys(names), 1):
        _known(host, name, space_id)
        row = _row(name, space_id)
        if row.position != position:
            row.position = position
            record(PluginSettingsChanged(space_id, plugin=name, keys=["position"]), actor)


@verb
def replay(host: PluginHost, space_id: str, name: str, after: int = 0) -> None:
    """Tell a plugin a space's history again from number *after* on."""
    _known(host, name, space_id)
    session().merge(
        PluginBookmark(
            plugin=name, space_id=space_id, seq=after, failures=0, aside=0, next_try_at=None, started_at=None
        )
    )
    session().execute(
        delete(PluginSetAside).where(
            PluginSetAside.plugin == name, PluginSetAside.space_id == space_id, PluginSetAside.seq > after
        )
    )
