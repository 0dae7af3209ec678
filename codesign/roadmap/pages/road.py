"""The page of the roadmap, and the tab of the settings in which the team arranges its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from codesign.ideas.facts import IdeaFact
from codesign.ideas.views import board_url, idea_url
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.roadmap import queries, service
from codesign.roadmap.facts import FilledColumn, Roadmap
from codesign.roadmap.pages.blueprint import blueprint
from codesign.roadmap.schemas import ColumnForm, PlaceForm, TabQuery
from codesign.spaces.facts import Access
from codesign.spaces.queries import list_statuses
from codesign.spaces.tabs import entered, settings_page
from codesign.voting.views import BallotView, ballot_view, vote_arguments
from codesign.web.forms import Form, asked, done, posted, refusals
from codesign.web.identity import current_actor

_TAB = "roadmap.columns"


@dataclass(frozen=True)
class Card:
    """An idea as it stands in a column."""

    idea: IdeaFact
    url: str
    vote: dict[str, Any]
    is_mine: bool


# --- The roadmap ------------------------------------------------------------------------------------------------------


def take(actor: Actor, space: str) -> tuple[Roadmap, BallotView]:
    """The roadmap and the ballot beside it, in one snapshot."""
    with read():
        found = queries.read_roadmap(actor, space)
        return found, ballot_view(actor, found.access)


@blueprint.get("/spaces/<space>/roadmap")
def show(space: str) -> str:
    """What the team does with ideas: columns over statuses."""
    wanted = asked(TabQuery())["column"]
    found, ballot = offload(take, current_actor(), space)
    access, slug = found.access, found.access.space.slug
    names = [each.column.id for each in found.columns]
    shown = wanted if wanted in names else _first(found)
    return render_template(
        "roadmap/roadmap.html", space=access.space, seq=found.seq, active="roadmap", road=found, shown=shown,
        cards={each.column.id: _cards(each, ballot, access) for each in found.columns}, ballot=ballot,
        lists={each.column.id: [(it, board_url(slug, status=it.id)) for it in each.statuses] for each in found.columns},
        may_arrange=access.may("product"), page_url=url_for("roadmap.show", space=slug, _external=True),
    )  # fmt: skip


def _cards(column: FilledColumn, ballot: BallotView, access: Access) -> list[Card]:
    mine = access.person_id
    return [
        Card(idea, idea_url(idea), vote_arguments(ballot, idea), mine is not None and idea.author_id == mine)
        for idea in column.ideas
    ]


def _first(found: Roadmap) -> str:
    """The column a phone shows first: the first with something in it."""
    return next((each.column.id for each in (*(c for c in found.columns if c.count), *found.columns)), "")


# --- Its columns ------------------------------------------------------------------------------------------------------


@blueprint.get("/spaces/<space>/settings/roadmap")
def columns(space: str) -> Any:
    """The columns, for those who arrange them."""
    return _columns(entered(space, "product"))


def _columns(access: Access, errors: Any = (), status: int = 200, edited: str = "") -> Any:
    with read():
        found = queries.list_columns(access.space.id)
        statuses = list_statuses(access.space.id, retired=True)
    placed = {status_id for column in found for status_id in column.status_ids}
    return settings_page(
        "roadmap/columns.html", access, "roadmap", status, errors=errors, edited=edited, typed=request.form, columns=found,
        statuses=[each for each in statuses if not each.retired or each.id in placed],
        missing=[each for each in statuses if not each.retired and each.kind != "open" and each.id not in placed],
    )  # fmt: skip


def _content() -> dict[str, Any]:
    """A posted column: ticks are many fields of one name."""
    content = posted(ColumnForm(), {**request.form.to_dict(), "status_ids": request.form.getlist("status_ids")})
    return {**content, "public": bool(content["public"])}


@blueprint.post("/spaces/<space>/settings/roadmap")
def add_column(space: str) -> Any:
    """Add a column."""
    try:
        column = service.add_column(current_actor(), space, **_content())
    except (Invalid, Conflict) as problem:
        return _columns(entered(space, "product"), refusals(problem), problem.status, "new")
    return done(_("Added %(name)s.", name=column.name), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/roadmap/usual")
def restore_columns(space: str) -> Any:
    """Go back to the usual columns."""
    posted(Form())
    service.restore_columns(current_actor(), space)
    return done(_("These are the usual columns again."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/roadmap/<column>")
def change_column(space: str, column: str) -> Any:
    """Rename a column, choose its statuses and who sees it."""
    try:
        service.change_column(current_actor(), space, column, **_content())
    except (Invalid, Conflict) as problem:
        return _columns(entered(space, "product"), refusals(problem), problem.status, column)
    return done(_("Saved."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/roadmap/<column>/move")
def move_column(space: str, column: str) -> Any:
    """Give a column another place."""
    service.change_column(current_actor(), space, column, position=posted(PlaceForm())["position"])
    return done(_("Moved."), _TAB, space=space)


@blueprint.post("/spaces/<space>/settings/roadmap/<column>/remove")
def remove_column(space: str, column: str) -> Any:
    """Take a column away."""
    posted(Form())
    try:
        service.remove_column(current_actor(), space, column)
    except Conflict as problem:
        return _columns(entered(space, "product"), refusals(problem), problem.status)
    return done(_("It is gone. Its ideas keep their status."), _TAB, space=space)
