"""Whether a text holds another one, letter by letter: no pattern language to escape from, and faster than LIKE."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class place_of(FunctionElement[int]):
    """``place_of(column, word)``: where *word* begins in the text, counted from 1; 0 where it is not there."""

    name = "place_of"
    type = Integer()
    inherit_cache = True


@compiles(place_of)
def _as_strpos(element: place_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(place_of, "sqlite")
def _as_instr(element: place_of, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"
