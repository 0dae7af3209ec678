"""Scores of ideas: what rules are given to compute with, and the rows they keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select

from codesign.events.log import record
from codesign.ideas.events import ScoresChanged
from codesign.ideas.facts import IdeaStatistics, ScoreFact, ScoreRow, VoteNumbers
from codesign.ideas.models import Idea, IdeaScore
from codesign.ideas.ports import ports
from codesign.kernel import clock
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session, verb

_STATISTICS = (
    Idea.id, Idea.up, Idea.down, Idea.passed, Idea.imported_up, Idea.imported_down, Idea.comment_count,
    Idea.created_at, Idea.published_at,
)  # fmt: skip


@reading
def statistics(space_id: str, idea_ids: Collection[str] | None = None) -> list[IdeaStatistics]:
    """What score rules may know of a space's published ideas (of these, if given), by id; imported votes included."""
    query = select(*_STATISTICS).where(Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None))
    if idea_ids is not None:
        query = query.where(Idea.id.in_(sorted(set(idea_ids))))
    rows = session().execute(query.order_by(Idea.id)).all()
    numbers = ports.numbers_of([row.id for row in rows], clock.now())
    return [_statistics(row, numbers.get(row.id, VoteNumbers())) for row in rows]


def _statistics(row: Any, numbers: VoteNumbers) -> IdeaStatistics:
    return IdeaStatistics(
        idea_id=row.id,
        up=row.up + row.imported_up,
        down=row.down + row.imported_down,
        passed=row.passed,
        voters=numbers.voters,
        comments=row.comment_count,
        first_at=row.published_at or row.created_at,
        last_at=numbers.last_at,
        votes_24h=numbers.votes_24h,
        votes_7d=numbers.votes_7d,
    )


@verb
def store_scores(
    space_id: str, as_of_seq: int, scores: Mapping[str, Sequence[ScoreRow]], *, announce: bool = True
) -> list[str]:
    """Keep what rules (by name) say of ideas, as of a number of the log; returns the ids of ideas whose score changed.

    One ``scores.changed`` for all of them, none when nothing changed. ``announce=False`` is for one step of a larger
    work, which announces the whole when it is done.
    """
    work = session()
    changed_rules: set[str] = set()
    changed: set[str] = set()
    for rule, rows in sorted(scores.items()):
        ids = sorted(row.idea_id for row in rows)
        ups = {row.id: row.up + row.imported_up for row in work.execute(select(*_STATISTICS).where(Idea.id.in_(ids)))}
        here = (IdeaScore.space_id == space_id) & (IdeaScore.rule == rule) & IdeaScore.idea_id.in_(ids)
        query = select(IdeaScore.idea_id, IdeaScore.value, IdeaScore.up, IdeaScore.parts).where(here)
        known = {row.idea_id: (row.value, row.up, row.parts) for row in work.execute(query)}
        fresh = {
            row.idea_id: (row.value, ups.get(row.idea_id, 0), [*row.parts]) for row in rows if row.value is not None
        }
        moved = {idea_id for idea_id in ids if known.get(idea_id) != fresh.get(idea_id)}
        if not moved:
            continue
        work.execute(delete(IdeaScore).where(here & IdeaScore.idea_id.in_(sorted(moved))))
        if kept := [_row(space_id, rule, idea_id, fresh[idea_id], as_of_seq) for idea_id in sorted(moved & set(fresh))]:
            work.execute(insert(IdeaScore), kept)
        changed_rules.add(rule)
        changed |= moved
    if changed and announce:
        record(ScoresChanged(space_id, sorted(changed_rules), sorted(changed)))
    return sorted(changed)


def _row(space_id: str, rule: str, idea_id: str, values: tuple[float, int, list[Any]], seq: int) -> dict[str, Any]:
    value, up, parts = values
    return {
        "space_id": space_id, "rule": rule, "idea_id": idea_id, "value": value, "up": up, "parts": parts,
        "as_of_seq": seq,
    }  # fmt: skip


@verb
def forget_scores(space_id: str, rules: Iterable[str]) -> None:
    """Drop what these rules said (their plugin was switched off or purged)."""
    session().execute(delete(IdeaScore).where(IdeaScore.space_id == space_id, IdeaScore.rule.in_(sorted(set(rules)))))


@reading
def scores_of(idea_ids: Collection[str]) -> dict[str, list[ScoreFact]]:
    """The kept scores of ideas with their parts. For viewers who may see tallies only."""
    found: dict[str, list[ScoreFact]] = defaultdict(list)
    query = (
        select(IdeaScore)
        .where(IdeaScore.idea_id.in_(sorted(set(idea_ids))))
        .order_by(IdeaScore.idea_id, IdeaScore.rule)
    )
    for row in session().scalars(query):
        found[row.idea_id].append(ScoreFact(row.rule, row.value, tuple(row.parts), row.as_of_seq))
    return dict(found)


def known_parts(score: ScoreFact) -> list[tuple[str, str, float]]:
    """The parts of a score as (label, input, points)."""
    return [(part.get("label", ""), part.get("input", ""), part.get("points", 0.0)) for part in score.parts]
