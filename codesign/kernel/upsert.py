"""Insert-or-update, spelled alike on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session


def prepared(build: Callable[[Any], Any], table: Any) -> dict[str, Any]:
    """One statement for each database, by dialect, built once: ``build`` gets that dialect's INSERT into *table*."""
    return {"sqlite": build(sqlite_insert(table)), "postgresql": build(postgresql_insert(table))}


def upsert(work: Session, table: type) -> Any:
    """An INSERT that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    make = sqlite_insert if work.get_bind().dialect.name == "sqlite" else postgresql_insert
    return make(table)
