"""How far tables are and how far they could be, without Alembic: every process asks when it starts, and Alembic with what
it needs takes as long to load as Flask."""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection


def current(connection: Connection, version_table: str) -> str | None:
    """The revision the tables have; None before the first."""
    if not sqlalchemy.inspect(connection).has_table(version_table):
        return None
    version = sqlalchemy.table(version_table, sqlalchemy.column("version_num", sqlalchemy.String))
    return connection.scalars(sqlalchemy.select(version.c.version_num)).one_or_none()


def newest(folder: Path) -> str | None:
    """The newest revision in *folder*: of a simple chain as its files say, of anything else as Alembic says."""
    files = [_said(file.read_text(errors="replace")) for file in (folder / "versions").glob("*.py")]
    if all(map(_simple, files)):
        made, before = {said["revision"] for said in files}, {said["down_revision"] for said in files}
        if len(made) == len(before) == len(files) and before <= {None, *made} and (heads := made - before):
            return str(heads.pop())

    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(folder)).get_current_head()


def _simple(said: dict[str, Any]) -> bool:
    return isinstance(said.get("revision"), str) and isinstance(said.get("down_revision", ...), str | None)


def _said(source: str) -> dict[str, Any]:
    """What the lines of a migration say of its place in the chain; it is not run."""
    found: dict[str, Any] = {}
    for line in source.splitlines():
        if line.startswith(("revision", "down_revision")):
            with suppress(SyntaxError, ValueError):  # Alembic will tell
                for node in ast.parse(line).body:
                    found.update(_assigned(node))
    return found


def _assigned(node: ast.stmt) -> dict[str, Any]:
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return {}
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    names, values = [part.elts if isinstance(part, ast.Tuple) else [part] for part in (target, node.value)]
    return {
        name.id: ast.literal_eval(value)
        for name, value in zip(names, values, strict=False)
        if isinstance(name, ast.Name)
    }
