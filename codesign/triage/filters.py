"""What the desk shows: the filter as it stands in an address, a saved view or a program's request, and the sieve it makes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from codesign.ideas.ports import ports
from codesign.ideas.sifting import NEW, OLD, SCORE, TALKED, TOP, Order, Sieve, rank
from codesign.kernel import clock
from codesign.kernel.believed import Believed
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.notifications.queries import mentions_of
from codesign.spaces.facts import WAITING_KINDS, Access, StatusFact
from codesign.spaces.queries import list_statuses
from codesign.triage.alike import alike_ids
from codesign.triage.facts import FieldFact
from codesign.triage.fields import compared, list_fields, ordered_by
from codesign.triage.models import Mark
from codesign.voting.queries import risen

ALL, FRESH, UNANSWERED, SURGING, MENTIONED, MINE = "all", "new", "unanswered", "surging", "mentioned", "mine"
#: New ideas again, in groups of those that look alike.
TWINS = "alike"
INBOXES = (FRESH, TWINS, UNANSWERED, SURGING, MENTIONED, MINE, ALL)
FIELD = "field:"
#: The order of who got the most votes this week.
RISING = "rising"
ME, NOBODY = "me", "none"
#: An idea surges that got so many votes in so many days.
SURGE_VOTES, SURGE_DAYS = 5, 7
#: What is believed of a space holds at most so many ideas; where more surge, they are looked for each time.
MOST_RANKED = 5_000
_risen: Believed[Sequence[tuple[str, int]]] = Believed(30)
_COMPARISON = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(<=|>=|<|>|=)\s*(.+?)\s*")
_DONE = frozenset({"shipped", "declined"})


@dataclass(frozen=True)
class DeskFilter:
    """Which ideas, in which order. ``owner`` is an id, ``me`` or ``none``; ``answered`` is ``yes`` or ``no``; ``where``
    compares fields: ``effort<=3, impact>=2``."""

    inbox: str = FRESH
    q: str = ""
    status: str = ""
    tag: str = ""
    owner: str = ""
    answered: str = ""
    where: str = ""
    sort: str = ""

    @property
    def words(self) -> dict[str, str]:
        """What is asked for, without what everybody gets."""
        return {name: value for name, value in asdict(self).items() if value}


NAMES = tuple(each.name for each in fields(DeskFilter))


@dataclass(frozen=True)
class Desk:
    """What a filter is read with: the space's statuses and fields."""

    access: Access
    statuses: Sequence[StatusFact]
    fields: Sequence[FieldFact]


def desk_of(access: Access) -> Desk:
    """The desk of a space. Needs a read block around it."""
    return Desk(access, list_statuses(access.space.id), list_fields(access.space.id))


def sieve_of(desk: Desk, wish: DeskFilter) -> Sieve:
    """The sieve a filter makes; raises Invalid."""
    sieve = _inbox(desk, wish.inbox)
    space_id, statuses = desk.access.space.id, sieve.statuses
    if wish.status:
        statuses = tuple(s for s in (wish.status,) if statuses is None or s in statuses)
    within, outside = [*sieve.within], [*sieve.outside]
    if wish.owner == NOBODY:
        outside.append(select(Mark.idea_id).where(Mark.space_id == space_id, Mark.owner_id.is_not(None)))
    elif wish.owner:
        owner = desk.access.person_id if wish.owner == ME else wish.owner
        within.append(select(Mark.idea_id).where(Mark.space_id == space_id, Mark.owner_id == (owner or "")))
    within += [_compare(desk, part) for part in wish.where.split(",") if part.strip()]
    answered = {"yes": True, "no": False}.get(wish.answered, sieve.answered)
    return Sieve(statuses, wish.tag, wish.q, answered, sieve.before, tuple(within), tuple(outside))


def _of_kinds(desk: Desk, *kinds: str) -> tuple[str, ...]:
    return tuple(status.id for status in desk.statuses if status.kind in kinds)


def _inbox(desk: Desk, name: str) -> Sieve:
    space = desk.access.space
    if name in {FRESH, TWINS}:
        read = select(Mark.idea_id).where(Mark.space_id == space.id, Mark.read_at.is_not(None))
        twins = (alike_ids(space.id),) if name == TWINS else ()
        return Sieve(statuses=_of_kinds(desk, "open"), answered=False, within=twins, outside=(read,))
    if name == UNANSWERED:
        late = clock.now() - timedelta(days=space.promise_days) if space.promise_days else None
        return Sieve(statuses=_of_kinds(desk, *WAITING_KINDS), answered=False, before=late)
    if name == SURGING:
        return Sieve(within=(_surging(desk),))
    if name == MENTIONED:
        return Sieve(within=(mentions_of(desk.access.person_id, space.id),))
    if name == MINE:
        mine = select(Mark.idea_id).where(Mark.space_id == space.id, Mark.owner_id == (desk.access.person_id or ""))
        undone = tuple(status.id for status in desk.statuses if status.kind not in _DONE)
        return Sieve(statuses=undone, within=(mine,))
    if name == ALL:
        return Sieve()
    raise Invalid.field("inbox", _("The desk has no such inbox."), "unknown")


def _surging(desk: Desk) -> Select[*tuple[Any, ...]]:
    """Selects the ids of ideas that surge, with the votes of the week."""
    return risen(desk.access.space.ballot.id, clock.now() - timedelta(days=SURGE_DAYS), SURGE_VOTES)


def surging(desk: Desk) -> Sequence[tuple[str, int]]:
    """The ideas that surge with their votes of the week, the first first. A look over these votes, twice a minute at most: the
    inbox and its number go by the same one."""
    return _risen.get(desk.access.space.ballot.id, lambda: rank(desk.access, _surging(desk), MOST_RANKED))


def listing_of(desk: Desk, wish: DeskFilter) -> tuple[Sieve, Order]:
    """What is listed, and in which order; raises Invalid."""
    sieve, order = sieve_of(desk, wish), order_of(desk, wish)
    if wish.inbox == SURGING and order.name == RISING and len(ranking := surging(desk)) < MOST_RANKED:
        return replace(sieve, within=sieve.within[1:]), Order(RISING, ranking=ranking)
    return sieve, order


def _compare(desk: Desk, part: str) -> Any:
    match = _COMPARISON.fullmatch(part)
    if match is None:
        raise Invalid.field("where", _("Compare fields like this: effort<=3, impact>=2."))
    field = next((each for each in desk.fields if each.key == match[1]), None)
    if field is None:
        raise Invalid.field("where", _("This space has no field “%(key)s”.", key=match[1]), "unknown")
    return compared(desk.access.space.id, field, match[2], match[3])


def order_of(desk: Desk, wish: DeskFilter) -> Order:
    """The order a filter asks for; raises Invalid."""
    name = wish.sort or {UNANSWERED: OLD, SURGING: RISING, MINE: TOP}.get(wish.inbox, NEW)
    space = desk.access.space
    if name == RISING:
        week = clock.now() - timedelta(days=SURGE_DAYS)
        return Order(name, risen(space.ballot.id, week, 1))
    if name in {NEW, OLD, TOP, TALKED}:
        return Order(name)
    if name.startswith(FIELD):
        key = name.removeprefix(FIELD)
        if any(field.key == key for field in desk.fields):
            return Order(name, ordered_by(space.id, key))
    if name.startswith(SCORE) and name.removeprefix(SCORE) in ports.rules(space):
        return Order(name)
    raise Invalid.field("sort", _("The desk has no order of that name."), "unknown")
