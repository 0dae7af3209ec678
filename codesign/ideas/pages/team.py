"""What is done to an idea by a press: following it, its status, the official answer."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.accounts.detour import sign_in_first
from codesign.ideas.facts import IdeaFact
from codesign.ideas.pages.blueprint import blueprint
from codesign.ideas.pages.forms import AnswerForm, FollowForm, StatusForm
from codesign.ideas.queries import idea_access
from codesign.ideas.service import answer_idea, follow_idea, remove_answer, set_status, unfollow_idea
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.text import _
from codesign.web.drafts import note_stored
from codesign.web.forms import posted
from codesign.web.identity import current_actor


@blueprint.post("/spaces/<space>/ideas/<idea_id>/follow")
def follow(space: str, idea_id: str) -> Response:
    """Hear of it, or no more."""
    wanted, actor = posted(FollowForm())["follow"], current_actor()
    _access, idea = idea_access(actor, idea_id)
    if not actor.known:
        return sign_in_first("follow", {"idea_id": idea_id}, idea_url(idea))
    follow_idea(actor, idea_id) if wanted else unfollow_idea(actor, idea_id)
    return back_to(idea, "way")


@blueprint.post("/spaces/<space>/ideas/<idea_id>/status")
def status(space: str, idea_id: str) -> Response:
    """Move it to another status."""
    _access, idea = idea_access(current_actor(), idea_id)
    set_status(current_actor(), idea_id, posted(StatusForm())["status"])
    return back_to(idea, "team")


@blueprint.post("/spaces/<space>/ideas/<idea_id>/answer")
def answer(space: str, idea_id: str) -> Response:
    """Publish the official answer, or take it back."""
    values, actor = posted(AnswerForm()), current_actor()
    _access, idea = idea_access(actor, idea_id)
    if values["do"] == "remove":
        remove_answer(actor, idea_id)
        flash(_("The answer is taken back."))
    else:
        answer_idea(actor, idea_id, values["body"])
        note_stored(f"answer-{idea_id}")
    return back_to(idea, "answer")


def follow_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Follow an idea after signing in."""
    follow_idea(actor, content["idea_id"])
    return pending.Done(_("You hear of it from now on."))


def back_to(idea: IdeaFact, anchor: str) -> Response:
    """The page of the idea again, at the part that was used."""
    return redirect(idea_url(idea, _anchor=anchor), 303)
