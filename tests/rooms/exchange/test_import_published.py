"""The published Polis conversations, through the real import: every tally of every statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from codesign.exchange.importing import import_polis
from codesign.ideas.models import Idea
from codesign.kernel import db
from codesign.spaces.queries import find_space
from codesign.testing import Database
from tests.support.books import check_books, tallies_by_name
from tests.support.polis import published_conversation, published_marked


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """SQLite alone: what PostgreSQL makes of an import is seen with small conversations."""
    return sqlite_database


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", published_marked())
def test_a_published_conversation_comes_in_exactly(name: str, data: Path) -> None:
    truth = published_conversation(data / name)
    export = import_polis(truth.folder, name)
    assert export.counts.votes == truth.votes
    assert (export.counts.rows_skipped, export.counts.rows_repaired) == (0, 0)
    assert tallies_by_name(name) == truth.tallies
    assert check_books(name) == sum(truth.total)
    space = find_space(name)
    assert space is not None
    with db.read() as work:
        hidden = work.scalars(select(Idea.external_id).where(Idea.space_id == space.id, Idea.state == "hidden"))
        assert set(hidden) == truth.rejected
