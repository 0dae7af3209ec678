"""The queue: what waits for a moderator, oldest first; who takes what, and one decision on several texts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from marshmallow import validate
from werkzeug.wrappers import Response

from codesign.comments import counts as comment_counts
from codesign.ideas import counts as idea_counts
from codesign.ideas.facts import Lookalike
from codesign.ideas.queries import find_similar
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.moderation import desk, queries
from codesign.moderation.facts import (
    CHANGE,
    DECISIONS,
    HIDE,
    HOLD,
    IDEA,
    KEEP,
    PUBLISH,
    REFUSE,
    AppealFact,
    ClaimFact,
    FlagFact,
    QueueItem,
)
from codesign.moderation.pages.blueprint import blueprint
from codesign.moderation.service import settle_many
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.web.csrf import FIELD
from codesign.web.forms import Form, Line, Prose, Query, asked, posted
from codesign.web.identity import current_actor

#: Look-alikes are looked for on so many texts of a page, so many each.
LOOKED_AT, ALIKE = 10, 3


class PlaceQuery(Query):
    """From where on."""

    cursor = Line(load_default=None, validate=validate.Length(max=200))


class BulkForm(Form):
    """One decision; the texts are boxes of their own, named after what they are."""

    decision = Line(required=True, validate=validate.OneOf(DECISIONS))
    reason = Prose(load_default="")
    reply = Line(load_default="", validate=validate.Length(max=26))


class ClaimForm(Form):
    """Take a text, or leave it."""

    do = Line(load_default="take", validate=validate.OneOf(("take", "leave")))


@dataclass(frozen=True)
class History:
    """What became of an author's other texts here."""

    published: int = 0
    hidden: int = 0


@dataclass(frozen=True)
class Waiting:
    """One line of the queue. ``box`` is the name under which several are decided on at once."""

    id: str
    box: str
    held: bool
    is_comment: bool
    title: str
    body: str
    author: str | None
    author_url: str
    guest: bool
    history: History | None
    at: datetime
    url: str
    action: str
    claim_url: str
    claim: ClaimFact | None
    mine: bool
    appeal: AppealFact | None
    barred: bool
    reasons: tuple[str, ...]
    acts: tuple[dict[str, Any], ...]
    flags: tuple[FlagFact, ...]
    weight: float
    seen: str
    alike: tuple[tuple[str, str, str], ...]
    decisions: tuple[str, ...]


@blueprint.get("/spaces/<space>/queue")
def queue(space: str) -> str:
    """What waits for a decision."""
    cursor, actor = asked(PlaceQuery())["cursor"], current_actor()
    with read():
        access = look(actor, space, "moderate")
        page = queries.queue(access, cursor=cursor)
        known = histories(access.space.id, [item.text.author_id for item in page.items])
        canned = desk.replies(access.space.id)
    alike = offload(lookalikes, access, page.items)
    slug = access.space.slug
    return render_template(
        "moderation/queue.html",
        space=access.space,
        seq=page.seq,
        active="queue",
        items=[waiting(actor, slug, item, known, alike.get(item.target_id, ())) for item in page.items],
        replies=canned,
        next_url=url_for("moderation.queue", space=slug, cursor=page.next) if page.next else "",
        urls={
            "bulk": url_for("moderation.decide_many", space=slug),
            "replies": url_for("moderation.canned", space=slug),
            "numbers": url_for("moderation.numbers", space=slug),
        },
    )


@blueprint.post("/spaces/<space>/queue")
def decide_many(space: str) -> Response:
    """One decision on the texts that were ticked."""
    fields = request.form.to_dict()
    boxes = {name: seen for name, seen in fields.items() if name.startswith("text.")}
    values = BulkForm().load({name: value for name, value in fields.items() if name not in {*boxes, FIELD}})
    access = look(current_actor(), space, "moderate")
    reason = values["reason"] or desk.reply_body(access.space.id, values["reply"])
    targets = [(kind, target_id, seen) for kind, target_id, seen in map(_box, boxes.items())]
    back = redirect(url_for("moderation.queue", space=space), 303)
    if not targets:
        flash(_("Tick the texts first."))
        return back
    outcome = settle_many(current_actor(), targets, values["decision"], reason)
    refused = [problem for problem in outcome.values() if problem is not None]
    flash(_("Decided on texts: %(count)s.", count=len(outcome) - len(refused)))
    for sentence in dict.fromkeys(str(problem.sentence) for problem in refused):
        flash(sentence)
    return back


def _box(pair: tuple[str, str]) -> tuple[str, str, str]:
    kind, _dot, target_id = pair[0].removeprefix("text.").partition(".")
    if not target_id:
        raise Invalid(_("This is no text of the queue."))
    return kind, target_id, pair[1]


@blueprint.post("/spaces/<space>/queue/<kind>/<target_id>/claim")
def claim(space: str, kind: str, target_id: str) -> Response:
    """Take a text so that nobody else decides on it, or leave it to others."""
    leaves = posted(ClaimForm())["do"] == "leave"
    (desk.release_text if leaves else desk.claim_text)(current_actor(), space, kind, target_id)
    return redirect(url_for("moderation.queue", space=space, _anchor=f"item-{target_id}"), 303)


def lookalikes(access: Access, items: tuple[QueueItem, ...]) -> dict[str, tuple[Lookalike, ...]]:
    """Published ideas that resemble the ideas of a page."""
    ideas = [item.idea for item in items if item.kind == IDEA][:LOOKED_AT]
    return {idea.id: tuple(find_similar(access, idea.title, ALIKE, idea.id)) for idea in ideas}


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


def waiting(
    actor: Actor, slug: str, item: QueueItem, known: dict[str, History], alike: tuple[Lookalike, ...]
) -> Waiting:
    """One line for the template."""
    text, comment = item.text, item.comment
    anchor = {"_anchor": f"comment-{comment.id}"} if comment else {}
    place: dict[str, Any] = {"space": slug, "kind": item.kind, "target_id": item.target_id}
    here = url_for("moderation.queue", space=slug)
    author = text.author_id or ""
    return Waiting(
        id=item.target_id,
        box=f"text.{item.kind}.{item.target_id}",
        held=item.held,
        is_comment=comment is not None,
        title=item.idea.title,
        body=text.body,
        author=text.author_name,
        author_url=url_for("moderation.author", space=slug, person_id=author) if author else "",
        guest=text.author_guest,
        history=known.get(author),
        at=text.created_at,
        url=idea_url(item.idea, **anchor),
        action=url_for("moderation.decide", **place, next=here),
        claim_url=url_for("moderation.claim", **place),
        claim=item.claim,
        mine=item.claim is not None and item.claim.person_id == actor.person_id,
        appeal=item.appeal,
        barred=item.appeal is not None and item.appeal.against == actor.person_id,
        reasons=item.reasons,
        acts=item.history,
        flags=item.flags,
        weight=item.weight,
        seen=item.seen,
        alike=tuple(
            (hit.idea.title, idea_url(hit.idea), url_for("merging.choose", space=slug, idea_id=item.target_id))
            for hit in alike
        ),
        decisions=choices(item),
    )


def choices(item: QueueItem) -> tuple[str, ...]:
    """What a moderator may decide: on an appeal, on what waits, on what stands and was reported."""
    if item.text.state == HIDDEN:
        return (PUBLISH, REFUSE)
    return (PUBLISH, CHANGE, REFUSE) if item.text.state == HELD else (KEEP, HOLD, CHANGE, HIDE)
