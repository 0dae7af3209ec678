"""Editing an idea, and taking it back. Two who write at once never lose a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from codesign.ideas.facts import IdeaFact
from codesign.ideas.pages.blueprint import blueprint
from codesign.ideas.pages.forms import EditForm, split_tags, words_of
from codesign.ideas.queries import get_idea, idea_access, list_tags
from codesign.ideas.service import edit_idea, withdraw_idea
from codesign.ideas.views import board_url, idea_url
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, FieldError, Forbidden
from codesign.kernel.text import _
from codesign.pictures.taking import take_picture
from codesign.spaces.facts import Access
from codesign.web.bodies import takes_files
from codesign.web.drafts import note_stored
from codesign.web.forms import KEEPS_TEXT, Form, posted, refusals
from codesign.web.identity import current_actor
from codesign.web.signs import signs_of_form


@blueprint.get("/spaces/<space>/ideas/<idea_id>/edit")
def edit(space: str, idea_id: str) -> Response:
    """The form with the words as they are."""
    access, idea = mine_or_ours(idea_id)
    return draw(access, idea, words_of(idea), idea.version)


@blueprint.post("/spaces/<space>/ideas/<idea_id>/edit")
@takes_files
def save(space: str, idea_id: str) -> Response:
    """Save; when somebody was faster, show both texts."""
    access, idea = mine_or_ours(idea_id)
    values = posted(EditForm())
    try:
        take_picture(current_actor(), access.space.id, values)
        changes = {"title": values["title"], "body": values["body"], "tags": split_tags(values["tags"])}
        changed = edit_idea(current_actor(), idea_id, values["version"], signs=signs_of_form(), **changes)
    except Conflict:
        return draw(access, idea, values, idea.version, theirs=idea, status=409)
    except KEEPS_TEXT as problem:
        return draw(access, idea, values, values["version"], errors=refusals(problem), status=problem.status)
    note_stored(f"edit-{idea_id}")
    flash(_("Saved."))
    return redirect(idea_url(changed), 303)


@blueprint.get("/spaces/<space>/ideas/<idea_id>/withdraw")
def ask_withdraw(space: str, idea_id: str) -> str:
    """Ask once, because it cannot be undone."""
    access, idea = mine_or_ours(idea_id)
    return render_template("ideas/withdraw.html", space=access.space, idea=idea, idea_url=idea_url(idea))


@blueprint.post("/spaces/<space>/ideas/<idea_id>/withdraw")
def withdraw(space: str, idea_id: str) -> Response:
    """Take it back."""
    posted(Form())
    withdraw_idea(current_actor(), idea_id)
    flash(_("Your idea is withdrawn."))
    return redirect(board_url(space), 303)


def mine_or_ours(idea_id: str) -> tuple[Access, IdeaFact]:
    """The idea, for its author and the team; raises Forbidden for others."""
    actor = current_actor()
    with read():
        access, plain = idea_access(actor, idea_id)
        if not (access.is_team or (actor.known and plain.author_id == actor.person_id)):
            raise Forbidden(_("Only its author and the team can change an idea."))
        return access, get_idea(actor, idea_id)


def draw(
    access: Access,
    idea: IdeaFact,
    values: dict[str, Any],
    version: int,
    *,
    theirs: IdeaFact | None = None,
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    """The form as it stands; *theirs* is what somebody else saved meanwhile."""
    slug = access.space.slug
    form = {
        "idea": idea,
        "words": values,
        "version": version,
        "theirs": theirs,
        "errors": errors,
        "action": url_for("ideas.save", space=slug, idea_id=idea.id),
        "board_url": board_url(slug),
        "idea_url": idea_url(idea),
        "similar_url": url_for("ideas.similar", space=slug),
        "tags": [tag.name for tag in list_tags(access.space.id, 30)],
    }
    return make_response(render_template("ideas/edit.html", space=access.space, active="ideas", form=form), status)
