"""The queue: what waits for a moderator, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, url_for
from marshmallow import validate

from codesign.comments import counts as comment_counts
from codesign.ideas import counts as idea_counts
from codesign.ideas.views import idea_url
from codesign.kernel.contribution import HIDDEN, PUBLISHED
from codesign.kernel.db import read
from codesign.moderation import queries
from codesign.moderation.facts import HIDE, HOLD, KEEP, PUBLISH, FlagFact, QueueItem
from codesign.moderation.pages.blueprint import blueprint
from codesign.spaces.access import look
from codesign.web.forms import Line, Query, asked
from codesign.web.identity import current_actor


class PlaceQuery(Query):
    """From where on."""

    cursor = Line(load_default=None, validate=validate.Length(max=200))


@dataclass(frozen=True)
class History:
    """What became of an author's other texts here."""

    published: int = 0
    hidden: int = 0


@dataclass(frozen=True)
class Waiting:
    """One line of the queue."""

    id: str
    held: bool
    is_comment: bool
    title: str
    body: str
    author: str | None
    guest: bool
    history: History | None
    at: datetime
    url: str
    action: str
    reasons: tuple[str, ...]
    flags: tuple[FlagFact, ...]
    decisions: tuple[str, ...]


@blueprint.get("/spaces/<space>/queue")
def queue(space: str) -> str:
    """What waits for a decision."""
    cursor = asked(PlaceQuery())["cursor"]
    with read():
        access = look(current_actor(), space, "moderate")
        page = queries.queue(access, cursor=cursor)
        known = histories(access.space.id, [item.text.author_id for item in page.items])
    slug = access.space.slug
    return render_template(
        "moderation/queue.html",
        space=access.space,
        seq=page.seq,
        active="queue",
        items=[waiting(slug, item, known.get(item.text.author_id or "")) for item in page.items],
        next_url=url_for("moderation.queue", space=slug, cursor=page.next) if page.next else "",
        here_url=url_for("moderation.queue", space=slug),
    )


def histories(space_id: str, author_ids: list[str | None]) -> dict[str, History]:
    """What became of what these people wrote. Needs a read block around it."""
    ids = [author_id for author_id in author_ids if author_id]
    found: dict[str, History] = {}
    for counts in (idea_counts.states_by_author(space_id, ids), comment_counts.states_by_author(space_id, ids)):
        for author_id, states in counts.items():
            before = found.get(author_id, History())
            published, hidden = states.get(PUBLISHED, 0), states.get(HIDDEN, 0)
            found[author_id] = History(before.published + published, before.hidden + hidden)
    return found


def waiting(slug: str, item: QueueItem, history: History | None) -> Waiting:
    """One line for the template."""
    text, comment = item.text, item.comment
    anchor = {"_anchor": f"comment-{comment.id}"} if comment else {}
    here = url_for("moderation.queue", space=slug)
    return Waiting(
        id=item.target_id,
        held=item.held,
        is_comment=comment is not None,
        title=item.idea.title,
        body=text.body,
        author=text.author_name,
        guest=text.author_guest,
        history=history,
        at=text.created_at,
        url=idea_url(item.idea, **anchor),
        action=url_for("moderation.decide", space=slug, kind=item.kind, target_id=item.target_id, next=here),
        reasons=item.reasons,
        flags=item.flags,
        decisions=(PUBLISH, HIDE) if item.held else (KEEP, HOLD, HIDE),
    )
