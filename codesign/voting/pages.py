"""The door for votes without script: a form posts, the vote is cast, the page comes back to the same place."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request
from marshmallow import validate
from werkzeug.wrappers import Response

from codesign.accounts import pending
from codesign.accounts.detour import is_stranger, sign_in_first
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import idea_access
from codesign.ideas.views import idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.text import _
from codesign.voting.facts import EVERY_VALUE
from codesign.voting.limits import count_vote
from codesign.voting.service import cast_vote, withdraw_vote
from codesign.web.forms import Form, Line, posted
from codesign.web.identity import current_actor, ensure_actor
from codesign.web.preferences import local_path

blueprint = Blueprint("voting", __name__)

WITHDRAW = "withdraw"


class VoteForm(Form):
    """What the buttons post."""

    value = Line(required=True, validate=validate.OneOf((*map(str, EVERY_VALUE), WITHDRAW)))


def install(app: object, settings: object) -> None:
    """Say how a vote is cast that was begun before signing in."""
    pending.register("vote", cast_kept)


@blueprint.post("/spaces/<space>/ideas/<idea_id>/vote")
def vote(space: str, idea_id: str) -> Response:
    """Cast or take back a vote and go back to where it was pressed."""
    value = posted(VoteForm())["value"]
    access, idea = idea_access(current_actor(), idea_id)
    back = place(idea)
    if not access.may("vote") and is_stranger(current_actor()):
        return sign_in_first("vote", {"idea_id": idea_id, "value": value}, back)
    actor = ensure_actor(idea_id)
    count_vote(actor)
    cast(actor, idea_id, value)
    return redirect(back, 303)


def cast(actor: Actor, idea_id: str, value: str) -> None:
    """Do what the button says."""
    withdraw_vote(actor, idea_id) if value == WITHDRAW else cast_vote(actor, idea_id, int(value))


def cast_kept(actor: Actor, content: dict[str, Any]) -> pending.Done:
    """Cast a vote that waited for its person."""
    cast(actor, content["idea_id"], content["value"])
    return pending.Done(_("Your vote counts.") if content["value"] != WITHDRAW else _("Your vote is taken back."))


def place(idea: IdeaFact) -> str:
    """Where the button was: that line of a list, or the idea's own page."""
    back = local_path(request.args.get("next", ""), idea_url(idea))
    return back if idea.id in back or "#" in back else f"{back}#idea-{idea.id}"
