"""What plugins put into the demo themselves, so that there is something to look at: the ``demo`` of their cards."""

from __future__ import annotations

from codesign.hooks.host import PluginHost
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import reading
from codesign.spaces.access import access
from codesign.spaces.facts import SpaceFact


def show_plugins(host: PluginHost, references: list[str]) -> None:
    """Let every plugin that has something to show do so, in each of these spaces where it is on."""
    for space, name in _places(host, references):
        if show := host.card(name).demo:
            show(space)


@reading
def _places(host: PluginHost, references: list[str]) -> list[tuple[SpaceFact, str]]:
    spaces = [access(SYSTEM, reference).space for reference in references]
    return [(space, item.name) for space in spaces for item in host.enabled(space.id)]
