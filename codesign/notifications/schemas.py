"""What pages of notices read from their address."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from codesign.kernel.text import _
from codesign.notifications.rhythms import KINDS, RHYTHMS
from codesign.web.forms import Form, Query

_PLACE = re.compile(r"([0-9]{1,18})\.([0-9A-Za-z]{1,26})\.([0-9]{1,18})")


class Place(fields.String):
    """Where the page before ended: milliseconds, space and number of its last notice."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = _PLACE.fullmatch(str(super()._deserialize(value, attr, data, **kwargs)))
        if found is None:
            raise ValidationError(str(_("There is no such page.")))
        return int(found[1]), found[2], int(found[3])


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
