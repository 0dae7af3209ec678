"""What pages of notices read from their address."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from codesign.kernel.text import _
from codesign.notifications.rhythms import KINDS, RHYTHMS
from codesign.web.forms import Form, Query


class Place(fields.String):
    """Where the page before ended: milliseconds, space and number of its last notice."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        parts = str(super()._deserialize(value, attr, data, **kwargs)).split(".")
        if len(parts) != 3 or not (parts[0].isdecimal() and parts[2].isdecimal() and len(parts[1]) <= 26):
            raise ValidationError(str(_("There is no such page.")))
        return int(parts[0]), parts[1], int(parts[2])


class NoticesQuery(Query):
    """Which page of notices."""

    before = Place(load_default=None)


class OutboxQuery(Query):
    """Which letters."""

    waiting = fields.String(load_default="", validate=validate.OneOf(["", "1"]))


class StopForm(Form):
    """What a mail program sends, or the button of the page."""

    one_click = fields.String(data_key="List-Unsubscribe", load_default="")


WishesForm: type[Form] = type(
    "WishesForm",
    (Form,),
    {
        kind: fields.String(load_default=usual, validate=validate.OneOf(RHYTHMS))
        for kind, (_title, usual) in KINDS.items()
    },
)
