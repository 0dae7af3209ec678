"""The few numbers at the head of a board. Where counts are hidden, only how many people have voted at all."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from codesign.ideas.counts import count_shipped
from codesign.kernel import clock
from codesign.kernel.text import _
from codesign.spaces.facts import SpaceFact
from codesign.voting.queries import count_votes_since
from codesign.voting.views import BallotView

Pulse = list[tuple[int, str]]

#: Seconds for which the number of today's votes is believed: it is a look over many rows.
_BELIEVED = 15.0
_votes_today: dict[str, tuple[float, datetime, int]] = {}


def read_pulse(space: SpaceFact, ballot: BallotView) -> Pulse:
    """Numbers with their words. Needs a read block around it."""
    if ballot.hidden:
        return [(space.ballot.voters, _("people have voted"))]
    moment = clock.now()
    year = moment.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    shipped = count_shipped(space.id, year)
    pulse: Pulse = [(votes_today(space.ballot.id, moment), _("votes today"))]
    return [*pulse, (shipped, _("shipped this year"))] if shipped else pulse


def votes_today(ballot_id: str, moment: datetime) -> int:
    """How many of today's votes stand, as of some seconds ago."""
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    read_at, day, count = _votes_today.get(ballot_id, (-_BELIEVED, midnight - timedelta(days=1), 0))
    if day != midnight or time.monotonic() - read_at > _BELIEVED:
        count = count_votes_since(ballot_id, midnight)
        _votes_today[ballot_id] = (time.monotonic(), midnight, count)
    return count
