"""How an idea stands: its tally in parts, and how the week went."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.ideas.facts import IdeaFact, Tally
from codesign.ideas.ports import ports
from codesign.kernel import clock
from codesign.kernel.text import _
from codesign.voting.views import BallotView


@dataclass(frozen=True)
class Part:
    """One bar."""

    title: str
    name: str
    count: int
    percent: int
    tone: str


@dataclass(frozen=True)
class Stand:
    """``week`` counts the votes cast in the last seven days, ``imported`` those that came without voters."""

    total: int = 0
    week: int = 0
    imported: int = 0
    parts: tuple[Part, ...] = ()
    veil: str | None = None


def read_stand(idea: IdeaFact, ballot: BallotView) -> Stand:
    """How *idea* stands for this viewer. Needs a read block around it."""
    tally = idea.tally
    if tally is None:
        return Stand(veil=ballot.veil)
    up, down = tally.up + tally.imported_up, tally.down + tally.imported_down
    updown = ballot.kind == "updown"
    numbers = ports.numbers_of([idea.id], clock.now()).get(idea.id)
    return Stand(
        total=up + down + tally.passed if updown else up,
        week=numbers.votes_7d if numbers else 0,
        imported=tally.imported_up + (tally.imported_down if updown else 0),
        parts=_parts(tally, up, down) if updown else (),
        veil=ballot.team_note,
    )


def _parts(tally: Tally, up: int, down: int) -> tuple[Part, ...]:
    whole = max(1, up + down + tally.passed)
    rows = (
        (_("for it"), "up", up, ""),
        (_("against it"), "down", down, "two"),
        (_("seen it, passed"), "pass", tally.passed, "three"),
    )
    return tuple(Part(title, name, count, round(100 * count / whole), tone) for title, name, count, tone in rows)
