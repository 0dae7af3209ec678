"""A fresh database for each test: tables are made once and copied, a file for SQLite, a template for PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import postgres
from tests.support.server import COMMAND, clean_environment

KINDS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Database:
    """One empty database with all tables. ``url`` is what CODESIGN_DATABASE_URL takes."""

    kind: str
    url: str
    cluster: postgres.Cluster | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the SQLite one."""
        return self.kind == "sqlite"


def upgrade(url: str, instance: Path) -> None:
    """Make the tables the way an operator does: ``codesign db upgrade``."""
    done = subprocess.run(
        [*COMMAND, "db", "upgrade"],
        env={**clean_environment(), "CODESIGN_DATABASE_URL": url, "CODESIGN_INSTANCE": str(instance)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise RuntimeError(f"`codesign db upgrade` failed ({url}):\n{done.stdout}{done.stderr}")


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server for this test process."""
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed; `make test` says how to install it")
    cluster = postgres.Cluster()
    try:
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    file = folder / "template.db"
    upgrade(f"sqlite:///{file}", folder)
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_cluster: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with all tables and no rows."""
    name = "codesign_template"
    upgrade(postgres_cluster.create(name), tmp_path_factory.mktemp("postgres-template"))
    return name


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Database:
    """An empty SQLite database."""
    file = tmp_path / f"codesign-{next(_numbers)}.db"
    shutil.copy(sqlite_template, file)
    return Database("sqlite", f"sqlite:///{file}")


@pytest.fixture
def postgres_database(postgres_cluster: postgres.Cluster, postgres_template: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    url = postgres_cluster.create(name, postgres_template)
    yield Database("postgresql", url, postgres_cluster)
    postgres_cluster.drop(name)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database with all tables; a test that asks for it runs once on SQLite and once on PostgreSQL."""
    chosen: Database = request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
    return chosen
