"""What goes over the wire about people, and what their forms post."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from codesign.accounts.facts import PersonFact
from codesign.accounts.feeding import Fed
from codesign.kernel.text import _
from codesign.web.forms import Form, Line, Query
from codesign.web.preferences import local_path

_TOO_LONG = _("This is too long.")


class Person(Schema):
    """Who I am here."""

    id = fields.String(required=True)
    external_id = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)
    guest = fields.Boolean(required=True)


def person_json(person: PersonFact) -> dict[str, Any]:
    """A person as they see themselves over the API."""
    return {"id": person.id, "external_id": person.external_id, "name": person.name, "guest": person.guest}


class PersonFeed(Schema):
    """What another system knows of a person. What is left out stays as it is."""

    name = Line(validate=validate.Length(1, 200, error=_TOO_LONG))
    organization = Line(validate=validate.Length(max=120, error=_TOO_LONG))
    segment = Line(validate=validate.Length(max=120, error=_TOO_LONG))
    revenue = fields.Float(allow_nan=False, validate=validate.Range(min=0))


class FedOrganization(Schema):
    """The organization of a person, with what is known of it."""

    name = fields.String(required=True)
    segment = fields.String(required=True, allow_none=True)
    revenue = fields.Float(required=True, allow_none=True)


class FedPerson(Person):
    """A person and their organization."""

    organization = fields.Nested(FedOrganization, required=True, allow_none=True)


def fed_json(fed: Fed) -> dict[str, Any]:
    """A person as another system is shown them."""
    company = fed.organization
    known = company and {"name": company.name, "segment": None, "revenue": None} | {
        key: value for key, value in company.attributes.items() if key in {"segment", "revenue"}
    }
    return {**person_json(fed.person), "organization": known}


class OwnPath(fields.String):
    """Where to go afterwards: a path on this server; anything else becomes the front page."""

    def __init__(self) -> None:
        super().__init__(load_default="/", validate=validate.Length(max=2000))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return local_path(str(super()._deserialize(value, attr, data, **kwargs)))


class Password(fields.String):
    """A password, to the letter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=1000, error=_TOO_LONG), **kwargs)


class Email(Line):
    """An address as typed; ``accounts`` makes it tidy."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=320, error=_TOO_LONG), **kwargs)


class Name(Line):
    """What somebody is called."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(max=200, error=_TOO_LONG), **kwargs)


class Goal(Query):
    """The address of a page that leads on."""

    next = OwnPath()


class SetupQuery(Query):
    """The address of the setup page."""

    token = fields.String(load_default="", validate=validate.Length(max=200))


class SignInForm(Form):
    """Sign in."""

    email = Email(required=True)
    password = Password(required=True)
    next = OwnPath()


class RegisterForm(Form):
    """Make an account."""

    name = Name(required=True)
    email = Email(required=True)
    password = Password(required=True)
    next = OwnPath()


class SetupForm(Form):
    """Make the first administrator."""

    token = fields.String(required=True, validate=validate.Length(max=200))
    name = Name(required=True)
    email = Email(required=True)
    password = Password(required=True)


class ForgotForm(Form):
    """Ask for a letter."""

    email = Email(required=True)


class ResetForm(Form):
    """Choose a new password by a letter's link."""

    password = Password(required=True)


class GoalForm(Form):
    """A button that leads on."""

    next = OwnPath()


class ProfileForm(Form):
    """How I am called and spoken to."""

    name = Name(required=True)
    locale = fields.String(load_default="", validate=validate.Length(max=12))
    show_name = fields.Boolean(load_default=False, truthy={"1"}, falsy={"0"})


class PasswordForm(Form):
    """Change my password."""

    old_password = Password(load_default="")
    new_password = Password(required=True)


class Days(fields.Integer):
    """A number of days; left empty it is none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return None if value == "" else super()._deserialize(value, attr, data, **kwargs)


class TokenForm(Form):
    """Make a token. Scopes are boxes: those ticked are posted as ``scope_<name>``."""

    token_name = Name(required=True)
    days = Days(load_default=None)
    scope_read = fields.Boolean(load_default=False)
    scope_write = fields.Boolean(load_default=False)
    scope_moderate = fields.Boolean(load_default=False)
    scope_product = fields.Boolean(load_default=False)
    scope_admin = fields.Boolean(load_default=False)
    scope_act_as = fields.Boolean(load_default=False)

    @staticmethod
    def scopes(form: dict[str, Any]) -> list[str]:
        """The scopes that were ticked."""
        return [name.removeprefix("scope_") for name, ticked in form.items() if name.startswith("scope_") and ticked]
