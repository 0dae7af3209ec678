"""Refusals as HTTP: `application/problem+json` for programs, a friendly page for people. Nothing internal leaks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask_babel import force_locale
from marshmallow import ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as OutOfConnections
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from codesign.kernel.errors import (
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from codesign.kernel.library_words import understood
from codesign.kernel.text import _
from codesign.web.registry import current_registry, page_view
from codesign.web.text import say

_CODES = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    413: TooLarge,
    422: Invalid,
    429: TooMany,
    503: Unavailable,
}
#: What a database that is down, locked, full or overrun raises. Asking again later may well succeed.
_DATABASE_GONE = (OperationalError, InterfaceError, OutOfConnections)
DATABASE_PAUSE = 5.0  # seconds
_MARSHMALLOW_CODES = {"Unknown field.": "unknown", "Missing data for required field.": "required"}
_HEADINGS = {
    401: _("Sign in first"),
    403: _("Not yours to change"),
    404: _("Nothing here"),
    405: _("Not this way"),
    409: _("Not now"),
    413: _("Too large"),
    422: _("Something to fix"),
    429: _("That was quick"),
    503: _("Back in a moment"),
}


def install(app: Flask) -> None:
    """Answer every refusal and failure of *app*. Called after other extensions: its handlers decide."""
    app.register_error_handler(Problem, answer)
    app.register_error_handler(ValidationError, lambda error: answer(problem_of(error)))
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, lambda error: _from_failure(app, error))


def for_program() -> bool:
    """Whether this request wants JSON: the API does, and whoever asks for JSON but not for pages."""
    if request.path.startswith(("/api/", "/health/")):
        return True
    accepts = request.accept_mimetypes
    return bool(accepts.provided) and not accepts.accept_html and accepts.accept_json


def problem_body(problem: Problem, status: int | None = None) -> dict[str, Any]:
    """The one shape of a refusal (RFC 9457), the same at API and socket."""
    return {
        "type": f"urn:codesign:problem:{problem.code}",
        "title": HTTPStatus(status or problem.status).phrase,
        "status": status or problem.status,
        "detail": say(problem.sentence),
        "code": problem.code,
        "errors": [{"field": each.field, "code": each.code, "message": say(each.message)} for each in problem.errors],
        "request_id": g.get("request_id", "") if g else "",
    }


def problem_of(error: Exception) -> Problem:
    """What *error* is to those outside: itself, if it was meant for them."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, ValidationError):
        return from_messages(error.normalized_messages())
    return Unavailable(retry_after=DATABASE_PAUSE) if isinstance(error, _DATABASE_GONE) else Problem()


def failures_of(app: Flask) -> Callable[[Exception, str], dict[str, Any]]:
    """What makes the body that a socket is told, in its language, when something was refused or went wrong."""

    def body(error: Exception, language: str) -> dict[str, Any]:
        with app.app_context(), force_locale(language or app.config["LANGUAGES"][0]):
            return problem_body(problem_of(error))

    return body


def answer(problem: Problem, status: int | None = None, headers: Iterable[tuple[str, str]] = ()) -> AnyResponse:
    """*problem* as this request wants it."""
    status = status or problem.status
    if for_program():
        response = jsonify(problem_body(problem, status))
        response.mimetype = "application/problem+json"
    else:
        way_in = _sign_in(problem)
        if way_in:
            return redirect(way_in)
        response = _page(problem, status)
    response.status_code = status
    for name, value in headers:
        response.headers[name] = value
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(problem.retry_after)))
    return response


def _sign_in(problem: Problem) -> str | None:
    """Where to send a person who must sign in to see a page; what they posted is kept by the room, not here."""
    if not isinstance(problem, Unauthenticated) or request.method not in {"GET", "HEAD"}:
        return None
    address = current_registry().url("sign_in", page_view())
    if address is None:
        return None
    here = request.full_path.rstrip("?")
    return f"{address}{'&' if '?' in address else '?'}next={quote(here)}"


def _page(problem: Problem, status: int) -> Response:
    heading = _HEADINGS.get(status, _("Something broke on our side"))
    values = {"status": status, "heading": heading, "problem": problem, "request_id": g.get("request_id", "")}
    try:
        return make_response(render_template("error.html", space=current_registry().place(), **values))
    except Exception:
        if status < 500:
            raise
        # The frame itself cannot be drawn (no database, say): one page that needs nothing.
        return make_response(render_template("error_plain.html", **values))


def from_messages(messages: Any) -> Invalid:
    """marshmallow's messages, nested by place and field, as one flat list of field errors."""
    return Invalid(errors=list(_flatten(messages, ())))


def _flatten(messages: Any, path: tuple[str, ...]) -> Iterable[FieldError]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            is_place = not path and name in {"json", "query", "form", "files", "headers", "path", "json_or_form"}
            yield from _flatten(inner, path if is_place else (*path, str(name)))
        return
    for message in messages if isinstance(messages, list | tuple) else [messages]:
        field = ".".join(part for part in path if part != "_schema")
        yield FieldError(field, _MARSHMALLOW_CODES.get(str(message), "invalid"), understood(message))


def _from_http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    data = getattr(error, "data", None) or {}
    if status in {400, 422} and data.get("messages"):
        return answer(from_messages(data["messages"]))
    headers = [pair for pair in error.get_headers() if pair[0] in {"Allow", "Retry-After", "WWW-Authenticate"}]
    return answer(_named(status), status, headers)


def _named(status: int) -> Problem:
    """The kernel's problem for a status that Flask or an extension raised."""
    if status in _CODES:
        return _CODES[status]()
    if status == 405:
        return Invalid(_("This address does not take that kind of request."))
    if status >= 500:
        return Problem()
    return Invalid(_("This request cannot be understood."))


def _from_failure(app: Flask, error: Exception) -> AnyResponse:
    app.logger.error("request %s failed: %s %s", g.get("request_id", ""), request.method, request.path, exc_info=error)
    if app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return answer(problem_of(error))
