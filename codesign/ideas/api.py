"""JSON doors of ideas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask

from codesign.comments.queries import ideas_of_comments, others_commented
from codesign.hooks import asking
from codesign.hooks.host import host_of
from codesign.hooks.rules import ScoreRule
from codesign.ideas import queries, service
from codesign.ideas.asked import Answered, ask_search, look_alike, read_matches
from codesign.ideas.limits import count_text
from codesign.ideas.ports import ports
from codesign.ideas.schemas import (
    AnswerInput,
    AnswerSchema,
    HideInput,
    IdeaPageSchema,
    IdeaPatch,
    IdeaSchema,
    IdeasQuery,
    LookalikesSchema,
    NewIdeaInput,
    NothingInput,
    PublishInput,
    SimilarInput,
    answer_json,
    found_json,
    idea_json,
)
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import TextDraft, Verdict
from codesign.kernel.db import offload
from codesign.moderation.service import settle_flags
from codesign.spaces.access import access
from codesign.spaces.facts import SpaceFact
from codesign.voting.queries import may_see_tallies, numbers_of, others_voted, voted_by, votes_of
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("ideas_api", __name__, description="Ideas")


def install(app: Flask, settings: object) -> None:
    """Let ideas ask what they have to ask of votes, comments and plugins."""
    host = host_of(app)

    def rules(space: SpaceFact) -> Mapping[str, ScoreRule]:
        return {rule.name: rule for rule, _owner, _values in host.score_rules(space.id, space.ballot.kind)}

    def review(space: SpaceFact, actor: Actor, draft: TextDraft, newcomer: bool) -> Verdict:
        return asking.review(host, space, actor, draft, newcomer)

    ports.may_see_tallies, ports.votes_of, ports.voted_by = may_see_tallies, votes_of, voted_by
    ports.numbers_of, ports.others_involved = numbers_of, [others_voted, others_commented]
    ports.rules, ports.review = rules, review
    ports.search = lambda space, actor, words: asking.search(host, [space], actor, words)
    ports.lookalikes = lambda space, actor, text: asking.find_similar(host, space, actor, text)
    ports.blame, ports.comments_read = partial(asking.blamed, host), ideas_of_comments


def listed(actor: Actor, space: str, query: dict[str, Any], answer: Answered | None) -> dict[str, Any]:
    """One page of a space's ideas, gate and rows in one snapshot."""
    gate = access(actor, space)
    matches = read_matches(gate, answer)
    page = queries.list_ideas(gate, query.pop("sort"), found=matches.ideas if matches else None, **query)
    content = {"items": [idea_json(idea) for idea in page.items], "next": page.next, "seq": page.seq}
    return {**content, "found": found_json(matches, page.items)} if matches else content


@blueprint.route("/spaces/<space>/ideas", methods=["GET"])
@blueprint.arguments(IdeasQuery, location="query")
@blueprint.response(200, IdeaPageSchema)
def list_ideas(query: dict[str, Any], space: str) -> dict[str, Any]:
    """The ideas of a space that everybody can see. Moderators may ask for another state.

    `sort` is the name of an order the space offers: `new`, `top`, `shuffled`, or a rule of a plugin. While tallies are
    hidden from me, orders that tell of votes are replaced by `new` or `shuffled`. Where a plugin searches for `q`, its own
    order is `match` (taken when no other is asked for), and `found` says what it found where.
    """
    actor = current_actor()
    return offload(listed, actor, space, query, ask_search(actor, space, query["q"]))


@blueprint.route("/spaces/<space>/similar", methods=["GET"])
@blueprint.arguments(SimilarInput, location="query")
@blueprint.response(200, LookalikesSchema)
def similar(query: dict[str, Any], space: str) -> dict[str, Any]:
    """Published ideas that look like a text, most alike first: to be shown before somebody proposes a twin."""
    found = look_alike(current_actor(), access(current_actor(), space), query["text"], query["limit"], query["skip"])
    return {"items": [{"idea": idea_json(hit.idea), "likeness": hit.likeness} for hit in found]}


@blueprint.route("/spaces/<space>/ideas", methods=["POST"])
@blueprint.arguments(NewIdeaInput)
@blueprint.response(201, IdeaSchema)
def propose_idea(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Propose an idea. It is `held` where a reviewer wants a moderator to read it first."""
    actor = current_actor()
    count_text(actor)
    part = content.pop("for_product_id"), content.pop("for_group")
    return idea_json(service.submit_idea(actor, space, for_part=part, **content))


@blueprint.route("/ideas/<idea>", methods=["GET"])
@blueprint.response(200, IdeaSchema)
def get_idea(idea: str) -> dict[str, Any]:
    """One idea. A merged one says what it is part of now."""
    return idea_json(queries.get_idea(current_actor(), idea))


@blueprint.route("/ideas/<idea>", methods=["PATCH"])
@blueprint.arguments(IdeaPatch)
@blueprint.response(200, IdeaSchema)
def edit_idea(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Change an idea: its author and the team its words, the team its status. With `version`, a stale one is refused."""
    return idea_json(service.edit_idea(current_actor(), idea, **content))


@blueprint.route("/ideas/<idea>", methods=["DELETE"])
@blueprint.response(204)
def withdraw_idea(idea: str) -> None:
    """Take my own idea back, while nobody else has voted or commented."""
    service.withdraw_idea(current_actor(), idea)


@blueprint.route("/ideas/<idea>/hide", methods=["POST"])
@blueprint.arguments(HideInput)
@blueprint.response(200, IdeaSchema)
def hide_idea(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Let only its author and the team see an idea. For moderators; reversible."""
    settle_flags(current_actor(), "idea", idea, "hide", content["reason"])
    return idea_json(queries.seen_idea(current_actor(), idea))


@blueprint.route("/ideas/<idea>/publish", methods=["POST"])
@blueprint.arguments(PublishInput)
@blueprint.response(200, IdeaSchema)
def publish_idea(content: dict[str, Any], idea: str) -> dict[str, Any]:
    """Let everybody see an idea that was held or hidden. For moderators."""
    settle_flags(current_actor(), "idea", idea, "publish", content["reason"])
    return idea_json(queries.seen_idea(current_actor(), idea))


@blueprint.route("/ideas/<idea>/answer", methods=["PUT"])
@blueprint.arguments(AnswerInput)
@blueprint.response(200, AnswerSchema)
def answer_idea(content: dict[str, Any], idea: str) -> dict[str, Any] | None:
    """Give an idea its official answer, or change it. For the team."""
    return answer_json(service.answer_idea(current_actor(), idea, content["body"]))


@blueprint.route("/ideas/<idea>/answer", methods=["DELETE"])
@blueprint.response(204)
def remove_answer(idea: str) -> None:
    """Take the official answer back. For the team."""
    service.remove_answer(current_actor(), idea)


@blueprint.route("/ideas/<idea>/follow", methods=["PUT"])
@blueprint.arguments(NothingInput, required=False)
@blueprint.response(204)
def follow_idea(content: dict[str, Any], idea: str) -> None:
    """Hear of an idea."""
    service.follow_idea(current_actor(), idea)


@blueprint.route("/ideas/<idea>/follow", methods=["DELETE"])
@blueprint.response(204)
def unfollow_idea(idea: str) -> None:
    """Hear no more of an idea."""
    service.unfollow_idea(current_actor(), idea)
