"""What products ask of rooms above them. Those say it at boot; no import goes upwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Saved:
    """A saved configuration as far as the publish gate needs it: what was decided, and in which version."""

    id: str
    version_id: str
    decisions: Mapping[str, bool]


def _none_saved(product_id: str, most: int) -> list[Saved]:
    return []


@dataclass
class Ports:
    """``saved(product_id, most)`` lists the configurations of a product that a new version could break, newest first."""

    saved: Callable[[str, int], list[Saved]] = _none_saved


ports = Ports()
