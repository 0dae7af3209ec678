"""Reading spaces, their people, statuses and invitations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, func, or_, select

from codesign.accounts.directory import organization_names, people_named
from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import get_people
from codesign.accounts.secret import hash_secret
from codesign.events.base import SERVER
from codesign.events.log import head
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import look_up, once, reading, session
from codesign.kernel.errors import NotFound
from codesign.kernel.paging import Page, make_cursor, read_cursor
from codesign.kernel.text import _
from codesign.spaces.access import COLUMNS, space_fact
from codesign.spaces.facts import (
    TEAM_ROLES,
    Access,
    InvitationFact,
    MemberFact,
    SpaceFact,
    StakeholderTypeFact,
    StatusFact,
)
from codesign.spaces.models import Ballot, Invitation, Member, Space, StakeholderType, Status
from codesign.spaces.seeds import STAKEHOLDER_TYPES

# Built once: every list of ideas asks for it.
_STATUSES = (
    select(Status.id, Status.name, Status.color, Status.kind, Status.position, Status.retired)
    .where(Status.space_id == bindparam("space"))
    .order_by(Status.position, Status.id)
)


@dataclass(frozen=True)
class SpaceLine:
    """A space in a list: the fact and the viewer's role in it."""

    space: SpaceFact
    role: str | None


@reading
def list_spaces(actor: Actor, limit: int = 100, cursor: str | None = None) -> Page[SpaceLine]:
    """The spaces *actor* may enter, newest first: the public ones and those they belong to; administrators see all."""
    mine = (Member.space_id == Space.id) & (Member.person_id == actor.person_id)
    query = select(*COLUMNS, Member.role.label("my_role"), Member.banned.label("my_ban"))
    query = query.join(Ballot, Ballot.space_id == Space.id).outerjoin(Member, mine).where(Space.state != "deleting")
    if not actor.is_admin:
        joined = (Member.role != "") & Member.banned.is_(False)
        query = query.where(or_((Space.visibility == "public") & (Space.state != "importing"), joined))
        query = query.where(or_(Space.state != "importing", (Member.role == "owner") & Member.banned.is_(False)))
    if cursor is not None:
        query = query.where(Space.id < read_cursor(cursor, "spaces", str)[0])
    rows = session().execute(query.order_by(Space.id.desc()).limit(limit + 1)).all()
    lines = [
        SpaceLine(space_fact(row), "owner" if actor.is_admin else (None if row.my_ban else row.my_role or None))
        for row in rows[:limit]
    ]
    more = make_cursor("spaces", [lines[-1].space.id]) if len(rows) > limit else None
    return Page(tuple(lines), more, head(SERVER))


@reading
def get_space(space_id: str) -> SpaceFact | None:
    """A space by id, whoever asks: for rooms and the worker, never for doors."""
    query = select(*COLUMNS).join(Ballot, Ballot.space_id == Space.id).where(Space.id == space_id)
    row = session().execute(query).first()
    return space_fact(row) if row else None


@reading
def find_space(reference: str) -> SpaceFact | None:
    """A space by id or slug, whoever asks: for the command line."""
    query = select(*COLUMNS).join(Ballot, Ballot.space_id == Space.id)
    row = session().execute(query.where(or_(Space.id == reference, Space.slug == reference))).first()
    return space_fact(row) if row else None


@reading
def all_spaces() -> list[SpaceFact]:
    """Every space of the server, whoever asks: for the worker and the command line."""
    query = select(*COLUMNS).join(Ballot, Ballot.space_id == Space.id).where(Space.state != "deleting")
    return [space_fact(row) for row in session().execute(query.order_by(Space.id))]


@reading
def may_create_spaces(actor: Actor) -> bool:
    """Whether *actor* may make a space: server administrators, and who owns a space here already."""
    if actor.is_admin:
        return True
    if actor.person_id is None or actor.guest:
        return False
    owned = select(Member.space_id).where(
        Member.person_id == actor.person_id, Member.role == "owner", Member.banned.is_(False)
    )
    return session().scalar(owned.limit(1)) is not None


@reading
def list_statuses(space_id: str, retired: bool = False) -> list[StatusFact]:
    """The statuses of a space in their order; retired ones only on demand."""
    found = once(("statuses", space_id), lambda: _statuses_of(space_id))
    return [status for status in found if retired or not status.retired]


def _statuses_of(space_id: str) -> list[StatusFact]:
    return [StatusFact(**row._mapping) for row in look_up(_STATUSES, space=space_id)]


@reading
def statuses_of(space_ids: Iterable[str]) -> dict[str, list[StatusFact]]:
    """The statuses in use of several spaces, in one query."""
    found: dict[str, list[StatusFact]] = {space_id: [] for space_id in space_ids}
    query = select(Status).where(Status.space_id.in_(list(found)), Status.retired.is_(False))
    for row in session().scalars(query.order_by(Status.position, Status.id)):
        found[row.space_id].append(status_fact(row))
    return found


def status_fact(row: Status) -> StatusFact:
    """The fact of a row."""
    return StatusFact(row.id, row.name, row.color, row.kind, row.position, row.retired)


@reading
def get_status(space_id: str, status_id: str) -> StatusFact | None:
    """One status of a space, retired ones too."""
    row = session().scalar(select(Status).where(Status.space_id == space_id, Status.id == status_id))
    return status_fact(row) if row else None


@reading
def list_stakeholder_types() -> list[StakeholderTypeFact]:
    """What a member can be to the company: what every server knows, then what this one added or renamed."""
    own = {row.id: row for row in session().scalars(select(StakeholderType))}
    found = [
        StakeholderTypeFact(type_id, own[type_id].name if type_id in own else name, position)
        for position, (type_id, name) in enumerate(STAKEHOLDER_TYPES)
    ]
    known = {fact.id for fact in found}
    added = sorted((row for row in own.values() if row.id not in known), key=lambda row: (row.position, row.id))
    return found + [StakeholderTypeFact(row.id, row.name, len(found) + row.position) for row in added]


def _member_facts(rows: Iterable[Member]) -> list[MemberFact]:
    rows = list(rows)
    people = get_people([row.person_id for row in rows])
    names = organization_names(
        person.organization_id for person in people.values() if person.organization_id is not None
    )
    return [_member_fact(row, people[row.person_id], names) for row in rows if row.person_id in people]


def _member_fact(row: Member, person: PersonFact, organizations: dict[str, str]) -> MemberFact:
    organization = organizations.get(person.organization_id) if person.organization_id else None
    return MemberFact(
        row.person_id, person.external_id, person.name, person.email, row.role, row.stakeholder_type, organization,
        row.banned, row.created_at,
    )  # fmt: skip


@reading
def list_members(
    access: Access,
    *,
    roles: Iterable[str] = (),
    banned: bool = False,
    q: str = "",
    external_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[MemberFact]:
    """The people of a space in the order they came to this server; *q* looks into names, addresses and external ids."""
    query = select(Member).where(Member.space_id == access.space.id, Member.banned.is_(banned))
    if not banned:
        query = query.where(Member.role != "")
    if wanted := list(roles):
        query = query.where(Member.role.in_(wanted))
    if q or external_id is not None:
        query = query.where(Member.person_id.in_(people_named(q, external_id)))
    if cursor is not None:
        query = query.where(Member.person_id > read_cursor(cursor, "members", str)[0])
    rows = list(session().scalars(query.order_by(Member.person_id).limit(limit + 1)))
    more = make_cursor("members", [rows[limit - 1].person_id]) if len(rows) > limit else None
    return Page(tuple(_member_facts(rows[:limit])), more, head(access.space.id))


@reading
def list_team(space_id: str) -> list[MemberFact]:
    """Moderators, product people and owners of a space."""
    query = select(Member).where(Member.space_id == space_id, Member.role.in_(TEAM_ROLES), Member.banned.is_(False))
    order = {"owner": 0, "product": 1, "moderator": 2}
    rows = session().scalars(query.order_by(Member.person_id).limit(200))
    return sorted(_member_facts(rows), key=lambda member: order[member.role])


@reading
def get_member(space_id: str, person_id: str) -> MemberFact | None:
    """One person in a space, banned ones too."""
    row = session().get(Member, (space_id, person_id))
    facts = _member_facts([row]) if row else []
    return facts[0] if facts else None


@reading
def members_among(space_id: str, person_ids: Iterable[str]) -> dict[str, MemberFact]:
    """Those of some people who are members of a space, by id."""
    query = select(Member).where(Member.space_id == space_id, Member.person_id.in_(sorted(set(person_ids))))
    return {fact.person_id: fact for fact in _member_facts(session().scalars(query.where(Member.role != "")))}


def types_in(space_id: str) -> Select[str, str]:
    """Selects the members of a space with their stakeholder type, to be joined into a query that counts people."""
    return select(Member.person_id, Member.stakeholder_type).where(Member.space_id == space_id, Member.role != "")


@reading
def count_members(space_ids: Iterable[str]) -> dict[str, int]:
    """How many people have joined each space."""
    query = select(Member.space_id, func.count()).where(Member.space_id.in_(list(space_ids)))
    query = query.where(Member.role != "", Member.banned.is_(False)).group_by(Member.space_id)
    return {row[0]: row[1] for row in session().execute(query)}


@reading
def count_voters(space_id: str) -> int:
    """How many people have voted in the ballot of a space; everybody may know that, even while counts are hidden."""
    return session().scalar(select(Ballot.voters).where(Ballot.space_id == space_id)) or 0


@reading
def roles_of(person_id: str) -> dict[str, str]:
    """The spaces a person has joined and their role in each."""
    query = select(Member.space_id, Member.role).where(Member.person_id == person_id, Member.role != "")
    return {row.space_id: row.role for row in session().execute(query.where(Member.banned.is_(False)))}


@reading
def team_ids(space_id: str) -> list[str]:
    """The ids of everybody in the team of a space."""
    query = select(Member.person_id).where(Member.space_id == space_id, Member.role.in_(TEAM_ROLES))
    return list(session().scalars(query.where(Member.banned.is_(False)).order_by(Member.person_id)))


@reading
def owner_ids(space_id: str) -> list[str]:
    """The ids of those who own a space."""
    query = select(Member.person_id).where(Member.space_id == space_id, Member.role == "owner")
    return list(session().scalars(query.where(Member.banned.is_(False)).order_by(Member.person_id)))


def invitation_fact(row: Invitation) -> InvitationFact:
    """The fact of a row; the hash stays behind."""
    return InvitationFact(
        row.id, row.space_id, row.role, row.stakeholder_type, row.email, row.made_by, row.most_uses, row.uses,
        row.created_at, row.expires_at, row.revoked_at,
    )  # fmt: skip


@reading
def list_invitations(access: Access) -> list[InvitationFact]:
    """The invitations of a space that still work, newest first."""
    query = select(Invitation).where(
        Invitation.space_id == access.space.id,
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.now(),
        or_(Invitation.most_uses.is_(None), Invitation.uses < Invitation.most_uses),
    )
    return [invitation_fact(row) for row in session().scalars(query.order_by(Invitation.id.desc()).limit(200))]


@reading
def get_invitation(invitation_id: str) -> InvitationFact | None:
    """An invitation by id, whoever asks: for the room that writes letters."""
    row = session().get(Invitation, invitation_id)
    return invitation_fact(row) if row else None


@reading
def open_invitation(secret: str) -> tuple[InvitationFact, SpaceFact]:
    """The invitation behind a secret link and its space; NotFound when it is unknown, used up, revoked or too old."""
    row = session().scalar(select(Invitation).where(Invitation.hash == hash_secret(secret)))
    if row is not None and row.revoked_at is None and row.expires_at > clock.now():
        space = get_space(row.space_id)
        if space and space.state != "deleting" and (row.most_uses is None or row.uses < row.most_uses):
            return invitation_fact(row), space
    raise NotFound(_("This invitation does not work any more. Ask the person who sent it for a new one."))


@reading
def data_of(person_id: str) -> list[dict[str, object]]:
    """What this room keeps of a person, for their own download."""
    query = select(Member, Space.slug, Space.name).join(Space, Space.id == Member.space_id)
    rows = session().execute(query.where(Member.person_id == person_id).order_by(Member.space_id))
    return [
        {
            "space": row.slug, "name": row.name, "role": row.Member.role, "banned": row.Member.banned,
            "stakeholder_type": row.Member.stakeholder_type, "since": clock.rfc3339(row.Member.created_at),
        }
        for row in rows
    ]  # fmt: skip
