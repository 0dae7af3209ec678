"""Pages of notices, the bell, and the outbox for server administrators."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.errors import NotFound, Unauthenticated
from codesign.kernel.text import _
from codesign.notifications import letters, queries, service
from codesign.notifications.facts import NoticeFact
from codesign.notifications.schemas import NoticesQuery, OutboxQuery
from codesign.web.forms import Form, asked, posted
from codesign.web.identity import current_actor
from codesign.web.registry import MenuItem, PageView, registry_of

blueprint = Blueprint("notifications", __name__, template_folder="templates")
PAGE = 30


def install(app: Flask, settings: Settings) -> None:
    """Hang the bell into the frame, and the outbox into the menu of administrators."""
    letters.use(settings)
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
    found = queries.list_notices(_reader(), PAGE, asked(NoticesQuery())["before"])
    return render_template("notifications/notices.html", notices=found, next_url=_next(found), active="me")


def _next(found: list[NoticeFact]) -> str | None:
    if len(found) < PAGE:
        return None
    last = found[-1]
    place = f"{round(last.occurred_at.timestamp() * 1000)}.{last.space_id}.{last.seq}"
    return url_for("notifications.notices", before=place)


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
