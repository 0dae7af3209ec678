"""Which moves of ideas between statuses need what: rules of the space, kept by its owners. Without rules every move is free."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select

from codesign.events.log import record
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.spaces.events import WorkflowChanged
from codesign.spaces.facts import MOVERS, Access, MoveRuleFact
from codesign.spaces.models import MoveRule
from codesign.spaces.queries import list_statuses
from codesign.spaces.rules import check_choice
from codesign.spaces.service.rows import lock_space

MOST = 60


@reading
def list_rules(space_id: str) -> list[MoveRuleFact]:
    """The rules of a space, oldest first."""
    rows = session().scalars(select(MoveRule).where(MoveRule.space_id == space_id).order_by(MoveRule.id))
    return [_fact(row) for row in rows]


@verb
def add_rule(
    actor: Actor,
    reference: str,
    from_id: str | None = None,
    to_id: str | None = None,
    role: str = "moderator",
    needs_answer: bool = False,
) -> MoveRuleFact:
    """Let moves from one status to another (None: any) need a role at least, an answer, or both (owners)."""
    space_id = lock_space(access(actor, reference, "own")).id
    rules, known = list_rules(space_id), {status.id for status in list_statuses(space_id, retired=True)}
    for name, status_id in (("from_id", from_id), ("to_id", to_id)):
        if status_id is not None and status_id not in known:
            raise Invalid.field(name, _("This space has no such status."), "unknown")
    if check_choice("role", role, MOVERS) == MOVERS[0] and not needs_answer:
        raise Invalid.field("role", _("Say what the move needs: a role, an answer, or both."))
    if len(rules) >= MOST:
        raise Conflict(_("A space has at most %(most)s of these rules.", most=MOST))
    same = next((each for each in rules if (each.from_id, each.to_id) == (from_id, to_id)), None)
    if same is not None:
        raise Conflict(_("There is a rule for that move already. Take it away first."))
    row = MoveRule(id=new_id(), space_id=space_id, from_id=from_id, to_id=to_id, role=role, needs_answer=needs_answer)
    session().add(row)
    session().flush()
    record(WorkflowChanged(space_id), actor)
    return _fact(row)


@verb
def remove_rule(actor: Actor, reference: str, rule_id: str) -> None:
    """Take a rule away (owners)."""
    space_id = lock_space(access(actor, reference, "own")).id
    gone = delete(MoveRule).where(MoveRule.space_id == space_id, MoveRule.id == rule_id).returning(MoveRule.id)
    if session().scalar(gone) is None:
        raise NotFound(_("There is no such rule in this space."))
    record(WorkflowChanged(space_id), actor)


def require_move(found: Access, rules: Iterable[MoveRuleFact], old: str | None, new: str, answered: bool) -> None:
    """Raise unless somebody who stands like *found* may make a move now: Forbidden for the role, Conflict for the answer.

    *rules* are those of the space.
    """
    fitting = [rule for rule in rules if rule.fits(old, new)]
    if not fitting:
        return
    names = {status.id: status.name for status in list_statuses(found.space.id, retired=True)}
    role = max((rule.role for rule in fitting), key=MOVERS.index)
    if role == "nobody":
        raise Conflict(
            _("From “%(old)s” no idea goes to “%(new)s” in this space.", old=names.get(old or "", "–"), new=names[new])
        )
    if MOVERS.index(_rank(found)) < MOVERS.index(role):
        product = _("Only product people and owners move ideas to “%(new)s” here.", new=names[new])
        owner = _("Only owners move ideas to “%(new)s” here.", new=names[new])
        raise Forbidden(product if role == "product" else owner)
    if not answered and any(rule.needs_answer for rule in fitting):
        raise Conflict(_("Answer this idea before you move it to “%(new)s”.", new=names[new]))


def _rank(found: Access) -> str:
    return found.role if found.role in MOVERS else MOVERS[0]


def _fact(row: MoveRule) -> MoveRuleFact:
    return MoveRuleFact(row.id, row.from_id, row.to_id, row.role, row.needs_answer)
