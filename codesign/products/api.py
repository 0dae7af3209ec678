"""JSON doors of products: the product team's verbs, and everybody's questions about what can be composed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, jsonify

from codesign.configurations.queries import decisions_of
from codesign.ideas.schemas import NothingInput
from codesign.ideas.wanted import named_ideas
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.pictures.ports import ports as pictures
from codesign.products import answers, apart, gate, queries, service
from codesign.products.facts import DRAFT, ProductFact, VersionFact
from codesign.products.limits import count_question, one_at_a_time
from codesign.products.ports import Saved, ports
from codesign.products.schemas import (
    AnalysisQuery,
    AnalysisSchema,
    CompleteInput,
    CompletionSchema,
    CountSchema,
    DraftInput,
    ExplanationSchema,
    NewProductInput,
    ProductDocumentSchema,
    ProductPageSchema,
    ProductPatch,
    ProductSchema,
    ProductsQuery,
    ProductVersionPageSchema,
    PropagationSchema,
    PublishProductInput,
    QuestionInput,
    RepairsSchema,
    VersionsQuery,
    WantedInput,
    product_json,
)
from codesign.products.shape import document_schema
from codesign.products.solving import check_options, solve
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.web.api import PREFIX, ApiBlueprint
from codesign.web.identity import current_actor

blueprint = ApiBlueprint("products_api", __name__, description="Products and questions about them")


def install(app: Flask, settings: object) -> None:
    """Let the gate look at what was composed and proposed, and publish what a document looks like."""
    ports.saved = lambda product_id, most: [Saved(*row) for row in decisions_of(product_id, most)]
    ports.ideas = named_ideas
    pictures.gates["product"] = queries.product_access
    schema = document_schema()
    app.add_url_rule(f"{PREFIX}/product.schema.json", "product_schema", lambda: jsonify(schema))


def _shown(products: Sequence[ProductFact], access: Access) -> list[dict[str, Any]]:
    cards = queries.published_cards(products)
    return [product_json(product, access.space, cards.get(product.id)) for product in products]


# --- Products ---------------------------------------------------------------------------------------------------------


@blueprint.route("/spaces/<space>/products", methods=["GET"])
@blueprint.arguments(ProductsQuery, location="query")
@blueprint.response(200, ProductPageSchema)
def list_products(query: dict[str, Any], space: str) -> dict[str, Any]:
    """The products of a space by name. The product team sees those not published yet, too."""
    with read():
        access = look(current_actor(), space)
        page = queries.page_of_products(access, **query)
        return {"items": _shown(page.items, access), "next": page.next, "seq": page.seq}


@blueprint.route("/spaces/<space>/products", methods=["POST"])
@blueprint.arguments(NewProductInput)
@blueprint.response(201, ProductSchema)
def create_product(content: dict[str, Any], space: str) -> dict[str, Any]:
    """Begin a product. Nobody else sees it before its first version is published."""
    return _one(service.create_product(current_actor(), space, **content).id)


@blueprint.route("/products/<product>", methods=["GET"])
@blueprint.response(200, ProductSchema)
def get_product(product: str) -> dict[str, Any]:
    """One product."""
    return _one(product)


def _one(product_id: str) -> dict[str, Any]:
    with read():
        product, access = queries.product_access(current_actor(), product_id)
        return _shown([product], access)[0]


@blueprint.route("/products/<product>", methods=["PATCH"])
@blueprint.arguments(ProductPatch)
@blueprint.response(200, ProductSchema)
def change_product(content: dict[str, Any], product: str) -> dict[str, Any]:
    """Change the name or the words of a product."""
    return _one(service.change_product(current_actor(), product, **content).id)


# --- Versions ---------------------------------------------------------------------------------------------------------


@blueprint.route("/products/<product>/versions", methods=["GET"])
@blueprint.arguments(VersionsQuery, location="query")
@blueprint.response(200, ProductVersionPageSchema)
def list_versions(query: dict[str, Any], product: str) -> dict[str, Any]:
    """The published versions of a product, newest first; for its team the draft, too."""
    with read():
        found, access = queries.product_access(current_actor(), product)
        page = queries.page_of_versions(access, found, **query)
    return {"items": page.items, "next": page.next, "seq": page.seq}


@blueprint.route("/products/<product>/versions/<int(max=2147483647):number>", methods=["GET"])
@blueprint.response(200, ProductDocumentSchema)
def get_version(product: str, number: int) -> VersionFact:
    """A published version with its model."""
    return _version(product, number)


def _version(product_id: str, number: int | None) -> VersionFact:
    """The published version of that number, or the newest."""
    with read():
        product = queries.get_product(current_actor(), product_id)
        found = queries.version_numbered(product.id, number) if number else queries.published_version(product)
    if found is None:
        raise NotFound(_("There is no such version of this product."))
    return found


@blueprint.route("/products/<product>/draft", methods=["GET"])
@blueprint.response(200, ProductDocumentSchema)
def get_draft(product: str) -> VersionFact:
    """The draft of a product, for its team."""
    return _draft(product)


def _draft(product_id: str) -> VersionFact:
    with read():
        product, _access = queries.product_access(current_actor(), product_id, "product")
        found = queries.draft_of(product.id)
    if found is None:
        raise NotFound(_("This product has no draft."))
    return found


@blueprint.route("/products/<product>/draft", methods=["PUT"])
@blueprint.arguments(DraftInput)
@blueprint.response(200, ProductDocumentSchema)
def write_draft(content: dict[str, Any], product: str) -> VersionFact:
    """Make a document the draft of a product. With `seen`, a draft somebody else has changed is not written over."""
    return service.write_draft(current_actor(), product, content["document"], seen=content["seen"])


@blueprint.route("/products/<product>/draft", methods=["DELETE"])
@blueprint.response(204)
def discard_draft(product: str) -> None:
    """Throw the draft of a product away."""
    service.discard_draft(current_actor(), product)


@blueprint.route("/products/<product>/analysis", methods=["GET"])
@blueprint.arguments(AnalysisQuery, location="query")
@blueprint.response(200, AnalysisSchema)
def analysis(query: dict[str, Any], product: str) -> dict[str, Any]:
    """What was found out about the published version; with `state=draft`, for the team, about the draft."""
    version = _draft(product) if query["state"] == DRAFT else _version(product, None)
    count_question(current_actor(), "analysis")
    return gate.analysis_of(version)


@blueprint.route("/products/<product>/publish", methods=["POST"])
@blueprint.arguments(PublishProductInput)
@blueprint.response(200, ProductDocumentSchema)
def publish(content: dict[str, Any], product: str) -> VersionFact:
    """Publish the draft: from now on people compose this version, and it never changes."""
    count_question(current_actor(), "analysis")
    return service.publish(current_actor(), product, content["content_hash"])


@blueprint.route("/products/<product>/withdraw", methods=["POST"])
@blueprint.arguments(NothingInput, required=False)
@blueprint.response(200, ProductSchema)
def withdraw(content: dict[str, Any], product: str) -> dict[str, Any]:
    """Offer a product no more: nothing new is composed of it, what was composed stays readable. `offer` takes it back."""
    return _one(service.withdraw_product(current_actor(), product).id)


@blueprint.route("/products/<product>/offer", methods=["POST"])
@blueprint.arguments(NothingInput, required=False)
@blueprint.response(200, ProductSchema)
def offer(content: dict[str, Any], product: str) -> dict[str, Any]:
    """Offer a product again that was withdrawn."""
    return _one(service.offer_product(current_actor(), product).id)


# --- Questions --------------------------------------------------------------------------------------------------------


def _asked(kind: str, product: str, content: dict[str, Any]) -> VersionFact:
    """The version a question is about, once it is counted and its decisions are known."""
    count_question(current_actor(), kind)
    version = _version(product, content.get("number"))
    check_options(version, content["decisions"])
    return version


@blueprint.route("/products/<product>/propagate", methods=["POST"])
@blueprint.arguments(QuestionInput)
@blueprint.response(200, PropagationSchema)
def propagate(content: dict[str, Any], product: str) -> dict[str, Any]:
    """What follows from these decisions: the state of every option, each one proved, and totals with their ranges."""
    version = _asked("propagate", product, content)
    found, totals = solve(version, lambda c: (c.propagate(content["decisions"]), c.totals(content["decisions"])))
    return {
        "number": version.number, "possible": found.possible, "states": found.states,
        "undetermined": found.undetermined, "totals": answers.totals_json(totals),
    }  # fmt: skip


@blueprint.route("/products/<product>/explain", methods=["POST"])
@blueprint.arguments(WantedInput)
@blueprint.response(200, ExplanationSchema)
def explain(content: dict[str, Any], product: str) -> dict[str, Any]:
    """Why an option cannot be on (or off): the fewest of these decisions, and the rules that then stand in the way."""
    version = _asked("explain", product, content)
    check_options(version, {content["option"]: True}, "option")
    found = solve(version, lambda c: c.explain(content["decisions"], content["option"], content["value"]))
    return answers.explanation_json(found)


@blueprint.route("/products/<product>/repairs", methods=["POST"])
@blueprint.arguments(WantedInput)
@blueprint.response(200, RepairsSchema)
def repairs(content: dict[str, Any], product: str) -> dict[str, Any]:
    """Up to three ways to have an option all the same, smallest first; newest decisions are given up first."""
    version = _asked("repairs", product, content)
    check_options(version, {content["option"]: True}, "option")
    found = solve(version, lambda c: c.repairs(content["decisions"], content["option"], content["value"]))
    return {"items": [answers.repair_json(one) for one in found]}


@blueprint.route("/products/<product>/complete", methods=["POST"])
@blueprint.arguments(CompleteInput)
@blueprint.response(200, CompletionSchema)
def complete(content: dict[str, Any], product: str) -> dict[str, Any]:
    """A whole configuration with these decisions: the cheapest, the dearest, or the best by weights of your own."""
    version = _asked("complete", product, content)
    if isinstance(content["goal"], dict):
        check_options(version, content["goal"], "goal")
    whole = solve(version, lambda c: c.complete(content["decisions"], content["goal"], content["limit"] or None))
    totals = solve(version, lambda c: c.totals(whole, ranges=False))
    return {"decisions": whole, "totals": answers.totals_json(totals)}


@blueprint.route("/products/<product>/count", methods=["POST"])
@blueprint.arguments(QuestionInput)
@blueprint.response(200, CountSchema)
def count(content: dict[str, Any], product: str) -> dict[str, Any]:
    """How many configurations fit these decisions."""
    version = _asked("count", product, content)
    with one_at_a_time(current_actor()) as spent:
        asked = {"document": version.document, "decisions": content["decisions"], "seconds": gate.ANALYSIS_SECONDS}
        return apart.ask("count", spent, **asked)
