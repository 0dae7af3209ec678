"""Lists in pages: a page, and the cursor that names the place after its last row."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from codesign.kernel.errors import Invalid
from codesign.kernel.text import _

T = TypeVar("T")

MOST_LENGTH = 1000
_LATEST = 4_000_000_000_000  # milliseconds, the year 2096


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, the cursor of the next page (None: this is the last), the log number they were read at.

    ``sort`` is the order they really have; a veil may have changed the one asked for.
    """

    items: tuple[T, ...]
    next: str | None
    seq: int = 0
    sort: str = ""


def make_cursor(name: str, key: Sequence[Any]) -> str:
    """The cursor after the row with *key*, in the order *name*."""
    return base64.urlsafe_b64encode(json.dumps([name, *key], separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(cursor: str, name: str, *kinds: type) -> list[Any]:
    """The key in *cursor*, checked against the order *name* and the *kinds* of its parts; raises Invalid."""
    content = _content(cursor)
    fits = len(content) == len(kinds) + 1 and content[0] == name
    if not fits or not all(_is(value, kind) for value, kind in zip(content[1:], kinds, strict=True)):
        raise Invalid.field("cursor", _("This cursor does not belong to this list. Begin again without one."), "cursor")
    return content[1:]


def _content(cursor: str) -> list[Any]:
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        content = json.loads(raw) if len(cursor) <= MOST_LENGTH else None
    except (ValueError, binascii.Error, RecursionError):
        content = None
    return content if isinstance(content, list) else []


def _is(value: Any, kind: type) -> bool:
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return isinstance(value, str) and value.isprintable()


def milliseconds(moment: datetime) -> int:
    """A moment as it stands in a cursor."""
    return round(moment.timestamp() * 1000)


def moment_of(milliseconds: int) -> datetime:
    """The moment that stands in a cursor; what no clock ever said becomes one that databases can compare."""
    return datetime.fromtimestamp(min(abs(milliseconds), _LATEST) / 1000, UTC)
