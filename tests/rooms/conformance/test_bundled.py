"""The plugins that come along, under the conformance kit, on SQLite and on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from codesign.testing import Database, check_plugin
from tests.contracts.source import ROOT

PLUGINS = sorted(card.parent for card in (ROOT / "plugins").glob("*/__init__.py"))
#: The kit runs for many seconds, so one of them is looked at each time and all of them with ``make test-full``.
EACH_TIME = "scoring"


def every_plugin(each_time: str = "") -> pytest.MarkDecorator:
    """Run a test for each plugin that comes along, with ``make test-full`` unless it is *each_time*."""
    marks = {folder: [] if folder.name == each_time else [pytest.mark.full] for folder in PLUGINS}
    return pytest.mark.parametrize("folder", [pytest.param(f, id=f.name, marks=marks[f]) for f in PLUGINS])


def test_there_are_plugins() -> None:
    assert {folder.name for folder in PLUGINS} >= {"crm_export", "moderation_rules", "scoring", "search"}


@every_plugin(EACH_TIME)
def test_it_conforms(folder: Path) -> None:
    assert check_plugin(folder) == []


@every_plugin()
def test_it_conforms_on_postgresql(folder: Path, postgres_database: Database) -> None:
    assert check_plugin(folder, postgres_database) == []
