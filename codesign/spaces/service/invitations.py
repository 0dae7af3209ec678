"""Links that make people members. The secret is shown once and kept as a hash."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select, update

from codesign.accounts.addresses import same_person, tidy_address
from codesign.accounts.queries import get_person
from codesign.accounts.secret import hash_secret, new_secret
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Closed, Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.spaces.events import InvitationMade, InvitationRevoked
from codesign.spaces.facts import ROLES, InvitationFact, SpaceFact
from codesign.spaces.models import Invitation, Member
from codesign.spaces.queries import get_space, invitation_fact, open_invitation
from codesign.spaces.rules import check_choice
from codesign.spaces.service.members import put_member
from codesign.spaces.service.rows import lock_by_id, lock_space
from codesign.spaces.service.types import known_type

MOST_DAYS = 90
MOST_USES = 10_000
MOST_OPEN = 500


@verb
def invite(
    actor: Actor,
    reference: str,
    role: str = "contributor",
    stakeholder_type: str = "customer",
    *,
    days: int = 14,
    most_uses: int | None = None,
    email: str | None = None,
) -> tuple[InvitationFact, str | None]:
    """Make an invitation and the secret of its link.

    With *email* the link goes there by letter and works once: then the secret is None, and only the letter carries it.
    """
    row = lock_space(access(actor, reference, "own"))
    if row.state == "archived":
        raise Closed(_("This space is archived. Open it again first."))
    _check(days, most_uses)
    secret = new_secret()
    invitation = Invitation(
        id=new_id(), space_id=row.id, hash=hash_secret(secret), role=check_choice("role", role, ROLES),
        stakeholder_type=known_type(stakeholder_type), email=tidy_address(email) if email else None,
        made_by=actor.person_id, most_uses=1 if email else most_uses, uses=0, created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=days),
    )  # fmt: skip
    _refuse_too_many(row.id)
    session().add(invitation)
    session().flush()
    record(InvitationMade(row.id, invitation.id, invitation.role), actor)
    return invitation_fact(invitation), None if email else secret


def _check(days: int, most_uses: int | None) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid.field("days", _("Let it work for 1 to %(most)s days.", most=MOST_DAYS))
    if most_uses is not None and not 1 <= most_uses <= MOST_USES:
        raise Invalid.field("most_uses", _("Let 1 to %(most)s people use it, or leave it open.", most=MOST_USES))


def _refuse_too_many(space_id: str) -> None:
    usable = Invitation.revoked_at.is_(None) & (Invitation.expires_at > clock.now())
    query = select(Invitation.id).where(Invitation.space_id == space_id, usable)
    if len(session().execute(query.limit(MOST_OPEN)).all()) >= MOST_OPEN:
        raise Conflict(_("There are %(most)s open invitations already. Revoke some first.", most=MOST_OPEN))


@verb
def issue_invitation_secret(invitation_id: str) -> str:
    """A new secret for an invitation that goes by letter, for the room that writes it; the one before works no more."""
    row = session().get(Invitation, invitation_id)
    if row is None or row.email is None or row.revoked_at is not None:
        raise NotFound(_("There is no such invitation."))
    secret = new_secret()
    row.hash = hash_secret(secret)
    session().flush()
    return secret


@verb
def revoke_invitation(actor: Actor, reference: str, invitation_id: str) -> None:
    """Make a link void. Who came by it stays."""
    space_id = lock_space(access(actor, reference, "own")).id
    row = session().scalar(select(Invitation).where(Invitation.id == invitation_id, Invitation.space_id == space_id))
    if row is None:
        raise NotFound(_("There is no such invitation."))
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        session().flush()
        record(InvitationRevoked(space_id, row.id), actor)


@verb
def accept_invitation(actor: Actor, secret: str) -> SpaceFact:
    """Join the space behind a secret link. A role somebody has already is only ever raised."""
    if not actor.known or actor.guest:
        raise Unauthenticated(_("Sign in or make an account to join; this link keeps working meanwhile."))
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    person_id = str(actor.person_id)
    invitation, space = open_invitation(secret)
    lock_by_id(space.id)
    member = session().get(Member, (space.id, person_id), populate_existing=True)
    if member is not None and member.banned:
        raise NotFound(_("This invitation does not work any more. Ask the person who sent it for a new one."))
    if space.state == "archived":
        raise Closed(_("This space is archived; nobody can join it now."))
    _require_address(invitation, person_id)
    if member is None or _rank(member.role) < _rank(invitation.role):
        _use_up(invitation)
        kind = None if member is not None and member.role else invitation.stakeholder_type
        put_member(actor, space.id, person_id, invitation.role, kind, invitation.id)
    return get_space(space.id) or space


def _rank(role: str) -> int:
    return ("", *ROLES).index(role)


def _require_address(invitation: InvitationFact, person_id: str) -> None:
    """A letter's link is for its reader: an account of somebody else cannot use it, however they write their address."""
    if invitation.email is None:
        return
    person = get_person(person_id)
    if person is None or person.email is None or not same_person(person.email, invitation.email):
        raise Forbidden(_("This invitation was sent to another address. Sign in with that one."))


def _use_up(invitation: InvitationFact) -> None:
    """Count a use, unless somebody else took the last one in this moment."""
    free = or_(Invitation.most_uses.is_(None), Invitation.uses < Invitation.most_uses)
    usable = (Invitation.id == invitation.id) & Invitation.revoked_at.is_(None) & (Invitation.expires_at > clock.now())
    query = update(Invitation).where(usable, free).values(uses=Invitation.uses + 1).returning(Invitation.id)
    if session().scalar(query.execution_options(synchronize_session=False)) is None:
        raise NotFound(_("This invitation does not work any more. Ask the person who sent it for a new one."))
