"""What findings, cards and answers look like over the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.insights.facts import Card, ChoiceFact, InsightFact
from codesign.web.api import Strict, Time

_HASH = f.String(validate=validate.Length(1, 64))


class TakenSchema(Schema):
    """How many people took an option, of how many who settled it; `baseline`: the share of all valid configurations with it."""

    option = f.String(required=True)
    taken = f.Integer(required=True)
    of = f.Integer(required=True)
    baseline = f.Float(required=True, allow_none=True)
    rows = f.List(f.String(), required=True, metadata={"description": "ids of configurations"})


class WishedSchema(Schema):
    """How many people wish an option that their other choices rule out; `rows` are the published configurations among them."""

    option = f.String(required=True)
    people = f.Integer(required=True)
    rows = f.List(f.String(), required=True)


class BlockingSchema(Schema):
    """How many people a rule (or group) keeps from what they wish, and how often which option."""

    kind = f.String(required=True)
    id = f.String(required=True)
    people = f.Integer(required=True)
    options = f.Dict(keys=f.String(), values=f.Integer(), required=True)


class ForkedSchema(Schema):
    """How often a published configuration was forked."""

    configuration = f.String(required=True)
    forks = f.Integer(required=True)


class VotedSchema(Schema):
    """The votes on the idea that carries a configuration."""

    configuration = f.String(required=True)
    idea = f.String(required=True)
    up = f.Integer(required=True)
    down = f.Integer(required=True)


class WorthSchema(Schema):
    """What an option adds to what a configuration is worth (logit units), with its 95 % interval; null unless `enough`.

    Of a group of which exactly one is had, it is told against the mean of the group; of others, against going without.
    """

    option = f.String(required=True)
    worth = f.Float(required=True, allow_none=True)
    low = f.Float(required=True, allow_none=True)
    high = f.Float(required=True, allow_none=True)
    enough = f.Boolean(required=True)
    views = f.Integer(required=True)
    people = f.Integer(required=True)
    kinds = f.Dict(keys=f.String(), values=f.Integer(), required=True)


class ImportanceSchema(Schema):
    """How much a group matters: the range of its part-worths in per cent of all ranges."""

    group = f.String(required=True)
    percent = f.Float(required=True)


class WantedSchema(Schema):
    """The valid configuration with the largest sum of part-worths, and what its attributes come to."""

    options = f.List(f.String(), required=True)
    totals = f.Dict(keys=f.String(), values=f.Integer(), required=True)


class CauseSchema(Schema):
    """A rule, a group, or that a group lies under an option."""

    kind = f.String(required=True)
    id = f.String(required=True)


class LossSchema(Schema):
    """What some people lose in the result for all: what stands there `instead`, and the rules between them."""

    option = f.String(required=True)
    people = f.Integer(required=True)
    rows = f.List(f.String(), required=True)
    instead = f.List(f.String(), required=True)
    rules = f.List(f.Nested(CauseSchema), required=True)


class GroupResultSchema(Schema):
    """What one configuration for all costs whom: of `people` who composed, how many keep every choice, and what others lose."""

    people = f.Integer(required=True)
    keep_all = f.Integer(required=True)
    losses = f.List(f.Nested(LossSchema), required=True)


class InsightsSchema(Schema):
    """What people want of a product, as of a number of the log. They are self-selected.

    `signals` counts what it rests on by kind. Where results are hidden from you, nothing here depends on votes, and `voted`
    is null.
    """

    product_id = f.String(required=True)
    product_version_id = f.String(required=True)
    seq = f.Integer(required=True)
    made_at = Time(required=True)
    people = f.Integer(required=True)
    composers = f.Integer(required=True)
    wishers = f.Integer(required=True)
    signals = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    taken = f.List(f.Nested(TakenSchema), required=True)
    wishes = f.List(f.Nested(WishedSchema), required=True)
    rules = f.List(f.Nested(BlockingSchema), required=True)
    forked = f.List(f.Nested(ForkedSchema), required=True)
    voted = f.List(f.Nested(VotedSchema), required=True, allow_none=True)
    worths = f.List(f.Nested(WorthSchema), required=True)
    importances = f.List(f.Nested(ImportanceSchema), required=True)
    wanted = f.Nested(WantedSchema, required=True, allow_none=True)
    group = f.Nested(GroupResultSchema, required=True, allow_none=True)


class CardThingSchema(Schema):
    """One configuration on a card."""

    hash = f.String(required=True)
    options = f.List(f.String(), required=True)


class ChoiceCardSchema(Schema):
    """ "Which of these would you take?" An answer is not a vote and joins no tally; `left` is how many more there are today."""

    product_id = f.String(required=True)
    product_version_id = f.String(required=True)
    number = f.Integer(required=True)
    left = f.Integer(required=True)
    shown = f.List(f.Nested(CardThingSchema), required=True)


class ChoiceInput(Strict):
    """The body of ``POST /products/{product}/choices``: the hashes of the card in their order, and the one taken (null: none)."""

    shown = f.List(_HASH, required=True, validate=validate.Length(1, 10))
    chosen = f.String(required=True, allow_none=True, validate=validate.Length(1, 64))


class ChoiceSchema(Schema):
    """An answer of mine to a card."""

    id = f.String(required=True)
    product_id = f.String(required=True)
    product_version_id = f.String(required=True)
    shown = f.List(f.String(), required=True)
    chosen = f.String(required=True, allow_none=True)
    at = Time(required=True)


class ChoicesSchema(Schema):
    """My newest answers for a product."""

    items = f.List(f.Nested(ChoiceSchema), required=True)


def insights_json(known: InsightFact) -> dict[str, Any]:
    """``Insights`` as it goes out."""
    return {
        "product_id": known.product_id, "product_version_id": known.product_version_id, "seq": known.as_of_seq,
        "made_at": known.made_at, **known.findings,
    }  # fmt: skip


def card_json(card: Card) -> dict[str, Any]:
    """``ChoiceCard`` as it goes out."""
    return {
        "product_id": card.product_id, "product_version_id": card.product_version_id, "number": card.number,
        "left": card.left, "shown": [{"hash": thing.hash, "options": thing.options} for thing in card.things],
    }  # fmt: skip


def choices_json(items: list[ChoiceFact]) -> dict[str, Any]:
    """``Choices`` as it goes out."""
    return {"items": items}
