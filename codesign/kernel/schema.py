"""Building and upgrading the tables of core (Alembic, in ``migrations/``)."""

from __future__ import annotations

from codesign.kernel import paths, revisions
from codesign.kernel.db import Database

VERSION_TABLE = "alembic_version"


def versions(database: Database) -> tuple[str | None, str | None]:
    """The version the tables have and the newest one there is."""
    with database.offline.connect() as connection:
        current = revisions.current(connection, VERSION_TABLE)
    return current, revisions.newest(paths.find("migrations"))


def state(database: Database) -> str:
    """``empty``, ``behind`` or ``current``."""
    current, newest = versions(database)
    if current is None:
        return "empty"
    return "current" if current == newest else "behind"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the core tables to *revision*."""
    # Here, because few processes change tables: it takes as long to load as Flask.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(paths.find("migrations")))
    config.attributes["engine"] = database.offline
    command.upgrade(config, revision)


def ensure(database: Database) -> None:
    """Build an empty database (commands work on a fresh instance); leave others as they are."""
    if state(database) == "empty":
        upgrade(database)
