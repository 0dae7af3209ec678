"""How a row is spelled in an archive, and how what stands in one becomes a row again, checked value by value."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, LargeBinary, SmallInteger, String, Text

from codesign.kernel import clock
from codesign.kernel.db import Moment

Row = dict[str, Any]
Check = Callable[[Any], Any]

_WHOLE: tuple[tuple[type, int], ...] = ((SmallInteger, 2**15), (BigInteger, 2**63), (Integer, 2**31))
_LARGEST = 1e300
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class Unfit(ValueError):
    """A row that cannot be what it says it is."""


def spelled(row: Mapping[str, Any]) -> bytes:
    """A row as one line: JSON with sorted keys, without blanks, times in RFC 3339, files in base64."""
    values = {name: _spelled(value) for name, value in row.items()}
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.rfc3339(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def reader(columns: Sequence[Column[Any]]) -> Callable[[bytes], Row]:
    """The function that reads lines of a table; it raises Unfit for what is no row of it.

    An archive of an older version may lack a column: then it holds what it holds where nobody says anything.
    """
    checks = {str(column.name): _check_of(column) for column in columns}
    usual = {str(column.name): _usual(column) for column in columns if column.nullable or column.default is not None}
    needed = checks.keys() - usual.keys()

    def read(line: bytes) -> Row:
        try:
            values = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise Unfit("this is no JSON") from None
        if not isinstance(values, dict) or needed - values.keys():
            raise Unfit("this is no row of this table: columns are missing")
        if strange := sorted(values.keys() - checks.keys()):
            raise Unfit(f"this version of Codesign knows no column {strange[0][:40]}")
        return {name: _checked(name, check, values[name]) if name in values else usual[name]
                for name, check in checks.items()}  # fmt: skip

    return read


def _usual(column: Column[Any]) -> Any:
    """What a column holds where nobody says anything."""
    if column.default is None:
        return None
    given: Any = column.default.arg  # type: ignore[attr-defined]
    return given(None) if callable(given) else given


def _checked(name: str, check: Check, value: Any) -> Any:
    try:
        return check(value)
    except Unfit as error:
        raise Unfit(f"{name}: {error}") from None


def _check_of(column: Column[Any]) -> Check:
    check = _check_of_type(column)
    if not column.nullable:
        return check
    return lambda value: None if value is None else check(value)


def _check_of_type(column: Column[Any]) -> Check:
    kind = column.type
    if isinstance(kind, Moment):
        return _moment
    if isinstance(kind, Boolean):
        return _truth
    if isinstance(kind, JSON):
        return _content
    if isinstance(kind, LargeBinary):
        return _file
    if isinstance(kind, Text):
        return lambda value: _text(value, None)
    if isinstance(kind, String):
        return lambda value: _text(value, kind.length)
    if isinstance(kind, Float):
        return _decimal
    for whole, bound in _WHOLE:
        if isinstance(kind, whole):
            return lambda value: _number(value, bound)
    raise TypeError(f"archives do not know how to keep {column}")


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        fits = moment.tzinfo is not None and _EARLIEST <= moment < _LATEST and clock.rfc3339(moment) == value
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise Unfit("no time in RFC 3339 with milliseconds")
    return moment


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unfit("neither true nor false")
    return value


def _number(value: Any, bound: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -bound <= value < bound:
        raise Unfit("no whole number that fits")
    return value


def _decimal(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _LARGEST:
        raise Unfit("no number that fits")
    return float(value)


def _file(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Unfit("no file in base64") from None


def _text(value: Any, longest: int | None) -> str:
    if not isinstance(value, str):
        raise Unfit("no text")
    if longest is not None and len(value) > longest:
        raise Unfit(f"longer than {longest} letters")
    if "\0" in value:
        raise Unfit("holds a character that cannot be kept")
    return value


def _content(value: Any) -> Any:
    if value is not None and "\\u0000" in orjson.dumps(value).decode():
        raise Unfit("holds a character that cannot be kept")
    return value
