"""What an event is, and the catalogue of all there are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar, cast, dataclass_transform

SERVER = "server"
EVERYONE, OPEN, TEAM, NONE = "everyone", "open", "team", "none"
"""Who may be shown an event: all who may see the space; of those, who may see tallies now; the team; nobody."""


@dataclass(frozen=True)
class Event:
    """Base of every fact. ``space_id`` says in whose log it stands; all other fields are its payload.

    Payloads hold ids and numbers, never names or texts: forgetting a person never touches the chain.
    """

    name: ClassVar[str] = ""
    audience: ClassVar[str] = NONE
    version: ClassVar[int] = 1

    space_id: str

    def payload(self) -> dict[str, Any]:
        """The fields as JSON values, without the space."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "space_id"}


E = TypeVar("E", bound=type[Event])

catalogue: dict[str, type[Event]] = {}


@dataclass_transform(frozen_default=True)
def event(name: str, audience: str = NONE, version: int = 1) -> Callable[[E], E]:
    """Enter a class in the catalogue as *name* (``<thing>.<past>``), seen by *audience*."""

    def enter(cls: E) -> E:
        known = catalogue.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"two events are called {name}: {known.__module__} and {cls.__module__}")
        fact = cast(E, dataclass(frozen=True)(cls))
        fact.name, fact.audience, fact.version = name, audience, version
        catalogue[name] = fact
        return fact

    return enter


@dataclass(frozen=True)
class Recorded:
    """One row of the log, as readers get it."""

    space_id: str
    seq: int
    name: str
    version: int
    payload: dict[str, Any]
    actor_id: str | None
    caused_by: int | None
    depth: int
    occurred_at: datetime
    hash: str

    @property
    def audience(self) -> str:
        """Who may see it; an event whose plugin is gone is seen by nobody."""
        kind = catalogue.get(self.name)
        return kind.audience if kind else NONE
