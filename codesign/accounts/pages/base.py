"""The pages' blueprint and what they share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from codesign.accounts import pending, queries, service
from codesign.accounts.facts import PersonFact
from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.errors import Conflict, Forbidden, Invalid, Unauthenticated
from codesign.privacy.service import join_guest
from codesign.web import identity
from codesign.web.csrf import FIELD
from codesign.web.preferences import bring_language, language_names
from codesign.web.text import LANGUAGE_COOKIE, page_language

blueprint = Blueprint("accounts", "codesign.accounts", template_folder="templates")

Door = Callable[..., Any]
_SECRET = {FIELD, "password", "old_password", "new_password"}


def settings() -> Settings:
    """The settings of this app."""
    found: Settings = current_app.extensions["codesign"]
    return found


def again(template: str, **values: Callable[[], Any]) -> Callable[[Door], Door]:
    """When the door refuses the form, show it once more with what was typed and what to fix; never the passwords."""

    def decorate(door: Door) -> Door:
        @functools.wraps(door)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return door(*args, **kwargs)
            except (Invalid, Unauthenticated, Conflict) as problem:
                typed = {name: text for name, text in request.form.items() if name not in _SECRET}
                drawn = {name: make() for name, make in values.items()}
                return render_template(template, form=typed, problem=problem, **kwargs, **drawn), problem.status

        return run

    return decorate


def unstored(html: str) -> Response:
    """A page that holds a secret: no cache keeps it."""
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    return response


def welcome(person: PersonFact, goal: str) -> Response:
    """Let the browser in as *person*, bring along what it gave as a guest, do what it began, and go on to *goal*."""
    before, key = identity.who().actor, pending.take()
    if before.guest and before.person_id:
        if before.person_id != person.id:
            join_guest(before.person_id, person.id)
        identity.announce_change(before.person_id)  # its sockets would go on voting as the guest
    identity.sign_in_person(person.id, person.sign_in_epoch)
    done = pending.complete(key)
    response = redirect(done.url or goal)
    if person.demo_role is None:  # those of the demo are somebody else each time
        _bring_language(person, response)
    return response


def _bring_language(person: PersonFact, response: Response) -> None:
    """Letters come in the language somebody first read this server in; pages in the one they chose elsewhere."""
    if person.locale is None and len(language_names()) > 1:
        service.speak(person.id, page_language())
    elif LANGUAGE_COOKIE not in request.cookies:
        bring_language(response, person.locale)


def signed_in() -> Actor:
    """The person at this page; Unauthenticated for guests, and for programs, which have no pages of their own."""
    actor = identity.current_actor()
    if actor.person_id is None or actor.guest or actor.token_id is not None:
        raise Unauthenticated()
    return actor


def me() -> PersonFact:
    """The person at this page."""
    person = queries.get_person(str(signed_in().person_id))
    if person is None:
        raise Forbidden()
    return person
