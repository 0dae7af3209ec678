"""The pages of ideas: the board, one idea, proposing and editing, and what the team does to an idea."""

from __future__ import annotations

from flask import Flask, g, url_for

from codesign.accounts import pending
from codesign.ideas.counts import count_ideas
from codesign.ideas.pages import board, edit, home, idea, propose, team
from codesign.ideas.pages.blueprint import blueprint
from codesign.ideas.queries import find_idea
from codesign.ideas.views import board_url
from codesign.kernel.config import Settings
from codesign.kernel.text import _
from codesign.pictures.ports import ports as pictures
from codesign.web.registry import MenuItem, PageView, registry_of

__all__ = ["blueprint", "board", "edit", "idea", "install", "propose", "team"]

#: After these a space has more or fewer ideas to show.
COME_AND_GO = "idea.published idea.hidden idea.withdrawn idea.held idea.merged idea.unmerged"


def install(app: Flask, settings: Settings) -> None:
    """Tell the frame where ideas are, and say how what was begun before signing in is done."""
    app.before_request(home.refuse_elsewhere)
    registry = registry_of(app)
    ideas = MenuItem("ideas", _("Ideas"), url=_board, icon="lightbulb", order=10, count=_count, live=COME_AND_GO)
    registry.menu("main").add(ideas)
    registry.link("home", _board)
    registry.link("search", lambda view: f"{_board(view)}?q=" if view.space else None)
    registry.link("new_idea", lambda view: url_for("ideas.new", space=view.space.slug) if view.space else None)
    pictures.gates["idea"] = find_idea
    pending.register("idea", propose.store_kept)
    pending.register("follow", team.follow_kept)


def _board(view: PageView) -> str | None:
    return board_url(view.space.slug) if view.space else None


def _count(view: PageView) -> int | None:
    if not view.space:
        return None
    space_id, count = g.get("idea_count", (None, 0))  # the board has counted already
    return int(count) if space_id == view.space.id else count_ideas(view.space.id)
