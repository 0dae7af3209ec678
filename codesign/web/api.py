"""What all JSON doors share: strict schemas, one strict reader of input, the OpenAPI description and its page.

A room's ``api.py`` makes an ``ApiBlueprint``; ``install_api(app)`` gives the app its ``Api``, which registers them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import flask
import marshmallow
from apispec import APISpec
from flask import Flask, render_template
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from flask_smorest.utils import prepare_response
from marshmallow import Schema, fields, pre_load, validate
from webargs.flaskparser import FlaskParser

from codesign.kernel import clock
from codesign.kernel.text import _
from codesign.web.api_page import browsable
from codesign.web.errors import from_messages
from codesign.web.objects import check_texts, read_object

PREFIX = "/api/v1"
PROBLEM_TYPE = "application/problem+json"


# --- Schemas ----------------------------------------------------------------------------------------------------------


class Strict(Schema):
    """Base of everything that is read: unknown fields are refused, and texts that no database keeps."""

    class Meta:
        unknown = marshmallow.RAISE

    @pre_load
    def _no_unusable_texts(self, data: Any, **_kwargs: Any) -> Any:
        if isinstance(data, Mapping):
            check_texts({name: data[name] for name in data})
        return data


class Time(fields.Field[datetime]):
    """A moment as RFC 3339 in UTC with milliseconds; read with any offset."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock.rfc3339(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise marshmallow.ValidationError(str(_("This is not a time like 2026-11-21T09:30:00.000Z."))) from None
        if moment.tzinfo is None:
            raise marshmallow.ValidationError(str(_("This time lacks its offset from UTC.")))
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise marshmallow.ValidationError(str(_("This time lies outside the years 1 to 9999."))) from None


class Whole(fields.Integer):
    """A whole number of JSON that fits the database; no text, no truth value, no fraction."""

    def __init__(self, *, least: int = -(2**31), most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **kwargs)

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool | str):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Truth(fields.Boolean):
    """``true`` or ``false`` of JSON, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Switch(fields.Boolean):
    """``1`` or ``0`` in an address."""

    def __init__(self, **kwargs: Any) -> None:
        # A client made from the description would send "true" for a boolean.
        super().__init__(truthy={"1"}, falsy={"0"}, metadata={"type": "integer", "enum": [0, 1]}, **kwargs)


class Limit(fields.Integer):
    """How many rows of a list at most, in an address."""

    def __init__(self, most: int = 100, default: int = 25, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(1, most), load_default=default, **kwargs)


class ListQuery(Strict):
    """What every list takes in its address."""

    limit = Limit()
    cursor = fields.String(load_default=None, validate=validate.Length(1, 1000))


class Reason(Strict):
    """Why somebody did it."""

    reason = fields.String(required=True, validate=validate.Length(1, 2000))


class NamedPerson(Schema):
    """A person as others see them."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class FieldProblem(Schema):
    """What is wrong with one field."""

    field = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ProblemSchema(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblem), required=True)
    request_id = fields.String(required=True)


def page_of(item: type[Schema], name: str, **more: fields.Field[Any]) -> type[Schema]:
    """The schema *name* of one page of a list of *item*: ``{items, next, seq}`` and *more*."""
    return type(
        name,
        (Schema,),
        {
            "__doc__": "One page of a list; `next` is the cursor of the next one, `seq` the log number it was read at.",
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(required=True, allow_none=True),
            "seq": fields.Integer(required=True),
            **more,
        },
    )


# --- Reading input ----------------------------------------------------------------------------------------------------


class StrictParser(FlaskParser):
    """Reads JSON objects and addresses to the letter: unknown, repeated and unusable parts are refused."""

    DEFAULT_UNKNOWN_BY_LOCATION = {name: marshmallow.RAISE for name in ("json", "query", "form")}  # noqa: RUF012, C420

    def load_json(self, req: flask.Request, schema: Schema) -> Any:
        """The body as an object; an empty body is an empty object."""
        return read_object(req)

    def load_querystring(self, req: flask.Request, schema: Schema) -> Any:
        """The address; each name once."""
        twins = [name for name, values in req.args.lists() if len(values) > 1]
        if twins:
            raise from_messages({"query": {name: [str(_("This stands twice in the address."))] for name in twins}})
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: marshmallow.ValidationError,
        req: flask.Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Raise the house's own refusal."""
        raise from_messages(error.messages)


class ApiBlueprint(SmorestBlueprint):
    """A room's JSON door."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, *, description: str, **kwargs: Any) -> None:
        super().__init__(name, import_name, url_prefix=PREFIX, description=description, **kwargs)


# --- The description --------------------------------------------------------------------------------------------------


class Api(SmorestApi):
    """OpenAPI 3.1 of all JSON doors. Refusals are answered by ``codesign.web.errors`` alone."""

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._undescribed: list[Callable[[APISpec], None]] = []
        super().__init__(*arguments, **options)

    @property
    def spec(self) -> APISpec:
        """The description, complete. Doors are described when somebody asks: it would take a third of every start."""
        while self._undescribed:
            self._undescribed.pop(0)(self._spec)
        return self._spec

    @spec.setter
    def spec(self, spec: APISpec) -> None:
        self._spec = spec

    def register_blueprint(self, blp: SmorestBlueprint, *, parameters: list[Any] | None = None, **options: Any) -> None:
        """Open a room's doors now, and describe them later."""
        name = options.get("name", blp.name)
        self._app.extensions["flask-smorest"]["blp_name_to_api"][name] = self
        self._app.register_blueprint(blp, **options)

        def describe(spec: APISpec) -> None:
            blp.register_views_in_doc(self, self._app, spec, name=name, parameters=parameters)
            spec.tag({"name": name, "description": blp.description})

        self._undescribed.append(describe)

    def _register_error_handlers(self) -> None:
        """Left to ``codesign.web.errors``, so that there is one shape."""

    def _register_responses(self) -> None:
        for name in ("DEFAULT_ERROR", "UNPROCESSABLE_ENTITY", "UNPROCESSABLE_CONTENT"):
            response: dict[str, Any] = {"description": "A refusal", "schema": ProblemSchema}
            prepare_response(response, self.spec, PROBLEM_TYPE)
            self.spec.components.response(name, response, lazy=True)


def install_api(app: Flask) -> Api:
    """Give *app* its API description at ``/api/v1/openapi.json`` and the page to browse it at ``/api/v1/``."""
    from codesign import __version__

    app.config.update(
        API_TITLE="Codesign",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    security = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "session"},
    }
    options = {
        "info": {"description": "What programs may do. Refusals are problems (RFC 9457); times are RFC 3339 in UTC."},
        "components": {"securitySchemes": security},
        "security": [{"bearer": []}, {"session": []}, {}],
    }
    api = Api(app, spec_kwargs=options)
    api.register_field(Time, "string", "date-time")
    app.add_url_rule(f"{PREFIX}/", "api_browser", lambda: render_template("api.html", **browsable(api.spec.to_dict())))
    return api
