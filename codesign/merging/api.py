"""JSON doors of merging."""

from __future__ import annotations

from typing import Any

from codesign.ideas.queries import seen_idea
from codesign.ideas.schemas import IdeaSchema, idea_json
from codesign.merging import service
from codesign.merging.schemas import MergeInput
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
