"""The page of one idea: its text, its votes, what people say, its way, and the tools of the team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from codesign.comments.views import Talk, TalkQuery, last_reason, read_talk
from codesign.configurations.views import Carried, carried_cards
from codesign.events import log
from codesign.ideas.facts import IdeaFact
from codesign.ideas.pages.blueprint import blueprint
from codesign.ideas.pages.cards import Card, make_card
from codesign.ideas.pages.parts import Part, part_of
from codesign.ideas.pages.stand import Stand, read_stand
from codesign.ideas.pages.way import Way, read_way
from codesign.ideas.people import UNNAMED, authors
from codesign.ideas.ports import ports
from codesign.ideas.queries import get_idea, get_ideas, idea_access
from codesign.ideas.views import board_url, idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, PUBLISHED
from codesign.kernel.db import read
from codesign.kernel.errors import Invalid, NotFound
from codesign.spaces.facts import Access, StatusFact
from codesign.spaces.queries import list_statuses
from codesign.voting.views import ballot_view
from codesign.web.drafts import take_stored
from codesign.web.forms import asked
from codesign.web.identity import current_actor


@dataclass(frozen=True)
class May:
    """What the viewer is offered."""

    edit: bool
    withdraw: bool
    report: bool
    follow: bool
    moderate: bool


@dataclass(frozen=True)
class IdeaPage:
    """Everything the page shows, read at one moment."""

    access: Access
    idea: IdeaFact
    card: Card
    statuses: list[StatusFact]
    may: May
    stand: Stand
    way: Way
    talk: Talk
    answered_by: str | None
    seq: int
    appeal: str = ""
    part: Part | None = None

    @property
    def urls(self) -> dict[str, str]:
        return addresses(self.idea)

    @property
    def status_options(self) -> list[tuple[str, str]]:
        return [(status.id, status.name) for status in self.statuses if not status.retired]

    @property
    def author_link(self) -> Markup:
        """The author's name as a link to their ideas."""
        address = board_url(self.idea.space_slug, author=self.idea.author_id)
        return Markup('<a href="{}"><b>{}</b></a>').format(address, self.idea.author_name)

    @property
    def reason(self) -> str:
        return last_reason(self.idea.verdict)


@blueprint.get("/spaces/<space>/ideas/<reference>")
def show(space: str, reference: str) -> str | Response:
    """One idea; a merged one is a signpost; another slug leads to the right address."""
    actor, wish = current_actor(), asked(TalkQuery())
    with read():
        access, plain = idea_access(actor, reference.partition("-")[0])
        if (space, reference) != (plain.space_slug, f"{plain.id}-{plain.slug}"):
            # Only what this page knows comes along: words like _external or space in an address would steer url_for.
            return redirect(idea_url(plain, **{name: text for name, text in wish.items() if text}), 302)
        if plain.merged_into:
            return signpost(access, get_idea(actor, plain.id))
        idea = get_ideas(access, [plain.id])[plain.id]
        try:
            page = take_page(actor, access, idea, wish)
        except Invalid:
            return redirect(idea_url(idea))
    values = frame(access, idea, page.seq)
    return render_template("ideas/idea.html", page=page, draft_done=take_stored(), **values)


def take_page(actor: Actor, access: Access, idea: IdeaFact, wish: dict[str, Any]) -> IdeaPage:
    """Read everything around one idea. Needs a read block around it."""
    ballot, statuses = ballot_view(actor, access), list_statuses(access.space.id, retired=True)
    answerer = authors(access, [idea.answer_by]).get(idea.answer_by, UNNAMED)
    return IdeaPage(
        access=access,
        idea=idea,
        card=make_card(idea, ballot, access.person_id, carried=carried_card(idea)),
        statuses=statuses,
        may=offered(access, idea),
        stand=read_stand(idea, ballot, access.space.ballot.closed_at),
        way=read_way(access, idea, statuses, veiled=ballot.hidden),
        talk=read_talk(actor, access, idea, **wish),
        answered_by=answerer.name,
        seq=log.head(access.space.id),
        appeal=ports.appeal(access, idea, "idea"),
        part=part_of(access, idea.for_product_id, idea.for_group, idea.id),
    )


def carried_card(idea: IdeaFact) -> Carried | None:
    """The configuration an idea carries."""
    return carried_cards(idea.space_slug, [idea.configuration_id], whole=True).get(idea.configuration_id or "")


def signpost(access: Access, idea: IdeaFact) -> str:
    """The page of an idea that is part of another one now."""
    target_id = idea.survivor_id or idea.merged_into or ""
    target = get_ideas(access, [target_id]).get(target_id)
    if target is None:
        raise NotFound()
    page = {"idea": idea, "target": target, "target_url": idea_url(target), "urls": addresses(idea)}
    return render_template(
        "ideas/signpost.html",
        page={**page, "may_undo": access.may("moderate")},
        **frame(access, idea, log.head(access.space.id)),
    )


def frame(access: Access, idea: IdeaFact, seq: int) -> dict[str, Any]:
    """What the frame around the page needs."""
    address = idea_url(idea, _external=True)
    slug = access.space.slug
    return {"space": access.space, "seq": seq, "active": "ideas", "page_url": address, "board_url": board_url(slug)}


def offered(access: Access, idea: IdeaFact) -> May:
    """What this viewer is offered; the verbs decide once more."""
    mine = access.person_id is not None and idea.author_id == access.person_id
    return May(
        edit=access.may("moderate") or (mine and (access.space.allows("propose") or access.space.allows("comment"))),
        withdraw=mine and idea.state in {PUBLISHED, HELD},
        report=not mine and not access.may("moderate") and idea.state == PUBLISHED,
        follow=idea.state == PUBLISHED,
        moderate=access.may("moderate"),
    )


def addresses(idea: IdeaFact) -> dict[str, str]:
    """Where the forms and links of the page lead."""
    slug = idea.space_slug
    here: dict[str, Any] = {"space": slug, "idea_id": idea.id}
    target: dict[str, Any] = {"space": slug, "kind": "idea", "target_id": idea.id}
    return {
        "edit": url_for("ideas.edit", **here),
        "withdraw": url_for("ideas.ask_withdraw", **here),
        "follow": url_for("ideas.follow", **here),
        "status": url_for("ideas.status", **here),
        "answer": url_for("ideas.answer", **here),
        "merge": url_for("merging.choose", **here),
        "split": url_for("triage.split_form", **here),
        "undo": url_for("merging.undo", **here),
        "report": url_for("moderation.report", **target),
        "decide": url_for("moderation.decide", **target),
        "queue": url_for("moderation.queue", space=slug),
        "appeal": url_for("moderation.ask_again", **target),
        "numbers": url_for("moderation.numbers", space=slug),
    }
