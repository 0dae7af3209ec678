"""People come into a space, change their role, leave, are kept out."""

from __future__ import annotations

from sqlalchemy import func, select, update

from codesign.accounts import directory
from codesign.accounts.addresses import same_person
from codesign.accounts.queries import find_by_email, get_person
from codesign.accounts.service import find_or_create_external
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.kernel.text import _
from codesign.spaces.access import access, require
from codesign.spaces.events import InvitationRevoked, MemberAdded, MemberChanged, MemberRemoved
from codesign.spaces.facts import ROLES, TEAM_ROLES, Access, MemberFact
from codesign.spaces.models import Invitation, Member
from codesign.spaces.queries import get_member
from codesign.spaces.rules import check_choice
from codesign.spaces.service.rows import lock_by_id, lock_space
from codesign.spaces.service.types import known_type


@verb
def add_member(
    actor: Actor,
    reference: str,
    person_id: str | None = None,
    role: str | None = None,
    stakeholder_type: str | None = None,
    *,
    external_id: str | None = None,
    name: str = "",
    email: str | None = None,
    organization: str | None = None,
) -> tuple[MemberFact, bool]:
    """Make a person a member, or give a member what is named here; also says whether they are new in the space.

    The person is named by *person_id*, by *email*, or by *external_id*, which makes them (called *name*) if need be.
    """
    space_id = lock_space(access(actor, reference, "own")).id
    person_id = _person(person_id, external_id, name, email)
    new = not _is_member(space_id, person_id)
    put_member(actor, space_id, person_id, role, stakeholder_type)
    if organization is not None:
        _attach(person_id, organization)
    return _fact(space_id, person_id), new


def _person(person_id: str | None, external_id: str | None, name: str, email: str | None) -> str:
    if [person_id, external_id, email].count(None) != 2:
        sentence = _("Name the person by exactly one of person_id, external_id and email.")
        raise Invalid.field("person_id", sentence)
    if external_id is not None:
        return find_or_create_external(external_id, name).id
    person = get_person(person_id) if person_id is not None else find_by_email(email or "")
    if person is None or person.erased:
        field = "email" if email is not None else "person_id"
        raise Invalid.field(field, _("Nobody here has this. Invite them by a link instead."), "unknown")
    return person.id


def _is_member(space_id: str, person_id: str) -> bool:
    row = session().get(Member, (space_id, person_id))
    return row is not None and row.role != ""


def put_member(
    actor: Actor,
    space_id: str,
    person_id: str,
    role: str | None,
    stakeholder_type: str | None,
    invitation_id: str | None = None,
) -> None:
    """Make the person a member, or give the member another role or type; records what really changed."""
    if role is not None:
        check_choice("role", role, ROLES)
    kind = known_type(stakeholder_type) if stakeholder_type is not None else None
    row = session().get(Member, (space_id, person_id), populate_existing=True)
    if row is None or row.role == "":
        row = row or _new_row(space_id, person_id)
        row.role, row.stakeholder_type, row.banned = role or "contributor", kind or "customer", False
        record(MemberAdded(space_id, person_id, row.role, invitation_id), actor)
    else:
        new = (role or row.role, kind or row.stakeholder_type)
        if new == (row.role, row.stakeholder_type):
            return
        if row.role == "owner" and new[0] != "owner":
            _require_another_owner(space_id, person_id)
        row.role, row.stakeholder_type = new
        record(MemberChanged(space_id, person_id, row.role, row.banned), actor)
    session().flush()


def _new_row(space_id: str, person_id: str) -> Member:
    row = Member(space_id=space_id, person_id=person_id, created_at=clock.now(), banned=False)
    row.role, row.stakeholder_type = "", "customer"
    session().add(row)
    return row


def _require_another_owner(space_id: str, person_id: str) -> None:
    others = select(func.count()).where(
        Member.space_id == space_id, Member.person_id != person_id, Member.role == "owner", Member.banned.is_(False)
    )
    if not session().scalar(others):
        raise Conflict(_("A space needs an owner. Make somebody else an owner first."))


def _attach(person_id: str, organization: str) -> None:
    organization_id = directory.find_or_create_organization(organization) if organization.strip() else None
    directory.attach_to_organization(person_id, organization_id)


def _fact(space_id: str, person_id: str) -> MemberFact:
    session().flush()
    fact = get_member(space_id, person_id)
    if fact is None:
        raise NotFound(_("There is no such member in this space."))
    return fact


def _existing(space_id: str, person_id: str) -> Member:
    row = session().get(Member, (space_id, person_id), populate_existing=True)
    if row is None:
        raise NotFound(_("There is no such member in this space."))
    return row


@verb
def change_member(
    actor: Actor, reference: str, person_id: str, *, role: str | None = None, stakeholder_type: str | None = None
) -> MemberFact:
    """Give a member another role or stakeholder type."""
    space_id = lock_space(access(actor, reference, "own")).id
    if _existing(space_id, person_id).role == "":
        raise NotFound(_("There is no such member in this space."))
    put_member(actor, space_id, person_id, role, stakeholder_type)
    return _fact(space_id, person_id)


@verb
def describe_member(
    actor: Actor, reference: str, person_id: str, *, role: str, stakeholder_type: str, organization: str
) -> MemberFact:
    """Say everything about a member at once: role, stakeholder type, organization."""
    before = change_member(actor, reference, person_id, role=role, stakeholder_type=stakeholder_type)
    if (before.organization or "") == " ".join(organization.split()):
        return before
    return set_organization(actor, reference, person_id, organization)


@verb
def set_organization(actor: Actor, reference: str, person_id: str, organization: str) -> MemberFact:
    """Say which organization a member belongs to, by name (made if need be); empty: to none."""
    space_id = lock_space(access(actor, reference, "own")).id
    row = _existing(space_id, person_id)
    _attach(person_id, organization)
    session().flush()
    record(MemberChanged(space_id, person_id, row.role, row.banned), actor)
    return _fact(space_id, person_id)


@verb
def remove_member(actor: Actor, reference: str, person_id: str) -> None:
    """Take a person out of a space: owners anybody, everybody themselves. What they gave stays."""
    found = access(actor, reference, "view")
    if person_id != actor.person_id:
        require(actor, found, "own")
    elif not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    space_id = lock_space(found).id
    row = _existing(space_id, person_id)
    if row.role == "" or (row.banned and person_id == actor.person_id):
        raise NotFound(_("There is no such member in this space."))
    if row.role == "owner":
        _require_another_owner(space_id, person_id)
    session().delete(row)
    session().flush()
    record(MemberRemoved(space_id, person_id), actor)


@verb
def ban_member(actor: Actor, reference: str, person_id: str) -> None:
    """Keep a person out: they may look where everybody may, and do nothing. Who is in the team only owners can ban."""
    found = access(actor, reference, "moderate")
    space_id = lock_space(found).id
    if person_id == actor.person_id:
        raise Invalid(_("You cannot ban yourself."))
    if get_person(person_id) is None:
        raise NotFound(_("There is no such person."))
    row = session().get(Member, (space_id, person_id), populate_existing=True) or _new_row(space_id, person_id)
    _require_power_over(actor, found, row)
    if row.role == "owner":
        _require_another_owner(space_id, person_id)
    if not row.banned:
        row.banned = True
        session().flush()
        record(MemberChanged(space_id, person_id, row.role, banned=True), actor)


@verb
def unban_member(actor: Actor, reference: str, person_id: str) -> None:
    """Let a person in again as what they were before."""
    found = access(actor, reference, "moderate")
    space_id = lock_space(found).id
    row = _existing(space_id, person_id)
    _require_power_over(actor, found, row)
    if not row.banned:
        return
    record(MemberChanged(space_id, person_id, row.role, banned=False), actor)
    if row.role == "":
        session().delete(row)
    else:
        row.banned = False
    session().flush()


def _require_power_over(actor: Actor, found: Access, row: Member) -> None:
    if row.role in TEAM_ROLES:
        require(actor, found, "own")


# --- For the room that forgets and joins people -----------------------------------------------------------------------


@verb
def forget_member(person_id: str) -> None:
    """Take a person out of every space (erasure); the last owner too, since nobody can be kept against their will."""
    for row in session().scalars(select(Member).where(Member.person_id == person_id)):
        session().delete(row)
        record(MemberRemoved(row.space_id, person_id))
    session().execute(update(Invitation).where(Invitation.made_by == person_id).values(made_by=None))
    _forget_address(person_id)
    session().flush()


def _forget_address(person_id: str) -> None:
    """Invitations that went to a person lose the address; one that was not used yet can lead nobody in any more."""
    person = get_person(person_id)
    if person is None or person.email is None:
        return
    for row in session().scalars(select(Invitation).where(Invitation.email.is_not(None))):
        if not same_person(str(row.email), person.email):
            continue
        row.email = None
        if row.revoked_at is None and not row.uses:
            row.revoked_at = clock.now()
            record(InvitationRevoked(row.space_id, row.id))


@verb
def join_memberships(from_id: str, into_id: str) -> None:
    """What the guest *from_id* was in a space, *into_id* is now; who was more stays more, a ban stays a ban."""
    for row in list(session().scalars(select(Member).where(Member.person_id == from_id).order_by(Member.space_id))):
        lock_by_id(row.space_id)
        mine = session().get(Member, (row.space_id, into_id), populate_existing=True)
        role, banned = row.role, row.banned
        session().delete(row)
        record(MemberRemoved(row.space_id, from_id))
        _join(row.space_id, into_id, mine, role, banned)
    session().flush()


def _join(space_id: str, person_id: str, mine: Member | None, role: str, banned: bool) -> None:
    if mine is None:
        mine = _new_row(space_id, person_id)
        mine.role, mine.banned = role, banned
        record(MemberChanged(space_id, person_id, role, banned) if banned else MemberAdded(space_id, person_id, role))
        return
    ranks = ("", *ROLES)
    better = max(mine.role, role, key=ranks.index)
    shut = (mine.banned or banned) and mine.role != "owner"
    if (better, shut) != (mine.role, mine.banned):
        mine.role, mine.banned = better, shut
        record(MemberChanged(space_id, person_id, better, shut))
