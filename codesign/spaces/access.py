"""The gate: the only way to get a space from what somebody typed.

Rights: ``view propose vote comment moderate product own``. What may not be seen is not found; what may be seen but not
done is forbidden; what another phase allows is closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from functools import reduce
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, or_, select

from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Closed, Forbidden, NotFound, Unauthenticated
from codesign.kernel.text import Sentence, _
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
_SCOPE = {
    "view": "read", "propose": "write", "vote": "write", "comment": "write",
    "moderate": "moderate", "product": "product", "own": "admin",
}  # fmt: skip
_BALLOT = [column.label(f"ballot_{column.key}") for column in Ballot.__table__.columns]
COLUMNS = [*Space.__table__.columns, *_BALLOT]
_BALLOT_FACTS = [item.name for item in fields(BallotFact)]
_SPACE_FACTS = [item.name for item in fields(SpaceFact) if item.name != "ballot"]
_ballot_values = attrgetter(*(f"ballot_{name}" for name in _BALLOT_FACTS))
_space_values = attrgetter(*("list_order" if name == "order" else name for name in _SPACE_FACTS))
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,64}")
#: Built once: every request passes here, and building the statement costs more than running it.
_SPACE, _MEMBER = Space.__table__, Member.__table__
_GATE = (
    select(*COLUMNS, _MEMBER.c.role.label("my_role"), _MEMBER.c.banned.label("my_ban"))
    .join_from(_SPACE, Ballot.__table__, Ballot.__table__.c.space_id == _SPACE.c.id)
    .outerjoin(_MEMBER, (_MEMBER.c.space_id == _SPACE.c.id) & (_MEMBER.c.person_id == bindparam("person")))
    .where(or_(_SPACE.c.id == bindparam("reference"), _SPACE.c.slug == bindparam("reference")))
)
_MEMBERS = select(_MEMBER.c.person_id, _MEMBER.c.role, _MEMBER.c.banned).where(
    _MEMBER.c.space_id == bindparam("space"), _MEMBER.c.person_id.in_(bindparam("people", expanding=True))
)
PHASE_NAMES = {"collect": _("Collect"), "discuss": _("Discuss"), "vote": _("Vote"), "decided": _("Decided")}


def space_fact(row: Any) -> SpaceFact:
    """The fact of a row of ``COLUMNS``."""
    ballot = BallotFact(*_ballot_values(row))
    return SpaceFact(**dict(zip(_SPACE_FACTS, _space_values(row), strict=True)), ballot=ballot)


def _rights(space: SpaceFact, role: str | None, banned: bool, actor: Actor) -> frozenset[str]:
    if space.state == "deleting":
        return frozenset()
    if actor.is_admin:
        return _BY_ROLE["owner"]
    if (role is None and space.visibility == "private") or (space.state == "importing" and role != "owner"):
        return frozenset()
    if banned or role is not None:
        return _BY_ROLE[role or "viewer"]
    rights = {"view"}
    for action, who in (("propose", space.who_proposes), ("vote", space.who_votes), ("comment", space.who_comments)):
        if who == "everyone" or (who == "registered" and actor.known and not actor.guest):
            rights.add(action)
    return frozenset(rights)


@reading
def standing(actor: Actor, reference: str) -> Access:
    """How *actor* stands to the space *reference* (id or slug); raises NotFound where it may not be seen.

    Who is banned counts as a stranger who may only look.
    """
    found = _find(actor, reference) if _REFERENCE.fullmatch(reference) else None
    if found is None or not found.may("view"):
        raise NotFound(_("There is no such space, or you may not see it."))
    return found


def _find(actor: Actor, reference: str) -> Access | None:
    row = session().connection().execute(_GATE, {"reference": reference, "person": actor.person_id}).first()
    if row is None:
        return None
    space, banned = space_fact(row), bool(row.my_ban)
    role = None if banned else row.my_role or None
    rights = _rights(space, role, banned, actor)
    return Access(space, "owner" if actor.is_admin else role, actor.person_id, actor.guest, rights)


@reading
def standings(space: SpaceFact, actors: Iterable[Actor]) -> dict[Actor, Access]:
    """How each actor stands to a space, in one query; who may not see it is left out."""
    asked = set(actors)
    people = sorted({actor.person_id for actor in asked if actor.person_id is not None})
    rows = session().connection().execute(_MEMBERS, {"space": space.id, "people": people})
    known = {row.person_id: row for row in rows}
    found = {actor: _access(space, known.get(actor.person_id), actor) for actor in asked}
    return {actor: access for actor, access in found.items() if access.may("view")}


def _access(space: SpaceFact, member: Any, actor: Actor) -> Access:
    banned = member is not None and member.banned
    role = None if member is None or banned else member.role or None
    rights = _rights(space, role, banned, actor)
    return Access(space, "owner" if actor.is_admin else role, actor.person_id, actor.guest, rights)


def access(actor: Actor, reference: str, right: str = "view") -> Access:
    """Let *actor* through to the space for *right*, or raise NotFound, Unauthenticated, Forbidden or Closed."""
    found = standing(actor, reference)
    require(actor, found, right)
    return found


def look(actor: Actor, reference: str, right: str = "view") -> Access:
    """Let *actor* look at what *right* opens: a token needs the scope ``read`` only, and phases are not asked."""
    found = standing(actor, reference)
    _require_scope(actor, "read")
    _require_right(actor, found, right)
    return found


def require(actor: Actor, found: Access, right: str) -> None:
    """Raise unless *actor*, who got *found* at the gate, has *right* now (role, token scope and phase)."""
    _require_scope(actor, _SCOPE[right])
    _require_right(actor, found, right)
    if right in ACTIONS:
        _require_phase(found, right)


def _require_scope(actor: Actor, scope: str) -> None:
    if not actor.may(scope):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope=scope))


def _require_right(actor: Actor, found: Access, right: str) -> None:
    if found.may(right):
        return
    if not actor.known or actor.guest:
        raise Unauthenticated(_("Sign in to do this."))
    raise Forbidden(_("You may look at this space, but not do that in it."))


def _require_phase(found: Access, action: str) -> None:
    space = found.space
    if space.state == "archived":
        raise Closed(_("This space is archived. You can read everything."), action=action)
    if found.is_team and action != "vote":
        return
    if action == "vote" and space.ballot.closed_at is not None:
        raise Closed(_("Voting is closed here."), action=action, closed_at=space.ballot.closed_at)
    if not space.allows(action):
        raise _not_in_this_phase(space, action)


def _or(some: Sentence, more: Sentence) -> Sentence:
    return _("%(some)s or %(more)s", some=some, more=more)


def _not_in_this_phase(space: SpaceFact, action: str) -> Closed:
    allowed = space.phases_allowing(action)
    if not allowed:
        return Closed(_("This space does not take that in any phase."), action=action)
    names = reduce(_or, (PHASE_NAMES[phase] for phase in allowed))
    if space.next_phase in allowed and space.next_phase_at is not None:
        # The day is written as a number here: sentences are made below the web, where no language is known yet.
        date = space.next_phase_at.strftime("%Y-%m-%d %H:%M")
        sentence = _(
            "This is possible in the phase %(phases)s, which begins on %(date)s (UTC).", phases=names, date=date
        )
        return Closed(sentence, action=action, phases=allowed, at=space.next_phase_at)
    sentence = _("This is possible in the phase %(phases)s; the team has not set a date yet.", phases=names)
    return Closed(sentence, action=action, phases=allowed)
