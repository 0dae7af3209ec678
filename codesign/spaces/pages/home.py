"""The start: the spaces somebody may enter, and a new one."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from codesign.ideas.counts import count_ideas_in
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.spaces import queries, service, words
from codesign.spaces.pages.base import blueprint
from codesign.spaces.pages.forms import NewSpaceForm
from codesign.spaces.seeds import TEMPLATES
from codesign.web.forms import done, posted, refusals
from codesign.web.identity import current_actor

CARDS = 48


@blueprint.get("/")
def home() -> str:
    """The spaces I may enter."""
    actor = current_actor()
    with read():
        page = queries.list_spaces(actor, CARDS, request.args.get("cursor") or None)
        ids = [line.space.id for line in page.items]
        ideas, people = count_ideas_in(ids), queries.count_members(ids)
        may_create = queries.may_create_spaces(actor)
    more = url_for("spaces.home", cursor=page.next) if page.next else ""
    return render_template(
        "spaces/home.html", lines=page.items, ideas=ideas, people=people, more=more, may_create=may_create, words=words,
        first=not request.args.get("cursor"),
    )  # fmt: skip


@blueprint.get("/spaces")
def spaces() -> Any:
    """The same list under the address people guess."""
    return redirect(url_for("spaces.home"), 301)


@blueprint.get("/spaces/new")
def new_space() -> str:
    """The form for a new space."""
    service.require_creator(current_actor())
    return _form({"template": request.args.get("template", "ideas"), "visibility": "public"}, [])


def _form(values: dict[str, Any], errors: Any) -> str:
    return render_template("spaces/new.html", values=values, errors=errors, templates=TEMPLATES.values(), words=words)


@blueprint.post("/spaces/new")
def create() -> Any:
    """Make a space."""
    try:
        form = posted(NewSpaceForm())
        space = service.create_space(current_actor(), **{**form, "slug": form["slug"] or None})
    except (Invalid, Conflict) as problem:
        return _form(request.form.to_dict(), refusals(problem)), problem.status
    return done(
        _("%(name)s is ready. Invite the people it is for.", name=space.name), "spaces.people", space=space.slug
    )
