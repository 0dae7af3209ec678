"""The plugins that come along, under the conformance kit: on SQLite always, on PostgreSQL with ``make test-full``."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.testing import Database, check_plugin
from tests.contracts.source import ROOT

PLUGINS = sorted(card.parent for card in (ROOT / "plugins").glob("*/__init__.py"))
every_plugin = pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)


def test_there_are_plugins() -> None:
    assert {folder.name for folder in PLUGINS} >= {"crm_export", "moderation_rules", "scoring", "search"}


@every_plugin
def test_it_conforms(folder: Path) -> None:
    assert check_plugin(folder) == []


@pytest.mark.full
@every_plugin
def test_it_conforms_on_postgresql(folder: Path, postgres_database: Database) -> None:
    assert check_plugin(folder, postgres_database) == []
