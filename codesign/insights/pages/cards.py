"""Cards: which of these would you take? Answered one by one, without script; one's answers below, each to take back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from marshmallow import validate
from werkzeug.wrappers import Response

from codesign.configurations import service as configurations
from codesign.configurations.queries import may_configure, require_composer
from codesign.configurations.views import amount, configuration_url, label, name_of, option_name, summed
from codesign.events.log import head
from codesign.insights import queries, service
from codesign.insights.facts import Card, CardThing, ChoiceFact
from codesign.insights.pages.blueprint import blueprint
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, NotFound, TooMany, Unavailable
from codesign.kernel.text import _
from codesign.products.engine import Model
from codesign.products.facts import ProductFact
from codesign.products.limits import count_question
from codesign.products.queries import find_product, get_version, model_of
from codesign.spaces.facts import Access
from codesign.web.forms import Form, Line, posted
from codesign.web.identity import current_actor, ensure_actor

#: Answers listed for their owner.
MINE = 20


class AnswerForm(Form):
    """Which card is answered, and the one taken; nothing of it for "none of these"."""

    shown = Line(required=True, validate=validate.Length(1, 400))
    chosen = Line(load_default="", validate=validate.Length(max=64))


class WithdrawForm(Form):
    """The answer to take back."""

    choice = Line(required=True, validate=validate.Length(1, 40))


@dataclass(frozen=True)
class Offer:
    """One configuration on a card: what it comes to, what sets it apart, and what it shares with the others."""

    hash: str
    amounts: tuple[tuple[str, str], ...]
    apart: tuple[tuple[str, str], ...]


@blueprint.get("/spaces/<space>/insights/<slug>/card")
def card(space: str, slug: str) -> str:
    """The next card of the viewer, and what they answered so far."""
    actor = current_actor()
    with read():
        product, access = find_product(actor, space, slug)
        shown, why_not = _next(actor, access, product)
        mine = queries.my_choices(actor, product.id, MINE)
        page = {**_drawn(shown), "mine": _answers(product, mine)}
        seq = head(access.space.id)
    return render_template(
        "insights/card.html", space=access.space, access=access, active="insights", seq=seq, product=product, card=shown,
        why_not=why_not, page=page, begin=shown is None and not why_not,
    )  # fmt: skip


def _next(actor: Actor, access: Access, product: ProductFact) -> tuple[Card | None, str]:
    """The card, or why there is none; nothing of both for who may begin but is nobody yet."""
    if actor.person_id is None and may_configure(access):
        return None, ""
    require_composer(actor, access)
    try:
        return queries.get_card(actor, product.id), ""
    except (TooMany, Conflict, Unavailable) as refusal:
        return None, refusal.sentence


def _drawn(shown: Card | None) -> dict[str, Any]:
    """The configurations of a card, what sets them apart first."""
    version = get_version(shown.product_version_id) if shown else None
    if shown is None or version is None:
        return {"offers": (), "same": ()}
    model = model_of(version)
    told = [_groups(model, thing) for thing in shown.things]
    groups = {label(group.label, group.id): above is not None for group, above in model.walk()}
    names = [name for name in groups if any(name in one for one in told)]
    same = [name for name in names if len({one.get(name, "") for one in told}) == 1]
    offers = [
        Offer(
            thing.hash,
            tuple(_amounts(model, thing)),
            # What is below another option is not asked of who has not got that one.
            tuple(
                (name, one.get(name, "–")) for name in names if name not in same and (name in one or not groups[name])
            ),
        )
        for thing, one in zip(shown.things, told, strict=True)
    ]
    return {"offers": offers, "same": [(name, told[0][name]) for name in same]}


def _groups(model: Model, thing: CardThing) -> dict[str, str]:
    """What a configuration has of each group."""
    has, found = set(thing.options), dict[str, list[str]]()
    for group, _parent in model.walk():
        for option in group.options:
            if option.id in has:
                found.setdefault(label(group.label, group.id), []).append(option_name(model, option.id))
    return {name: ", ".join(options) for name, options in found.items()}


def _amounts(model: Model, thing: CardThing) -> list[tuple[str, str]]:
    """What it comes to, the price first."""
    told = []
    for each in summed(model):
        options = (model.options[option] for option in thing.options if option in model.options)
        total = model.base.get(each.id, 0) + sum(option.attributes.get(each.id, 0) for option in options)
        told.append((name_of(each), amount(total, each)))
    return told[:3]


def _answers(product: ProductFact, mine: list[ChoiceFact]) -> list[dict[str, Any]]:
    """One's own answers, newest first, with the names of what was taken."""
    told = []
    for one in mine:
        version = get_version(one.product_version_id)
        pool = {thing.hash: thing for thing in queries.pool_of(one.product_version_id)} if one.chosen else {}
        thing = pool.get(one.chosen or "")
        names = _names(model_of(version), thing) if thing and version else []
        told.append({"id": one.id, "at": one.at, "names": names, "none": one.chosen is None})
    return told


def _names(model: Model, thing: CardThing) -> list[str]:
    """What a configuration has, as the model lists it."""
    return [option_name(model, option) for option in model.order if option in thing.options]


@blueprint.post("/spaces/<space>/insights/<slug>/card")
def answer(space: str, slug: str) -> Response:
    """Answer the card; then comes the next."""
    values = posted(AnswerForm())
    product, actor = _composing(space, slug)
    try:
        service.make_choice(actor, product.id, values["shown"].split(), values["chosen"] or None)
    except (Conflict, TooMany) as refusal:
        flash(refusal.sentence)
    return redirect(url_for("insights.card", space=space, slug=slug), 303)


@blueprint.post("/spaces/<space>/insights/<slug>/begin")
def begin(space: str, slug: str) -> Response:
    """Somebody nobody knew yet becomes a guest with cards."""
    _composing(space, slug)
    return redirect(url_for("insights.card", space=space, slug=slug), 303)


def _composing(space: str, slug: str) -> tuple[ProductFact, Actor]:
    actor = current_actor()
    count_question(actor, "explain")
    product, access = find_product(actor, space, slug)
    require_composer(actor, access)
    return product, ensure_actor()


@blueprint.post("/spaces/<space>/insights/<slug>/withdraw")
def withdraw(space: str, slug: str) -> Response:
    """Take an answer back."""
    service.withdraw_choice(current_actor(), posted(WithdrawForm())["choice"])
    flash(_("Taken back. It counts no more."))
    return redirect(url_for("insights.card", space=space, slug=slug, _anchor="mine"), 303)


@blueprint.post("/spaces/<space>/insights/<slug>/make")
def make(space: str, slug: str) -> Response:
    """Begin a configuration of one's own from the most wanted one."""
    product, actor = _composing(space, slug)
    with read():
        _product, access = find_product(actor, space, slug)
        wanted = queries.known_insight(access, product).findings["wanted"]
    if wanted is None:
        raise NotFound(_("There are not enough votes yet to say which one is wanted most."))
    decisions = dict.fromkeys(wanted["options"], True)
    made = configurations.start_configuration(actor, product.id, "", decisions)
    return redirect(configuration_url(made), 303)
