"""Reading votes: who has voted, what, and who may see the counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Select, bindparam, case, func, select, type_coerce

from codesign.ideas.facts import VoteNumbers
from codesign.kernel.actor import Actor
from codesign.kernel.db import Moment, look_up, reading, session
from codesign.spaces.access import standings
from codesign.spaces.ballots import read_spaces
from codesign.spaces.facts import Access
from codesign.voting.models import BallotVoter, Vote

_VOTES = select(Vote.idea_id, Vote.value).where(
    Vote.idea_id.in_(bindparam("ideas", expanding=True)), Vote.person_id == bindparam("person")
)


def audience_of(access: Access) -> str:
    """Which frames a person gets: ``team``, ``open`` (tallies) or ``veiled`` (none yet)."""
    return audiences_of([access])[0]


@reading
def audiences_in(space_id: str, actors: Iterable[Actor]) -> dict[Actor, str]:
    """The audience of each actor in a space, in at most three queries; who may not see it now is left out."""
    space = read_spaces(session(), [space_id]).get(space_id)
    gates = standings(space, actors) if space else {}
    return dict(zip(gates, audiences_of([*gates.values()]), strict=True))


@reading
def audiences_of(accesses: Sequence[Access]) -> list[str]:
    """The audience of each of these people of one space, in their order; at most one query, however many there are."""
    found = [_audience_of(access) for access in accesses]
    asked = {access.person_id for access, known in zip(accesses, found, strict=True) if known is None}
    if not asked:
        return [known or "veiled" for known in found]
    query = select(BallotVoter.person_id).where(
        BallotVoter.ballot_id == accesses[0].space.ballot.id,
        BallotVoter.person_id.in_(asked),
        BallotVoter.standing > 0,
    )
    voted = set(session().scalars(query))
    by_vote = ("open" if access.person_id in voted else "veiled" for access in accesses)
    return [known or vote for known, vote in zip(found, by_vote, strict=True)]


def _audience_of(access: Access) -> str | None:
    """The audience somebody is in, whatever they voted; None where their votes decide."""
    if access.is_team:
        return "team"
    ballot = access.space.ballot
    if ballot.results == "live" or ballot.closed_at is not None:
        return "open"
    return "veiled" if ballot.results == "at_close" or access.person_id is None else None


def may_see_tallies(access: Access) -> bool:
    """Whether this viewer may see counts, and anything that depends on them, right now."""
    return audience_of(access) != "veiled"


@reading
def votes_of(ballot_id: str, person_id: str | None, idea_ids: Iterable[str]) -> dict[str, int]:
    """The standing votes of a person among *idea_ids*."""
    if person_id is None or not (wanted := list(idea_ids)):
        return {}
    rows = look_up(_VOTES, ideas=wanted, person=person_id)
    return {row.idea_id: row.value for row in rows}


@reading
def voters_of(idea_id: str) -> list[str]:
    """The ids of everybody whose vote stands on an idea (for notices and exports, never for pages)."""
    return list(session().scalars(select(Vote.person_id).where(Vote.idea_id == idea_id).order_by(Vote.person_id)))


@reading
def shared_voters(idea_id: str, other_id: str) -> int:
    """How many people voted on both ideas."""
    other = select(Vote.person_id).where(Vote.idea_id == other_id)
    return session().scalar(select(func.count()).where(Vote.idea_id == idea_id, Vote.person_id.in_(other))) or 0


@reading
def count_votes_since(ballot_id: str, moment: datetime) -> int:
    """How many of the standing votes of a ballot were cast after a moment. A look over all its votes."""
    query = select(func.count()).where(Vote.ballot_id == ballot_id, Vote.cast_at >= moment)
    return session().scalar(query) or 0


def voted_by(ballot_id: str, person_id: str) -> Select[str]:
    """Selects the ids of the ideas on which a person's vote stands, for lists that filter by it."""
    return select(Vote.idea_id).where(Vote.ballot_id == ballot_id, Vote.person_id == person_id)


def risen(ballot_id: str, after: datetime, least: int) -> Select[str, int]:
    """Selects the ids of ideas that got so many votes after a moment, with how many. A look over the votes of the ballot."""
    count = func.count().label("votes")
    recent = select(Vote.idea_id, count).where(Vote.ballot_id == ballot_id, Vote.cast_at > after)
    return recent.group_by(Vote.idea_id).having(count >= least)


@reading
def others_voted(idea_id: str, person_id: str | None) -> bool:
    """Whether anybody but that person has a vote standing on an idea."""
    return (
        session().scalar(select(Vote.person_id).where(Vote.idea_id == idea_id, Vote.person_id != person_id).limit(1))
        is not None
    )


@reading
def numbers_of(idea_ids: Collection[str], moment: datetime) -> dict[str, VoteNumbers]:
    """How many people have voted on ideas, when last, and how many in the day and week before *moment*."""
    day, week = (case((Vote.cast_at > moment - timedelta(days=days), 1), else_=0) for days in (1, 7))
    query = select(Vote.idea_id, func.count(), func.max(Vote.cast_at, type_=Moment), func.sum(day), func.sum(week))
    rows = session().execute(query.where(Vote.idea_id.in_(list(idea_ids))).group_by(Vote.idea_id))
    return {row[0]: VoteNumbers(row[1], row[2], row[3], row[4]) for row in rows}


@reading
def count_by_steps(idea_id: str, start: datetime, step: timedelta) -> dict[int, int]:
    """How many of the standing votes on an idea came in each step of time after *start*; older ones are in step 0."""
    begins, width = round(start.timestamp() * 1000), round(step.total_seconds() * 1000)
    number = (type_coerce(Vote.cast_at, BigInteger) - begins) // width
    rows = session().execute(select(number, func.count()).where(Vote.idea_id == idea_id).group_by(number))
    counts: dict[int, int] = {}
    for place, count in rows:
        counts[max(0, place)] = counts.get(max(0, place), 0) + count
    return counts
