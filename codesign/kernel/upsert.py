"""Insert-or-update, spelled alike on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session


def upsert(work: Session, table: type) -> Any:
    """An INSERT that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    make = sqlite_insert if work.get_bind().dialect.name == "sqlite" else postgresql_insert
    return make(table)
