"""From facts to frames: what happened in a space, as each audience may see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from codesign.events.base import Recorded
from codesign.kernel.actor import Actor


@dataclass(frozen=True)
class Sources:
    """What the rooms tell the live server (``codesign.app`` fills it in)."""

    identify: Callable[[dict[str, Any] | None], tuple[Actor, str | None, datetime | None]]  # by a sign-in, until when
    look: Callable[[Actor, str], Any]
    audience_of: Callable[[Any], str]
    audiences: Callable[[str, Iterable[Actor]], dict[Actor, str]]  # of those who may see the space
    tallies: Callable[[str, Iterable[str]], dict[str, dict[str, int]]]  # by audience
    sees_idea: Callable[[Any, str], bool]
    voters: Callable[[str], int]
    public_event: Callable[[Recorded, str], dict[str, Any] | None]
    wrote_in: Callable[[str, str], bool]


@dataclass(frozen=True)
class Step:
    """What happened in a space between two numbers."""

    space_id: str
    after: int
    seq: int
    facts: list[Recorded]

    @property
    def idea_ids(self) -> set[str]:
        """Every idea a fact names: its tally may have moved."""
        return {
            fact.payload[key] for fact in self.facts for key in ("idea_id", "into", "from_id") if fact.payload.get(key)
        }

    def people_of(self, names: Iterable[str]) -> set[str]:
        """The people that facts of these names speak of."""
        wanted = set(names)
        return {
            fact.payload["person_id"] for fact in self.facts if fact.name in wanted and fact.payload.get("person_id")
        }

    def has(self, *names: str) -> bool:
        return any(fact.name in names for fact in self.facts)


def frame(step: Step, audience: str, sources: Sources) -> dict[str, Any]:
    """One frame for one audience. Tallies are absolute: applying a frame twice is harmless."""
    events = [event for fact in step.facts if (event := sources.public_event(fact, audience)) is not None]
    content: dict[str, Any] = {
        "space": step.space_id,
        "after": step.after,
        "seq": step.seq,
        "tallies": sources.tallies(audience, step.idea_ids),
        "events": events,
    }
    if audience == "veiled":
        content["voters"] = sources.voters(step.space_id)
    return content
