"""What moderators did, month by month, for everybody who may see the space: counted from the log, which nobody can edit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from codesign.events import log
from codesign.kernel import clock
from codesign.kernel.db import reading
from codesign.moderation.facts import CHANGE, HIDE, KEEP, PUBLISH, REFUSE

#: How far back, and how many facts at most are counted.
REACH, MOST = timedelta(days=366), 50_000
#: So many single decisions are listed.
SHOWN = 50
_NAMES = ("idea.held", "comment.held", "flag.raised", "text.decided", "text.appealed")


@dataclass(frozen=True)
class Month:
    """One month: texts that waited, reports, decisions by what they were, appeals and those that were right."""

    month: str
    held: int
    reports: int
    published: int
    kept: int
    hidden: int
    refused: int
    changes: int
    appeals: int
    overturned: int


@dataclass(frozen=True)
class Decided:
    """One decision, without the text and without names: of what kind it was, what came of it, on what ground."""

    at: datetime
    kind: str
    decision: str
    ground: str
    overturned: bool


@reading
def decisions(space_id: str) -> list[Decided]:
    """The last decisions, newest first."""
    facts = log.latest(space_id, SHOWN, names=("text.decided",))
    return [Decided(fact.occurred_at, **fact.payload) for fact in facts]


@reading
def months(space_id: str) -> list[Month]:
    """The last twelve months in which anything happened, newest first."""
    counts: dict[str, Counter[str]] = {}
    for fact in log.about(space_id, _NAMES, after=clock.now() - REACH, limit=MOST):
        counter = counts.setdefault(f"{fact.occurred_at:%Y-%m}", Counter())
        if fact.name == "text.decided":
            counter[fact.payload["decision"]] += 1
            counter["overturned"] += fact.payload["overturned"]
        else:
            counter["held" if fact.name.endswith(".held") else fact.name] += 1
    return [_month(month, counter) for month, counter in sorted(counts.items(), reverse=True)]


def _month(month: str, counter: Counter[str]) -> Month:
    return Month(
        month, counter["held"], counter["flag.raised"], counter[PUBLISH], counter[KEEP], counter[HIDE], counter[REFUSE],
        counter[CHANGE], counter["text.appealed"], counter["overturned"],
    )  # fmt: skip
