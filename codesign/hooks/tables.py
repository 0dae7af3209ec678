"""Tables of plugins: each has its own migrations and its own version table, so one can go without stopping the
others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from codesign.kernel import db, revisions


def version_table(plugin: str) -> str:
    """The table that says how far the tables of *plugin* are."""
    return f"alembic_version_{plugin}"


def state(plugin: str, folder: Path) -> tuple[str | None, str | None]:
    """The version the tables of *plugin* have, and the newest its ``migrations/versions`` know."""
    with db.current().offline.connect() as connection:
        return revisions.current(connection, version_table(plugin)), revisions.newest(folder)


def behind(folders: Mapping[str, Path]) -> dict[str, str]:
    """Which plugins have tables that are not what their ``migrations`` say, each with the reason in words."""
    reasons: dict[str, str] = {}
    if not folders:
        return reasons
    with db.current().offline.connect() as connection:
        for plugin, folder in folders.items():
            current = revisions.current(connection, version_table(plugin))
            try:
                newest = _newest(folder, _mark(folder))
            except Exception as error:
                reasons[plugin] = f"Its migrations cannot be read: {type(error).__name__}: {error}"
                continue
            if current != newest:
                reasons[plugin] = (
                    f"Its tables are at {current or 'nothing'}, it needs {newest}: run `codesign db upgrade`."
                )
    return reasons


def _mark(folder: Path) -> tuple[float, ...]:
    """What differs when a migration was added or changed."""
    return tuple(file.stat().st_mtime for file in sorted((folder / "versions").glob("*.py")))


@lru_cache(maxsize=256)
def _newest(folder: Path, _mark: tuple[float, ...]) -> str | None:
    return revisions.newest(folder)


def upgrade(plugin: str, folder: Path, revision: str = "head") -> str:
    """Bring the tables of *plugin* to *revision*; returns the version reached."""
    # Here, because few processes change tables: it takes as long to load as Flask.
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(folder))

    def steps(current: Any, _context: Any) -> Any:
        return script._upgrade_revs(revision, current)

    with EnvironmentContext(Config(), script) as environment, db.current().offline.begin() as connection:
        environment.configure(connection=connection, fn=steps, version_table=version_table(plugin))
        with environment.begin_transaction():
            environment.run_migrations()
    return state(plugin, folder)[0] or "empty"
