"""Reading what waits for moderators."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, func, select, tuple_

from codesign.accounts.queries import get_people
from codesign.comments import queries as comments
from codesign.comments.facts import CommentFact
from codesign.events.log import head
from codesign.ideas import queries as ideas
from codesign.ideas.facts import IdeaFact
from codesign.kernel.contribution import HELD
from codesign.kernel.db import look_up, reading, session
from codesign.kernel.paging import Page, make_cursor, read_cursor
from codesign.moderation.appeals import APPEALS_HERE, open_appeals, waiting_appeals
from codesign.moderation.desk import claims
from codesign.moderation.facts import COMMENT, IDEA, FlagFact, QueueItem
from codesign.moderation.models import Flag
from codesign.moderation.texts import accuracy_of
from codesign.spaces.facts import Access

Target = tuple[str, str]  # kind, id

_SPACE: Any = bindparam("space")
_OPEN_FLAGS = select(Flag.kind, Flag.target_id).where(Flag.space_id == _SPACE, Flag.settled_at.is_(None)).distinct()
# Built once and asked at once: the menu of every page that a moderator opens shows it.
_WAITING = select(
    ideas.HELD_HERE.scalar_subquery()
    + comments.HELD_HERE.scalar_subquery()
    + select(func.count()).select_from(_OPEN_FLAGS.subquery()).scalar_subquery()
    + APPEALS_HERE.scalar_subquery()
)


@reading
def queue(access: Access, *, limit: int = 25, cursor: str | None = None) -> Page[QueueItem]:
    """One page of what waits for a decision in a space, oldest first. The caller has passed the gate ``moderate``."""
    after = read_cursor(cursor, "queue", str)[0] if cursor else ""
    seq = head(access.space.id)
    places: dict[Target, str] = {
        **{(IDEA, idea.id): idea.id for idea in ideas.held_ideas(access, limit + 1, after)},
        **{(COMMENT, comment.id): comment.id for comment in comments.held_comments(access, limit + 1, after)},
    }
    further = _flagged(access.space.id, after, limit + 1) + waiting_appeals(access.space.id, after, limit + 1)
    for target, place in further:
        places.setdefault(target, place)
    ordered = sorted(places.items(), key=lambda pair: pair[1])
    items = _items(access, dict(ordered[:limit]))
    following = make_cursor("queue", [ordered[limit - 1][1]]) if len(ordered) > limit else None
    return Page(tuple(items), following, seq)


def _flagged(space_id: str, after: str, limit: int) -> list[tuple[Target, str]]:
    """Reported texts with the id of their first open report."""
    first = func.min(Flag.id)
    query = select(Flag.kind, Flag.target_id, first.label("place")).where(
        Flag.space_id == space_id, Flag.settled_at.is_(None)
    )
    query = query.group_by(Flag.kind, Flag.target_id).having(first > after).order_by(first).limit(limit)
    return [((row.kind, row.target_id), row.place) for row in session().execute(query)]


def _items(access: Access, places: dict[Target, str]) -> list[QueueItem]:
    talk = comments.get_comments(access, [target for kind, target in places if kind == COMMENT])
    wanted = {target for kind, target in places if kind == IDEA} | {comment.idea_id for comment in talk.values()}
    about = ideas.get_ideas(access, wanted)
    flags, taken, asked = open_flags(places), claims(places), open_appeals(places)
    weights = accuracy_of(access.space.id, {flag.person_id for many in flags.values() for flag in many})
    found = []
    for (kind, target_id), place in places.items():
        comment = talk.get(target_id) if kind == COMMENT else None
        idea = about.get(comment.idea_id if comment else target_id)
        if idea is None or (kind == COMMENT and comment is None):
            continue
        target = (kind, target_id)
        item = replace(
            _item(kind, target_id, place, idea, comment, flags.get(target, ())),
            claim=taken.get(target),
            appeal=asked.get(target),
            weight=round(sum(weights[flag.person_id] for flag in flags.get(target, ())), 2),
        )
        if not item.held or place == target_id:  # held and reported: it stands where it was held
            found.append(item)
    return found


def _item(
    kind: str, target_id: str, place: str, idea: IdeaFact, comment: CommentFact | None, flags: Sequence[FlagFact]
) -> QueueItem:
    text = comment or idea
    verdict: dict[str, Any] = text.verdict or {}
    history, reasons = tuple(verdict.get("history", ())), tuple(verdict.get("reasons", ()))
    return QueueItem(kind, target_id, place, idea, comment, text.state == HELD, tuple(flags), history, reasons)


@reading
def open_flags(targets: Iterable[Target]) -> dict[Target, list[FlagFact]]:
    """The open reports of texts, oldest first, with who made them."""
    wanted = sorted(set(targets))
    query = select(Flag).where(tuple_(Flag.kind, Flag.target_id).in_(wanted), Flag.settled_at.is_(None))
    rows = list(session().scalars(query.order_by(Flag.id))) if wanted else []
    people = get_people({row.person_id for row in rows})
    found: dict[Target, list[FlagFact]] = defaultdict(list)
    for row in rows:
        person = people.get(row.person_id)
        found[row.kind, row.target_id].append(flag_fact(row, person.name if person else ""))
    return dict(found)


def flag_fact(row: Flag, name: str = "") -> FlagFact:
    """The fact of a report."""
    return FlagFact(
        row.id, row.kind, row.target_id, row.person_id, name, row.reason, row.created_at, row.settled_at, row.outcome
    )


@reading
def count_waiting(space_id: str) -> int:
    """How many texts wait for a decision, for the number beside the menu. A text that is held and reported counts twice."""
    return look_up(_WAITING, space=space_id).scalar() or 0


@reading
def has_flagged(person_id: str | None, kind: str, target_id: str) -> bool:
    """Whether a person has reported a text already."""
    query = select(Flag.id).where(Flag.kind == kind, Flag.target_id == target_id, Flag.person_id == person_id)
    return person_id is not None and session().scalar(query) is not None
