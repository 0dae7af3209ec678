"""What others may know of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

NUMBER, CHOICE, TEXT, DATE, SWITCH = "number", "choice", "text", "date", "switch"
KINDS = (NUMBER, CHOICE, TEXT, DATE, SWITCH)


@dataclass(frozen=True)
class MarkFact:
    """Who looks after an idea, and since when the team has read it."""

    owner_id: str | None = None
    read_at: datetime | None = None


@dataclass(frozen=True)
class FieldFact:
    """A field of a space."""

    key: str
    kind: str
    title: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    position: int = 0
    retired: bool = False


@dataclass(frozen=True)
class ViewFact:
    """A saved view; ``team``: everybody of the team sees it; ``mine``: the viewer made it."""

    id: str
    name: str
    team: bool
    mine: bool
    query: dict[str, str]


@dataclass(frozen=True)
class DeedFact:
    """One change at the desk."""

    id: str
    verb: str
    wish: Any
    count: int
    actor_id: str | None
    at: datetime
    undone_at: datetime | None = None
    reached: int = 0
    total: int = 0


@dataclass(frozen=True)
class Left:
    """An idea a deed left alone, and why."""

    idea_id: str
    reason: str
    stale: bool = False


@dataclass(frozen=True)
class Done:
    """What came of a deed; ``deed`` is None where nothing differed."""

    deed: DeedFact | None
    changed: int
    left: tuple[Left, ...] = ()
