"""The way in and out: sign in, register, forgotten passwords, links, the demo's people, the first administrator."""

from __future__ import annotations

import random

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from codesign.accounts import pending, queries, service
from codesign.accounts.demo_people import OFFERED, offered_roles
from codesign.accounts.facts import PersonFact
from codesign.accounts.pages.base import again, blueprint, settings, unstored, welcome
from codesign.accounts.schemas import (
    ForgotForm,
    Goal,
    GoalForm,
    RegisterForm,
    ResetForm,
    SetupForm,
    SetupQuery,
    SignInForm,
)
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.web import identity
from codesign.web.forms import asked, posted


def demo_people() -> list[tuple[str, PersonFact | None]]:
    """The people a demo offers, one for each role; nobody in earnest."""
    return offered_roles(settings())


@blueprint.get("/sign-in")
def sign_in() -> str:
    """The sign-in page."""
    goal = asked(Goal())["next"]
    return render_template(
        "accounts/sign_in.html", form={"next": goal}, waiting=pending.waiting(), people=demo_people()
    )


@blueprint.post("/sign-in")
@again("accounts/sign_in.html", waiting=pending.waiting, people=demo_people)
def enter() -> Response:
    """Sign in."""
    form = posted(SignInForm())
    return welcome(service.sign_in(form["email"], form["password"], identity.client_address()), form["next"])


@blueprint.get("/register")
def register_page() -> str:
    """The page to make an account."""
    return render_template("accounts/register.html", form={"next": asked(Goal())["next"]}, waiting=pending.waiting())


@blueprint.post("/register")
@again("accounts/register.html", waiting=pending.waiting)
def register() -> Response:
    """Make an account; a guest keeps what they gave."""
    form, actor = posted(RegisterForm()), identity.current_actor()
    guest_id = actor.person_id if actor.guest else None
    person = service.register(form["name"], form["email"], form["password"], guest_id, identity.client_address())
    return welcome(person, form["next"])


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """Sign out of this browser."""
    identity.sign_out()
    flash(_("You are signed out."))
    return redirect("/")


# --- Forgotten passwords and links ------------------------------------------------------------------------------------


@blueprint.get("/forgot")
def forgot_page() -> str:
    """The page to ask for a letter."""
    return render_template("accounts/forgot.html", form={})


@blueprint.post("/forgot")
@again("accounts/forgot.html")
def forgot() -> str:
    """Ask for a letter. Whoever has the address or not: the answer is the same."""
    service.ask_reset(posted(ForgotForm())["email"], identity.client_address())
    return render_template("accounts/forgot.html", form={}, sent=True)


@blueprint.get("/reset/<secret>")
def reset_page(secret: str) -> Response:
    """The page a letter's link opens."""
    good = queries.link_is_good(secret, "reset")
    return unstored(render_template("accounts/reset.html", form={}, secret=secret, good=good))


@blueprint.post("/reset/<secret>")
@again("accounts/reset.html", good=lambda: True)
def reset(secret: str) -> Response:
    """Choose a new password, once per letter."""
    person = service.reset_password(secret, posted(ResetForm())["password"])
    identity.announce_change(person.id)
    flash(_("Your new password works from now on."))
    return welcome(person, "/")


@blueprint.get("/sign-in/link/<secret>")
def link_page(secret: str) -> Response:
    """A sign-in link. A browser that goes there is let in; what only looks at links (a chat's preview) uses nothing up."""
    goes_there = request.headers.get("Sec-Fetch-Dest") == "document" and "Sec-Purpose" not in request.headers
    if request.method == "GET" and goes_there:
        return enter_by_link(secret)
    good = queries.link_is_good(secret, "signin")
    return unstored(render_template("accounts/link.html", secret=secret, good=good))


@blueprint.post("/sign-in/link/<secret>")
def enter_by_link(secret: str) -> Response:
    """Sign in by a link, once."""
    return welcome(service.use_link(secret, "signin"), "/")


# --- The demo and the first administrator -----------------------------------------------------------------------------


@blueprint.post("/demo/enter/<role>")
def enter_demo(role: str) -> Response:
    """Be one of the demo's people. There is no such page outside demo mode."""
    goal = posted(GoalForm())["next"]
    if role not in dict(demo_people()):
        raise NotFound()
    identity.sign_out()
    if role == OFFERED[-1]:
        return redirect(goal)
    people = queries.list_demo_people(role)
    if not people:
        raise NotFound(_("The demo has nobody of this role yet."))
    # Visitors of a public demo are spread over its customers, so that they do not take each other's votes back.
    person = random.choice(people) if settings().demo_public else people[0]  # noqa: S311 - any of them will do
    return welcome(person, goal)


@blueprint.get("/setup")
def setup_page() -> Response:
    """The page that makes the first administrator; without the printed token it is not there."""
    token = asked(SetupQuery())["token"]
    if not queries.link_is_good(token, "setup") or queries.has_administrator():
        raise NotFound()
    return unstored(render_template("accounts/setup.html", form={"token": token}))


@blueprint.post("/setup")
@again("accounts/setup.html")
def setup() -> Response:
    """Make the first administrator."""
    form = posted(SetupForm())
    person = service.set_up(form["token"], form["name"], form["email"], form["password"])
    flash(_("You look after this server now. Make its first space."))
    return welcome(person, "/")
