"""The rules: pure functions of what is known of an idea. Each returns the score and the parts that add up to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log10, sqrt

from codesign.sdk import IdeaStatistics, Part, Score, _

#: Hot counts time from here, so that its values stay small and the same for everybody. Only differences matter.
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = 3600.0
DAY = timedelta(days=1)
#: How much of its past an idea's last day is compared with: what the statistics count as a week, less that day.
PAST = timedelta(days=6)
#: What a space where nobody has voted yet is taken to like: half of everything.
UNKNOWN = 0.5


def hot(statistics: IdeaStatistics, hours: float = 12.5) -> Score:
    """Ten times the votes are worth *hours* of being newer.

    ``sign(s) * log10(max(|s|, 1)) + t / hours`` with s = up - down and t = hours from EPOCH to publication. Source: "hot"
    of the Reddit code base (r2/lib/db/_sorts.pyx, 2008-2017), whose constant of 45,000 s (12.5 hours) is the default.
    The time of publication stands still, so a score changes with votes alone and never with the clock.
    """
    balance = statistics.up - statistics.down
    votes = (1 if balance > 0 else -1 if balance < 0 else 0) * log10(max(abs(balance), 1))
    newness = (statistics.first_at - EPOCH).total_seconds() / (hours * HOUR)
    return Score(
        votes + newness,
        (
            Part(_("Up-votes less down-votes"), f"{balance:+d}".replace("-", "\N{MINUS SIGN}"), votes),
            Part(_("Published"), _minute(statistics.first_at), newness),
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


def average(total: float, count: float, mean: float, weight: float) -> float:
    """The mean of *count* ratings that sum up to *total*, with *weight* imagined ratings of *mean* thrown in.

    ``(mean * weight + total) / (weight + count)``, the mean of the posterior under a conjugate prior. Source: D. V. Lindley,
    A. F. M. Smith, "Bayes Estimates for the Linear Model", JRSS B 34 (1972), 1-18; known from rankings of films.
    """
    return (mean * weight + total) / (weight + count)


def bayes(statistics: IdeaStatistics, weight: float = 10.0) -> Score:
    """The share of up-votes, drawn towards what the space likes on average as if *weight* more people had voted so.

    ``average`` of the votes for and against, with the share of up-votes in the whole space as its mean. Passes do not
    count. An idea without votes stands where the average one does; the space's mean is counted anew every night.
    """
    count, space = statistics.up + statistics.down, statistics.space
    all_votes = space.up + space.down
    mean = space.up / all_votes if all_votes else UNKNOWN
    own = count / (weight + count)
    share = statistics.up / count if count else 0.0
    counted = _("%(up)s of %(all)s", up=statistics.up, all=count)
    return Score(
        average(statistics.up, count, mean, weight),
        (
            Part(_("Own share of up-votes"), counted, share * own),
            Part(
                _("Average of the space"),
                _("%(mean)s, weighs as %(weight)s votes", mean=f"{mean:.3f}", weight=f"{weight:g}"),
                mean * (1 - own),
            ),
        ),
    )


def trending(statistics: IdeaStatistics, least: int = 3) -> Score | None:
    """How much more the last day brought than the idea's own past would let expect, in standard deviations.

    The two-sample test of Poisson rates with square roots, ``2 (sqrt(x + 3/8) - sqrt(r (y + 3/8))) / sqrt(1 + r)`` for x votes
    in one day, y in the days before and r = one day / those days. Source: M. D. Huffman, "An Improved Approximate Two-Sample
    Poisson Test", Applied Statistics 33 (1984), 224-226, after F. J. Anscombe, Biometrika 35 (1948), 246-254. The past are up
    to six days; an idea without so long a past is measured by what it has, one of today by a day without votes. Votes of
    every kind count: it tells of attention. Below *least* votes in a day: no score.
    """
    latest, earlier = statistics.votes_24h, statistics.votes_7d - statistics.votes_24h
    if latest < max(least, 1):
        return None
    past = min(max(statistics.at - statistics.first_at - DAY, DAY), PAST)
    ratio = DAY / past
    scale = 2 / sqrt(1 + ratio)
    gained, expected = scale * sqrt(latest + 3 / 8), scale * sqrt(ratio * (earlier + 3 / 8))
    until = _minute(statistics.at)
    return Score(
        gained - expected,
        (
            Part(_("Votes in one day"), _("%(count)s until %(moment)s", count=latest, moment=until), gained),
            Part(
                _("Expected by its own past"),
                _("%(count)s in %(days)s days before", count=earlier, days=f"{past / DAY:.1f}"),
                -expected,
            ),
        ),
    )


def controversial(statistics: IdeaStatistics, least: int = 5) -> Score | None:
    """Many votes that split evenly.

    ``(up + down) ** (smaller / larger)``. Source: "controversy" of the Reddit code base (r2/lib/db/_sorts.pyx, 2008-2017).
    Passes do not count. No score where one side is empty, or with fewer than *least* votes: two people are no dispute.
    """
    smaller, larger = sorted((statistics.up, statistics.down))
    count = smaller + larger
    if smaller == 0 or count < least:
        return None
    balance = smaller / larger
    value = count**balance
    return Score(
        value,
        (
            Part(_("Votes for and against"), f"{count}", float(count)),
            Part(
                _("Taken off for leaning to one side"),
                _("%(up)s for, %(down)s against", up=statistics.up, down=statistics.down),
                value - count,
            ),
        ),
    )


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
