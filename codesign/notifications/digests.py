"""How a space stands, by letter to its team: once a day or a week, only where there is something to say."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from codesign.accounts.queries import language_of
from codesign.comments.queries import count_comments_between
from codesign.ideas.stages import count_for_team
from codesign.kernel import clock
from codesign.kernel.db import read, reading, session, verb
from codesign.kernel.ids import new_id
from codesign.notifications.links import stop_path
from codesign.notifications.models import ConfirmedAddress, Letter
from codesign.notifications.rhythms import DAILY, NEVER, TEAM, WEEKLY, period_of
from codesign.notifications.wishes import reachable, rhythms_of
from codesign.notifications.writing import Numbers, team_letter
from codesign.spaces.facts import TEAM_ROLES
from codesign.spaces.queries import get_space, roles_of

#: People who are written to in one round.
PEOPLE = 20
_LENGTH = {DAILY: timedelta(days=1), WEEKLY: timedelta(days=7)}


def write_due() -> int:
    """Write the digests of teams that are due (a timed task); returns how many."""
    moment = clock.now()
    with read():
        last = ConfirmedAddress.told_until
        due = select(ConfirmedAddress.person_id).where(last < period_of(moment, DAILY))
        people = list(session().scalars(due.order_by(last, ConfirmedAddress.person_id).limit(PEOPLE)))
        wishes = rhythms_of(people)
    return sum(_write_to(person_id, wishes[person_id][TEAM], moment) for person_id in people)


def _write_to(person_id: str, rhythm: str, moment: datetime) -> bool:
    """Tell somebody of the period that is over, if it was not told of yet; who is in no team is asked about tomorrow."""
    if rhythm == NEVER:
        return _keep(person_id, period_of(moment, DAILY), None)
    end = period_of(moment, rhythm)
    with read():
        told = session().scalar(select(ConfirmedAddress.told_until).where(ConfirmedAddress.person_id == person_id))
        address = reachable([person_id]).get(person_id)
        fresh = address is not None and told is not None and told < end
        numbers = _numbers(person_id, _begin(rhythm, told or end, end), end) if fresh else []
        language = language_of(person_id)
    letter = None
    if address and numbers:
        stop = stop_path(person_id, [TEAM])
        letter = Letter(
            id=new_id(), cause=f"team:{person_id}:{end:%Y%m%d}", person_id=person_id, recipient=address, stop=stop,
            created_at=clock.now(), tries=0, next_try_at=clock.now(), **team_letter(numbers, stop, language),
        )  # fmt: skip
    return _keep(person_id, period_of(moment, DAILY), letter)


def _begin(rhythm: str, told: datetime, end: datetime) -> datetime:
    """Since when a digest tells: of its period; a daily one also of the days nobody wrote it, a week of them at most."""
    begin = end - _LENGTH[rhythm]
    return min(begin, max(told, end - _LENGTH[WEEKLY])) if rhythm == DAILY else begin


@verb
def _keep(person_id: str, until: datetime, letter: Letter | None) -> bool:
    """Note how far somebody was told, and keep the letter, in one commit; whoever comes second changes nothing."""
    mine = ConfirmedAddress.person_id == person_id, ConfirmedAddress.told_until < until
    told = session().scalar(
        update(ConfirmedAddress).where(*mine).values(told_until=until).returning(ConfirmedAddress.person_id)
    )
    if told is None or letter is None:
        return False
    session().add(letter)
    return True


@reading
def _numbers(person_id: str, begin: datetime, end: datetime) -> list[Numbers]:
    """What there is to say of the spaces somebody looks after."""
    found = []
    for space_id in sorted(each for each, role in roles_of(person_id).items() if role in TEAM_ROLES):
        space = get_space(space_id)
        if space is None or space.state != "open":
            continue
        promised = clock.now() - timedelta(days=space.promise_days) if space.promise_days else None
        ideas, held, late = count_for_team(space_id, (begin, end), promised)
        said = count_comments_between(space_id, begin, end)
        if ideas or held or late or said:
            found.append(Numbers(space.name, f"/spaces/{space.slug}", ideas, said, held, late))
    return found
