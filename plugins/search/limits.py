"""What narrows a search, as people write it: names of statuses and authors, days, ``is:open``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from codesign import sdk
from codesign.sdk import Actor, SpaceFact, StatusFact, _

from .engines.base import Limit
from .index import COMMENT, IDEA
from .queries import Narrow, Query

#: So many authors are looked for by name in one search: each name is asked for by itself.
MOST_AUTHORS = 10
#: Kinds of statuses in which nothing more is to be decided.
DONE = ("shipped", "declined")
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?\Z")
_AGO = re.compile(r"(\d{1,4})([dwmy])\Z")
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass
class Narrowed:
    """What narrows a search, by ids; ``notes`` say what could not be understood."""

    limits: tuple[Limit, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    notes: tuple[str, ...] = field(default=())
    #: How many authors were looked for by name.
    authors: int = 0

    def add(self, limit: Limit) -> None:
        """One more thing that narrows."""
        self.limits = (*self.limits, limit)

    def note(self, sentence: str) -> None:
        """Say what was not understood, once."""
        if sentence not in self.notes:
            self.notes = (*self.notes, sentence)


def resolve(query: Query, spaces: Sequence[SpaceFact], actor: Actor) -> Narrowed:
    """What narrows *query* in these spaces, as far as *actor* may know the names in it."""
    found = Narrowed()
    known = [status for space in spaces for status in sdk.statuses(space.id)] if _asks_status(query) else []
    for narrow in query.narrow:
        if narrow.field in {"after", "before", "date"}:
            _by_day(found, narrow)
        elif narrow.field == "status":
            _by_status(found, narrow, known)
        elif narrow.field == "author":
            _by_author(found, narrow, spaces, actor)
        elif narrow.field == "is":
            _by_state(found, narrow, known)
        else:
            found.add(Limit("tag", tuple(value.lower() for value in narrow.values), narrow.negated))
    return found


def _asks_status(query: Query) -> bool:
    return any(narrow.field in {"status", "is"} for narrow in query.narrow)


def _by_status(found: Narrowed, narrow: Narrow, known: Sequence[StatusFact]) -> None:
    wanted = {value.casefold() for value in narrow.values}
    ids = tuple(status.id for status in known if status.name.casefold() in wanted or status.id.casefold() in wanted)
    if not ids:
        found.note(_("No status here is called “%(name)s”.", name=", ".join(narrow.values)))
    found.add(Limit("status", ids, narrow.negated))


def _by_author(found: Narrowed, narrow: Narrow, spaces: Sequence[SpaceFact], actor: Actor) -> None:
    ids: set[str] = set()
    values = narrow.values[: max(0, MOST_AUTHORS - found.authors)]
    found.authors += len(narrow.values)
    if found.authors > MOST_AUTHORS:
        found.note(_("Only the first %(most)s authors of a search count.", most=MOST_AUTHORS))
    if not values:
        return
    for value in values:
        if value.casefold() == "me" and actor.person_id:
            ids.add(actor.person_id)
            continue
        for space in spaces:
            named = sdk.names(actor, space.id, [value]) if len(value) == 26 else sdk.people(actor, space.id, value)
            ids.update(named)
    if not ids:
        found.note(_("Nobody called “%(name)s” has written here.", name=", ".join(narrow.values)))
    found.add(Limit("author", tuple(sorted(ids)), narrow.negated))


def _by_state(found: Narrowed, narrow: Narrow, known: Sequence[StatusFact]) -> None:
    for value in (value.casefold() for value in narrow.values):
        if value in {IDEA, COMMENT}:
            found.add(Limit("kind", (value,), narrow.negated))
        elif value == "answered":
            found.add(Limit("answered", (True,), narrow.negated))
        elif value in {"open", "closed"} or any(status.kind == value for status in known):
            wanted = DONE if value in {"open", "closed"} else (value,)
            ids = tuple(status.id for status in known if status.kind in wanted)
            found.add(Limit("status", ids, narrow.negated != (value == "open")))
        else:
            found.note(_("“is:%(value)s” is not known: open, closed, answered, idea, comment.", value=value))


def _by_day(found: Narrowed, narrow: Narrow) -> None:
    first, last = narrow.values[0], narrow.values[-1]
    if narrow.field == "date" and ".." in first:
        first, _dots, last = first.partition("..")
    begin, end = _span(first), _span(last)
    if begin is None or end is None or narrow.negated:
        found.note(_("“%(value)s” is no day like 2026-03-31, 2026-03 or 7d.", value=narrow.values[0]))
        return
    if narrow.field != "before":
        found.since = max(found.since or begin[0], begin[0])
    if narrow.field != "after":
        until = end[0] if narrow.field == "before" else end[1]
        found.until = min(found.until or until, until)


def _span(value: str) -> tuple[datetime, datetime] | None:
    """The first moment of a year, month or day (UTC) and the first one after it; ``7d`` is a day a week ago."""
    ago, parts = _AGO.match(value), _DAY.match(value)
    try:
        if ago:
            return sdk.now() - timedelta(days=int(ago[1]) * _DAYS[ago[2]]), sdk.now()
        if not parts:
            return None
        year, month, day_of_month = int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)
        begin = datetime(year, month, day_of_month, tzinfo=UTC)
        if parts[3]:
            return begin, begin + timedelta(days=1)
        return begin, datetime(year + (month == 12 or not parts[2]), month % 12 + 1 if parts[2] else 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):  # no calendar has it
        return None
