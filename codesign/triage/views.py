"""Saved views: a filter with columns and order, under a name."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, or_, select

from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.words import one_line
from codesign.spaces.facts import Access
from codesign.triage.events import DeskArranged
from codesign.triage.facts import ViewFact
from codesign.triage.filters import NAMES, DeskFilter, desk_of, order_of, sieve_of
from codesign.triage.models import View
from codesign.triage.service import gate

MOST_VIEWS, MOST_NAME, MOST_COLUMNS = 50, 60, 300
#: What a view keeps beside the filter: chosen columns of the table, or the board instead of it.
COLUMNS, BOARD = "cols", "board"


@reading
def list_views(access: Access) -> list[ViewFact]:
    """The team's views and the viewer's own, by name."""
    mine = or_(View.owner_id.is_(None), View.owner_id == (access.person_id or ""))
    rows = session().scalars(select(View).where(View.space_id == access.space.id, mine).order_by(View.name, View.id))
    return [_fact(access, row) for row in rows]


def _fact(access: Access, row: View) -> ViewFact:
    mine = access.person_id is not None and row.made_by == access.person_id
    return ViewFact(row.id, row.name, row.owner_id is None, mine, dict(row.query))


@verb
def save_view(actor: Actor, reference: str, name: str, query: Mapping[str, str], team: bool = False) -> ViewFact:
    """Keep a filter under a name, for oneself or for the team. Raises NotFound, Forbidden, Invalid, Conflict."""
    found = gate(actor, reference)
    title = one_line(name)
    if not title or len(title) > MOST_NAME:
        raise Invalid.field("name", _("A name has 1 to %(most)s characters.", most=MOST_NAME))
    kept = {key: value for key, value in query.items() if key in {*NAMES, COLUMNS, BOARD} and value}
    _check(found, kept)
    count = select(func.count()).select_from(View).where(View.space_id == found.space.id)
    owner = None if team else actor.person_id
    if (session().scalar(count.where(View.owner_id == owner if owner else View.owner_id.is_(None))) or 0) >= MOST_VIEWS:
        raise Conflict(_("There are %(most)s views already. Take one away first.", most=MOST_VIEWS))
    row = View(
        id=new_id(), space_id=found.space.id, owner_id=owner, made_by=actor.person_id, name=title, query=kept
    )  # fmt: skip
    session().add(row)
    if team:
        record(DeskArranged(found.space.id), actor)
    return _fact(found, row)


def _check(found: Access, query: Mapping[str, str]) -> None:
    desk, wish = desk_of(found), DeskFilter(**{name: value for name, value in query.items() if name in NAMES})
    sieve_of(desk, wish)
    order_of(desk, wish)
    if query.get(BOARD, "1") != "1":
        raise Invalid.field(BOARD, _("This is 1 for the board, or left out."))
    if len(query.get(COLUMNS, "")) > MOST_COLUMNS:
        raise Invalid.field(COLUMNS, _("These are too many columns."))


@verb
def drop_view(actor: Actor, reference: str, view_id: str) -> None:
    """Forget a view: one's own, or one of the team's that one made; product people forget any of the team's."""
    found = gate(actor, reference)
    row = session().get(View, view_id)
    hidden = row is None or row.space_id != found.space.id or row.owner_id not in {None, actor.person_id}
    if row is None or hidden:
        raise NotFound(_("There is no such view."))
    if row.owner_id is None:
        if row.made_by != actor.person_id and not found.may("product"):
            raise Forbidden(_("Whoever saved this view for the team, and product people, can forget it."))
        record(DeskArranged(found.space.id), actor)
    session().delete(row)
