"""Pages of privacy: take my data out, be forgotten."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from codesign.accounts.queries import get_person
from codesign.accounts.service import prove_password
from codesign.hooks.host import host_of
from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from codesign.kernel.text import _
from codesign.privacy import queries, service
from codesign.privacy.schemas import DeleteForm
from codesign.web import identity
from codesign.web.forms import posted
from codesign.web.registry import MenuItem, PageView, registry_of

blueprint = Blueprint("privacy", __name__, template_folder="templates")


def install(app: Flask, settings: Settings) -> None:
    """Let plugins be asked to forget, and show administrators where one did not."""
    service.on_erase[:] = [lambda person_id: _ask_plugins(app, person_id)]
    menu = registry_of(app).menu("profile")
    menu.add(
        MenuItem("forgotten", _("Erasures"), lambda view: url_for("privacy.forgotten"), "trash-2", 75, _has_open_ones)
    )


def _ask_plugins(app: Flask, person_id: str) -> None:
    failed = [answer for answer in host_of(app).erase_person(person_id) if not answer.ok]
    if failed:
        raise RuntimeError("; ".join(f"{answer.plugin}: {answer.error}" for answer in failed))


def _has_open_ones(view: PageView) -> bool:
    return bool(view.viewer and view.viewer.is_admin and queries.open_erasures(limit=1))


@blueprint.get("/server/forgotten")
def forgotten() -> str:
    """Erasures that a plugin has still to follow, for server administrators."""
    actor = identity.current_actor()
    if not actor.is_admin or actor.token_id is not None:
        raise NotFound()
    return render_template("privacy/forgotten.html", erasures=queries.open_erasures())


def _me() -> Actor:
    """The person at this page, a guest too; programs have no pages."""
    actor = identity.current_actor()
    if actor.person_id is None or actor.token_id is not None:
        raise Unauthenticated()
    return actor


@blueprint.get("/me/data")
def my_data() -> Response:
    """Everything kept of me, as one JSON file."""
    data = queries.my_data(str(_me().person_id))
    response = Response(json.dumps(data, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = "attachment; filename=codesign-my-data.json"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/me/delete")
def delete_page() -> str:
    """What deleting my account means."""
    return render_template("privacy/delete.html", **_drawn(), active="me")


@blueprint.post("/me/delete")
def delete() -> Any:
    """Delete my account."""
    actor = _me()
    try:
        _erase(actor)
    except (Invalid, Unauthenticated, Conflict) as problem:
        return render_template("privacy/delete.html", **_drawn(), problem=problem, active="me"), problem.status
    return _gone(str(actor.person_id))


def _drawn() -> dict[str, Any]:
    return {"person": get_person(str(_me().person_id)), "form": request.form}


def _erase(actor: Actor) -> None:
    form, person = posted(DeleteForm()), get_person(str(actor.person_id))
    if not form["sure"]:
        raise Invalid.field("sure", _("Tick that you want this. It cannot be undone."))
    if person is not None and person.has_password and person.email:
        try:
            prove_password(person.email, form["password"], identity.client_address())
        except Unauthenticated:
            raise Invalid.field("password", _("This is not your password.")) from None
    service.erase_person(actor, str(actor.person_id), remove_texts=form["remove_texts"])


def _gone(person_id: str) -> AnyResponse:
    identity.announce_change(person_id)
    identity.sign_out()
    flash(_("Your account is deleted. Thank you for what you gave."))
    return redirect("/")
