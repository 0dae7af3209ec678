"""Engines: where words are looked up. Each database brings its own; all give the same answers (see the tests)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine as Database
from sqlalchemy import inspect

from codesign import sdk

from .base import Engine
from .fts5 import Fts5

_chosen: Engine | None = None


def engine() -> Engine:
    """The engine of the database at hand; inside a read block or a change."""
    if _chosen is not None:
        return _chosen
    bind = sdk.session().get_bind()
    database = bind if isinstance(bind, Database) else bind.engine
    return _engine_of(database)


@lru_cache(maxsize=8)
def _engine_of(database: Database) -> Engine:
    """PostgreSQL's, SQLite's own, or files beside a SQLite that came without full-text search."""
    # What only another database or Whoosh needs is not loaded.
    if database.dialect.name == "postgresql":
        from .postgres import Postgres

        return Postgres()
    with database.connect() as connection:
        found = inspect(connection).has_table("search_words")
    if found:
        return Fts5()
    from .whoosh_files import WhooshFiles

    return WhooshFiles(Path(str(database.url.database)).with_suffix(".search"))


def use(chosen: Engine | None) -> None:
    """Make *chosen* the engine of this process; None goes back to the database's own."""
    global _chosen
    _chosen = chosen
