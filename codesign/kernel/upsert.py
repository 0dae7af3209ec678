"""Insert-or-update, spelled alike on both databases."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session


def prepared(build: Callable[[Any], Any], table: Any) -> Callable[[str], Any]:
    """The statement for a dialect, built once: ``build`` gets that dialect's INSERT into *table*."""
    return functools.cache(lambda dialect: build(_insert(dialect)(table)))


def upsert(work: Session, table: type) -> Any:
    """An INSERT that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return _insert(work.get_bind().dialect.name)(table)


@functools.cache
def _insert(dialect: str) -> Any:
    """Only the database at hand is loaded: all drivers of PostgreSQL come with it."""
    return importlib.import_module(f"sqlalchemy.dialects.{dialect}").insert
