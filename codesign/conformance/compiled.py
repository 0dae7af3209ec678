"""What stays compiled from one test's app to the next.

Compiling templates anew was a third of the time of tests of pages; drawing the map of addresses, half of making an app.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Map, Rule, RuleFactory

from codesign.hooks.card import Plugin
from codesign.hooks.checks import reasons
from codesign.kernel.db import Database


class Compiled(BytecodeCache):
    """Templates compiled once for all the apps that the tests make."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


#: One cache for the whole process; it asks whether a template is still the same.
TEMPLATES = Compiled()


class KnownMap(Map):
    """A map of addresses that is drawn when first asked, and once for all the apps of the tests that have the same rules."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._noted: list[Rule] = []

    def add(self, rulefactory: RuleFactory) -> None:
        """Note the rules; nobody has asked for them yet."""
        self._noted.extend(rulefactory.get_rules(self))
        self._remap = True

    def update(self) -> None:
        """Be the map of these rules."""
        if self._remap:
            known = _MAPS.setdefault(tuple(repr(vars(rule)) for rule in self._noted), [])
            if not known:
                known.append(_drawn(self._noted))
            self._matcher, self._rules_by_endpoint = known[0]._matcher, known[0]._rules_by_endpoint
            self._remap = False


def _drawn(rules: Iterable[Rule]) -> Map:
    """A map of copies of these rules, with Flask's marks: those an app has noted stay unbound, should another one join."""
    whole = Map()
    for rule in rules:
        bound = rule.empty()
        bound.defaults = rule.defaults  # a copy makes no difference between none and nothing
        vars(bound).update({name: value for name, value in vars(rule).items() if name not in vars(bound)})
        whole.add(bound)
    whole.update()
    return whole


_MAPS: dict[tuple[str, ...], list[Map]] = {}


def reasons_once(card: Plugin, found_as: str) -> list[str]:
    """What keeps a plugin out, found out once: a card stays as it is while a process lives."""
    known = _REASONS.setdefault((id(card), found_as), (card, []))
    if not known[1]:
        known[1].append(list(reasons(card, found_as)))
    return known[1][0]


_REASONS: dict[tuple[int, str], tuple[Plugin, list[list[str]]]] = {}


def compile_statements_once(database: Database) -> None:
    """SQLAlchemy compiles each statement anew for each engine; engines of one kind and use may share what is compiled."""
    for use in ("reader", "writer", "offline"):
        engine: Engine = getattr(database, use)
        known = _ENGINES.setdefault((engine.dialect.name, use), engine)
        if known is not engine and known.dialect.server_version_info is None:
            _ENGINES[engine.dialect.name, use] = engine  # it never spoke to a server, so its dialect knows nothing yet
        elif known is not engine:
            engine.dialect = known.dialect
            engine.pool._dialect = known.dialect
            engine._compiled_cache = known._compiled_cache


_ENGINES: dict[tuple[str, str], Engine] = {}
