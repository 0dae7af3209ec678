"""What others may know of a vote."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.hooks.rules import BALLOTS
from codesign.ideas.facts import Tally


@dataclass(frozen=True)
class Receipt:
    """What the voter gets: their vote as it stands now (None: none), whether this changed it, the tally if they may see it."""

    idea_id: str
    value: int | None
    changed: bool
    tally: Tally | None
    seq: int


@dataclass(frozen=True)
class Ask:
    """One vote that wants in: ``value`` None takes the vote back; ``at`` tells when it was cast elsewhere."""

    idea_id: str
    person_id: str
    value: int | None
    by: str | None = None
    at: str | None = None


@dataclass
class Outcome:
    """What became of an Ask. ``seq`` is known when its transaction ends."""

    ask: Ask
    value: int | None
    changed: bool
    tally: Tally
    seq: int


#: The answers each kind of ballot takes. 0 is "seen it" (pass).
VALUES = {ballot.name: ballot.values for ballot in BALLOTS}
EVERY_VALUE = tuple(sorted({value for values in VALUES.values() for value in values}))
