"""The board of a space: its ideas, sorted and filtered as the address says, and what happens around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, flash, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from codesign.configurations.views import can_be_composed
from codesign.ideas.asked import Answered, Matches, ask_search, read_matches
from codesign.ideas.counts import count_ideas
from codesign.ideas.facts import IdeaFact, TagFact
from codesign.ideas.lists import list_ideas
from codesign.ideas.pages.blueprint import blueprint
from codesign.ideas.pages.cards import make_cards
from codesign.ideas.pages.empties import empty_board
from codesign.ideas.pages.phase import phase_card
from codesign.ideas.pages.picks import applied, narrowing, orders
from codesign.ideas.pages.pulse import Pulse, read_pulse
from codesign.ideas.pages.wishes import BoardQuery, Wish
from codesign.ideas.queries import list_tags
from codesign.ideas.views import board_url
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.believed import Believed
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Invalid
from codesign.kernel.paging import Page
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import Access, StatusFact
from codesign.spaces.queries import list_statuses
from codesign.spaces.views import obstacle
from codesign.voting.views import BallotView, ballot_view
from codesign.web.csrf import csrf_token
from codesign.web.forms import asked
from codesign.web.identity import current_actor

LONGEST_HEADING = 60

_tags: Believed[list[TagFact]] = Believed(30)


@dataclass(frozen=True)
class Snapshot:
    """Everything the board shows, read at one moment."""

    access: Access
    ballot: BallotView
    page: Page[IdeaFact]
    count: int
    statuses: list[StatusFact]
    tags: list[TagFact]
    pulse: Pulse
    propose_obstacle: str | None
    matches: Matches | None


def take_snapshot(actor: Actor, reference: str, wish: Wish, seed: str, answer: Answered | None = None) -> Snapshot:
    """Read the board in one snapshot, so that rows and ``seq`` belong together."""
    with read():
        access = look(actor, reference)
        space, ballot = access.space, ballot_view(actor, access)
        filters = {name: value for name, value in wish.filters.items() if value}
        matches = read_matches(access, answer)
        found = matches.ideas if matches else None
        return Snapshot(
            access=access,
            ballot=ballot,
            page=list_ideas(access, wish.sort or None, cursor=wish.cursor or None, seed=seed, found=found, **filters),
            count=count_ideas(space.id),
            statuses=list_statuses(space.id),
            tags=_tags.get(space.id, lambda: list_tags(space.id)),
            pulse=read_pulse(space, ballot),
            propose_obstacle=obstacle(actor, access, "propose"),
            matches=matches,
        )


@blueprint.get("/spaces/<space>")
def board(space: str) -> str | Response:
    """The ideas of a space."""
    wish = Wish(**asked(BoardQuery()))
    try:
        snapshot = find(current_actor(), space, wish)
    except Invalid as refusal:
        # A link kept from other days: its order (a plugin was switched off) or its place in the list is no more.
        if any(error.field == "sort" for error in refusal.errors):
            flash(_("The order you asked for is not on offer here any more. This is the usual one."))
        return redirect(replace(wish, sort="").url(space))
    g.idea_count = snapshot.access.space.id, snapshot.count
    return render_template("ideas/board.html", **board_values(snapshot, wish))


@blueprint.get("/spaces/<space>/pulse")
def pulse(space: str) -> Response:
    """The numbers at the head of the board alone, for boards that stay open."""
    actor = current_actor()
    with read():
        access = look(actor, space)
        numbers = read_pulse(access.space, ballot_view(actor, access))
    response = make_response(render_template("ideas/_pulse.html", space=access.space, pulse=numbers))
    response.headers["Cache-Control"] = "no-store"
    return response


def find(actor: Actor, space: str, wish: Wish) -> Snapshot:
    """The snapshot; looking for words is no index look-up, so that is done beside the hub, after plugins were asked."""
    arguments = (actor, space, wish, viewer_seed())
    if not wish.q:
        return take_snapshot(*arguments)
    return offload(take_snapshot, *arguments, ask_search(actor, space, wish.q))


def viewer_seed() -> str:
    """What tells apart browsers of people nobody knows yet, so that each gets its own shuffled order."""
    csrf_token()
    fresh: bytes = g.get("csrf_new") or b""
    return fresh.decode() or request.cookies.get(current_app.config["CSRF_COOKIE"], "").rpartition(".")[0]


def board_values(shot: Snapshot, wish: Wish) -> dict[str, Any]:
    """What the template draws."""
    space, slug = shot.access.space, shot.access.space.slug
    heading = next((text for text in (space.purpose, space.goal) if 0 < len(text) <= LONGEST_HEADING), space.name)
    cards = make_cards(shot.page.items, shot.ballot, shot.access.person_id)
    first = not wish.cursor
    author = next((card.idea.author_name for card in cards), None) if wish.author else None
    return {
        "space": space,
        "seq": shot.page.seq,
        "active": "ideas",
        "page_url": None if wish.filters or wish.cursor else board_url(slug, _external=True),
        "board": {
            "heading": heading,
            "text": min(
                (text for text in (space.goal, space.purpose) if text and text != heading), key=len, default=""
            ),
            "pulse": shot.pulse,
            "ballot": shot.ballot,
            "picks": orders(shot.access, wish, shot.page.sort, hidden=shot.ballot.hidden, matched=bool(shot.matches)),
            "cards": cards,
            "rank": shot.page.sort,
            "filter": wish,
            "found": shot.matches,
            "narrowing": narrowing(space, wish, shot.matches.facets if shot.matches else ()),
            "meant_url": wish.url(slug, q=shot.matches.did_you_mean) if shot.matches else "",
            "searching": bool(wish.q) or request.query_string == b"q=",
            "applied": applied(space, wish, shot.statuses, author),
            "clear_url": wish.clear_url(slug),
            "search_url": board_url(slug),
            "offers_products": can_be_composed(space.id),
            "status_options": [("", _("All")), *((status.id, status.name) for status in shot.statuses)],
            "tag_options": [("", _("All")), *((tag.name, f"{tag.name} ({tag.count})") for tag in shot.tags)],
            "next_url": wish.url(slug, cursor=shot.page.next) if shot.page.next else "",
            "previous_url": "" if first else wish.url(slug),
            "at_start": first,
            "count": shot.count,
            "ideas": shot.page.items,
            "empty": empty_board(space, wish, shot.propose_obstacle),
            "phase": phase_card(space, clock.now()),
        },
    }
