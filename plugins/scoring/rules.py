"""The rules: pure functions of what is known of an idea. Each returns the score and the parts that add up to it."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log10, sqrt

from codesign.sdk import IdeaStatistics, Part, Score, _

#: Hot counts time from here, so that its values stay small and the same for everybody. Only differences matter.
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def hot(statistics: IdeaStatistics, gravity: float = 45_000.0) -> Score:
    """Ten times the votes are worth *gravity* seconds of being newer.

    ``sign(s) * log10(max(|s|, 1)) + t / gravity`` with s = up - down and t = seconds from EPOCH to publication. Source:
    "hot" of the Reddit code base (r2/lib/db/_sorts.pyx, 2008-2017), whose constant 45,000 s (12.5 hours) is the default.
    The time of publication stands still, so a score changes with votes alone and never with the clock.
    """
    balance = statistics.up - statistics.down
    votes = (1 if balance > 0 else -1 if balance < 0 else 0) * log10(max(abs(balance), 1))
    newness = (statistics.first_at - EPOCH).total_seconds() / gravity
    published = statistics.first_at.strftime("%Y-%m-%d %H:%M UTC")
    return Score(
        votes + newness,
        (
            Part(_("Up-votes less down-votes"), f"{balance:+d}", votes),
            Part(_("Published"), published, newness),
        ),
    )


def wilson(statistics: IdeaStatistics, z: float = 1.96) -> Score | None:
    """The lower end of the Wilson score interval: the share of up-votes that *z* standard deviations of luck leave over.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212;
    for ranking: E. Miller, "How Not To Sort By Average Rating" (2009). Passes are no trials. Without votes: no score.
    """
    trials = statistics.up + statistics.down
    if trials == 0:
        return None
    share = statistics.up / trials
    centre = share + z * z / (2 * trials)
    margin = z * sqrt((share * (1 - share) + z * z / (4 * trials)) / trials)
    value = max(0.0, (centre - margin) / (1 + z * z / trials))
    return Score(
        value,
        (
            Part(_("Share of up-votes"), _("%(up)s of %(all)s", up=statistics.up, all=trials), share),
            Part(_("Taken off for chance"), _("%(all)s votes, z = %(z)s", all=trials, z=f"{z:g}"), value - share),
        ),
    )
