"""The card: what a plugin has, as data. The plugin list shows it as it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import click
    from marshmallow import Schema

    from codesign.events.base import Event
    from codesign.hooks.routes import Routes
    from codesign.spaces.facts import SpaceFact

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Task:
    """Work by the clock, done by the worker once per enabled space: ``run(space_id, settings)``."""

    name: str
    every: str
    run: Callable[[str, Any], None]

    @property
    def interval(self) -> timedelta:
        """``every`` (``15m``, ``6h``, ``1d``) as a time span."""
        number, unit = self.every[:-1], self.every[-1:]
        if unit not in _UNITS or not number.isdigit() or int(number) < 1:
            raise ValueError(f"task {self.name!r}: every is a number and m, h or d, like '1d', not {self.every!r}")
        return timedelta(**{_UNITS[unit]: int(number)})


@dataclass(frozen=True)
class Plugin:
    """What a plugin has. What it *does* is in its hooks; the folder around it says the rest.

    ``requires`` is about the version of the hook API (``specs.API_VERSION``), not of the product. ``scope`` "space"
    plugins are switched per space, "server" ones for the whole server. ``listens_to`` are the event classes that
    ``events_recorded`` is told of, ``events`` the plugin's own, named ``<plugin>.<past>``. ``rule_types`` are dataclasses
    with a ``name``: other plugins bring rules of them as ``sdk.rule("<plugin>.<type>", …)``. ``pages`` and ``api`` are
    ``sdk.Routes``; each of their routes says which right it ``needs``. ``demo(space)`` puts something to look at into a
    space of the demo, once, when it was made.
    """

    name: str
    title: str
    version: str
    requires: str = ">=1.0,<2"
    description: str = ""
    scope: Literal["space", "server"] = "space"
    settings: type[Schema] | None = None
    hooks: ModuleType | object | None = None
    listens_to: tuple[type[Event], ...] = ()
    events: tuple[type[Event], ...] = ()
    rules: tuple[Any, ...] = ()
    rule_types: tuple[type, ...] = ()
    pages: Routes | None = None
    api: Routes | None = None
    commands: tuple[click.Command, ...] = ()
    tasks: tuple[Task, ...] = ()
    demo: Callable[[SpaceFact], None] | None = None
    stores_personal_data: bool = False
