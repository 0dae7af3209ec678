"""Who votes for and against ideas: for counting, never for anybody's screen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select

from codesign.kernel.db import reading, session
from codesign.voting.models import BallotVoter, Vote

AT_ONCE = 500


@reading
def people_by_vote(idea_ids: Iterable[str]) -> dict[str, dict[int, list[str]]]:
    """The ids of everybody whose vote stands on each idea, by value, in a fixed order."""
    wanted, found = sorted(set(idea_ids)), dict[str, dict[int, list[str]]]()
    for start in range(0, len(wanted), AT_ONCE):
        query = select(Vote.idea_id, Vote.value, Vote.person_id).where(
            Vote.idea_id.in_(wanted[start : start + AT_ONCE])
        )
        for row in session().execute(query.order_by(Vote.idea_id, Vote.person_id)):
            found.setdefault(row.idea_id, {}).setdefault(row.value, []).append(row.person_id)
    return found


@dataclass(frozen=True)
class Counted:
    """How many people of one organization and type (None: of none) vote for an idea; "" as idea: for any."""

    idea_id: str
    organization_id: str | None
    type: str | None
    people: int


@reading
def backers(
    idea_ids: Iterable[str], belonging: Select[*tuple[Any, ...]], types: Select[*tuple[Any, ...]]
) -> list[Counted]:
    """How many people of each organization and type vote for each idea, in one query.

    *belonging* selects people with their organization, *types* members with theirs.
    """
    wanted = sorted(set(idea_ids))
    if not wanted:
        return []
    votes = select(Vote.idea_id, Vote.person_id).where(Vote.idea_id.in_(wanted), Vote.value == 1)
    return _counted(votes, belonging, types)


@reading
def voters_in(ballot_id: str, belonging: Select[*tuple[Any, ...]], types: Select[*tuple[Any, ...]]) -> list[Counted]:
    """How many people of each organization and type have a vote standing in a ballot. A look over all of them."""
    standing = select(literal("").label("idea_id"), BallotVoter.person_id)
    return _counted(standing.where(BallotVoter.ballot_id == ballot_id, BallotVoter.standing > 0), belonging, types)


def _counted(
    votes: Select[*tuple[Any, ...]], belonging: Select[*tuple[Any, ...]], types: Select[*tuple[Any, ...]]
) -> list[Counted]:
    cast, people, members = votes.subquery("cast_votes"), belonging.subquery("belonging"), types.subquery("types")
    keys = (cast.c[0], people.c[1], members.c[1])
    query = select(*keys, func.count()).select_from(cast).join(people, people.c[0] == cast.c[1])
    query = query.outerjoin(members, members.c[0] == cast.c[1]).group_by(*keys)
    return [Counted(*row) for row in session().execute(query)]
