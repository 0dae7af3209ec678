"""Writes the migration from what the tables are to what the models say: ``make migration NAME="what changed"``.

PostgreSQL answers the question what differs, because SQLite cannot tell how an index on an expression looks.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Connection

from codesign.kernel import db, paths, schema
from tests.support.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]

PAGE = '''"""{sentence}

Revision ID: {revision}
Revises: {before}
"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrades}


def downgrade() -> None:
    {downgrades}
'''


def tables_of_core() -> set[str]:
    """The tables of this package's modules; plugins have migrations of their own, and tests make tables by hand."""
    mappers = [each for each in db.Base.registry.mappers if each.class_.__module__.startswith("codesign.")]
    return {str(getattr(mapper.local_table, "name", "")) for mapper in mappers}


def compare(connection: Connection) -> MigrationContext:
    """How alembic looks at the database of *connection*: at the tables of core alone."""
    ours = tables_of_core()

    def looked_at(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or name in ours

    def written(kind: str, item: Any, _context: object) -> str | bool:
        return "sa.BigInteger()" if kind == "type" and isinstance(item, db.Moment) else False

    return MigrationContext.configure(
        connection,
        opts={"compare_type": True, "include_object": looked_at, "render_item": written, "target_metadata": db.Base.metadata,
              "sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", "user_module_prefix": None},
    )  # fmt: skip


def write(sentence: str, connection: Connection, before: str | None) -> Path | None:
    """Write the file; None when nothing differs."""
    context = compare(connection)
    script = produce_migrations(context, db.Base.metadata)
    assert script.upgrade_ops is not None and script.downgrade_ops is not None
    if script.upgrade_ops.is_empty():
        return None
    revision = f"{int(before or 0) + 1:04d}"
    up, down = [
        render_python_code(
            part, migration_context=context, render_as_batch=True, render_item=context.opts["render_item"]
        )
        for part in (script.upgrade_ops, script.downgrade_ops)
    ]
    comment = re.compile(r" *# ### .*\n")
    slug = re.sub(r"[^a-z0-9]+", "_", sentence.lower()).strip("_")[:40]
    file = paths.find("migrations") / "versions" / f"{revision}_{slug}.py"
    file.write_text(
        PAGE.format(
            sentence=sentence, revision=revision, before=before or "", down=f'"{before}"' if before else "None",
            upgrades=comment.sub("", up).strip(), downgrades=comment.sub("", down).strip(),
        )
    )  # fmt: skip
    return file


def main(sentence: str) -> None:
    """Compare and write, on a PostgreSQL of our own."""
    cluster = Cluster()
    try:
        for path in (ROOT / "codesign").glob("*/models.py"):
            importlib.import_module(f"codesign.{path.parent.name}.models")
        importlib.import_module("codesign.kernel.lease")  # the one table of the kernel
        database = db.install(Flask("migration"), cluster.url("postgres"))
        before = schema.versions(database)[1]
        if before:
            schema.upgrade(database)
        with database.offline.connect() as connection:
            file = write(sentence, connection, before)
        database.dispose()
    finally:
        cluster.remove()
    print(f"Written: {file}" if file else "The migrations make the tables of the models already.")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "Change the tables")
