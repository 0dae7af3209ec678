"""JSON doors of votes."""

from __future__ import annotations

from typing import Any

from codesign.voting import service
from codesign.voting.bulk import cast_votes
from codesign.voting.limits import count_vote
from codesign.voting.schemas import ReceiptSchema, ResultsSchema, VoteInput, VotesInput, receipt_json, results_json
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor, ensure_actor

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


@blueprint.route("/spaces/<space>/votes", methods=["POST"])
@blueprint.arguments(VotesInput)
@blueprint.response(200, ResultsSchema)
def cast_many(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Cast the votes of many people, with a token of a server administrator that has the scope `act_as`.

    A refused row stops no other, unless `all_or_nothing`. `at` is only kept as a note: order and phase go by this server's
    clock. Each row counts against the token.
    """
    actor, rows = current_actor(), content["votes"]
    count_vote(actor, len(rows))
    return results_json(cast_votes(actor, space, rows, content["all_or_nothing"]))
