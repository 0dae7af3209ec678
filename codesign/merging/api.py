"""JSON doors of merging."""

from __future__ import annotations

from typing import Any

from codesign.ideas.queries import seen_idea
from codesign.ideas.schemas import IdeaSchema, idea_json
from codesign.merging import service
from codesign.merging.schemas import MergeInput, SplitInput
from codesign.merging.splitting import split_idea
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("merging_api", __name__, description="Merging look-alikes")


@blueprint.route("/ideas/<idea>/merge", methods=["POST"])
@blueprint.arguments(MergeInput)
@blueprint.response(200, IdeaSchema)
def merge_idea(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Make an idea part of another one. Answers with this idea, now a signpost. For the team."""
    actor = current_actor()
    service.merge_idea(actor, idea, content["into"])
    return idea_json(seen_idea(actor, idea))


@blueprint.route("/ideas/<idea>/merge", methods=["DELETE"])
@blueprint.response(200, IdeaSchema)
def undo_merge(idea: str) -> dict[str, Any]:
    """Take a merge back: each idea gets its votes, comments and followers. For the team."""
    actor = current_actor()
    service.undo_merge(actor, idea)
    return idea_json(seen_idea(actor, idea))


@blueprint.route("/ideas/<idea>/split", methods=["POST"])
@blueprint.arguments(SplitInput)
@blueprint.response(201, IdeaSchema)
def split(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Let a part of an idea stand by itself. Answers with the new idea; merging it back undoes it. For the team."""
    actor, comments = current_actor(), content.pop("comments")
    return idea_json(split_idea(actor, idea, comment_ids=comments, **content))
