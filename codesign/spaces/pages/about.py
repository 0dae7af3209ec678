"""What a space is for, how it works, who answers for it."""

from __future__ import annotations

from flask import render_template

from codesign.kernel.db import read
from codesign.spaces import queries, words
from codesign.spaces.access import look
from codesign.spaces.pages.base import blueprint
from codesign.web.identity import current_actor


@blueprint.get("/spaces/<space>/about")
def about(space: str) -> str:
    """Purpose, goal, promise, rules in words, phases with dates, people responsible."""
    with read():
        access = look(current_actor(), space)
        team = [member for member in queries.list_team(access.space.id) if member.role in ("owner", "product")]
        statuses = queries.list_statuses(access.space.id)
    return render_template(
        "spaces/about.html",
        space=access.space,
        access=access,
        team=team,
        statuses=statuses,
        words=words,
        active="about",
    )
