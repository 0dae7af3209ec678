"""What products look like over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.kernel.text import _
from codesign.products.answers import attribute_json
from codesign.products.facts import DRAFT, PUBLISHED, ProductFact, VersionCard
from codesign.products.rules import MOST_DESCRIPTION, MOST_NAME, MOST_SLUG
from codesign.products.solving import MOST_DECISIONS
from codesign.spaces.facts import SpaceFact
from codesign.web.api import ListQuery, Strict, Time, Truth, Whole, page_of

STATES = ("on", "off", "forced_on", "forced_off", "free")
GOALS = ("cheapest", "dearest")
#: Weights of a goal: thousandths of a wish, or cents.
MOST_WEIGHT = 10**12


# --- Input ------------------------------------------------------------------------------------------------------------


class NewProductInput(Strict):
    """The body of ``POST /spaces/{space}/products``."""

    name = f.String(required=True, validate=validate.Length(2, MOST_NAME))
    slug = f.String(validate=validate.Length(1, MOST_SLUG))
    description = f.String(validate=validate.Length(0, MOST_DESCRIPTION), load_default="")


class ProductPatch(Strict):
    """The body of ``PATCH /products/{product}``; with ``version``, a stale one is refused."""

    name = f.String(validate=validate.Length(2, MOST_NAME))
    description = f.String(validate=validate.Length(0, MOST_DESCRIPTION))
    version = Whole(least=1)


class DraftInput(Strict):
    """The body of ``PUT /products/{product}/draft``. ``seen`` is the hash of the draft that was changed ("" for none)."""

    document = f.Dict(keys=f.String(), required=True)
    seen = f.String(validate=validate.Length(0, 64), allow_none=True, load_default=None)


class PublishProductInput(Strict):
    """The body of ``POST /products/{product}/publish``: the hash of the draft that was looked at."""

    content_hash = f.String(validate=validate.Length(1, 64), allow_none=True, load_default=None)


class QuestionInput(Strict):
    """What every question about a product may say: decisions, oldest first, and the number of the version (the newest)."""

    decisions = f.Dict(
        keys=f.String(validate=validate.Length(1, 200)), values=Truth(), validate=validate.Length(max=MOST_DECISIONS),
        load_default=dict,
    )  # fmt: skip
    number = Whole(least=1)


class WantedInput(QuestionInput):
    """The body of ``explain`` and ``repairs``: the option in question, and whether it is wanted on or off."""

    option = f.String(required=True, validate=validate.Length(1, 200))
    value = Truth(load_default=True)


class Goal(f.Field[Any]):
    """``cheapest``, ``dearest``, or a whole number for each option, whose sum is to be as large as it can be."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and value in GOALS:
            return value
        numbers = isinstance(value, Mapping) and all(
            isinstance(weight, int) and not isinstance(weight, bool) and abs(weight) <= MOST_WEIGHT
            for weight in value.values()
        )
        if not numbers or len(value) > MOST_DECISIONS:
            raise marshmallow.ValidationError(str(_("Say cheapest, dearest, or a whole number for each option.")))
        return dict(value)


class CompleteInput(QuestionInput):
    """The body of ``complete``. ``limit``: the most an attribute may add up to, in its smallest unit."""

    goal = Goal(load_default="cheapest", metadata={"oneOf": [{"enum": list(GOALS)}, {"type": "object"}]})
    limit = f.Dict(
        keys=f.String(validate=validate.Length(1, 60)), values=Whole(least=-(10**12), most=10**12),
        validate=validate.Length(max=10), load_default=dict,
    )  # fmt: skip


class ProductsQuery(ListQuery):
    """The address of ``GET /spaces/{space}/products``."""


class AnalysisQuery(Strict):
    """The address of ``GET /products/{product}/analysis``: of the published version, or (for its team) of the draft."""

    state = f.String(validate=validate.OneOf([DRAFT, PUBLISHED]), load_default=PUBLISHED)


# --- Output -----------------------------------------------------------------------------------------------------------


class AttributeSchema(Schema):
    """A number options have. Amounts are whole numbers of its smallest unit: with 2 decimals, 4250 means 42.50."""

    id = f.String(required=True)
    label = f.Raw(required=True, metadata={"description": "A text, or one for each language"})
    unit = f.String(required=True)
    decimals = f.Integer(required=True)
    sum = f.Boolean(required=True)


class ProductSchema(Schema):
    """A product. ``number`` is that of the published version; null: only the product team sees it. Since ``withdrawn_at``
    it is not offered any more."""

    id = f.String(required=True)
    space_id = f.String(required=True)
    slug = f.String(required=True)
    url = f.String(required=True)
    name = f.String(required=True)
    description = f.String(required=True)
    version_id = f.String(required=True, allow_none=True)
    number = f.Integer(required=True, allow_none=True)
    content_hash = f.String(required=True, allow_none=True)
    attributes = f.List(f.Nested(AttributeSchema), required=True)
    version = f.Integer(required=True)
    created_at = Time(required=True)
    withdrawn_at = Time(required=True, allow_none=True)


ProductPageSchema = page_of(ProductSchema, "ProductPageSchema")


class ProductVersionSchema(Schema):
    """A version of a product's model; a published one never changes."""

    id = f.String(required=True)
    product_id = f.String(required=True)
    number = f.Integer(required=True)
    state = f.String(required=True, validate=validate.OneOf([DRAFT, PUBLISHED]))
    content_hash = f.String(required=True)
    created_at = Time(required=True)
    published_at = Time(required=True, allow_none=True)


class ProductDocumentSchema(ProductVersionSchema):
    """A version with its model; ``/api/v1/product.schema.json`` describes the document."""

    document = f.Dict(required=True)


class VersionsQuery(ListQuery):
    """The address of ``GET /products/{product}/versions``."""


ProductVersionPageSchema = page_of(ProductVersionSchema, "ProductVersionPageSchema")


class ReasonSchema(Schema):
    """A rule or a group (``rule``, ``group``, ``part``) as a reason; ``message`` is a text, or one for each language."""

    id = f.String(required=True)
    kind = f.String(required=True)
    message = f.Raw(required=True)


class FindingSchema(Schema):
    """An option or a rule, and why it is what it was found to be."""

    id = f.String(required=True)
    reasons = f.List(f.Nested(ReasonSchema), required=True)


class AnalysisSchema(Schema):
    """What is to be known of a model. ``count`` (as text, for it is long) is null where it could not be counted in time."""

    void = f.Boolean(required=True)
    why_void = f.List(f.Nested(ReasonSchema), required=True)
    core = f.List(f.String(), required=True)
    dead = f.List(f.Nested(FindingSchema), required=True)
    false_optional = f.List(f.Nested(FindingSchema), required=True)
    redundant_rules = f.List(f.Nested(FindingSchema), required=True)
    count = f.String(required=True, allow_none=True)
    cheapest = f.Dict(keys=f.String(), values=f.Integer(allow_none=True), required=True)
    dearest = f.Dict(keys=f.String(), values=f.Integer(allow_none=True), required=True)
    finished = f.Boolean(required=True)


class TotalsSchema(Schema):
    """What an attribute adds up to now, and between which sums it can still come to lie; in its smallest unit."""

    now = f.Integer(required=True)
    least = f.Integer(required=True, allow_none=True)
    most = f.Integer(required=True, allow_none=True)


def _totals() -> f.Dict:
    return f.Dict(keys=f.String(), values=f.Nested(TotalsSchema), required=True)


class PropagationSchema(Schema):
    """How every option stands: ``on`` and ``off`` by you, ``forced_on`` and ``forced_off`` by what you decided, ``free``."""

    number = f.Integer(required=True)
    possible = f.Boolean(required=True)
    states = f.Dict(keys=f.String(), values=f.String(validate=validate.OneOf(STATES)), required=True)
    undetermined = f.List(f.String(), required=True)
    totals = _totals()


class ExplanationSchema(Schema):
    """The fewest decisions and rules that stand in the way; each of them is needed for it where ``minimal``."""

    blocked = f.Boolean(required=True)
    decisions = f.List(f.String(), required=True)
    rules = f.List(f.Nested(ReasonSchema), required=True)
    minimal = f.Boolean(required=True)


class RepairSchema(Schema):
    """A way out: which decisions to give up, those that stay, and what they add up to."""

    gives_up = f.List(f.String(), required=True)
    decisions = f.Dict(keys=f.String(), values=f.Boolean(), required=True)
    totals = _totals()


class RepairsSchema(Schema):
    """Ways out, smallest first."""

    items = f.List(f.Nested(RepairSchema), required=True)


class CompletionSchema(Schema):
    """A whole configuration: every option, on or off."""

    decisions = f.Dict(keys=f.String(), values=f.Boolean(), required=True)
    totals = _totals()


class CountSchema(Schema):
    """How many configurations fit the decisions, as text; null where they could not be counted in time."""

    count = f.String(required=True, allow_none=True)


def product_json(product: ProductFact, space: SpaceFact, card: VersionCard | None) -> dict[str, Any]:
    """A product as it goes out; *card* is that of its published version."""
    return {
        "id": product.id,
        "space_id": product.space_id,
        "slug": product.slug,
        "url": f"/spaces/{space.slug}/products/{product.slug}",
        "name": product.name,
        "description": product.description,
        "version_id": product.published_version_id,
        "number": card.number if card else None,
        "content_hash": card.content_hash if card else None,
        "attributes": [attribute_json(item) for item in card.attributes] if card else [],
        "version": product.version,
        "created_at": product.created_at,
        "withdrawn_at": product.withdrawn_at,
    }
