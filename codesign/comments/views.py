"""The comments of an idea as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from marshmallow import validate

from codesign.comments.facts import CommentFact
from codesign.comments.queries import list_comments
from codesign.ideas.facts import IdeaFact
from codesign.ideas.ports import ports
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED, REMOVED
from codesign.kernel.paging import Page
from codesign.kernel.text import _
from codesign.spaces.facts import Access, SpaceFact
from codesign.spaces.queries import team_ids
from codesign.spaces.views import obstacle
from codesign.web.forms import Line, Query

AT_ONCE = 100


class TalkQuery(Query):
    """Which comment is being answered, and from where on comments are shown."""

    reply = Line(load_default="", validate=validate.Length(max=26))
    talk = Line(load_default="", validate=validate.Length(max=200))


@dataclass(frozen=True)
class Said:
    """One comment: what is read, and the addresses of what this viewer may do with it ("" where they may not)."""

    id: str
    name: str
    face: str
    is_mine: bool
    is_reply: bool
    is_team: bool
    internal: bool
    at: datetime
    edited_at: datetime | None
    body: str
    gone: str = ""
    held: str = ""
    reply_url: str = ""
    edit_url: str = ""
    flag_url: str = ""
    hide_url: str = ""
    publish_url: str = ""
    appeal_url: str = ""


@dataclass(frozen=True)
class Talk:
    """The comments of an idea and the form below them."""

    idea_id: str
    space: SpaceFact
    count: int
    items: list[Said]
    add_url: str
    here_url: str
    first_url: str
    later_url: str
    reply_to: str
    may_comment: bool
    may_note: bool
    may_picture: bool
    closed_reason: str
    audience: str


def read_talk(actor: Actor, access: Access, idea: IdeaFact, reply: str = "", talk: str = "") -> Talk:
    """The comments from the place *talk* on, with the form under the comment *reply*. Needs a read block around it."""
    page = list_comments(access, idea.id, limit=AT_ONCE, cursor=talk or None)
    why_not = obstacle(actor, access, "comment")
    if idea.state != PUBLISHED:
        why_not = why_not or _("Comments open when this idea is published.")
    team = set(team_ids(access.space.id))
    here = {"talk": talk} if talk else {}
    return Talk(
        idea_id=idea.id,
        space=access.space,
        count=idea.comment_count,
        items=[_said(access, idea, fact, team, why_not is None, here) for fact in threaded(page)],
        add_url=url_for("comments.add", space=access.space.slug, idea_id=idea.id),
        here_url=idea_url(idea, **here),
        first_url=idea_url(idea, _anchor="comments") if talk else "",
        later_url=idea_url(idea, talk=page.next, _anchor="comments") if page.next else "",
        reply_to=reply,
        may_comment=why_not is None,
        may_note=access.is_team,
        may_picture=access.may("comment"),
        closed_reason=why_not or "",
        audience=_AUDIENCE[access.space.visibility],
    )


_AUDIENCE = {
    "public": _("Everyone can read it."),
    "unlisted": _("Everyone who has the link can read it."),
    "private": _("Everyone in this space can read it."),
}


def threaded(page: Page[CommentFact]) -> list[CommentFact]:
    """Answers under what they answer; those whose comment stands on an earlier page come first."""
    here = {fact.id for fact in page.items}
    roots = [fact for fact in page.items if fact.parent_id not in here]
    answers: dict[str | None, list[CommentFact]] = {}
    for fact in page.items:
        if fact.parent_id in here:
            answers.setdefault(fact.parent_id, []).append(fact)
    return [fact for root in roots for fact in (root, *answers.get(root.id, ()))]


def _said(
    access: Access, idea: IdeaFact, fact: CommentFact, team: set[str], may_answer: bool, here: Mapping[str, Any]
) -> Said:
    mine = access.person_id is not None and fact.author_id == access.person_id
    readable = bool(fact.body)
    return Said(
        id=fact.id,
        name=name_of(fact),
        face="me" if mine else "guest" if fact.author_guest or fact.author_id is None else "",
        is_mine=mine,
        is_reply=fact.parent_id is not None,
        is_team=fact.author_id in team,
        internal=fact.internal,
        at=fact.created_at,
        edited_at=fact.edited_at,
        body=fact.body,
        gone="" if readable else _GONE.get(fact.state, _GONE[REMOVED]),
        held=_held(fact, mine) if readable else "",
        **(_addresses(access, idea, fact, mine, may_answer, here) if readable else {}),
    )


_GONE = {REMOVED: _("This comment was deleted."), HIDDEN: _("A moderator hid this comment.")}


def _held(fact: CommentFact, mine: bool) -> str:
    if fact.state == HELD:
        return _("Only you and the moderators see this yet.") if mine else _("Waits for a moderator.")
    if fact.state == HIDDEN:
        return _("Hidden by a moderator: %(reason)s", reason=last_reason(fact.verdict))
    return ""


def last_reason(verdict: dict[str, Any] | None) -> str:
    """The words of whoever moved a text last, or of the reviewers."""
    history = (verdict or {}).get("history") or [{}]
    return str(history[-1].get("reason") or " ".join((verdict or {}).get("reasons", ())))


def name_of(fact: CommentFact) -> str:
    """What others call the author."""
    if fact.author_name is None:
        return _("Somebody")
    return _("A guest") if fact.author_guest else fact.author_name


def _addresses(
    access: Access, idea: IdeaFact, fact: CommentFact, mine: bool, may_answer: bool, here: Mapping[str, Any]
) -> dict[str, str]:
    slug, moderates = access.space.slug, access.may("moderate") and not fact.internal
    place: dict[str, Any] = {"space": slug, "kind": "comment", "target_id": fact.id}
    urls = {
        "reply_url": idea_url(idea, reply=fact.id, _anchor="reply-form", **here),
        "edit_url": url_for("comments.edit", space=slug, comment_id=fact.id),
        "flag_url": url_for("moderation.report", **place),
        "hide_url": url_for("moderation.ask", decision="hide", **place),
        "publish_url": url_for("moderation.ask", decision="publish", **place),
        "appeal_url": url_for("moderation.ask_again", **place),
    }
    allowed = {
        "reply_url": may_answer and fact.parent_id is None and fact.state == PUBLISHED,
        "edit_url": mine or moderates,
        "flag_url": not mine and not moderates and fact.state == PUBLISHED and not fact.internal,
        "hide_url": moderates and fact.state == PUBLISHED,
        "publish_url": moderates and fact.state in {HELD, HIDDEN},
        "appeal_url": mine and ports.appeal(access, fact, "comment") == "offer",
    }
    return {name: url for name, url in urls.items() if allowed[name]}
