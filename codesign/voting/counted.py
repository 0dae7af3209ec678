"""Who votes for and against ideas: for counting, never for anybody's screen."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from codesign.kernel.db import reading, session
from codesign.voting.models import Vote

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
