"""Texts and reports as plugins get to know them, and the one thing a plugin may do about a text: hold it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select

from codesign.comments.queries import get_comments
from codesign.comments.service import hold_comment
from codesign.ideas.reading import plain_ideas
from codesign.ideas.service import hold_idea
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.contribution import PUBLISHED, REMOVED
from codesign.kernel.db import reading, session, verb
from codesign.moderation.facts import COMMENT, IDEA, UPHELD, ReportFact, TextFact
from codesign.moderation.models import Flag
from codesign.spaces.access import standing

#: So many of a person's last settled reports say how accurate they are.
REMEMBERED = 100


@reading
def read_texts(space_id: str, targets: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TextFact]:
    """Texts of a space by kind and id, in whatever state; what is gone is left out, and so are notes of the team."""
    access, wanted = standing(SYSTEM, space_id), sorted(set(targets))
    every = get_comments(access, [text_id for kind, text_id in wanted if kind == COMMENT])
    talk = {key: item for key, item in every.items() if not item.internal and item.state != REMOVED}
    ids = {text_id for kind, text_id in wanted if kind == IDEA} | {comment.idea_id for comment in talk.values()}
    ideas = plain_ideas(access, ids)
    found: dict[tuple[str, str], TextFact] = {}
    for kind, text_id in wanted:
        comment = talk.get(text_id) if kind == COMMENT else None
        idea = ideas.get(comment.idea_id if comment else text_id)
        text = comment if kind == COMMENT else idea
        if text is not None and idea is not None:
            found[kind, text_id] = TextFact(
                kind, text_id, idea.id, idea.title, text.body, text.author_id, text.state, text.version, text.created_at
            )
    return found


@reading
def accuracy_of(space_id: str, person_ids: Iterable[str]) -> dict[str, float]:
    """How often moderators agreed with these people's last reports in a space: (upheld + 1) / (settled + 2).

    Laplace's rule of succession: one half for somebody new, never quite 0 or 1.
    """
    wanted = sorted(set(person_ids))
    place = func.row_number().over(partition_by=Flag.person_id, order_by=Flag.id.desc()).label("place")
    settled = Flag.space_id == space_id, Flag.person_id.in_(wanted), Flag.settled_at.is_not(None)
    latest = select(Flag.person_id, Flag.outcome, place).where(*settled).subquery()
    counts: dict[str, tuple[int, int]] = {}
    for row in session().execute(select(latest.c.person_id, latest.c.outcome).where(latest.c.place <= REMEMBERED)):
        upheld, whole = counts.get(row.person_id, (0, 0))
        counts[row.person_id] = (upheld + (row.outcome == UPHELD), whole + 1)
    return {person: (counts.get(person, (0, 0))[0] + 1) / (counts.get(person, (0, 0))[1] + 2) for person in wanted}


@reading
def reports_of(space_id: str, kind: str, text_id: str) -> tuple[ReportFact, ...]:
    """The open reports of a text, in the order they were made."""
    query = select(Flag.person_id).where(Flag.space_id == space_id, Flag.kind == kind, Flag.target_id == text_id)
    people = list(session().scalars(query.where(Flag.settled_at.is_(None)).order_by(Flag.id)))
    weights = accuracy_of(space_id, people)
    return tuple(ReportFact(person, weights[person]) for person in people)


@verb
def hold_text(actor: Actor, space_id: str, kind: str, text_id: str, reason: str) -> None:
    """Put a published text into the queue on a plugin's behalf; what is not published stays as it is."""
    whole = replace(actor, is_admin=True)  # the gate knows people; the log names the plugin
    text = read_texts(space_id, [(kind, text_id)]).get((kind, text_id))
    if text is not None and text.state == PUBLISHED:
        (hold_idea if kind == IDEA else hold_comment)(whole, text_id, reason)
