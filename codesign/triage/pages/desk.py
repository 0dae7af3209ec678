"""The desk: inboxes with counts, the table, and beside it the idea that is open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from codesign.hooks.host import PluginHost, host_of
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Invalid, Problem
from codesign.kernel.text import Sentence, _
from codesign.moderation.queries import count_waiting
from codesign.spaces.access import look
from codesign.spaces.facts import Access, MemberFact
from codesign.spaces.queries import list_team
from codesign.triage.facts import DeedFact, ViewFact
from codesign.triage.filters import ALL, FRESH, INBOXES, MENTIONED, MINE, SURGING, TWINS, UNANSWERED, Desk, desk_of
from codesign.triage.pages.alike import Group, read_groups
from codesign.triage.pages.blueprint import blueprint
from codesign.triage.pages.columns import Column, asks_who_wants, chosen, offered
from codesign.triage.pages.panel import Opened, Panel, panel_of, read_opened
from codesign.triage.pages.wishes import DeskQuery, DeskWish
from codesign.triage.queries import (
    MOST_COUNTED,
    ROWS,
    BoardColumn,
    DeskPage,
    board_columns,
    desk_rows,
    inbox_counts,
    last_deeds,
    row_of,
    running_deeds,
    seq_of,
    with_wants,
)
from codesign.triage.views import list_views
from codesign.web.forms import asked
from codesign.web.identity import current_actor

TITLES = {
    FRESH: _("New"),
    TWINS: _("Look-alikes"),
    UNANSWERED: _("Unanswered"),
    SURGING: _("Surging"),
    MENTIONED: _("Mentioned"),
    MINE: _("Mine"),
    ALL: _("All"),
}
DEEDS = {
    "status": _("Status changed"),
    "tag": _("Tag added"),
    "untag": _("Tag taken off"),
    "tags": _("Tags changed"),
    "owner": _("Owner changed"),
    "read": _("Marked as read"),
    "answer": _("Answered"),
    "merge": _("Merged"),
    "split": _("Split"),
    "field": _("Field changed"),
}


@dataclass(frozen=True)
class Snapshot:
    """Everything the desk shows but what looks like the open idea, read at one moment."""

    access: Access
    desk: Desk
    columns: list[Column]
    page: DeskPage
    groups: list[Group] | None
    board: list[BoardColumn]
    counts: dict[str, int]
    waiting: int
    views: list[ViewFact]
    team: list[MemberFact]
    deeds: list[DeedFact]
    running: list[DeedFact]
    opened: Opened | None

    @property
    def drawn(self) -> list[str]:
        """The ids of all ideas that are drawn, in reading order."""
        return [row.idea.id for rows in (self.page.rows, *(each.rows for each in self.board)) for row in rows]


@dataclass(frozen=True)
class Tab:
    """One inbox or saved view. ``count`` is what is shown of it."""

    name: str
    title: str
    url: str
    count: str
    current: bool
    icon: str = ""


def take_snapshot(host: PluginHost, actor: Actor, space: str, wish: DeskWish) -> Snapshot:
    """Read the desk. Raises NotFound, Forbidden, Invalid."""
    with read():
        access = look(actor, space, "moderate")
        desk = desk_of(access)
        columns = offered(access.space, desk.fields, access.may("product"))
        page = _page(access, desk, wish, columns)
        twins = wish.inbox == TWINS and not wish.board
        return Snapshot(
            access=access,
            desk=desk,
            columns=columns,
            page=with_wants(access, page) if asks_who_wants(wish) else page,
            groups=read_groups(access, [row.idea for row in page.rows]) if twins else None,
            board=board_columns(access, wish.filter, desk) if wish.board else [],
            counts=inbox_counts(access, desk),
            waiting=count_waiting(access.space.id),
            views=list_views(access),
            team=list_team(access.space.id),
            deeds=last_deeds(access),
            running=running_deeds(access),
            opened=read_opened(host, access, wish, page.beside) if page.beside else None,
        )


def _page(access: Access, desk: Desk, wish: DeskWish, columns: list[Column]) -> DeskPage:
    """The page of the table; an empty one where the board is drawn instead."""
    if wish.board:
        return DeskPage((), None, seq_of(access), "", row_of(access, wish.idea) if wish.idea else None)
    rules = [column.key for column in chosen(columns, wish) if column.kind == "score"]
    return desk_rows(
        access, wish.filter, limit=ROWS, cursor=wish.cursor or None, desk=desk, rules=rules, beside=wish.idea
    )


@blueprint.get("/spaces/<space>/desk")
def desk(space: str) -> str | Response:
    """The team's desk."""
    wish = DeskWish(**asked(DeskQuery()))
    if columns := request.args.getlist("col"):  # ticked boxes: one address says it shorter
        return redirect(replace(wish, cols=",".join(columns)[:300]).url(space))
    try:
        return draw(current_actor(), space, wish)
    except Invalid as refusal:
        with read():
            slug = look(current_actor(), space, "moderate").space.slug
        if wish == DeskWish(idea=wish.idea):
            raise
        flash(refusal.sentence)
        return redirect(DeskWish().url(slug))


@blueprint.get("/spaces/<space>/desk/running")
def running(space: str) -> str:
    """How far the changes have come that the viewer began: the part of the desk that says so, for who waits."""
    with read():
        access = look(current_actor(), space, "moderate")
        return render_template("triage/_running.html", running=named(running_deeds(access)), slug=access.space.slug)


def draw(actor: Actor, space: str, wish: DeskWish, problem: Problem | None = None, tried: Any = None) -> str:
    """The page; *problem* is what was refused, *tried* the form that asked for it."""
    # Counting and looking for words is no index look-up: beside the hub.
    shot: Snapshot = offload(take_snapshot, host_of(current_app), actor, space, wish)
    panel = panel_of(actor, shot.access, wish, shot.opened, shot.drawn, shot.page.seq) if shot.opened else None
    return render_template("triage/desk.html", **values_of(shot, wish, panel), problem=problem, tried=tried)


def values_of(shot: Snapshot, wish: DeskWish, panel: Panel | None) -> dict[str, Any]:
    """What the template draws."""
    space, slug = shot.access.space, shot.access.space.slug
    drawn = chosen(shot.columns, wish)
    return {
        "space": space,
        "seq": shot.page.seq,
        "active": "desk",
        "wish": wish,
        "slug": slug,
        "tabs": tabs_of(shot, wish),
        "rows": shot.page.rows,
        "groups": shot.groups,
        "board": shot.board,
        "columns": drawn,
        "all_columns": shot.columns,
        "largest": _largest(shot.page, [column.key for column in drawn if column.kind == "score"]),
        "panel": panel,
        "statuses": shot.desk.statuses,
        "fields": shot.desk.fields,
        "team": shot.team,
        "deeds": named(shot.deeds),
        "running": named(shot.running),
        "views": shot.views,
        "nothing": _empty(wish),
        "may_arrange": shot.access.may("product"),
        "next_url": wish.url(slug, cursor=shot.page.next, idea="") if shot.page.next else "",
        "first_url": wish.url(slug, cursor="", idea="") if wish.cursor else "",
        "change_url": url_for("triage.change", space=slug, **wish.args()),
        "total": _total(shot, wish),
    }


def named(deeds: list[DeedFact]) -> list[tuple[DeedFact, Sentence | str]]:
    """Deeds with what they did, in words."""
    return [(deed, DEEDS.get(deed.verb, deed.verb)) for deed in deeds]


def _total(shot: Snapshot, wish: DeskWish) -> str:
    """How many ideas the inbox has, where that is known."""
    if wish.narrows or wish.inbox not in shot.counts:
        return ""
    return _counted(shot.counts[wish.inbox])


def _counted(count: int) -> str:
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)


def _empty(wish: DeskWish) -> tuple[Sentence, Sentence]:
    if wish.narrows or wish.inbox == ALL:
        return _("Nothing matches."), _("Take a part of the filter away.")
    return _("All read."), _("The next idea appears here by itself.")


def _largest(page: DeskPage, rules: list[str]) -> dict[str, float]:
    """The largest score of each rule on this page: what the bars are measured by."""
    scores = {rule: [row.scores[rule].value for row in page.rows if rule in row.scores] for rule in rules}
    return {rule: max([value for value in values if value > 0], default=1.0) for rule, values in scores.items()}


def tabs_of(shot: Snapshot, wish: DeskWish) -> list[Tab]:
    """The inboxes with their counts, the queue of moderators, the saved views."""
    slug, columns = shot.access.space.slug, wish.cols
    plain = not wish.view
    tabs = [
        Tab(
            name, TITLES[name], DeskWish(inbox=name, cols=columns).url(slug),
            _counted(shot.counts[name]) if name in shot.counts else "", plain and wish.inbox == name,
        )
        for name in INBOXES
    ]  # fmt: skip
    waiting = Tab(
        "queue", _("Held and reported"), url_for("moderation.queue", space=slug), str(shot.waiting), False,
        "triangle-alert",
    )  # fmt: skip
    saved = [
        Tab(view.id, view.name, _view_url(slug, view), "", wish.view == view.id, "users" if view.team else "star")
        for view in shot.views
    ]
    return [*tabs[:2], waiting, *tabs[2:], *saved]


def _view_url(slug: str, view: ViewFact) -> str:
    known = {name: value for name, value in view.query.items() if name in DeskWish.__dataclass_fields__}
    return replace(DeskWish(**known), view=view.id).url(slug)
