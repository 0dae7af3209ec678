"""JSON doors of votes."""

from __future__ import annotations

from typing import Any

from codesign.voting import service
from codesign.voting.limits import count_vote
from codesign.voting.schemas import ReceiptSchema, VoteInput, receipt_json
from codesign.web.api import ApiBlueprint
from codesign.web.identity import ensure_actor

blueprint = ApiBlueprint("voting_api", __name__, description="Votes")


@blueprint.route("/ideas/<idea>/vote", methods=["PUT"])
@blueprint.arguments(VoteInput)
@blueprint.response(200, ReceiptSchema)
def cast(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Cast my vote. The same vote again changes nothing."""
    actor = ensure_actor(idea)
    count_vote(actor)
    return receipt_json(service.cast_vote(actor, idea, content["value"]))


@blueprint.route("/ideas/<idea>/vote", methods=["DELETE"])
@blueprint.response(200, ReceiptSchema)
def withdraw(idea: str) -> dict[str, Any]:
    """Take my vote back. Without one nothing changes."""
    actor = ensure_actor(idea)
    count_vote(actor)
    return receipt_json(service.withdraw_vote(actor, idea))
