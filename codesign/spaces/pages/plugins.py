"""The settings tab of plugins: switches per space, and for each its settings, drawn from its schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request

from codesign.hooks import queries as kept
from codesign.hooks import service as plugins
from codesign.hooks import settings as shape
from codesign.hooks.card import Plugin
from codesign.hooks.facts import Refusal, SettingFact
from codesign.hooks.host import PluginHost, host_of
from codesign.hooks.typed import changes, typed_in
from codesign.kernel import clock
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.text import _
from codesign.spaces.access import access as gate
from codesign.spaces.facts import Access
from codesign.spaces.pages.base import blueprint
from codesign.spaces.tabs import entered, settings_page
from codesign.web.csrf import FIELD
from codesign.web.forms import done, refusals
from codesign.web.identity import current_actor

_TAB = "spaces.plugins"


@dataclass(frozen=True)
class PluginLine:
    """A plugin as the list shows it. ``origin`` tells plugins of the whole server from those of a space."""

    card: Plugin
    enabled: bool
    rests_until: datetime | None
    has_settings: bool

    @property
    def state(self) -> str:
        if self.rests_until is not None:
            return "resting"
        return "on" if self.enabled else "off"


def _host() -> PluginHost:
    return host_of(current_app)


def _line(host: PluginHost, card: Plugin, enabled: set[str]) -> PluginLine:
    rests = host.runner.health(card.name).rests_until
    resting = rests if rests is not None and rests > clock.now() else None
    return PluginLine(card, card.name in enabled, resting, card.settings is not None)


@blueprint.get("/spaces/<space>/settings/plugins", endpoint="plugins")
def list_plugins(space: str) -> Any:
    """The plugins of this server, and which of them work here."""
    access = entered(space, "own")
    host = _host()
    with read():
        enabled = {item.name: item.position for item in host.enabled(access.space.id)}
    cards = sorted((loaded.card for loaded in host.plugins.values()), key=lambda card: card.title.lower())
    lines = [_line(host, card, set(enabled)) for card in cards]
    refused: list[Refusal] = list(host.refused)
    return settings_page("spaces/plugins.html", access, "plugins", lines=lines, refused=refused)


@blueprint.post("/spaces/<space>/settings/plugins/<name>/<state>")
def switch_plugin(space: str, name: str, state: str) -> Any:
    """Switch a plugin on or off here, at once."""
    access = gate(current_actor(), space, "own")
    if state not in ("on", "off"):
        raise NotFound()
    on = state == "on"
    plugins.switch_plugin(current_actor(), _host(), access.space.id, name, on)
    title = _host().card(name).title
    message = _("%(name)s works here now.", name=title) if on else _("%(name)s is off. Its data stays.", name=title)
    return done(message, _TAB, space=access.space.slug)


@blueprint.get("/spaces/<space>/settings/plugins/<name>")
def plugin(space: str, name: str) -> Any:
    """The settings of a plugin in this space."""
    return _plugin(entered(space, "own"), name, {}, [])


def _plugin(access: Access, name: str, typed: dict[str, Any], errors: Any, status: int = 200) -> Any:
    card, form = _card(name), _form(access, name)
    line = _line(_host(), card, {name} if _host().is_enabled(name, access.space.id) else set())
    return settings_page(
        "spaces/plugin.html", access, "plugins", status, line=line, card=card, form=form, typed=typed, errors=errors
    )


def _card(name: str) -> Plugin:
    if name not in _host().plugins:
        raise NotFound(_("There is no plugin called %(name)s.", name=name))
    return _host().card(name)


def _form(access: Access, name: str) -> tuple[SettingFact, ...]:
    with read():
        row = kept.rows(access.space.id).get(name)
    return shape.form(_card(name).settings, row.server_settings if row else {}, row.settings if row else {})


@blueprint.post("/spaces/<space>/settings/plugins/<name>")
def save_plugin(space: str, name: str) -> Any:
    """Set what was changed in the form, and take back what was ticked so."""
    access = gate(current_actor(), space, "own")
    typed = typed_in(request.form, FIELD)
    try:
        plugins.save_settings(
            current_actor(), _host(), access.space.id, name, changes(_form(access, name), typed, _card(name))
        )
    except (Invalid, Conflict) as problem:
        return _plugin(access, name, typed, refusals(problem), problem.status)
    return done(_("Saved."), "spaces.plugin", space=access.space.slug, name=name)
