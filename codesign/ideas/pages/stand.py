"""How an idea stands: its tally in parts, and how the week went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from codesign.ideas.facts import IdeaFact, Tally
from codesign.ideas.pages.trend import Trend, read_trend
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
    """``week`` counts the votes cast in the last seven days, ``imported`` those that came without voters.

    ``trend`` is None while there is too little to draw.
    """

    total: int = 0
    week: int = 0
    imported: int = 0
    parts: tuple[Part, ...] = ()
    veil: str | None = None
    trend: Trend | None = None


def read_stand(idea: IdeaFact, ballot: BallotView, closed_at: datetime | None = None) -> Stand:
    """How *idea* stands for this viewer, in a ballot that closed perhaps. Needs a read block around it."""
    tally = idea.tally
    if tally is None:
        return Stand(veil=ballot.veil)
    up, down = tally.up + tally.imported_up, tally.down + tally.imported_down
    updown = ballot.kind == "updown"
    moment = clock.now()
    numbers = ports.numbers_of([idea.id], moment).get(idea.id)
    total = up + down + tally.passed if updown else up
    imported = tally.imported_up + (tally.imported_down if updown else 0)
    return Stand(
        total=total,
        week=numbers.votes_7d if numbers else 0,
        imported=imported,
        parts=_parts(tally, up, down) if updown else (),
        veil=ballot.team_note,
        trend=read_trend(idea.id, idea.published_at or idea.created_at, moment, closed_at, total, imported),
    )


def _parts(tally: Tally, up: int, down: int) -> tuple[Part, ...]:
    whole = max(1, up + down + tally.passed)
    rows = (
        (_("for it"), "up", up, ""),
        (_("against it"), "down", down, "two"),
        (_("seen it, passed"), "pass", tally.passed, "three"),
    )
    return tuple(Part(title, name, count, round(100 * count / whole), tone) for title, name, count, tone in rows)
