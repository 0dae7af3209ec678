"""How soon people want which kind of letter, and when the next one is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from codesign.kernel.text import Sentence, _
from codesign.notifications.recipients import DECISIONS

INSTANT, DAILY, WEEKLY, NEVER = "instant", "daily", "weekly", "none"
RHYTHMS = (INSTANT, DAILY, WEEKLY, NEVER)
#: What happens in one go (a status and its answer) goes into one letter.
TOGETHER = timedelta(minutes=1)
#: The hour of the day (UTC) at which digests are written; weekly ones on Mondays.
HOUR = 6

DECIDED, TALK, MENTIONED, MODERATED, TEAM = "decisions", "talk", "mentions", "moderation", "team"
#: The kinds of letters with what they are about, and how soon they come to somebody who chose nothing.
KINDS: dict[str, tuple[Sentence, str]] = {
    DECIDED: (_("What the team answers and decides about ideas I wrote, voted for, commented on or follow"), DAILY),
    MENTIONED: (_("Texts that mention me"), INSTANT),
    MODERATED: (_("What moderators decide about texts of mine"), INSTANT),
    TALK: (_("What others write about ideas I wrote or follow"), NEVER),
    TEAM: (_("How the spaces stand that I look after"), WEEKLY),
}
_JUDGED = ("publish", "hold", "hide", "refuse", "change")
_SAID = ("comment.added", "comment.published", "note.added")


def kind_of(name: str) -> str | None:
    """The kind of letter a notice called *name* goes into; None for those that go into none."""
    if name in DECISIONS:
        return DECIDED
    if name in _SAID:
        return TALK
    what = name.rpartition(".")[2]
    if what == "mentioned":
        return MENTIONED
    return MODERATED if what in _JUDGED else None


def due_at(moment: datetime, rhythm: str) -> datetime:
    """When what happens at *moment* is written to somebody who wants letters in this *rhythm*."""
    if rhythm == INSTANT:
        return moment + TOGETHER
    return period_of(moment, rhythm) + timedelta(days=7 if rhythm == WEEKLY else 1)


def period_of(moment: datetime, rhythm: str) -> datetime:
    """When the period began that *moment* lies in: the last morning, or the last Monday morning."""
    morning = moment.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if morning > moment:
        morning -= timedelta(days=1)
    return morning - timedelta(days=morning.weekday()) if rhythm == WEEKLY else morning
