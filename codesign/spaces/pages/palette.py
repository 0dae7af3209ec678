"""Further places one can go to in a space: what rooms and plugins offer to the palette. A page of links without scripts."""

from __future__ import annotations

from flask import render_template

from codesign.kernel.db import read
from codesign.spaces.access import look
from codesign.spaces.pages.base import blueprint
from codesign.web.identity import current_actor


@blueprint.get("/spaces/<space>/palette")
def palette(space: str) -> str:
    """The places, as links."""
    with read():
        access = look(current_actor(), space)
    return render_template("spaces/palette.html", space=access.space, access=access)
