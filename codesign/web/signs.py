"""How a text came through a form: how long the form lay open, a trap only programs step into, a warning that was read.

What reviewers make of it is theirs; core only carries the signs to them. No cookie, no address, no script.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app, render_template, request
from itsdangerous import BadSignature, Signer
from markupsafe import Markup

from codesign.kernel import clock
from codesign.kernel.contribution import CONFIRM, Signs
from codesign.kernel.errors import FieldError

OPENED, TRAP, CONFIRMED = "form_opened", "form_website", "form_confirmed"
#: Fields that any form may carry; no schema names them.
SIGNS = frozenset({OPENED, TRAP, CONFIRMED})


def _signer() -> Signer:
    return Signer(str(current_app.secret_key), salt="codesign.web.signs")


def _opened() -> float | None:
    """When the form that was posted was first shown, in seconds since 1970; None where that cannot be trusted."""
    try:
        return float(_signer().unsign(request.form.get(OPENED, "")))
    except (BadSignature, ValueError):
        return None


def form_signs(errors: Iterable[FieldError] = ()) -> Markup:
    """The fields of a form that takes a text; with the box to tick where *errors* ask for it.

    A form that is shown again keeps the time it was first opened.
    """
    moment = _opened() or round(clock.now().timestamp(), 1)
    asks = any(error.code == CONFIRM for error in errors)
    names = {"opened": OPENED, "trap": TRAP, "confirmed": CONFIRMED}
    stamp = _signer().sign(str(moment)).decode()
    return Markup(render_template("_signs.html", names=names, stamp=stamp, asks=asks))  # noqa: S704 - our own template


def signs_of_form() -> Signs:
    """The signs of the form that was posted."""
    opened = _opened()
    seconds = None if opened is None else max(0.0, clock.now().timestamp() - opened)
    return Signs(seconds, bool(request.form.get(TRAP)), CONFIRMED in request.form)
