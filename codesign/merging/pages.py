"""Doors to merging for the team: choose the other idea, see what would happen, do it, undo it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from marshmallow import validate
from werkzeug.wrappers import Response

from codesign.ideas.asked import Answered, ask_search, look_alike, read_matches
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_idea, get_ideas, idea_access, list_ideas
from codesign.ideas.views import idea_url
from codesign.kernel.db import offload, read
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.merging.preview import preview_of, voters
from codesign.merging.service import merge_idea, undo_merge
from codesign.spaces.access import require
from codesign.spaces.facts import Access
from codesign.web.forms import Form, Line, Query, asked, posted
from codesign.web.identity import current_actor

blueprint = Blueprint("merging", __name__, template_folder="templates")

SHOWN = 12


class ChooseQuery(Query):
    """Words to find the other idea by, or the other idea itself."""

    q = Line(load_default="", validate=validate.Length(max=200))
    into = Line(load_default="", validate=validate.Length(max=26))


class MergeForm(Form):
    """The idea that stays."""

    into = Line(required=True, validate=validate.Length(max=26))


@blueprint.get("/spaces/<space>/ideas/<idea_id>/merge")
def choose(space: str, idea_id: str) -> str:
    """Look for the idea that stays; with ``into``, see what would happen."""
    wish = asked(ChooseQuery())
    with read():
        access, source = ours(idea_id)
        target = get_ideas(access, [wish["into"]]).get(wish["into"]) if wish["into"] else None
        preview = preview_of(source, target) if target else None
    if wish["into"] and target is None:
        raise NotFound()
    found = [] if target else candidates(access, source, wish["q"])
    values = {"source": source, "source_url": idea_url(source), "query": wish["q"], "candidates": found}
    action = url_for("merging.merge", space=access.space.slug, idea_id=source.id)
    return render_template(
        "merging/merge.html", space=access.space, action=action, target=target, preview=preview, **values
    )


@blueprint.post("/spaces/<space>/ideas/<idea_id>/merge")
def merge(space: str, idea_id: str) -> Response:
    """Make it part of the other one."""
    into = posted(MergeForm())["into"]
    merge_idea(current_actor(), idea_id, into)
    target = get_idea(current_actor(), into)
    flash(_("Merged into “%(title)s”. You can undo it below.", title=target.title))
    return redirect(idea_url(target, _anchor="team"), 303)


@blueprint.post("/spaces/<space>/ideas/<idea_id>/unmerge")
def undo(space: str, idea_id: str) -> Response:
    """Give each idea its own again."""
    posted(Form())
    source = undo_merge(current_actor(), idea_id)
    flash(_("The merge is undone. “%(title)s” stands by itself again.", title=source.title))
    return redirect(idea_url(source), 303)


def ours(idea_id: str) -> tuple[Access, IdeaFact]:
    """The idea, for the team alone."""
    actor = current_actor()
    access, _plain = idea_access(actor, idea_id)
    require(actor, access, "moderate")
    return access, get_idea(actor, idea_id)


def found_by_words(access: Access, words: str, answer: Answered | None) -> list[IdeaFact]:
    """What a plugin found, else what core finds, newest first."""
    matches = read_matches(access, answer)
    order = "match" if matches else "new"
    return list(list_ideas(access, order, limit=SHOWN, q=words, found=matches.ideas if matches else None).items)


def candidates(access: Access, source: IdeaFact, words: str) -> list[tuple[IdeaFact, int]]:
    """Ideas it could become part of, with their voters: found by words, or those that look alike."""
    actor = current_actor()
    if words:
        answer = ask_search(actor, access.space.id, words)
        found = offload(found_by_words, access, words, answer)
    else:
        found = [hit.idea for hit in look_alike(actor, access, f"{source.title} {source.body}", SHOWN, source.id)]
    return [(idea, voters(idea)) for idea in found if idea.id != source.id and idea.merged_into is None]
