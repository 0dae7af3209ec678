"""The few numbers at the head of a board. Where counts are hidden, only how many people have voted at all."""

from __future__ import annotations

from codesign.ideas.counts import count_shipped
from codesign.kernel import clock
from codesign.kernel.believed import Believed
from codesign.kernel.text import _
from codesign.spaces.facts import SpaceFact
from codesign.voting.queries import count_votes_since
from codesign.voting.views import BallotView

Pulse = list[tuple[int, str]]

_votes_today: Believed[int] = Believed(15)
_shipped: Believed[int] = Believed(60)


def read_pulse(space: SpaceFact, ballot: BallotView) -> Pulse:
    """Numbers with their words. Needs a read block around it."""
    if ballot.hidden:
        return [(space.ballot.voters, _("people have voted"))]
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    year = midnight.replace(month=1, day=1)
    votes = _votes_today.get((space.ballot.id, midnight), lambda: count_votes_since(space.ballot.id, midnight))
    shipped = _shipped.get((space.id, year), lambda: count_shipped(space.id, year))
    pulse: Pulse = [(votes, _("votes today"))]
    return [*pulse, (shipped, _("shipped this year"))] if shipped else pulse
