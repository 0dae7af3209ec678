"""Building and upgrading the tables of core (Alembic, in ``migrations/``)."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from codesign.kernel import paths
from codesign.kernel.db import Database

VERSION_TABLE = "alembic_version"


def config(database: Database) -> Config:
    """Alembic's settings for the core tables of *database*."""
    made = Config()
    made.set_main_option("script_location", str(paths.find("migrations")))
    made.attributes["engine"] = database.offline
    return made


def versions(database: Database) -> tuple[str | None, str | None]:
    """The version the tables have and the newest one there is."""
    with database.offline.connect() as connection:
        current = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    return current, ScriptDirectory.from_config(config(database)).get_current_head()


def state(database: Database) -> str:
    """``empty``, ``behind`` or ``current``."""
    current, newest = versions(database)
    if current is None:
        return "empty"
    return "current" if current == newest else "behind"


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the core tables to *revision*."""
    command.upgrade(config(database), revision)


def ensure(database: Database) -> None:
    """Build an empty database (commands work on a fresh instance); leave others as they are."""
    if state(database) == "empty":
        upgrade(database)
