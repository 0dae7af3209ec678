"""JSON doors of what people want: findings for all who may see the space, cards and answers for oneself."""

from __future__ import annotations

from typing import Any

from codesign.insights import queries, service
from codesign.insights.facts import ChoiceFact
from codesign.insights.schemas import (
    ChoiceCardSchema,
    ChoiceInput,
    ChoiceSchema,
    ChoicesSchema,
    InsightsSchema,
    card_json,
    choices_json,
    insights_json,
)
from codesign.kernel.db import read
from codesign.products.limits import count_question
from codesign.products.queries import product_access
from codesign.web.api import ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("insights_api", __name__, description="What people want")


@blueprint.route("/products/<product>/insights", methods=["GET"])
@blueprint.response(200, InsightsSchema)
def get_insights(product: str) -> dict[str, Any]:
    """What people want of a product. Worked out beside the server: `unavailable` before it was done for the first time."""
    with read():
        found, access = product_access(current_actor(), product)
        return insights_json(queries.known_insight(access, found))


@blueprint.route("/products/<product>/card", methods=["GET"])
@blueprint.response(200, ChoiceCardSchema)
def get_card(product: str) -> dict[str, Any]:
    """My next card: which of these would I take? The same one until it is answered."""
    return card_json(queries.get_card(current_actor(), product))


@blueprint.route("/products/<product>/choices", methods=["GET"])
@blueprint.response(200, ChoicesSchema)
def list_choices(product: str) -> dict[str, Any]:
    """My own answers, newest first."""
    return choices_json(queries.my_choices(current_actor(), product))


@blueprint.route("/products/<product>/choices", methods=["POST"])
@blueprint.arguments(ChoiceInput)
@blueprint.response(201, ChoiceSchema)
def make_choice(content: dict[str, Any], product: str) -> ChoiceFact:
    """Answer my card. It is no vote and joins no tally; at most twenty a day; it can be taken back."""
    actor = current_actor()
    count_question(actor, "explain")
    return service.make_choice(actor, product, content["shown"], content["chosen"])


@blueprint.route("/choices/<choice>", methods=["DELETE"])
@blueprint.response(204)
def withdraw_choice(choice: str) -> None:
    """Take an answer of mine back."""
    actor = current_actor()
    count_question(actor, "explain")
    service.withdraw_choice(actor, choice)
