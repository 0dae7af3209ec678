"""Pages of notices, the bell, and the outbox for server administrators."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from codesign.accounts.queries import get_people
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound, Unauthenticated
from codesign.kernel.text import _
from codesign.notifications import letters, queries, service, wishes
from codesign.notifications.links import read_confirm, read_stop
from codesign.notifications.rhythms import INSTANT, KINDS, TEAM
from codesign.notifications.schemas import NoticesQuery, OutboxQuery, StopForm, WishesForm
from codesign.web.csrf import leave_open
from codesign.web.forms import Form, asked, done, posted
from codesign.web.identity import current_actor
from codesign.web.registry import MenuItem, PageView, registry_of

blueprint = Blueprint("notifications", __name__, template_folder="templates")
PAGE = 30


def install(app: Flask, settings: Settings) -> None:
    """Hang the bell into the frame, and the outbox into the menu of administrators."""
    letters.use(settings)
    leave_open(app, "notifications.stop")
    registry = registry_of(app)
    registry.link("notifications", lambda view: url_for("notifications.notices") if _has_account(view) else None)
    registry.link("bell", lambda view: url_for("notifications.bell") if _has_account(view) else None)
    menu = registry.menu("profile")
    menu.add(MenuItem("notices", _("Notices"), lambda view: url_for("notifications.notices"), "bell", 20, _has_account))
    menu.add(MenuItem("letters", _("Letters"), lambda view: url_for("notifications.outbox"), "mail", 70, _is_admin))


def _has_account(view: PageView) -> bool:
    return bool(view.viewer and not view.viewer.is_guest)


def _is_admin(view: PageView) -> bool:
    return bool(view.viewer and view.viewer.is_admin)


def _reader() -> Actor:
    actor = current_actor()
    if actor.person_id is None or actor.guest or actor.token_id is not None:
        raise Unauthenticated()
    return actor


@blueprint.get("/me/notices")
def notices() -> str:
    """What happened to what I follow, wrote or voted for."""
    found, last = queries.notices_page(_reader(), PAGE, asked(NoticesQuery())["before"])
    next_url = last and url_for("notifications.notices", before=".".join(map(str, last)))
    return render_template("notifications/notices.html", notices=found, next_url=next_url, active="me")


@blueprint.get("/me/notices/<space_id>/<int(max=9223372036854775807):seq>")
def open_notice(space_id: str, seq: int) -> Response:
    """Go to what a notice is about; it counts as read."""
    actor = _reader()
    path = queries.where_to(actor, space_id, seq)
    if path is None:
        raise NotFound()
    service.mark_read(actor, space_id, seq)
    return redirect(path)


@blueprint.post("/me/notices/read")
def read_all() -> Response:
    """Count all notices as read."""
    posted(Form())
    service.mark_read(_reader())
    return redirect(url_for("notifications.notices"))


@blueprint.get("/me/bell")
def bell() -> Response:
    """The bell alone, for pages that stay open."""
    response = make_response(render_template("_bell.html"))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/server/letters")
def outbox() -> Response:
    """The outbox: letters that wait, and where no mail server is set, the only place to read them."""
    actor = current_actor()
    if not actor.is_admin or actor.token_id is not None:
        raise NotFound()  # who is no administrator need not know that there is such a page
    found = queries.list_letters(actor, waiting=bool(asked(OutboxQuery())["waiting"]))
    response = make_response(render_template("notifications/outbox.html", letters=found, now=clock.now()))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/server/letters/<letter_id>/again")
def send_again(letter_id: str) -> Response:
    """Try a letter again at once."""
    posted(Form())
    service.send_again(current_actor(), letter_id)
    flash(_("It is tried again in a moment."))
    return redirect(url_for("notifications.outbox"))


# --- Letters ----------------------------------------------------------------------------------------------------------

RHYTHM_TITLES = {
    "instant": _("At once"), "daily": _("Once a day"), "weekly": _("Once a week"), "none": _("Not at all"),
}  # fmt: skip


@blueprint.get("/me/letters")
def my_letters() -> str:
    """How soon I want letters, and about what."""
    actor = _reader()
    person_id = str(actor.person_id)
    with read():
        person = get_people([person_id])[person_id]
        confirmed, chosen = bool(wishes.reachable([person_id])), wishes.rhythms_of([person_id])[person_id]
    rhythms = {kind: [each for each in RHYTHM_TITLES.items() if (kind, each[0]) != (TEAM, INSTANT)] for kind in KINDS}
    return render_template(
        "notifications/letters.html", person=person, confirmed=confirmed, kinds=KINDS, rhythms=rhythms, chosen=chosen,
        active="me",
    )  # fmt: skip


@blueprint.post("/me/letters")
def choose_letters() -> Response:
    """Say how soon I want letters."""
    wishes.choose_rhythms(_reader(), posted(WishesForm()))
    return done(_("Saved."), "notifications.my_letters")


@blueprint.post("/me/letters/confirm")
def ask_confirmation() -> Response:
    """Have a letter sent that confirms my address."""
    posted(Form())
    service.ask_confirmation(_reader())
    return done(_("A letter is on its way. Its link confirms your address."), "notifications.my_letters")


@blueprint.get("/letters/confirm/<token>")
def confirm_page(token: str) -> Response:
    """What the link in a letter opens. Mail programs look at links, so the address is confirmed by the button."""
    return _unstored(render_template("notifications/confirm.html", token=token, good=read_confirm(token) is not None))


@blueprint.post("/letters/confirm/<token>")
def confirm(token: str) -> Response:
    """Confirm an address."""
    posted(Form())
    wishes.confirm_address(token)
    flash(_("Thank you. Your address is confirmed, and letters find you."))
    return redirect("/", 303)


@blueprint.get("/letters/stop/<token>")
def stop_page(token: str) -> Response:
    """What the link in a letter opens: a page with a button; looking at it changes nothing."""
    found = read_stop(token)
    kinds = [KINDS[kind][0] for kind in found[1] if kind in KINDS] if found else []
    return _unstored(render_template("notifications/stop.html", token=token, kinds=kinds, stopped=False))


@blueprint.post("/letters/stop/<token>")
def stop(token: str) -> Response:
    """End letters of a kind, from the page or from a mail program (RFC 8058); nobody needs to be signed in."""
    posted(StopForm())
    kinds = [KINDS[kind][0] for kind in wishes.stop_letters(token) if kind in KINDS]
    return _unstored(render_template("notifications/stop.html", token=token, kinds=kinds, stopped=True))


def _unstored(html: str) -> Response:
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
