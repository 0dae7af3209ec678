"""Reading votes: who has voted, what, and who may see the counts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select

from codesign.kernel.db import reading, session
from codesign.spaces.facts import Access
from codesign.voting.models import BallotVoter, Vote


@reading
def audience_of(access: Access) -> str:
    """Which frames a person gets: ``team``, ``open`` (tallies) or ``veiled`` (none yet)."""
    if access.is_team:
        return "team"
    ballot = access.space.ballot
    if ballot.results == "live":
        return "open"
    if ballot.closed_at is not None:
        return "open"
    if ballot.results == "at_close" or access.person_id is None:
        return "veiled"
    query = select(BallotVoter.standing).where(BallotVoter.ballot_id == ballot.id, BallotVoter.person_id == access.person_id)
    return "open" if session().scalar(query) else "veiled"


def may_see_tallies(access: Access) -> bool:
    """Whether this viewer may see counts, and anything that depends on them, right now."""
    return audience_of(access) != "veiled"


@reading
def votes_of(ballot_id: str, person_id: str | None, idea_ids: Iterable[str]) -> dict[str, int]:
    """The standing votes of a person among *idea_ids*."""
    if person_id is None or not (wanted := list(idea_ids)):
        return {}
    query = select(Vote.idea_id, Vote.value).where(Vote.idea_id.in_(wanted), Vote.person_id == person_id)
    return {row.idea_id: row.value for row in session().execute(query)}


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
def has_votes(ballot_id: str) -> bool:
    """Whether anybody's vote stands in a ballot."""
    return session().scalar(select(Vote.idea_id).where(Vote.ballot_id == ballot_id).limit(1)) is not None
