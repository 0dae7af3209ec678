"""What came of ideas: how many were answered, planned and shipped, how long it took, and what still waits.

Nothing here depends on votes, so it is alike for everybody who may see the space.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from statistics import median

from codesign.comments.published import comments_of
from codesign.events import log
from codesign.events.base import Recorded
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.ideas.stages import Outline, outlines
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading
from codesign.spaces.access import look
from codesign.spaces.facts import WAITING_KINDS, Access
from codesign.spaces.queries import list_statuses, team_ids

#: Where nothing was promised, an idea that nobody answered waits too long after so many days.
USUAL_DAYS = 30
#: Facts of the log that are looked through, and ideas behind a number that are shown.
FACTS, SHOWN = 500_000, 200
#: Facts after which the numbers may be others; single votes are none of them.
CHANGING = (
    "idea.published", "idea.hidden", "idea.held", "idea.withdrawn", "idea.merged", "idea.unmerged", "idea.answered",
    "idea.status_changed", "comment.added", "comment.published", "comment.hidden", "comment.held", "comment.removed",
    "member.added", "member.changed", "member.removed", "status.changed", "space.opened",
)  # fmt: skip
PLANNED = ("planned", "building", "shipped")
PARTS = ("proposed", "answered", "planned", "shipped", "declined", "stale", "kept", "broken", "reacted")


@dataclass(frozen=True)
class Part:
    """A number with the ideas behind it, and the days each took, as far as the log tells."""

    ideas: tuple[str, ...] = ()
    days: Mapping[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.ideas)

    @property
    def median(self) -> float | None:
        """Half of them took no longer than so many days."""
        known = [self.days[each] for each in self.ideas if each in self.days]
        return round(median(known), 1) if known else None


@dataclass(frozen=True)
class Outcome:
    """What came of the ideas of a space; ``replies`` are answers and comments of the team, ``comments`` those of others."""

    access: Access
    parts: Mapping[str, Part]
    replies: int
    comments: int
    days: int
    seq: int

    @property
    def share(self) -> int | None:
        """How many of a hundred answers that were due came in time."""
        due = self.parts["kept"].count + self.parts["broken"].count
        return round(100 * self.parts["kept"].count / due) if due else None


@dataclass
class _Firsts:
    """When what happened to each idea for the first time."""

    answered: dict[str, datetime] = field(default_factory=dict)
    planned: dict[str, datetime] = field(default_factory=dict)
    shipped: dict[str, datetime] = field(default_factory=dict)
    declined: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class _Counted:
    """What is alike for everybody who may see the space."""

    parts: Mapping[str, Part]
    replies: int
    comments: int


@reading
def read_outcome(actor: Actor, reference: str) -> Outcome:
    """The numbers of a space, for whoever may see it."""
    access = look(actor, reference)
    space_id, days = access.space.id, access.space.promise_days or USUAL_DAYS
    minute = int(clock.now().timestamp() // 60)
    counted = _count(space_id, days, log.last(space_id, CHANGING), minute)
    return Outcome(access, counted.parts, counted.replies, counted.comments, days, log.head(space_id))


@lru_cache(maxsize=32)
def _count(space_id: str, days: int, last: str, minute: int) -> _Counted:
    """Look over all ideas and facts of a space; kept until one of these facts is newer than *last*, a minute at most."""
    kinds = {status.id: status.kind for status in list_statuses(space_id, retired=True)}
    ideas = outlines(space_id)
    # Kind by kind: asked for both at once, SQLite walks over the whole log.
    facts = [log.since(space_id, 0, FACTS, names=(name,)) for name in ("idea.status_changed", "idea.answered")]
    firsts = _firsts(chain.from_iterable(facts), kinds)
    for idea in ideas:
        if idea.answer_at is not None:
            firsts.answered.setdefault(idea.id, idea.answer_at)
    team = set(team_ids(space_id))
    said = comments_of(space_id)
    reacted = dict(firsts.answered)
    for comment in said:
        if comment.author_id in team:
            reacted[comment.idea_id] = min(reacted.get(comment.idea_id, comment.at), comment.at)
    parts = _parts(ideas, kinds, firsts, reacted, timedelta(days=days))
    by_team = sum(comment.author_id in team for comment in said)
    return _Counted(parts, by_team + parts["answered"].count, len(said) - by_team)


@reading
def ideas_of(outcome: Outcome, part: str) -> list[tuple[IdeaFact, float | None]]:
    """The ideas behind a number, the slowest first, each with the days it took."""
    found = outcome.parts[part]
    first = sorted(found.ideas, key=lambda each: (-found.days.get(each, -1.0), each))[:SHOWN]
    known = get_ideas(outcome.access, first)
    return [(known[each], found.days.get(each)) for each in first if each in known]


def _firsts(facts: Iterable[Recorded], kinds: Mapping[str, str]) -> _Firsts:
    found = _Firsts()
    for fact in facts:
        idea_id, at = fact.payload["idea_id"], fact.occurred_at
        if fact.name == "idea.answered":
            # What another system said, it said when the idea tells, not when its file came in.
            if not (fact.payload.get("removed") or fact.payload.get("source")):
                found.answered.setdefault(idea_id, at)
            continue
        kind = kinds.get(fact.payload["new"])
        if kind in PLANNED:
            found.planned.setdefault(idea_id, at)
        if kind == "shipped":
            found.shipped.setdefault(idea_id, at)
        if kind == "declined":
            found.declined.setdefault(idea_id, at)
    return found


def _parts(
    ideas: Iterable[Outline],
    kinds: Mapping[str, str],
    firsts: _Firsts,
    reacted: Mapping[str, datetime],
    promise: timedelta,
) -> dict[str, Part]:
    moment, listed = clock.now(), list(ideas)
    born = {idea.id: idea.published_at for idea in listed}
    kind = {idea.id: kinds.get(idea.status_id or "", "open") for idea in listed}
    answered = [idea.id for idea in listed if idea.answer_at is not None]
    waiting = [idea.id for idea in listed if idea.answer_at is None and kind[idea.id] in WAITING_KINDS]
    took = {each: firsts.answered[each] - born[each] for each in answered}
    late = [idea.id for idea in listed if idea.answer_at is None and moment - born[idea.id] > promise]

    def part(chosen: Iterable[str], at: Mapping[str, datetime] | None = None) -> Part:
        ids = tuple(chosen)
        return Part(ids, {each: _days(at[each] - born[each]) for each in ids if at and each in at})

    aged = dict.fromkeys(born, moment)
    return {
        "proposed": part(born),
        "answered": part(answered, firsts.answered),
        "planned": part((each for each in born if kind[each] in PLANNED), firsts.planned),
        "shipped": part((each for each in born if kind[each] == "shipped"), firsts.shipped),
        "declined": part((each for each in born if kind[each] == "declined"), firsts.declined),
        "stale": part((each for each in waiting if moment - born[each] > promise), aged),
        "kept": part((each for each in answered if took[each] <= promise), firsts.answered),
        "broken": part([*(each for each in answered if took[each] > promise), *late], {**aged, **firsts.answered}),
        "reacted": part((each for each in born if each in reacted), reacted),
    }


def _days(duration: timedelta) -> float:
    return max(0.0, round(duration.total_seconds() / 86_400, 1))
