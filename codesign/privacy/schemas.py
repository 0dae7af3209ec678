"""What the pages of privacy take."""

from __future__ import annotations

from marshmallow import fields

from codesign.accounts.schemas import Password
from codesign.web.forms import Form


class DeleteForm(Form):
    """Delete my account."""

    password = Password(load_default="")
    sure = fields.Boolean(load_default=False, truthy={"1"}, falsy={"0", ""})
    remove_texts = fields.Boolean(load_default=False, truthy={"1"}, falsy={"0", ""})
