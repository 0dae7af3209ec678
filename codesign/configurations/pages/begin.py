"""Where composing begins: the products of a space, one's own drafts, what others published."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.accounts.detour import is_stranger, sign_in_first
from codesign.configurations import service
from codesign.configurations.pages.blueprint import blueprint
from codesign.configurations.pages.forms import StartForm
from codesign.configurations.queries import (
    list_configurations,
    list_edited_along,
    may_configure,
    require_composer,
)
from codesign.configurations.views import carried_cards, configuration_url, lines
from codesign.events import log
from codesign.ideas.limits import count_text
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.text import _
from codesign.products.queries import list_products, product_access
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.web.forms import posted
from codesign.web.identity import current_actor, ensure_actor

SHOWN = 12


@blueprint.get("/spaces/<space>/configure")
def begin(space: str) -> str:
    """What can be composed here, and what has been."""
    actor = current_actor()
    with read():
        access = look(actor, space)
        slug = access.space.slug
        products = [each for each in list_products(access) if each.is_offered]
        mine = list_configurations(access, mine=True, limit=SHOWN).items if access.person_id else ()
        published = list_configurations(access, limit=SHOWN).items
        page = {
            "products": products,
            "mine": lines(slug, mine),
            "along": lines(slug, list_edited_along(access, SHOWN)) if access.person_id else [],
            "published": carried_cards(slug, [each.id for each in published if not each.is_mine], whole=True).values(),
            "may": may_configure(access) or is_stranger(actor),
            "start": url_for("configurations.start", space=slug),
            "works": url_for("products.products", space=slug) if access.may("product") else "",
        }
        seq = log.head(access.space.id)
    return render_template("configurations/begin.html", page=page, space=access.space, active="configure", seq=seq)


@blueprint.post("/spaces/<space>/configure")
def start(space: str) -> Response:
    """Begin a draft; who must sign in first comes back to it."""
    product_id = posted(StartForm())["product"]
    with read():
        _product, access = product_access(current_actor(), product_id)
    actor = composer(access, "configure", {"product_id": product_id})
    if isinstance(actor, Response):
        return actor
    count_text(actor)
    return redirect(configuration_url(service.start_configuration(actor, product_id)), 303)


def composer(access: Access, kind: str, content: dict[str, Any]) -> Actor | Response:
    """Who composes: the person, a guest made for this, or the way to the sign-in page with what was begun kept."""
    actor = current_actor()
    if may_configure(access) or not is_stranger(actor):
        require_composer(actor, access)
        return ensure_actor()
    return sign_in_first(kind, content, url_for("configurations.begin", space=access.space.slug))


def start_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Begin a draft that waited for its owner."""
    draft = service.start_configuration(actor, content["product_id"])
    return pending.Done(_("Here is your draft."), configuration_url(draft))


def join_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Edit along what somebody was asked to before they signed in."""
    draft = service.join_draft(actor, content["configuration_id"], content["key"])
    return pending.Done(_("You edit this draft together now."), configuration_url(draft))


def fork_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Fork what waited for its new owner."""
    draft = service.fork_configuration(actor, content["configuration_id"], content["key"])
    return pending.Done(_("It is yours now: go on from here."), configuration_url(draft))
