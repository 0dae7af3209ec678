"""JSON doors of the customer's voice, for the team of a space."""

from __future__ import annotations

from functools import partial
from typing import Any

from codesign.customers import service
from codesign.customers.queries import Voice, voice_of
from codesign.customers.ranking import rank_ideas
from codesign.customers.schemas import (
    EnteredVoteInput,
    EnteredVoteSchema,
    EnteredVotesSchema,
    EvidenceInput,
    EvidenceListSchema,
    EvidenceSchema,
    RankingQuery,
    RankingSchema,
    WantsSchema,
    WeightsInput,
    WeightsSchema,
    WeightsVersionsSchema,
    entry_json,
    evidence_json,
    ranking_json,
    wants_json,
    weights_json,
)
from codesign.customers.wants import wants_of
from codesign.customers.weights import set_weights, versions_of, weights_now
from codesign.ideas.queries import idea_access
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.spaces.access import look
from codesign.voting.limits import count_vote
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("customers_api", __name__, description="The customer's voice")


def _voice(idea_id: str) -> Voice:
    with read():
        access, idea = idea_access(current_actor(), idea_id)
        look(current_actor(), access.space.id, "moderate")
        return voice_of(idea.id)


@blueprint.route("/ideas/<idea>/entered-votes", methods=["GET"])
@blueprint.response(200, EnteredVotesSchema)
def list_entered(idea: str) -> dict[str, Any]:
    """The votes the team entered for customers."""
    voice = _voice(idea)
    return {"items": [entry_json(entry) for entry in voice.entries], "count": voice.count}


@blueprint.route("/ideas/<idea>/entered-votes", methods=["POST"])
@blueprint.arguments(EnteredVoteInput)
@blueprint.response(201, EnteredVoteSchema)
def enter(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Enter a customer's vote. A vote that person cast themselves stands, before and after; the same person again replaces
    what was entered. The answer does not tell which."""
    actor = current_actor()
    count_vote(actor)
    return entry_json(service.enter_vote(actor, idea, content.pop("person"), content.pop("source"), **content))


@blueprint.route("/ideas/<idea>/entered-votes/<entry>", methods=["DELETE"])
@blueprint.response(204)
def take_back(idea: str, entry: str) -> None:
    """Take an entered vote back; one the person cast themselves since stands."""
    count_vote(current_actor())
    service.take_back_vote(current_actor(), idea, entry)


@blueprint.route("/ideas/<idea>/evidence", methods=["GET"])
@blueprint.response(200, EvidenceListSchema)
def list_evidence(idea: str) -> dict[str, Any]:
    """What customers said elsewhere."""
    return {"items": [evidence_json(each) for each in _voice(idea).evidence]}


@blueprint.route("/ideas/<idea>/evidence", methods=["POST"])
@blueprint.arguments(EvidenceInput)
@blueprint.response(201, EvidenceSchema)
def add_evidence(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Attach a quote or a link."""
    return evidence_json(service.add_evidence(current_actor(), idea, **content))


@blueprint.route("/ideas/<idea>/evidence/<evidence>", methods=["DELETE"])
@blueprint.response(204)
def remove_evidence(idea: str, evidence: str) -> None:
    """Take evidence away."""
    service.remove_evidence(current_actor(), idea, evidence)


def _wanted_by(actor: Actor, idea_id: str) -> dict[str, Any]:
    with read():
        found, idea = idea_access(actor, idea_id)
        access = look(actor, found.space.id, "moderate")
        weights = weights_now(access.space.id)
        return wants_json(wants_of(access, [idea.id], weights)[idea.id], weights)


@blueprint.route("/ideas/<idea>/wanted-by", methods=["GET"])
@blueprint.response(200, WantsSchema)
def wanted_by(idea: str) -> dict[str, Any]:
    """Who wants an idea: groups of at least five people."""
    found: dict[str, Any] = offload(_wanted_by, current_actor(), idea)
    return found


@blueprint.route("/spaces/<space>/wanted-by", methods=["GET"])
@blueprint.arguments(RankingQuery, location="query")
@blueprint.response(200, RankingSchema)
def ranking(query: dict[str, Any], space: str) -> dict[str, Any]:
    """Who wants what: raw, weighted and per-segment totals of the most wanted ideas side by side."""
    return ranking_json(offload(partial(rank_ideas, **query), current_actor(), space))


@blueprint.route("/spaces/<space>/weights", methods=["GET"])
@blueprint.response(200, WeightsVersionsSchema)
def list_weights(space: str) -> dict[str, Any]:
    """What votes of segments weigh, and weighed."""
    with read():
        access = look(current_actor(), space, "moderate")
        return {"items": [weights_json(each) for each in versions_of(access.space.id)]}


@blueprint.route("/spaces/<space>/weights", methods=["PUT"])
@blueprint.arguments(WeightsInput)
@blueprint.response(200, WeightsSchema)
def put_weights(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Set what a vote of each segment weighs in the weighted totals; the plain count stays as it is. For product people."""
    actor = current_actor()
    return weights_json(set_weights(actor, space, content["weights"], content["version"], content["note"]))
