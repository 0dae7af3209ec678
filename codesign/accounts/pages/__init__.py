"""Pages of people: the way in, the way out, my page."""

from __future__ import annotations

from flask import Flask, render_template, request, url_for
from markupsafe import Markup, escape

from codesign.accounts import limits, pending, queries, service
from codesign.accounts.pages import entry, me
from codesign.accounts.pages.base import blueprint
from codesign.accounts.secret import hash_secret
from codesign.ideas.queries import idea_access
from codesign.kernel.actor import ANONYMOUS
from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.notifications.queries import count_unread
from codesign.web import identity
from codesign.web.registry import MenuItem, PageView, Viewer, current_registry, registry_of
from codesign.web.text import say

__all__ = ["blueprint", "entry", "install", "me", "pending"]


def install(app: Flask, settings: Settings) -> None:
    """Tell the doors how people are known, and the frame where their pages are."""
    identity.people_from(
        app,
        identity.People(
            by_session=queries.known_by_session,
            by_reference=queries.known_by_reference,
            by_token=queries.known_token,
            hash_secret=hash_secret,
            make_guest=_make_guest,
            end_session=service.end_session,
            touch_token=service.touch_token,
            guest_may_vote=lambda idea_id: idea_access(ANONYMOUS, idea_id, "vote"),
            speak=service.speak,
        ),
    )
    registry = registry_of(app)
    registry.viewer_from(viewer)
    registry.link("sign_in", lambda view: None if _at_the_door() else url_for("accounts.sign_in"))
    for name, endpoint in (("register", "register_page"), ("profile", "profile")):
        registry.link(name, lambda view, endpoint=endpoint: url_for(f"accounts.{endpoint}"))  # type: ignore[misc]
    registry.link("sign_out", lambda view: url_for("accounts.sign_out"))
    profile = registry.menu("profile")
    profile.add(MenuItem("me", _("My page"), lambda view: url_for("accounts.profile"), "user", order=10))
    profile.add(
        MenuItem(
            "sign_out", _("Sign out"), lambda view: url_for("accounts.sign_out"), "log-out", 90, _has_account, post=True
        )
    )
    if settings.demo:
        registry.banner("demo", _demo_banner)
        registry.slot("home.head").add("demo", _demo_people)


def _make_guest(address: str | None) -> str:
    if address is not None:
        limits.guests.take(address)
    return service.make_guest().id


def viewer() -> Viewer | None:
    """Who looks at the page, for its frame."""
    found = identity.who()
    actor = found.actor
    if actor.person_id is None:
        return None
    unread = 0 if actor.guest else count_unread(actor.person_id)
    name = say(found.name or _("Guest"))
    return Viewer(actor.person_id, name, url_for("accounts.profile"), unread, actor.guest, actor.is_admin)


def _at_the_door() -> bool:
    """Whether the page drawn is the way in itself; it needs no way to itself, and nobody wants to come back to it."""
    return (request.endpoint or "").removeprefix("accounts.") in {"sign_in", "enter", "register_page", "register"}


def _has_account(view: PageView) -> bool:
    return bool(view.viewer and not view.viewer.is_guest)


def _demo_people(view: PageView, facts: object) -> Markup | None:
    """The people to enter as, on the front page of a demo, for whoever is nobody yet."""
    if view.viewer is not None:
        return None
    return Markup(render_template("accounts/_demo_enter.html", people=entry.demo_people()))  # noqa: S704 - a template's


def _demo_banner(view: PageView) -> Markup:
    text, offer = say(_("This is a demo: nothing here is real.")), say(_("Enter as somebody else"))
    more = Markup("").join(current_registry().slot("demo.banner").drawn(view))
    return Markup('<div class="banner"><span>{}</span> <a href="{}">{}</a> {}</div>').format(
        text, url_for("accounts.sign_in"), escape(offer), more
    )
