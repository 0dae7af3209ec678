"""Proposing an idea: one page, look-alikes while typing, and a text that is never lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.accounts.detour import is_stranger, sign_in_first
from codesign.configurations.queries import get_configurations
from codesign.configurations.views import Line as CarriedLine
from codesign.configurations.views import lines
from codesign.ideas.asked import look_alike
from codesign.ideas.facts import IdeaFact
from codesign.ideas.limits import count_text
from codesign.ideas.pages.blueprint import blueprint
from codesign.ideas.pages.cards import Card, make_card
from codesign.ideas.pages.forms import IdeaForm, SimilarQuery, TitleQuery, split_tags
from codesign.ideas.pages.parts import part_of
from codesign.ideas.queries import list_tags
from codesign.ideas.service import submit_idea
from codesign.ideas.views import board_url, idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, Signs
from codesign.kernel.db import read
from codesign.kernel.errors import Closed, FieldError
from codesign.kernel.text import _
from codesign.pictures.taking import drop_picture, has_picture, take_picture
from codesign.spaces.access import look, require, standing
from codesign.spaces.facts import Access
from codesign.voting.views import ballot_view
from codesign.web.bodies import takes_files
from codesign.web.drafts import note_stored
from codesign.web.forms import KEEPS_TEXT, asked, posted, refusals
from codesign.web.identity import current_actor, ensure_actor
from codesign.web.signs import signs_of_form

#: From this likeness on a title is held up once without script: "is it one of these?"
STRONG = 0.55
SHOWN = 3


@blueprint.get("/spaces/<space>/ideas/new")
def new(space: str) -> Response:
    """The empty form (or one with the words somebody searched for)."""
    actor = current_actor()
    access = standing(actor, space)
    try:
        gate(actor, access)
    except Closed as problem:
        page = render_template(
            "ideas/not_now.html", space=access.space, why=problem.sentence, board_url=board_url(space)
        )
        return make_response(page, problem.status)
    wish = asked(TitleQuery())
    carries = carried_line(access, wish["configuration"])
    title = wish["title"] or (carries.configuration.name if carries else "")
    return draw(actor, access, {**wish, "title": title, "body": ""})


@blueprint.post("/spaces/<space>/ideas/new")
@takes_files
def publish(space: str) -> Response:
    """Publish it; on the way perhaps the question whether one of the look-alikes will do, or signing in."""
    actor, values = current_actor(), posted(IdeaForm())
    access = standing(actor, space)
    gate(actor, access)
    try:
        if access.may("propose"):
            take_picture(ensure_actor() if has_picture() else actor, access.space.id, values)
        else:
            drop_picture(values)
    except KEEPS_TEXT as problem:
        return draw(actor, access, values, errors=refusals(problem), status=problem.status)
    if not values.pop("seen") and (cards := lookalike_cards(actor, access, values["title"], STRONG)):
        return draw(actor, access, values, cards=cards)
    if not access.may("propose"):
        return sign_in_first("idea", {"space_id": access.space.id, **values}, board_url(access.space.slug))
    try:
        idea = store(ensure_actor(), access.space.id, values, signs_of_form())
    except KEEPS_TEXT as problem:
        return draw(actor, access, values, errors=refusals(problem), status=problem.status)
    flash(thanks(idea))
    return redirect(idea_url(idea), 303)


@blueprint.get("/spaces/<space>/similar")
def similar(space: str) -> str:
    """A fragment: ideas that look like what is being typed."""
    wish, actor = asked(SimilarQuery()), current_actor()
    access = look(actor, space)
    cards = lookalike_cards(actor, access, wish["q"] or wish["title"], skip=wish["skip"])
    return render_template("ideas/_similar.html", cards=cards, dismissable=True)


def gate(actor: Actor, access: Access) -> None:
    """Refuse where proposing is closed; who could do it after signing in may write first."""
    if access.may("propose") or not is_stranger(actor):
        require(actor, access, "propose")


def store(actor: Actor, space_id: str, values: dict[str, Any], signs: Signs | None = None) -> IdeaFact:
    """Call the verb with what the form held."""
    count_text(actor)
    carries = values.get("configuration") or None
    tags = split_tags(values["tags"])
    idea = submit_idea(
        actor, space_id, values["title"], values["body"], tags=tags, configuration_id=carries, signs=signs,
        for_part=(values.get("for_product") or None, values.get("for_group") or None),
    )  # fmt: skip
    note_stored(f"idea-{carries or space_id}")
    return idea


def carried_line(access: Access, configuration_id: str) -> CarriedLine | None:
    """The configuration a new idea would carry, for a line above its form."""
    found = get_configurations(access, [configuration_id]) if configuration_id else {}
    return next(iter(lines(access.space.slug, found.values())), None)


def store_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Publish an idea that waited for its author."""
    idea = store(actor, content["space_id"], content)
    return pending.Done(thanks(idea), idea_url(idea))


def thanks(idea: IdeaFact) -> str:
    """What the author hears."""
    if idea.state != HELD:
        return _("Your idea is published. Visible to all who can see this space.")
    reasons = " ".join((idea.verdict or {}).get("reasons", ()))
    return _("Thank you. A moderator reads this first. Only you see it until then. %(reasons)s", reasons=reasons)


def lookalike_cards(actor: Actor, access: Access, text: str, least: float = 0.0, skip: str | None = None) -> list[Card]:
    """Cards of ideas that look like *text*; plugins are asked first."""
    if len(text) < 3:
        return []
    found = look_alike(actor, access, text, SHOWN, skip)
    with read():
        ballot = ballot_view(actor, access)
    ideas = [hit.idea for hit in found if hit.likeness >= least]
    return [make_card(idea, ballot, access.person_id, back=idea_url(idea)) for idea in ideas]


def draw(
    actor: Actor,
    access: Access,
    values: dict[str, Any],
    *,
    cards: Sequence[Card] = (),
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    """The form as it stands."""
    slug = access.space.slug
    form = {
        "words": values,
        "errors": errors,
        "cards": cards,
        "carries": carried_line(access, values.get("configuration", "")),
        "part": part_of(access, values.get("for_product"), values.get("for_group")),
        "action": url_for("ideas.publish", space=slug),
        "board_url": board_url(slug),
        "similar_url": url_for("ideas.similar", space=slug),
        "tags": [tag.name for tag in list_tags(access.space.id, 30)],
        "sign_in_note": "" if access.may("propose") else _("You sign in or register next; your text comes along."),
    }
    return make_response(render_template("ideas/new.html", space=access.space, active="new", form=form), status)
