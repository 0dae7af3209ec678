"""Pages of privacy: take my data out, be forgotten."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from codesign.accounts.queries import get_person
from codesign.accounts.service import prove_password
from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.errors import Conflict, Invalid, Unauthenticated
from codesign.kernel.text import _
from codesign.privacy import queries, service
from codesign.privacy.schemas import DeleteForm
from codesign.web import identity
from codesign.web.forms import posted

blueprint = Blueprint("privacy", __name__, template_folder="templates")


def install(app: Flask, settings: Settings) -> None:
    """Nothing to hang anywhere: my page draws the way here."""


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
