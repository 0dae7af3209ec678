"""Many rows in one statement, as each database takes them fastest; the statement is the same however many there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Table, any_, bindparam, func, select
from sqlalchemy.sql.elements import ColumnElement

from codesign import sdk


def among(column: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether *column* is one of *values*. A list of parameters is compiled anew for each length, this is not."""
    if on_postgresql():
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type), unique=True))
    found = func.json_each(json.dumps(list(values))).table_valued("value")
    return column.in_(select(found.c.value))


def put(table: Table, columns: tuple[str, ...], rows: Sequence[Sequence[Any]], otherwise: str = "") -> None:
    """Insert *rows* of *columns*, as the driver takes their values; *otherwise* says what to do about those that are there."""
    if not rows:
        return
    connection = sdk.session().connection()
    if on_postgresql():
        statement = _unnested(table, columns, otherwise, connection.dialect)
        connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True))))
    else:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"{_into(table, columns)} VALUES ({marks}) {otherwise}", list(map(tuple, rows)))


def on_postgresql() -> bool:
    """Whether that is the database at hand; inside a read block or a change."""
    return sdk.session().get_bind().dialect.name == "postgresql"


@lru_cache(maxsize=16)
def _unnested(table: Table, columns: tuple[str, ...], otherwise: str, dialect: Any) -> str:
    """Each column comes as one array: a row of its own parameters for each would be parsed and planned one by one."""
    arrays = ", ".join(f"%s::{table.c[name].type.compile(dialect)}[]" for name in columns)
    return f"{_into(table, columns)} SELECT * FROM unnest({arrays}) {otherwise}"  # noqa: S608 - names of ours alone


def _into(table: Table, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table.name} ({', '.join(columns)})"
