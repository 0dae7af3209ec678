"""What I gave and what came of it, beside my profile; and the thanks on an idea that is there now."""

from __future__ import annotations

from typing import Any

from flask import render_template
from markupsafe import Markup

from codesign.ideas.facts import IdeaFact
from codesign.ideas.views import board_url
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Unauthenticated
from codesign.roadmap.given import what_i_gave, who_shaped
from codesign.roadmap.pages.blueprint import blueprint
from codesign.web.identity import current_actor
from codesign.web.registry import PageView


@blueprint.get("/me/given")
def given() -> str:
    """What I gave, what came of each, what still needs me."""
    actor = current_actor()
    if actor.person_id is None or actor.token_id is not None:
        raise Unauthenticated()
    mine = offload(what_i_gave, actor)
    boards = {part.access.space.id: board_url(part.access.space.slug) for part in mine.parts}
    needs = len(mine.asked) + sum(part.waits for part in mine.parts)
    came = {
        name: sum(part.count(*kinds) for part in mine.parts)
        for name, kinds in {"shipped": ["shipped"], "coming": ["planned", "building"], "all": list(_ALL)}.items()
    }
    return render_template("roadmap/given.html", mine=mine, boards=boards, needs=needs, came=came, active="me")


_ALL = ("shipped", "building", "planned", "review", "open", "declined")


def thanks(view: PageView, facts: Any) -> Markup | None:
    """Under an idea that is shipped: who made it happen."""
    idea = facts[0] if facts else None
    if not isinstance(idea, IdeaFact) or idea.status is None or idea.status.kind != "shipped":
        return None
    with read():
        shaped = who_shaped(idea.id)
    votes = idea.tally.up + idea.tally.imported_up if idea.tally else 0
    return Markup(render_template("roadmap/_thanks.html", shaped=shaped, votes=votes))  # noqa: S704 - a template's
