"""The migrations make the very tables that the models describe, on both databases."""

from __future__ import annotations

import warnings

from alembic.autogenerate import compare_metadata
from flask import Flask

from codesign.kernel import db
from tests.support.new_migration import compare, tables_of_core


def test_migrations_and_models_agree(app: Flask) -> None:
    """Nothing is left that a new migration (`make migration NAME="what changed"`) would have to change."""
    assert len(tables_of_core()) > 20
    with db.current().offline.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # SQLite cannot tell how an index on an expression looks
        assert compare_metadata(compare(connection), db.Base.metadata) == []
