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
class Bell:
    """That an event rings the bell of people, whatever room or plugin it is of; ``letter``: and is written to them.

    ``to``: the ``team`` of the space, or those who ``own`` it. ``says`` is a sentence without names, ``path`` where it leads
    below the space's own address, with fields of the payload: ``/-/acme/lines/{line_id}``.
    """

    to: str
    says: str
    path: str = ""
    letter: bool = False


@dataclass(frozen=True)
class Event:
    """Base of every fact. ``space_id`` says in whose log it stands; all other fields are its payload.

    Payloads hold ids and numbers, never names or texts: forgetting a person never touches the chain.
    """

    name: ClassVar[str] = ""
    audience: ClassVar[str] = NONE
    version: ClassVar[int] = 1
    bell: ClassVar[Bell | None] = None

    space_id: str

    def payload(self) -> dict[str, Any]:
        """The fields as JSON values, without the space."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "space_id"}


E = TypeVar("E", bound=type[Event])

catalogue: dict[str, type[Event]] = {}


def ringing() -> tuple[str, ...]:
    """The names of all events that ring a bell."""
    return tuple(name for name, kind in catalogue.items() if kind.bell)


@dataclass_transform(frozen_default=True)
def event(name: str, audience: str = NONE, version: int = 1, bell: Bell | None = None) -> Callable[[E], E]:
    """Enter a class in the catalogue as *name* (``<thing>.<past>``), seen by *audience*; *bell* tells it to people."""

    def enter(cls: E) -> E:
        known = catalogue.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"two events are called {name}: {known.__module__} and {cls.__module__}")
        fact = cast(E, dataclass(frozen=True)(cls))
        fact.name, fact.audience, fact.version, fact.bell = name, audience, version, bell
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
    def bell(self) -> Bell | None:
        """How it is told to people; None for most, and where its plugin is gone."""
        kind = catalogue.get(self.name)
        return kind.bell if kind else None

    @property
    def audience(self) -> str:
        """Who may see it; an event whose plugin is gone is seen by nobody."""
        kind = catalogue.get(self.name)
        return kind.audience if kind else NONE
