"""Engines: where words are looked up. Each database brings its own; all give the same answers (see the tests)."""

from __future__ import annotations

from codesign import sdk

from .base import Engine
from .fts5 import Fts5
from .postgres import Postgres

_by_dialect: dict[str, Engine] = {"sqlite": Fts5(), "postgresql": Postgres()}
_chosen: Engine | None = None


def engine() -> Engine:
    """The engine of the database at hand; inside a read block or a change."""
    return _chosen or _by_dialect[sdk.session().get_bind().dialect.name]


def use(chosen: Engine | None) -> None:
    """Make *chosen* the engine of this process; None goes back to the database's own."""
    global _chosen
    _chosen = chosen
