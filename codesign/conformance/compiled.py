"""What stays compiled from one test's app to the next.

Compiling templates anew was a third of the time of tests of pages; reading the rules of addresses, a third of making an app.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine

from codesign.kernel.db import Database
from codesign.web.rules import LazyRule


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


class KnownRule(LazyRule):
    """A rule of addresses that is read once for all the apps that the tests make."""

    def _parse_rule(self, rule: str) -> Iterable[Any]:
        if rule not in _READ:
            before = len(self._trace)
            parts = tuple(super()._parse_rule(rule))
            _READ[rule] = parts, tuple(self._trace[before:]), dict(self._converters)
        else:
            self._trace.extend(_READ[rule][1])
            self._converters.update(_READ[rule][2])
            self.arguments.update(_READ[rule][2])
        return _READ[rule][0]


_READ: dict[str, tuple[tuple[Any, ...], tuple[tuple[bool, str], ...], dict[str, Any]]] = {}


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
