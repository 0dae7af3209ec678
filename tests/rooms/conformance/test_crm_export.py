"""The CRM export under the conformance kit, on PostgreSQL; on SQLite its own tests run it."""

from __future__ import annotations

import pytest

from codesign.testing import Database, check_plugin
from tests.contracts.source import ROOT


@pytest.mark.full
def test_it_conforms_on_postgresql(postgres_database: Database) -> None:
    assert check_plugin(ROOT / "plugins/crm_export", postgres_database) == []
