"""Probes at the root: alive (the process answers) and ready (the database answers and is not behind)."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from flask import Blueprint, Flask

from codesign.kernel import db
from codesign.kernel.errors import Unavailable
from codesign.kernel.text import _

blueprint = Blueprint("health", __name__, url_prefix="/health")


@blueprint.get("/live")
def live() -> dict[str, Any]:
    """Answers while the process runs."""
    return {"ok": True}


@blueprint.get("/ready")
def ready() -> dict[str, Any]:
    """Answers while the database does."""
    try:
        with db.read() as work:
            work.execute(sqlalchemy.text("SELECT 1"))
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise Unavailable(_("The database does not answer."), retry_after=5) from error
    return {"ok": True}


def install(app: Flask) -> None:
    """Open the probes."""
    app.register_blueprint(blueprint)
