"""The databases of our own tests: PostgreSQL beside SQLite, made once and copied for each test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from codesign.testing import Database, build_tables
from tests.support import postgres

KINDS = ("sqlite", "postgresql")
#: On both each time: what stands below everything, and of each room the tests of what it writes.
ON_BOTH = tuple(
    f"tests/rooms/{place}"
    for place in (
        "events/", "kernel/", "live/", "merging/", "voting/", "accounts/test_accounts", "comments/test_comments",
        "configurations/test_composing", "configurations/test_together", "hooks/test_delivery", "ideas/test_writing",
        "insights/test_working", "moderation/test_queue", "notifications/test_news", "privacy/", "products/test_products",
        "roadmap/test_columns", "roadmap/test_releases", "spaces/test_deletion", "spaces/test_phases", "triage/test_desk",
    )
)  # fmt: skip
_numbers = itertools.count(1)


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
def postgres_template(postgres_cluster: postgres.Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with all tables and no rows."""
    name = "codesign_template"
    folder = tmp_path_factory.mktemp("postgres-template")
    build_tables(Database("postgresql", postgres_cluster.create(name)), folder)
    return name


@pytest.fixture
def postgres_database(postgres_cluster: postgres.Cluster, postgres_template: str) -> Iterator[Database]:
    """An empty PostgreSQL database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    url = postgres_cluster.create(name, postgres_template)
    yield Database("postgresql", url)
    postgres_cluster.drop(name)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database with all tables; a test that asks for it runs once on SQLite and once on PostgreSQL."""
    chosen: Database = request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
    return chosen


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything runs on PostgreSQL in test-full; each time what writes rows, here or where a test says ``on_both``."""
    for item in items:
        each_time = item.nodeid.startswith(ON_BOTH) and not item.get_closest_marker("doors")
        if "[postgresql" in item.nodeid and not each_time and not item.get_closest_marker("on_both"):
            item.add_marker(pytest.mark.full)
