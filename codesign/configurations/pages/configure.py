"""The configurator: one draft on its owner's desk, and a configuration as others see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from codesign.configurations import service
from codesign.configurations.changes import turned
from codesign.configurations.facts import DRAFT, PUBLISHED, ConfigurationFact, EditFact
from codesign.configurations.history import difference_of, latest_edits, step_of
from codesign.configurations.looking import Look, look_at
from codesign.configurations.pages.acts import act
from codesign.configurations.pages.begin import composer
from codesign.configurations.pages.blueprint import blueprint
from codesign.configurations.pages.desk import Desk
from codesign.configurations.pages.forms import DeskQuery, ForkForm, desk_posted
from codesign.configurations.pages.numbers import Numbers
from codesign.configurations.pages.rows import row
from codesign.configurations.pages.together import NOBODY, Company, company_of, overtaken_words, say_clash
from codesign.configurations.queries import (
    MISSING,
    count_forks,
    count_wishes,
    find_configuration,
    opens_to_edit,
    published_of,
)
from codesign.configurations.side_by_side import Near, nearest
from codesign.configurations.solving import choices_of
from codesign.configurations.steps import Overtaken
from codesign.configurations.views import configuration_url, option_name
from codesign.events import log
from codesign.ideas.facts import IdeaFact
from codesign.ideas.limits import count_text
from codesign.ideas.people import UNNAMED, Author, authors
from codesign.ideas.queries import carriers
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.errors import Closed, Conflict, Invalid, NotFound, TooMany, Unavailable
from codesign.kernel.pictured import size_in
from codesign.kernel.text import _
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.limits import count_question
from codesign.products.queries import get_version, model_of, products_by_id, versions_after
from codesign.products.solving import solve
from codesign.spaces.facts import Access
from codesign.spaces.views import obstacle
from codesign.web.forms import Form, asked, posted
from codesign.web.identity import current_actor

#: Published configurations a draft is held against, and those it can be completed like.
MOST_OTHERS, MOST_LIKES = 60, 12


@dataclass(frozen=True)
class Around:
    """What the page shows around a configuration, read at one moment."""

    access: Access
    configuration: ConfigurationFact
    product: ProductFact
    version: VersionFact
    newer: tuple[VersionFact, ...]
    parent: ConfigurationFact | None
    parent_author: Author
    author: Author
    idea: IdeaFact | None
    forks: int
    wished_by: int
    others: tuple[ConfigurationFact, ...]
    cannot_publish: str | None
    seq: int
    company: Company = NOBODY
    undo: EditFact | None = None
    redo: EditFact | None = None
    before: Mapping[str, bool] | None = None


@blueprint.get("/spaces/<space>/configure/<configuration_id>")
def show(space: str, configuration_id: str) -> Response:
    """The desk, for the owner of a draft; for others what it is made of."""
    wish, actor = asked(DeskQuery()), current_actor()
    count_question(actor, "repairs")
    return draw(actor, space, configuration_id, wish["ask"], wish["key"])


@blueprint.post("/spaces/<space>/configure/<configuration_id>")
def change(space: str, configuration_id: str) -> Response:
    """One press of a button, or all that was ticked without script. A script gets the page at once."""
    actor, values, error = current_actor(), desk_posted(), ""
    count_question(actor, "repairs")
    try:
        ask = act(actor, configuration_id, values)
        say_clash(actor, configuration_id, values["seen"])
    except Overtaken as problem:
        ask, error = "", overtaken_words(actor, configuration_id, problem)
    except (Invalid, Conflict, Closed, TooMany, Unavailable) as problem:
        ask, error = "", problem.sentence
        if any(each.field == "limit" for each in problem.errors):
            flash(error)
            return draw(actor, space, configuration_id, typed=(values["limit"], error))
    if error:
        flash(error)
    if "X-Refresh" in request.headers:
        return draw(actor, space, configuration_id, ask)
    anchor = f"o-{ask}" if ask else _anchor(values["do"])
    here: dict[str, Any] = {"space": space, "configuration_id": configuration_id, "ask": ask or None, "_anchor": anchor}
    return redirect(url_for("configurations.show", **here), 303)


def _anchor(do: str) -> str | None:
    word, _colon, rest = do.partition(":")
    return f"o-{rest.partition(':')[0]}" if word in {"on", "off", "open", "swap", "drop", "wish", "unwish"} else None


@blueprint.post("/spaces/<space>/configure/<configuration_id>/fork")
def fork(space: str, configuration_id: str) -> Response:
    """Make it mine: go on from it in a draft of one's own."""
    key = posted(ForkForm())["key"]
    with read():
        access, _parent = find_configuration(current_actor(), configuration_id, key)
    actor = composer(access, "fork", {"configuration_id": configuration_id, "key": key})
    if isinstance(actor, Response):
        return actor
    count_text(actor)
    count_question(actor, "repairs")
    return redirect(configuration_url(service.fork_configuration(actor, configuration_id, key)), 303)


@blueprint.post("/spaces/<space>/configure/<configuration_id>/discard")
def discard(space: str, configuration_id: str) -> Response:
    """Throw a draft away."""
    posted(Form())
    service.discard(current_actor(), configuration_id)
    flash(_("The draft is gone."))
    return redirect(url_for("configurations.begin", space=space), 303)


def draw(
    actor: Actor, space: str, configuration_id: str, ask: str = "", key: str = "", typed: tuple[str, str] | None = None
) -> Response:
    """The page of a configuration for *actor*; *typed* is a limit that was refused, and why."""
    with read():
        around = read_around(actor, configuration_id, ask, key)
    configuration = around.configuration
    if space != around.access.space.slug:
        return redirect(configuration_url(configuration, around.access.space.slug, key=key or None), 302)
    mine = configuration.may_edit
    question = ask if mine else ""
    look, near = solve(around.version, lambda _compiled: work_out(around, question))
    page = mine_page(around, look, near) if mine else seen_page(around, look, key)
    if mine and typed:
        page |= {"totals": replace(page["totals"], limit=typed[0]), "limit_error": typed[1]}
    template = "configurations/desk.html" if mine else "configurations/seen.html"
    html = render_template(
        template, page=page, around=around, space=around.access.space, active="configure",
        seq=around.seq if configuration.is_mine or configuration.state in {PUBLISHED, DRAFT} else None,
    )  # fmt: skip
    return make_response(html, 422 if typed else 200)


def work_out(around: Around, question: str) -> tuple[Look, Near | None]:
    """What the engine says, in one go."""
    configuration, version = around.configuration, around.version
    near = nearest(configuration, version, around.others) if around.others else None
    return look_at(configuration, version, question, around.newer, around.before), near


def read_around(actor: Actor, configuration_id: str, ask: str, key: str) -> Around:
    """Everything but what the engine says. Needs a read block around it."""
    access, configuration = find_configuration(actor, configuration_id, key)
    product = products_by_id([configuration.product_id]).get(configuration.product_id)
    version = get_version(configuration.product_version_id)
    if product is None or version is None:
        raise NotFound(MISSING)
    newer_id = product.published_version_id
    newest = get_version(newer_id) if newer_id and newer_id != version.id else None
    parent = _parent(actor, configuration)
    wishing = configuration.may_edit and ask in model_of(version).options
    edits = latest_edits(configuration.id, 1) if configuration.may_edit else []
    names = authors(access, [configuration.person_id, parent.person_id if parent else None])
    return Around(
        access=access,
        configuration=configuration,
        product=product,
        version=version,
        newer=versions_after(version, newest) if newest else (),
        parent=parent,
        parent_author=names.get(parent.person_id, UNNAMED) if parent else UNNAMED,
        author=names.get(configuration.person_id, UNNAMED),
        idea=carriers(access, [configuration.id]).get(configuration.id),
        forks=count_forks([configuration.id]).get(configuration.id, 0),
        wished_by=count_wishes(product.id, ask) if wishing else 0,
        others=others_like(access, configuration) if configuration.is_mine or configuration.may_edit else (),
        cannot_publish=obstacle(actor, access, "propose"),
        seq=log.head(access.space.id),
        company=company_of(access, configuration, model_of(version)) if configuration.may_edit else NOBODY,
        undo=step_of(configuration.id, actor.person_id, back=True) if edits else None,
        redo=step_of(configuration.id, actor.person_id, back=False) if edits else None,
        before=turned(choices_of(configuration), difference_of(edits[0]), back=True).decisions if edits else None,
    )


def others_like(access: Access, configuration: ConfigurationFact) -> tuple[ConfigurationFact, ...]:
    """Published configurations of the same version, the newest first, without this one and what it goes on from."""
    found = published_of(configuration.product_id, MOST_OTHERS)
    own = {configuration.id, configuration.forked_from}
    version_id = configuration.product_version_id
    return tuple(each for each in found if each.product_version_id == version_id and each.id not in own)


def _parent(actor: Actor, configuration: ConfigurationFact) -> ConfigurationFact | None:
    if configuration.forked_from is None:
        return None
    try:
        return find_configuration(actor, configuration.forked_from)[1]
    except NotFound:
        return None


def mine_page(around: Around, look: Look, near: Near | None) -> dict[str, Any]:
    """What the template of a desk draws."""
    configuration, slug = around.configuration, around.access.space.slug
    desk = Desk(
        look,
        configuration,
        wished_by=around.wished_by,
        picture=partial(picture_url, around),
        who=around.company.who,
        steps=(around.undo, around.redo),
    )
    groups = desk.groups()
    here: dict[str, Any] = {"space": slug, "configuration_id": configuration.id}
    return {
        "groups": groups,
        "row": row,
        "totals": Numbers(look, configuration).totals(),
        "undo": desk.undo_name(),
        "redo": desk.redo_name(),
        "was": " ".join(ticked(groups)),
        "disputes": desk.disputes(),
        "wishes": [(name, option_name(look.model, name)) for name in configuration.wishes],
        "move": move_view(look) if around.newer else None,
        "near": near,
        "likes": [("", _("one of these")), *((each.id, each.name) for each in around.others[:MOST_LIKES])],
        "undetermined": len(look.undetermined),
        "parent_url": configuration_url(around.parent, slug) if around.parent else "",
        "urls": {
            "self": url_for("configurations.show", **here),
            "discard": url_for("configurations.discard", **here),
            "publish": url_for("ideas.new", space=slug, configuration=configuration.id),
            "share": url_for("configurations.show", **here, key=configuration.share_key, _external=True),
            "invite": url_for("configurations.show", **here, key=configuration.edit_key, _external=True),
            "together": url_for("configurations.together", **here),
            "leave": url_for("configurations.leave", **here),
            "compare": url_for("configurations.compare", space=slug, ids=configuration.id),
            "near": url_for("configurations.compare", space=slug, ids=f"{configuration.id},{near.closest.id}")
            if near
            else "",
        },
        "missing": {group.id: missing_url(around, group.id) for group in groups},
    }


def missing_url(around: Around, group: str) -> str:
    """Where somebody proposes what a group lacks: an idea for that part of the product."""
    here = around.access.space.slug
    return url_for("ideas.new", space=here, for_product=around.product.id, for_group=group)


def picture_url(around: Around, name: str) -> str:
    """The address of a picture of the product, or of one that was sent as those in texts are."""
    if size_in(name):
        return name
    return url_for("products.picture", space=around.access.space.slug, slug=around.product.slug, name=name)


def ticked(groups: Any) -> list[str]:
    """The options that are ticked as the page is drawn."""
    found: list[str] = []
    for group in groups:
        for option in group.options:
            if option.checked:
                found.append(option.option)
            found += ticked(option.groups)
    return found


def move_view(look: Look) -> dict[str, Any]:
    """What moving to the product's new version would cost, in words."""
    move = look.move
    gives_up = [option_name(look.model, name) for name in (move.gives_up if move else ())]
    rules = [each.said() for each in (move.rules if move else ()) if each.kind == "rule"]
    return {"gives_up": gives_up, "rules": rules[:3], "late": move is None}


def seen_page(around: Around, look: Look, key: str) -> dict[str, Any]:
    """What the template of a configuration draws for who may only look."""
    configuration, slug = around.configuration, around.access.space.slug
    desk = Desk(look, configuration, may_change=False, picture=partial(picture_url, around))
    here: dict[str, Any] = {"space": slug, "configuration_id": configuration.id}
    return {
        "groups": desk.groups(),
        "totals": Numbers(look, configuration, mine=False).totals(),
        "wishes": [option_name(look.model, name) for name in configuration.wishes],
        "key": key,
        "idea_url": idea_url(around.idea) if around.idea else "",
        "parent_url": configuration_url(around.parent, slug) if around.parent else "",
        "invited": configuration.is_open and opens_to_edit(configuration.id, key),
        "urls": {
            "fork": url_for("configurations.fork", **here),
            "join": url_for("configurations.join", **here),
            "compare": url_for("configurations.compare", space=slug, ids=configuration.id),
        },
    }
