"""What can happen to a plugin in a space. Other plugins and the scores follow these."""

from __future__ import annotations

from codesign.events.base import TEAM, Event, event


@event("plugin.enabled", TEAM)
class PluginEnabled(Event):
    """It was switched on."""

    plugin: str


@event("plugin.disabled", TEAM)
class PluginDisabled(Event):
    """It was switched off; its data stays."""

    plugin: str


@event("plugin.settings_changed", TEAM)
class PluginSettingsChanged(Event):
    """Some of its settings changed; ``keys`` names which."""

    plugin: str
    keys: list[str]
