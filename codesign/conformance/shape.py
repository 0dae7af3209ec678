"""What a plugin is: how it is loaded, what things are called, its settings, its tables."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from marshmallow import ValidationError
from sqlalchemy import Connection, inspect

from codesign.conformance.bench import Bench, quietly
from codesign.conformance.candidate import Candidate
from codesign.conformance.finding import Broken, Nothing
from codesign.hooks import service, tables
from codesign.hooks import settings as shape
from codesign.hooks.slots import SLOTS
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Invalid

_SETTING = re.compile(r"[a-z][a-z0-9_]*\Z")
_OURS = {"codesign.sdk", "codesign.testing"}


def loads(candidate: Candidate, url: str) -> tuple[Bench, str]:
    """Let an app find the plugin and no other; Broken when it is refused or leans on what it may not."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", DeprecationWarning)
        bench = Bench(candidate, url)
        folder = bench.loaded.folder
    if folder is not None and (strangers := list(_strangers(folder, bench.name))):
        raise Broken("; ".join(strangers))
    said = sorted({str(each.message) for each in warned if "hook API" in str(each.message)})
    brings = ", ".join(bench.host.hooks_of(bench.name)) or "no hooks"
    return bench, f"version {bench.card.version} with {brings}" + "".join(f"; warns: {each}" for each in said)


def _strangers(folder: Path, name: str) -> Iterator[str]:
    """Imports of core beside the SDK, and of other plugins."""
    for file in sorted(folder.rglob("*.py")):
        place = file.relative_to(folder).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for module in _imported(node):
                top, _dot, rest = module.partition(".")
                if top == "codesign" and module not in _OURS:
                    yield f"{place} imports {module}; a plugin sees codesign.sdk alone"
                if top == "codesign_plugins" and rest.partition(".")[0] not in {"", name}:
                    yield f"{place} imports {module}, another plugin"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        inside = {f"{node.module}.{alias.name}" for alias in node.names}
        return sorted(inside) if node.module == "codesign" and inside <= _OURS else [node.module]
    return []


def names(bench: Bench) -> str:
    """Everything it brings carries its name, so that two plugins never meet."""
    wrong = [*_wrong_tables(bench), *_wrong_settings(bench), *_wrong_templates(bench)]
    if wrong:
        raise Broken("; ".join(wrong))
    return f"everything is called {bench.name}"


def _wrong_tables(bench: Bench) -> Iterator[str]:
    made = bench.table_names() - bench.before
    for table in sorted(made | {table.name for table in bench.own_tables()}):
        if not table.startswith(f"{bench.name}_"):
            yield f"the table {table} does not begin with {bench.name}_"
    own = {table.name for table in bench.own_tables()}
    for declared in bench.own_tables():
        for key in declared.foreign_keys:
            if key.target_fullname.partition(".")[0] not in own:
                yield f"{declared.name} points into core ({key.target_fullname}); keep the id without a foreign key"


def _wrong_settings(bench: Bench) -> Iterator[str]:
    for line in shape.form(bench.card.settings, {}, {}):
        if not _SETTING.match(line.name):
            yield f"the setting {line.name!r} is not called like_this"
        if line.label == line.name:
            yield f"the setting {line.name} has no label for people"


def _wrong_templates(bench: Bench) -> Iterator[str]:
    templates, slots = bench.loaded.part("templates"), bench.loaded.part("slots")
    for file in sorted(templates.rglob("*.html")) if templates else ():
        if file.relative_to(templates or file).parts[0] != bench.name:
            yield f"the template {file.name} does not lie in templates/{bench.name}/"
    for file in sorted(slots.glob("*.html")) if slots else ():
        if file.stem not in SLOTS:
            yield f"there is no slot called {file.stem}"


def settings(bench: Bench) -> str:
    """The form can be saved as it is drawn, comes back the same, and refuses what it does not know."""
    schema = bench.card.settings
    if schema is None:
        raise Nothing("it has no settings")
    lines = shape.form(schema, {}, {})
    values = {line.name: line.value for line in lines if line.value is not None}
    before = dict(bench.host.settings(bench.name, bench.where))
    try:
        service.save_settings(SYSTEM, bench.host, bench.where, bench.name, values)
    except Invalid as refusal:
        told = ", ".join(f"{error.field}: {error.message}" for error in refusal.errors)
        raise Broken(f"its own defaults are refused ({told})") from None
    if (after := dict(bench.host.settings(bench.name, bench.where))) != before:
        changed = sorted(name for name in before if before[name] != after.get(name))
        raise Broken(f"saved and read back, these are others: {', '.join(changed)}")
    service.save_settings(SYSTEM, bench.host, bench.where, bench.name, dict.fromkeys(values))
    try:
        schema().load({"no_such_setting": 1})
    except ValidationError:
        return f"{len(lines)} settings: defaults hold, saved ones come back, unknown ones are refused"
    raise Broken("a setting it does not know is taken in silence; leave the schema's unknown as it is")


def migrations(bench: Bench) -> str:
    """Up, down and up again; what they make is what the models say, and going down leaves nothing."""
    folder, declared = bench.loaded.part("migrations"), bench.own_tables()
    if folder is None:
        if declared:
            raise Broken(f"it has tables ({', '.join(t.name for t in declared)}) and no migrations/versions/")
        raise Nothing("it has no tables")
    for step, move in (("up", _up), ("down", _down), ("up again", _up)):
        if error := quietly(lambda move=move: move(bench, folder)):  # type: ignore[misc]
            raise Broken(f"going {step} failed: {error}")
        if step == "down" and (left := sorted(bench.table_names() - bench.before)):
            raise Broken(f"going down leaves {', '.join(left)}")
    if differing := list(_differing(bench)):
        raise Broken("; ".join(differing))
    return f"up, down and up again; version {tables.state(bench.name, folder)[1]}"


def _up(bench: Bench, folder: Path) -> None:
    tables.upgrade(bench.name, folder)


def _down(bench: Bench, folder: Path) -> None:
    script = ScriptDirectory(str(folder))

    def steps(current: Any, _context: Any) -> Any:
        return script._downgrade_revs("base", current)

    table = tables.version_table(bench.name)
    with EnvironmentContext(Config(), script) as environment, db.current().offline.begin() as connection:
        environment.configure(connection=connection, fn=steps, version_table=table)
        with environment.begin_transaction():
            environment.run_migrations()


def _differing(bench: Bench) -> Iterator[str]:
    """What the models say and the migrations do not make, or the other way round."""
    with bench.database.offline.connect() as connection:
        looker = inspect(connection)
        there = set(looker.get_table_names())
        for table in bench.own_tables():
            if table.name not in there:
                yield f"the migrations do not make {table.name}"
                continue
            made = {column["name"] for column in looker.get_columns(table.name)}
            said = {column.name for column in table.columns}
            if made != said:
                yield f"{table.name} has {', '.join(sorted(made ^ said))} on one side only"
        yield from _other_types(bench, connection)


def _other_types(bench: Bench, connection: Connection) -> Iterator[str]:
    """Columns that the migrations make of another type than the models say; SQLite would take what PostgreSQL refuses."""
    own = {table.name for table in bench.own_tables()}

    def mine(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or name in own

    context = MigrationContext.configure(connection, opts={"include_object": mine, "compare_type": True})
    for found in compare_metadata(context, db.Base.metadata):
        for difference in found if isinstance(found, list) else [found]:
            if difference[0] == "modify_type":
                _what, _schema, table, column, _more, made, said = difference
                yield f"{table}.{column} is made as {made!r}, the model says {said!r}"
