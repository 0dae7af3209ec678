"""Scores of ideas: what rules are given to compute with, the rows they keep, and what those were worked out with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, tuple_

from codesign.events.log import record
from codesign.ideas.events import ScoresChanged
from codesign.ideas.facts import IdeaStatistics, ScoreFact, ScoreRow, SpaceTotals, VoteNumbers
from codesign.ideas.models import Idea, IdeaScore, ScoreState
from codesign.ideas.ports import ports
from codesign.kernel import clock
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session, verb

_STATISTICS = (
    Idea.id, Idea.up, Idea.down, Idea.passed, Idea.imported_up, Idea.imported_down, Idea.comment_count,
    Idea.created_at, Idea.published_at,
)  # fmt: skip


@reading
def statistics(
    space_id: str, idea_ids: Collection[str] | None = None, *, after: str = "", limit: int | None = None
) -> list[IdeaStatistics]:
    """What score rules may know of a space's published ideas (of these, if given), by id; imported votes included.

    *after* and *limit* cut the whole of a large space in pieces: the next so many ideas behind that id.
    """
    if idea_ids is None:
        query = select(*_STATISTICS).where(*_scored(space_id), Idea.id > after).order_by(Idea.id).limit(limit)
        rows: list[Any] = list(session().execute(query))
    else:
        rows = _some(space_id, idea_ids)
    moment, totals = clock.now(), totals_of(space_id)
    ids = [row.id for row in rows]
    numbers, fields = ports.numbers_of(ids, moment), ports.fields_of(space_id, ids)
    return [
        _statistics(row, numbers.get(row.id, VoteNumbers()), dict(fields.get(row.id, {})), moment, totals)
        for row in rows
    ]


def _some(space_id: str, idea_ids: Collection[str]) -> list[Any]:
    """By their ids alone: asked for the space as well, SQLite reads all of it instead of looking up the few."""
    query = select(*_STATISTICS, Idea.space_id, Idea.state, Idea.merged_into).where(Idea.id.in_(set(idea_ids)))
    shown = space_id, PUBLISHED, None
    found = session().execute(query.order_by(Idea.id))
    return [row for row in found if (row.space_id, row.state, row.merged_into) == shown]


def _scored(space_id: str) -> tuple[Any, ...]:
    return Idea.space_id == space_id, Idea.state == PUBLISHED, Idea.merged_into.is_(None)


def _statistics(
    row: Any, numbers: VoteNumbers, fields: dict[str, float], moment: datetime, totals: SpaceTotals
) -> IdeaStatistics:
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
        fields=fields,
        at=moment,
        space=totals,
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
    ids = sorted({row.idea_id for rows in scores.values() for row in rows})
    found = work.execute(select(Idea.id, Idea.up + Idea.imported_up).where(Idea.id.in_(ids)))
    ups: dict[str, int] = {row[0]: row[1] for row in found}
    known = _known(space_id, scores, ids)
    changed_rules: set[str] = set()
    changed: set[str] = set()
    kept: list[dict[str, Any]] = []
    for rule, rows in sorted(scores.items()):
        fresh = {
            row.idea_id: (row.value, ups[row.idea_id], [*row.parts])
            for row in rows
            if row.value is not None and row.idea_id in ups
        }
        moved = {row.idea_id for row in rows if known.get((rule, row.idea_id)) != fresh.get(row.idea_id)}
        if stale := [idea_id for idea_id in sorted(moved) if (rule, idea_id) in known]:
            here = (IdeaScore.space_id == space_id) & (IdeaScore.rule == rule) & IdeaScore.idea_id.in_(stale)
            work.execute(delete(IdeaScore).where(here))
        kept += [_row(space_id, rule, idea_id, fresh[idea_id], as_of_seq) for idea_id in sorted(moved & set(fresh))]
        changed_rules |= {rule} if moved else set()
        changed |= moved
    if kept:
        work.execute(insert(IdeaScore), kept)
    if changed and announce:
        record(ScoresChanged(space_id, sorted(changed_rules), sorted(changed)))
    return sorted(changed)


def _known(space_id: str, rules: Iterable[str], idea_ids: Sequence[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """What is kept now, by rule and idea."""
    query = select(IdeaScore.rule, IdeaScore.idea_id, IdeaScore.value, IdeaScore.up, IdeaScore.parts).where(
        IdeaScore.space_id == space_id, IdeaScore.rule.in_(sorted(rules)), IdeaScore.idea_id.in_(idea_ids)
    )
    return {(row.rule, row.idea_id): (row.value, row.up, row.parts) for row in session().execute(query)}


def _row(space_id: str, rule: str, idea_id: str, values: tuple[float, int, list[Any]], seq: int) -> dict[str, Any]:
    value, up, parts = values
    return {
        "space_id": space_id, "rule": rule, "idea_id": idea_id, "value": value, "up": up, "parts": parts,
        "as_of_seq": seq,
    }  # fmt: skip


@verb
def forget_others(space_id: str, rules: Collection[str], limit: int) -> int:
    """Drop at most *limit* scores of rules a space does not offer any more; returns how many went."""
    others = select(IdeaScore.rule, IdeaScore.idea_id).where(
        IdeaScore.space_id == space_id, IdeaScore.rule.not_in(sorted(rules))
    )
    gone = session().execute(others.limit(limit)).all()
    if gone:
        here = tuple_(IdeaScore.rule, IdeaScore.idea_id).in_([tuple(row) for row in gone])
        session().execute(delete(IdeaScore).where(IdeaScore.space_id == space_id, here))
    return len(gone)


@reading
def scores_of(idea_ids: Collection[str], rules: Collection[str] | None = None) -> dict[str, list[ScoreFact]]:
    """The kept scores of ideas with their parts, of all rules or of some. For viewers who may see tallies only."""
    found: dict[str, list[ScoreFact]] = defaultdict(list)
    columns = (IdeaScore.idea_id, IdeaScore.rule, IdeaScore.value, IdeaScore.parts, IdeaScore.as_of_seq)
    query = select(*columns).where(IdeaScore.idea_id.in_(sorted(set(idea_ids))))
    if rules is not None:
        query = query.where(IdeaScore.rule.in_(sorted(rules)))
    for row in session().execute(query.order_by(IdeaScore.idea_id, IdeaScore.rule)):
        found[row.idea_id].append(ScoreFact(row.rule, row.value, tuple(row.parts), row.as_of_seq))
    return dict(found)


@reading
def candidates(space_id: str, rule: str, limit: int) -> dict[str, float | None]:
    """At most so many ideas with the score a rule gives them now: the first of its order, then the most wanted without one."""
    ranked = select(IdeaScore.idea_id, IdeaScore.value).where(IdeaScore.space_id == space_id, IdeaScore.rule == rule)
    order = (IdeaScore.value.desc(), IdeaScore.up.desc(), IdeaScore.idea_id)
    found: dict[str, float | None] = {row[0]: row[1] for row in session().execute(ranked.order_by(*order).limit(limit))}
    wanted = select(Idea.id).where(*_scored(space_id)).order_by(Idea.top.desc(), Idea.id).limit(limit)
    for idea_id in session().scalars(wanted):
        if len(found) >= limit:
            break
        found.setdefault(idea_id, None)
    return found


# --- What scores were worked out with ---------------------------------------------------------------------------------


@reading
def totals_of(space_id: str) -> SpaceTotals:
    """The totals of a space as they were counted last; zeros before that."""
    row = session().get(ScoreState, space_id)
    return SpaceTotals(row.ideas, row.up, row.down, row.passed, row.counted_at) if row else SpaceTotals()


@reading
def worked_out_with(space_id: str) -> dict[str, str]:
    """The rules that have gone over the whole space, each with the mark it had then."""
    row = session().get(ScoreState, space_id)
    return dict(row.rules) if row else {}


@verb
def note_rules(space_id: str, done: Mapping[str, str], undone: Iterable[str] = ()) -> None:
    """Remember that these rules (with their marks) have gone over the space, and that others have yet to."""
    row = _state(space_id)
    row.rules = {name: mark for name, mark in row.rules.items() if name not in set(undone)} | dict(done)


@verb
def count_totals(space_id: str) -> SpaceTotals:
    """Count the votes of a space anew and keep the totals. A look over all its ideas."""
    sums = (Idea.up + Idea.imported_up, Idea.down + Idea.imported_down, Idea.passed)
    query = select(func.count(), *(func.coalesce(func.sum(each), 0) for each in sums)).where(*_scored(space_id))
    row = _state(space_id)
    row.ideas, row.up, row.down, row.passed = (int(number) for number in session().execute(query).one())
    row.counted_at = clock.now()
    return totals_of(space_id)


def _state(space_id: str) -> ScoreState:
    row = session().get(ScoreState, space_id)
    if row is None:
        row = ScoreState(space_id=space_id, rules={}, ideas=0, up=0, down=0, passed=0, counted_at=clock.now())
        session().add(row)
    return row
