"""What a card must be before its plugin is let in. Every reason is a sentence its author can act on."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator
from string import Formatter
from types import ModuleType
from typing import TypeGuard

import pluggy
from marshmallow import Schema

from codesign.events.base import Event
from codesign.hooks import specs
from codesign.hooks.card import Plugin, Task
from codesign.hooks.routes import Routes
from codesign.hooks.settings import without_default

_NAME = re.compile(r"[a-z][a-z0-9_]{1,30}\Z")
_RESERVED = {"core", "server", "codesign", "static", "none", "all", "plugin", "plugins"}
_VERSION = re.compile(r"\s*(>=|<=|==|<|>)\s*(\d+)(?:\.(\d+))?\s*\Z")
_COMPARE = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}


def fits(requires: str, version: tuple[int, int] = specs.API_VERSION) -> bool:
    """Whether the hook API *version* satisfies *requires*, e.g. ``>=1.0,<2``; ValueError when that cannot be read."""
    for part in requires.split(","):
        found = _VERSION.match(part)
        if not found:
            raise ValueError(f"requires={requires!r} is no list of versions like '>=1.0,<2'")
        wanted = (int(found[2]), int(found[3] or 0))
        if not _COMPARE[found[1]](version, wanted):
            return False
    return True


def may_be_called(name: str) -> bool:
    """Whether a plugin can have this name."""
    return bool(_NAME.match(name)) and name not in _RESERVED


def reasons(card: Plugin, found_as: str) -> Iterator[str]:
    """Everything that keeps this plugin out."""
    if not may_be_called(card.name):
        yield f"{card.name!r} cannot be a plugin's name: lower case letters, digits and _, 2 to 31 of them"
        return
    if found_as != card.name:
        yield f"its folder or entry point is called {found_as!r}, its card says {card.name!r}"
    yield from _version_reasons(card)
    yield from _parts_reasons(card)
    yield from hook_reasons(card)
    given: tuple[object, ...] = (card.pages, card.api)
    for routes in given:
        if isinstance(routes, Routes):
            yield from routes.undeclared()
        elif routes is not None:
            yield f"the routes {routes!r} must be made with sdk.Routes, so that each says which right it needs"


def _version_reasons(card: Plugin) -> Iterator[str]:
    try:
        if not fits(card.requires):
            running = ".".join(map(str, specs.API_VERSION))
            yield f"it needs the hook API {card.requires}, this is {running}"
    except ValueError as error:
        yield str(error)


def _parts_reasons(card: Plugin) -> Iterator[str]:
    if card.scope not in {"space", "server"}:
        yield f"scope is 'space' or 'server', not {card.scope!r}"
    yield from _setting_reasons(card)
    for fact in card.events:
        if not _is_event(fact) or not fact.name.startswith(f"{card.name}."):
            yield f"its own event {getattr(fact, 'name', fact)!r} must be an sdk.Event named '{card.name}.<past>'"
        elif fact.bell is not None and not _leads_home(card.name, fact, fact.bell.path):
            yield f"the bell of its event {fact.name!r} must lead to a page of its own, '/-/{card.name}/…', by fields it has"
    for fact in card.listens_to:
        if not _is_event(fact):
            yield f"listens_to takes event classes, not {fact!r}"
    for task in card.tasks:
        try:
            assert isinstance(task, Task) and task.interval
        except (AssertionError, ValueError) as error:
            yield str(error) or f"{task!r} is not an sdk.Task"


def _leads_home(plugin: str, fact: type[Event], path: str) -> bool:
    """Whether the bell of an event leads to the plugin's own pages, with nothing but the event's fields in the address."""
    known = {each.name for each in dataclasses.fields(fact)} - {"space_id"}
    try:
        wanted = {name for _text, name, _format, _conversion in Formatter().parse(path) if name is not None}
    except ValueError:
        return False
    return path.startswith(f"/-/{plugin}/") and wanted <= known


def _setting_reasons(card: Plugin) -> Iterator[str]:
    is_schema = isinstance(card.settings, type) and issubclass(card.settings, Schema)
    if card.settings is not None and not is_schema:
        yield "settings is a marshmallow schema class"
    elif card.settings is not None and (missing := without_default(card.settings)):
        yield f"these settings have no load_default: {', '.join(missing)}"
    known = card.settings().fields if card.settings is not None and is_schema else {}
    for rule in card.rules:
        if not isinstance(getattr(rule, "name", None), str):
            yield f"{rule!r} is not a rule: it has no name"
        for key in dict(getattr(rule, "parameters", {})).values():
            if key not in known:
                yield f"the rule {rule.name!r} takes its parameter from a setting {key!r} that does not exist"


def _is_event(candidate: object) -> TypeGuard[type[Event]]:
    return isinstance(candidate, type) and issubclass(candidate, Event) and bool(candidate.name)


def hook_reasons(card: Plugin) -> Iterator[str]:
    """Misspelt hooks, unknown arguments, wrappers; and a plugin that keeps personal data but cannot forget."""
    names: set[str] = set()
    if card.hooks is not None:
        trial = pluggy.PluginManager(specs.PROJECT)
        trial.add_hookspecs(specs)
        try:
            trial.register(card.hooks, card.name)
            trial.check_pending()
        except pluggy.PluginValidationError as error:
            yield _suggest(str(error), card)
            return
        implementations = [impl for hook in trial.get_hookcallers(card.hooks) or () for impl in hook.get_hookimpls()]
        names = {hook.name for hook in trial.get_hookcallers(card.hooks) or ()}
        for impl in implementations:
            if impl.wrapper or impl.hookwrapper:
                yield f"{impl.function.__name__} is a wrapper; hooks are asked one by one and cannot wrap each other"
    if card.stores_personal_data and "erase_person" not in names:
        yield "it stores personal data and has no hook erase_person to forget a person"
    if card.listens_to and "events_recorded" not in names:
        yield "it listens to events and has no hook events_recorded"


def _suggest(message: str, card: Plugin) -> str:
    """pluggy's complaint, with the hook that was probably meant."""
    module = card.hooks
    written = [name for name in dir(module) if getattr(getattr(module, name), f"{specs.PROJECT}_impl", None)]
    for name in written:
        if name not in specs.STYLES:
            close = difflib.get_close_matches(name, specs.STYLES, 1)
            hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(specs.STYLES)}."
            return f"It answers a moment that does not exist: {name}.{hint}"
    return " ".join(message.split())


def card_of(found: object) -> Plugin:
    """The card that an entry point or a module gives; TypeError in words otherwise."""
    candidate = getattr(found, "plugin", None) if isinstance(found, ModuleType) else found
    if not isinstance(candidate, Plugin):
        raise TypeError("it has no card: its module needs plugin = sdk.Plugin(…)")
    return candidate
