"""Where in a text each part of its document stands, so that a mistake can be shown beside its line."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml

from codesign.kernel.errors import FieldError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Mistake:
    """One mistake of a text: its line (None where nobody can tell), its place in the document, what is wrong."""

    line: int | None
    place: str
    message: str


@dataclass
class _Open:
    """A list or a mapping being read; ``key`` is the key whose value comes next."""

    place: str
    is_list: bool
    count: int = 0
    key: str | None = None

    def next_place(self) -> str:
        """The place of the value that comes now."""
        name = str(self.count) if self.is_list else str(self.key)
        self.count += 1
        self.key = None
        return f"{self.place}.{name}".lstrip(".")


def lines_of(text: str) -> dict[str, int]:
    """The line (from 1) of every part of a YAML or JSON text, by its place (``groups.0.options.2.id``)."""
    found: dict[str, int] = {"": 1}
    with suppress(yaml.YAMLError):  # up to the broken line; the sentence of the refusal names that one
        _walk(text, found)
    return found


def _walk(text: str, found: dict[str, int]) -> None:
    open_parts: list[_Open] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            open_parts.pop()
            continue
        if not isinstance(event, yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent):
            continue
        parent = open_parts[-1] if open_parts else None
        if parent is not None and not parent.is_list and parent.key is None:
            parent.key = event.value if isinstance(event, yaml.ScalarEvent) else "?"
            found.setdefault(f"{parent.place}.{parent.key}".lstrip("."), _line_of(event))
            if isinstance(event, yaml.ScalarEvent):
                continue
        place = parent.next_place() if parent else ""
        found.setdefault(place, _line_of(event))
        if not isinstance(event, yaml.ScalarEvent):
            open_parts.append(_Open(place, isinstance(event, yaml.SequenceStartEvent)))


def _line_of(event: Any) -> int:
    return int(event.start_mark.line) + 1


def mistakes(errors: Iterable[FieldError], text: str) -> list[Mistake]:
    """The mistakes of a text in its order: what ``engine.read`` found, beside the lines it stands in."""
    lines = lines_of(text)
    shown = [Mistake(_line(error.field, lines), error.field, error.message) for error in errors]
    return sorted(shown, key=lambda mistake: mistake.line or 0)


def _line(place: str, lines: dict[str, int]) -> int | None:
    while place and place not in lines:
        place = place.rpartition(".")[0]
    return lines[place] if place else None
