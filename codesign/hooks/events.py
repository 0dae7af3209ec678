"""What can happen to a plugin in a space. Other plugins and the scores follow these."""

from __future__ import annotations

from codesign.events.base import NONE, TEAM, Event, event


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


@event("plugin.held", NONE)
class PluginHeld(Event):
    """An administrator lets it rest, on the whole server, until it is resumed."""

    plugin: str


@event("plugin.resumed", NONE)
class PluginResumed(Event):
    """An administrator ended its rest."""

    plugin: str


@event("plugin.replayed", TEAM)
class PluginReplayed(Event):
    """A space's history is told to it again, from the fact after number ``after`` on."""

    plugin: str
    after: int


@event("plugin.purged", NONE)
class PluginPurged(Event):
    """Its tables, settings and bookmarks were removed."""

    plugin: str
