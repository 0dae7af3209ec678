"""The gate: the only way to get a space from what somebody typed.

Rights: ``view propose vote comment moderate product own``. What may not be seen is not found; what may be seen but not
done is forbidden; what another phase allows is closed.
"""

from __future__ import annotations

from sqlalchemy import Row, or_, select

from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Closed, Forbidden, NotFound, Unauthenticated
from codesign.kernel.text import _
from codesign.spaces.facts import ACTIONS, Access, BallotFact, SpaceFact
from codesign.spaces.models import Ballot, Member, Space

RIGHTS = ("view", "propose", "vote", "comment", "moderate", "product", "own")
_BY_ROLE = {
    "viewer": frozenset({"view"}),
    "contributor": frozenset({"view", *ACTIONS}),
    "moderator": frozenset({"view", *ACTIONS, "moderate"}),
    "product": frozenset({"view", *ACTIONS, "moderate", "product"}),
    "owner": frozenset(RIGHTS),
}
_SCOPE = {"view": "read", "propose": "write", "vote": "write", "comment": "write", "moderate": "moderate", "product": "product", "own": "admin"}
_BALLOT = [column.label(f"ballot_{column.key}") for column in Ballot.__table__.columns]
COLUMNS = [*Space.__table__.columns, *_BALLOT]
_PHASE_NAMES = {"collect": _("Collect"), "discuss": _("Discuss"), "vote": _("Vote"), "decided": _("Decided")}


def space_fact(row: Row[tuple[object, ...]]) -> SpaceFact:
    """The fact of a row of ``COLUMNS``."""
    values = dict(row._mapping)
    ballot = BallotFact(**{name: values.pop(f"ballot_{name}") for name in ("id", "kind", "results", "opened_at", "closed_at", "voters")})
    values.pop("ballot_space_id")
    return SpaceFact(**{**values, "order": values.pop("list_order")}, ballot=ballot)


def _rights(space: SpaceFact, role: str | None, banned: bool, actor: Actor) -> frozenset[str]:
    if actor.is_admin:
        return _BY_ROLE["owner"]
    visible = role is not None or space.visibility != "private"
    if not visible or (space.state == "importing" and role != "owner"):
        return frozenset()
    rights = set(_BY_ROLE[role] if role else {"view"})
    for action, who in (("propose", space.who_proposes), ("vote", space.who_votes), ("comment", space.who_comments)):
        if role is None and (who == "everyone" or (who == "registered" and actor.known and not actor.guest)):
            rights.add(action)
    return frozenset({"view"} & rights if banned else rights)


@reading
def standing(actor: Actor, reference: str) -> Access:
    """How *actor* stands to the space *reference* (id or slug); raises NotFound where it may not be seen."""
    query = select(*COLUMNS, Member.role, Member.banned).join(Ballot, Ballot.space_id == Space.id)
    query = query.outerjoin(Member, (Member.space_id == Space.id) & (Member.person_id == actor.person_id))
    row = session().execute(query.where(or_(Space.id == reference, Space.slug == reference))).first()
    if row is None:
        raise NotFound(_("There is no such space, or you may not see it."))
    space = space_fact(row)
    role = "owner" if actor.is_admin else row.role
    access = Access(space, role, actor.person_id, actor.guest, _rights(space, row.role, bool(row.banned), actor))
    if not access.may("view"):
        raise NotFound(_("There is no such space, or you may not see it."))
    return access


def access(actor: Actor, reference: str, right: str = "view") -> Access:
    """Let *actor* through to the space for *right*, or raise NotFound, Unauthenticated, Forbidden or Closed."""
    found = standing(actor, reference)
    require(actor, found, right)
    return found


def require(actor: Actor, found: Access, right: str) -> None:
    """Raise unless *actor*, who got *found* at the gate, has *right* now (role, token scope and phase)."""
    if not actor.may(_SCOPE[right]):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope=_SCOPE[right]))
    if not found.may(right):
        if not actor.known or actor.guest:
            raise Unauthenticated(_("Sign in to do this."))
        raise Forbidden(_("You may look at this space, but not do that in it."))
    if right in ACTIONS and not (found.is_team and right != "vote"):
        _require_phase(found.space, right)


def _require_phase(space: SpaceFact, action: str) -> None:
    if space.state == "archived":
        raise Closed(_("This space is archived. You can read everything."), action=action)
    if action == "vote" and space.ballot.closed_at is not None:
        raise Closed(_("Voting is closed here."), action=action, closed_at=space.ballot.closed_at)
    if space.allows(action):
        return
    allowed = space.phases_allowing(action)
    if not allowed:
        raise Closed(_("This space does not take that in any phase."), action=action)
    names = ", ".join(_PHASE_NAMES[phase] for phase in allowed)
    if space.next_phase in allowed and space.next_phase_at is not None:
        raise Closed(
            _("This is possible in the phase %(phases)s, which begins on %(date)s (UTC).", phases=names,
              date=space.next_phase_at.strftime("%d %B %Y, %H:%M")),
            action=action, phases=allowed, at=space.next_phase_at,
        )  # fmt: skip
    raise Closed(_("This is possible in the phase %(phases)s; the team has not set a date yet.", phases=names), action=action, phases=allowed)
