"""Holding the books of a space against each other: counters, rows and the log must tell the same."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from codesign.events import log
from codesign.ideas.models import Idea
from codesign.kernel import db
from codesign.spaces.queries import find_space
from codesign.voting.models import BallotVoter, Vote

Tally = tuple[int, int, int]


def tallies_by_name(slug: str) -> dict[str, Tally]:
    """The counters of every idea of a space, hidden ones too, by external id."""
    space = find_space(slug)
    assert space is not None
    with db.read() as work:
        rows = work.scalars(select(Idea).where(Idea.space_id == space.id))
        return {str(row.external_id): (row.up, row.down, row.passed) for row in rows}


def check_books(slug: str) -> int:
    """Fail unless counters = rows = what the log tells, voters included; returns the number of votes that stand.

    For spaces in which nobody merged ideas.
    """
    space = find_space(slug)
    assert space is not None
    with db.read() as work:
        ideas = {
            row.id: (row.up, row.down, row.passed)
            for row in work.scalars(select(Idea).where(Idea.space_id == space.id))
        }
        rows = {
            (vote.idea_id, vote.person_id): vote.value
            for vote in work.scalars(select(Vote).where(Vote.ballot_id == space.ballot.id))
        }
        voters = {
            row.person_id: row.standing
            for row in work.scalars(select(BallotVoter).where(BallotVoter.ballot_id == space.ballot.id))
        }
        facts = log.since(space.id, 0, 1_000_000)
        assert log.check_chain(space.id) is None, "the chain of hashes is broken"
    counted = Counter((idea, value) for (idea, _person), value in rows.items())
    assert ideas == {idea: (counted[idea, 1], counted[idea, -1], counted[idea, 0]) for idea in ideas}, (
        "counters are not rows"
    )
    told: dict[tuple[str, str], int] = {}
    for fact in facts:
        key = (str(fact.payload.get("idea_id")), str(fact.payload.get("person_id")))
        if fact.name == "vote.cast":
            assert fact.payload["old"] == told.get(key), f"number {fact.seq} does not follow from what came before"
            told[key] = fact.payload["value"]
        elif fact.name == "vote.withdrawn":
            del told[key]
    assert told == rows, "the log does not tell the rows"
    standing = Counter(person for _idea, person in rows)
    assert {person: count for person, count in voters.items() if count} == standing, (
        "standing votes of people are wrong"
    )
    assert space.ballot.voters == len(standing), "the number of voters is wrong"
    return len(rows)
