"""What votes look like over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, post_load, pre_load, validate
from marshmallow import fields as f

from codesign.ideas.facts import Tally
from codesign.kernel.errors import Problem
from codesign.kernel.text import _
from codesign.voting.bulk import VoteRow
from codesign.voting.facts import EVERY_VALUE, Receipt
from codesign.web.api import Strict, Time, Truth
from codesign.web.errors import from_messages, problem_body

MOST_ROWS = 1000
_EITHER = [{"$ref": "#/components/schemas/Receipt"}, {"$ref": "#/components/schemas/Problem"}]


def _value() -> f.Integer:
    return f.Integer(required=True, strict=True, validate=validate.OneOf(EVERY_VALUE))


class VoteInput(Strict):
    """The body of ``PUT /ideas/{idea}/vote``."""

    value = _value()


class VoteRowInput(Strict):
    """One vote of ``POST /spaces/{space}/votes``: `person` is an id or external id, `at` a note of when it was cast."""

    idea = f.String(required=True, validate=validate.Length(1, 40))
    person = f.String(required=True, validate=validate.Length(1, 200))
    value = _value()
    at = Time(load_default=None)

    @post_load
    def _row(self, values: dict[str, Any], **_kwargs: Any) -> VoteRow:
        return VoteRow(**values)


class _Rows(f.List):
    """Rows, each a VoteRow or, where it is none, the Problem it is answered with: it stops no other. A list that is too long
    is refused before each of them is looked at."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        if len(value) > MOST_ROWS:
            raise ValidationError(str(_("Send at most %(count)s votes at once.", count=MOST_ROWS)))
        return [self._row(each) for each in value]

    def _row(self, value: Any) -> VoteRow | Problem:
        try:
            row: VoteRow = self.inner.deserialize(value)
        except ValidationError as error:
            return from_messages(error.messages)
        return row


class VotesInput(Strict):
    """The body of ``POST /spaces/{space}/votes``."""

    votes = _Rows(f.Nested(VoteRowInput), required=True, validate=validate.Length(1, MOST_ROWS))
    all_or_nothing = Truth(load_default=False)

    @pre_load
    def _no_unusable_texts(self, data: Any, **kwargs: Any) -> Any:
        """Each row looks at its own."""
        if isinstance(data, Mapping):
            super()._no_unusable_texts({name: value for name, value in data.items() if name != "votes"})
        return data


class SocketVote(Strict):
    """The message ``vote {idea, value, person?}``."""

    idea = f.String(required=True, validate=validate.Length(max=40))
    value = _value()
    person = f.String(validate=validate.Length(max=200))


class SocketUnvote(Strict):
    """The message ``unvote {idea, person?}``."""

    idea = f.String(required=True, validate=validate.Length(max=40))
    person = f.String(validate=validate.Length(max=200))


def tally_json(tally: Tally | None) -> dict[str, int] | None:
    """``Tally`` of the contract; None where this viewer may not see it."""
    if tally is None:
        return None
    return {"up": tally.up, "down": tally.down, "pass": tally.passed, "imported_up": tally.imported_up,
            "imported_down": tally.imported_down, "seq": tally.seq}  # fmt: skip


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """``Receipt`` of the contract."""
    return {"idea_id": receipt.idea_id, "value": receipt.value, "changed": receipt.changed,
            "tally": tally_json(receipt.tally), "seq": receipt.seq}  # fmt: skip


class TallySchema(Schema):
    """``Tally`` of the contract."""

    up = f.Integer(required=True)
    down = f.Integer(required=True)
    pass_ = f.Integer(required=True, data_key="pass", attribute="pass")
    imported_up = f.Integer(required=True)
    imported_down = f.Integer(required=True)
    seq = f.Integer(required=True)


class ReceiptSchema(Schema):
    """``Receipt`` of the contract."""

    idea_id = f.String(required=True)
    value = f.Integer(required=True, allow_none=True)
    changed = f.Boolean(required=True)
    tally = f.Nested(TallySchema, required=True, allow_none=True)
    seq = f.Integer(required=True)


class ResultsSchema(Schema):
    """What became of each row, in order: a `Receipt`, or the `Problem` that refused it (only that has a `code`)."""

    results = f.List(f.Raw(metadata={"anyOf": _EITHER}), required=True)


def results_json(results: Iterable[Receipt | Problem]) -> dict[str, Any]:
    """The answer to ``POST /spaces/{space}/votes``."""
    return {"results": [problem_body(each) if isinstance(each, Problem) else receipt_json(each) for each in results]}
