"""What configurations look like over the wire. Amounts are whole numbers of the attribute's smallest unit."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, validate
from marshmallow import fields as f

from codesign.configurations.beside import MOST_LIMIT
from codesign.configurations.changes import MOST_WISHES
from codesign.configurations.facts import STATES, ConfigurationFact, EditFact
from codesign.configurations.history import MOST_READ
from codesign.configurations.service import MOST_NAME
from codesign.configurations.side_by_side import Row, Side
from codesign.products.engine import say
from codesign.products.solving import MOST_DECISIONS
from codesign.web.api import ListQuery, Strict, Switch, Time, Truth, Whole, page_of

_ID = validate.Length(1, 40)
_OPTION = f.String(validate=validate.Length(1, 120))


class TotalSchema(Schema):
    """What an attribute comes to: of what is chosen `now`, and the least and most that can still be reached."""

    now = f.Integer(required=True)
    least = f.Integer(required=True, allow_none=True)
    most = f.Integer(required=True, allow_none=True)


class ConfigurationSchema(Schema):
    """A configuration. `decisions` says yes or no by option, oldest first; `wishes` are kept although they are ruled out.

    `contested` are decisions that contradict what somebody else chose at the same moment. `share_key` opens a draft to others
    and is there for its owner alone; `together` says that others edit it along.
    """

    id = f.String(required=True)
    space_id = f.String(required=True)
    product_id = f.String(required=True)
    product_version_id = f.String(required=True)
    url = f.String(required=True)
    name = f.String(required=True)
    state = f.String(required=True, validate=validate.OneOf(STATES))
    mine = f.Boolean(required=True)
    forked_from = f.String(required=True, allow_none=True)
    decisions = f.Dict(keys=f.String(), values=f.Boolean(), required=True)
    wishes = f.List(f.String(), required=True)
    limits = f.Dict(keys=f.String(), values=f.Integer(), required=True)
    totals = f.Dict(keys=f.String(), values=f.Nested(TotalSchema), required=True)
    contested = f.Dict(keys=f.String(), values=f.Boolean(), required=True)
    may_edit = f.Boolean(required=True)
    together = f.Boolean(required=True)
    share_key = f.String(required=True, allow_none=True)
    version = f.Integer(required=True)
    created_at = Time(required=True)
    edited_at = Time(required=True, allow_none=True)
    published_at = Time(required=True, allow_none=True)


class MigratedSchema(ConfigurationSchema):
    """A configuration in a newer version. `gave_up` are options of the one before whose decision could not be kept."""

    gave_up = f.List(f.String(), required=True)


ConfigurationPageSchema = page_of(ConfigurationSchema, "ConfigurationPage")


class ConfigurationsQuery(ListQuery):
    """Which configurations: all that are published, or my own."""

    mine = Switch(load_default=False)
    product = f.String(load_default=None, validate=_ID)


class ConfigurationQuery(Strict):
    """The key that a draft was shared with."""

    key = f.String(load_default="", validate=validate.Length(max=64))


_DECISIONS: dict[str, Any] = {"keys": _OPTION, "values": Truth(), "validate": validate.Length(max=MOST_DECISIONS)}
_WISHES: dict[str, Any] = {"validate": validate.Length(max=MOST_WISHES)}
_NAME: dict[str, Any] = {"metadata": {"minLength": 1, "maxLength": MOST_NAME}}


class NewConfigurationInput(Strict):
    """The body of ``POST /spaces/{space}/configurations``."""

    product_id = f.String(required=True, validate=_ID)
    name = f.String(load_default="", metadata={"maxLength": MOST_NAME})
    decisions = f.Dict(load_default=dict, **_DECISIONS)
    wishes = f.List(_OPTION, load_default=list, **_WISHES)


class ConfigurationPatch(Strict):
    """The body of ``PATCH /configurations/{configuration}``: what is left out stays.

    Where others edit the draft along, `version` is required for all but `name`: it says what you saw.
    """

    version = Whole(least=1)
    name = f.String(**_NAME)
    decisions = f.Dict(**_DECISIONS)
    wishes = f.List(_OPTION, **_WISHES)
    limits = f.Dict(keys=_OPTION, values=Whole(least=0, most=MOST_LIMIT), validate=validate.Length(max=20))


class ForkInput(Strict):
    """The key of the draft, where it is one that was shared."""

    key = f.String(load_default="", validate=validate.Length(max=64))


# --- Drafts of several people -----------------------------------------------------------------------------------------


class EditSchema(Schema):
    """One edit of a draft. `changes` and `wished` say for each option what it was and what it is now (null: open); edit by
    edit they lead from nothing to the draft. `number` is the version of the draft that it made.
    """

    number = f.Integer(required=True)
    person_id = f.String(required=True, allow_none=True)
    did = f.String(required=True)
    option = f.String(required=True)
    changes = f.Dict(keys=f.String(), values=f.List(f.Boolean(allow_none=True)), required=True)
    wished = f.Dict(keys=f.String(), values=f.List(f.Boolean()), required=True)
    undone = f.Boolean(required=True)
    at = Time(required=True)


class EditsSchema(Schema):
    """Edits of a draft, oldest first. `version` is the number reached; `reset` says that older ones are not kept any more, so
    that the draft has to be taken anew."""

    items = f.List(f.Nested(EditSchema), required=True)
    version = f.Integer(required=True)
    next = f.Integer(required=True, allow_none=True)
    reset = f.Boolean(required=True)


class EditsQuery(Strict):
    """The edits after a number."""

    after = f.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    limit = f.Integer(load_default=50, validate=validate.Range(1, MOST_READ))


_SEEN: dict[str, Any] = {"least": 0, "load_default": None, "allow_none": True}


class EditInput(Strict):
    """One decision: `value` is yes, no, or null for open; `seen_version` the version of the draft that its author saw."""

    option = f.String(required=True, validate=validate.Length(1, 120))
    value = Truth(required=True, allow_none=True)
    seen_version = Whole(**_SEEN)


class TogetherSchema(Schema):
    """Who edits a draft along, and the key that lets others join; null where nobody may."""

    edit_key = f.String(required=True, allow_none=True)
    partners = f.List(f.String(), required=True)


class JoinInput(Strict):
    """The key of the link to edit along."""

    key = f.String(required=True, validate=validate.Length(1, 64))


class DraftMessage(Strict):
    """What every message about a draft names."""

    draft = f.String(required=True, validate=_ID)


class DraftOpen(DraftMessage):
    """``draft_open {draft, key?}``"""

    key = f.String(load_default="", validate=validate.Length(max=64))


class DraftSet(DraftMessage, EditInput):
    """``draft_set {draft, option, value, seen_version?}``"""


class DraftWanted(DraftMessage):
    """``draft_explain`` and ``draft_repairs``: what is wanted of an option."""

    option = f.String(required=True, validate=validate.Length(1, 120))
    value = Truth(load_default=True)


class DraftRepair(DraftWanted):
    """``draft_repair``: have it, and give up these."""

    gives_up = f.List(_OPTION, required=True, validate=validate.Length(max=MOST_DECISIONS))
    seen_version = Whole(**_SEEN)


class DraftComplete(DraftMessage):
    """``draft_complete {draft, goal}``"""

    goal = f.String(required=True, validate=validate.OneOf(("cheapest", "dearest")))
    seen_version = Whole(**_SEEN)


class CompareInput(Strict):
    """Two to four ids, separated by commas."""

    ids = f.String(required=True, validate=validate.Length(1, 200))


class GroupRowSchema(Schema):
    """What each configuration has of a group, in the order asked for."""

    group = f.String(required=True)
    label = f.String(required=True)
    differs = f.Boolean(required=True)
    options = f.List(f.List(f.String()), required=True)


class ComparisonSchema(Schema):
    """Configurations side by side: the groups in which they differ first."""

    configurations = f.List(f.Nested(ConfigurationSchema), required=True)
    groups = f.List(f.Nested(GroupRowSchema), required=True)


def configuration_json(configuration: ConfigurationFact) -> dict[str, Any]:
    """``Configuration`` of the contract."""
    return {
        "id": configuration.id,
        "space_id": configuration.space_id,
        "product_id": configuration.product_id,
        "product_version_id": configuration.product_version_id,
        "url": configuration.path,
        "name": configuration.name,
        "state": configuration.state,
        "mine": configuration.is_mine,
        "forked_from": configuration.forked_from,
        "decisions": configuration.decisions,
        "wishes": list(configuration.wishes),
        "limits": configuration.limits,
        "totals": configuration.totals,
        "contested": configuration.contested,
        "may_edit": configuration.may_edit,
        "together": configuration.together,
        "share_key": configuration.share_key or None,
        "version": configuration.version,
        "created_at": configuration.created_at,
        "edited_at": configuration.edited_at,
        "published_at": configuration.published_at,
    }


def comparison_json(sides: list[Side], rows: list[Row]) -> dict[str, Any]:
    """``Comparison`` of the contract."""
    groups = [
        {
            "group": row.group.id,
            "label": say(row.group.label) or row.group.id,
            "differs": row.differs,
            "options": [list(cell) for cell in row.cells],
        }
        for row in rows
    ]
    return {"configurations": [configuration_json(side.configuration) for side in sides], "groups": groups}


def edit_json(edit: EditFact) -> dict[str, Any]:
    """``Edit`` of the contract."""
    return {
        "number": edit.number,
        "person_id": edit.person_id,
        "did": edit.did,
        "option": edit.option,
        "changes": {option: list(sides) for option, sides in edit.changes.items()},
        "wished": {option: list(sides) for option, sides in edit.wished.items()},
        "undone": edit.undone_at is not None,
        "at": edit.at,
    }


def draft_json(configuration: ConfigurationFact) -> dict[str, Any]:
    """What a draft holds, for those who have it open."""
    return {
        "version": configuration.version,
        "decisions": configuration.decisions,
        "contested": configuration.contested,
        "wishes": list(configuration.wishes),
        "totals": configuration.totals,
    }
