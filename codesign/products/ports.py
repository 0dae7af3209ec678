"""What products ask of rooms above them. Those say it at boot; no import goes upwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Saved:
    """A saved configuration as far as the publish gate needs it: what was decided, and in which version."""

    id: str
    version_id: str
    decisions: Mapping[str, bool]


def _none_saved(product_id: str, most: int) -> list[Saved]:
    return []


def _no_ideas(space_id: str, idea_ids: Iterable[str]) -> Mapping[str, str]:
    return {}


@dataclass
class Ports:
    """``saved(product_id, most)`` lists the configurations of a product that a new version could break, newest first.

    ``ideas(space_id, ids)`` says for which published idea of the space each id stands now; merged ones moved on.
    """

    saved: Callable[[str, int], list[Saved]] = _none_saved
    ideas: Callable[[str, Iterable[str]], Mapping[str, str]] = _no_ideas


ports = Ports()
