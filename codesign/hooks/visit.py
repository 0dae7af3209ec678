"""Who is calling the plugin route that is being answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g

from codesign.kernel.actor import Actor


@dataclass(frozen=True)
class Visit:
    """Who calls a plugin's route, where (None for a server plugin), with which settings in force."""

    plugin: str
    actor: Actor
    space: Any
    settings: Any


def begin(visit: Visit) -> None:
    """Note who calls; done by the door before the route is answered."""
    g.plugin_visit = visit


def current_visit() -> Visit:
    """Who calls the route that is being answered."""
    visit: Visit | None = g.get("plugin_visit")
    if visit is None:
        raise RuntimeError("no route of a plugin is being answered here")
    return visit
