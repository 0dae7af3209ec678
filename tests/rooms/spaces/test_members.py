"""People come in, change their role, leave, are kept out; links invite them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from codesign.accounts import directory
from codesign.accounts.queries import get_person
from codesign.events import log
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Closed, Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.spaces import queries, service
from codesign.spaces.access import access
from codesign.testing import Clock, actor_of

Make = Callable[..., Any]


def facts_of(space_id: str) -> list[tuple[str, Any]]:
    with db.read():
        return [(fact.name, fact.payload) for fact in log.since(space_id, 2)]


@pytest.fixture
def owner(make_person: Make) -> Any:
    return make_person("Olga")


@pytest.fixture
def space(make_space: Make, owner: Any) -> Any:
    return make_space(owner=owner)


def test_a_member_is_added_changed_removed(space: Any, owner: Any, make_person: Make) -> None:
    mira = make_person("Mira")
    member, new = service.add_member(actor_of(owner), space.id, mira.id, "moderator", "Interested party")
    assert new and (member.name, member.role, member.stakeholder_type) == ("Mira", "moderator", "interested_party")
    assert service.add_member(actor_of(owner), space.id, mira.id) == (member, False)
    changed = service.change_member(actor_of(owner), space.id, mira.id, role="product")
    assert (changed.role, changed.stakeholder_type) == ("product", "interested_party")
    service.remove_member(actor_of(owner), space.id, mira.id)
    assert queries.get_member(space.id, mira.id) is None
    assert facts_of(space.id) == [
        ("member.added", {"person_id": mira.id, "role": "moderator", "invitation_id": None}),
        ("member.changed", {"person_id": mira.id, "role": "product", "banned": False}),
        ("member.removed", {"person_id": mira.id}),
    ]


def test_people_are_found_or_made_by_their_external_id(space: Any, owner: Any) -> None:
    first, new = service.add_member(actor_of(owner), space.id, external_id="crm:7", name="Teo")
    again, old = service.add_member(actor_of(owner), space.id, external_id="crm:7", name="Theodor", role="viewer")
    assert new and not old and first.person_id == again.person_id
    assert (first.name, first.role, again.name, again.role) == ("Teo", "contributor", "Teo", "viewer")
    for wrong in ({}, {"external_id": "a", "email": "b@example.org"}, {"email": "nobody@example.org"}):
        with pytest.raises(Invalid):
            service.add_member(actor_of(owner), space.id, **wrong)
    with pytest.raises(Invalid):
        service.add_member(actor_of(owner), space.id, "01UNKNOWN")


def test_the_last_owner_stays(space: Any, owner: Any, make_person: Make) -> None:
    mira, ann = make_person(), actor_of(owner)
    for refused in (
        lambda: service.change_member(ann, space.id, owner.id, role="viewer"),
        lambda: service.remove_member(ann, space.id, owner.id),
        lambda: service.add_member(SYSTEM, space.id, owner.id, "viewer"),
        lambda: service.ban_member(SYSTEM, space.id, owner.id),
    ):
        with pytest.raises(Conflict):
            refused()
    service.add_member(ann, space.id, mira.id, "owner")
    assert service.change_member(ann, space.id, owner.id, role="viewer").role == "viewer"
    assert access(actor_of(mira), space.id, "own")


def test_two_owners_cannot_remove_each_other_at_once(space: Any, owner: Any, make_person: Make) -> None:
    mira = make_person()
    service.add_member(SYSTEM, space.id, mira.id, "owner")

    def remove(actor: Any, person: Any) -> type | None:
        try:
            service.change_member(actor_of(actor), space.id, person.id, role="viewer")
        except Problem as problem:
            return type(problem)
        return None

    with ThreadPoolExecutor(2) as pool:
        outcome = set(pool.map(remove, (owner, mira), (mira, owner)))
    assert None in outcome and outcome - {None} in ({Conflict}, {Forbidden})
    assert [member.role for member in queries.list_team(space.id)] == ["owner"]


def test_a_banned_person_may_look_and_nothing_else(space: Any, owner: Any, make_person: Make, make_space: Make) -> None:
    mira, ann = make_person(), actor_of(owner)
    service.add_member(ann, space.id, mira.id)
    assert access(actor_of(mira), space.id, "vote")
    service.ban_member(ann, space.id, mira.id)
    assert access(actor_of(mira), space.id, "view").role is None
    with pytest.raises(Forbidden):
        access(actor_of(mira), space.id, "vote")
    private = make_space(visibility="private")
    service.add_member(SYSTEM, private.id, mira.id, "moderator")
    service.ban_member(SYSTEM, private.id, mira.id)
    with pytest.raises(NotFound):
        access(actor_of(mira), private.id)
    service.unban_member(ann, space.id, mira.id)
    assert access(actor_of(mira), space.id, "vote").role == "contributor"
    with pytest.raises(NotFound):
        service.remove_member(actor_of(mira), private.id, mira.id)


def test_a_ban_of_a_stranger_leaves_no_member_behind(space: Any, owner: Any, make_person: Make) -> None:
    mira = make_person()
    service.ban_member(actor_of(owner), space.id, mira.id)
    with pytest.raises(Forbidden):
        access(actor_of(mira), space.id, "vote")
    assert [member.person_id for member in queries.list_members(access(SYSTEM, space.id)).items] == [owner.id]
    service.unban_member(actor_of(owner), space.id, mira.id)
    assert access(actor_of(mira), space.id, "vote").role is None
    assert queries.get_member(space.id, mira.id) is None


def test_moderators_ban_members_but_not_the_team(space: Any, owner: Any, make_person: Make) -> None:
    moderator, other, mira = make_person(), make_person(), make_person()
    for person, role in ((moderator, "moderator"), (other, "moderator"), (mira, "contributor")):
        service.add_member(SYSTEM, space.id, person.id, role)
    service.ban_member(actor_of(moderator), space.id, mira.id)
    for person in (other, owner):
        with pytest.raises(Forbidden):
            service.ban_member(actor_of(moderator), space.id, person.id)
    with pytest.raises(Invalid):
        service.ban_member(actor_of(moderator), space.id, moderator.id)
    with pytest.raises(Forbidden):
        service.change_member(actor_of(moderator), space.id, mira.id, role="viewer")
    service.ban_member(actor_of(owner), space.id, other.id)


def test_organizations_are_shared_by_name(space: Any, owner: Any, make_person: Make) -> None:
    mira, teo = make_person(), make_person()
    for person in (mira, teo):
        service.add_member(SYSTEM, space.id, person.id)
    first = service.set_organization(actor_of(owner), space.id, mira.id, "Tarn  Bikes")
    service.set_organization(actor_of(owner), space.id, teo.id, "tarn bikes")
    assert first.organization == "Tarn Bikes"
    assert [(fact.name, fact.people) for fact in directory.list_organizations()] == [("Tarn Bikes", 2)]
    admin = Actor(person_id=mira.id, is_admin=True)
    organization = directory.list_organizations()[0]
    service.set_organization_name(admin, "Tarn AG", organization.id)
    assert queries.get_member(space.id, teo.id).organization == "Tarn AG"  # type: ignore[union-attr]
    with pytest.raises(Forbidden):
        service.set_organization_name(actor_of(owner), "Mine", organization.id)
    described = service.describe_member(
        actor_of(owner), space.id, teo.id, role="viewer", stakeholder_type="supplier", organization=""
    )
    assert (described.organization, described.role, described.stakeholder_type) == (None, "viewer", "supplier")


def test_stakeholder_types_are_seeded_and_grow(space: Any, owner: Any, make_person: Make) -> None:
    names = [fact.id for fact in queries.list_stakeholder_types()]
    assert names[:3] == ["customer", "employee", "partner"] and len(names) == 16 and "competitor" in names
    admin, mira = Actor(person_id=owner.id, is_admin=True), make_person()
    with pytest.raises(Invalid):
        service.add_member(SYSTEM, space.id, mira.id, stakeholder_type="Dealer")
    added = service.set_stakeholder_type(admin, "Dealer")
    member, _new = service.add_member(SYSTEM, space.id, mira.id, stakeholder_type="Dealer")
    assert member.stakeholder_type == added.id == "dealer"
    service.set_stakeholder_type(admin, "Bike dealer", "dealer")
    service.set_stakeholder_type(admin, "Client", "customer")
    shown = {fact.id: fact.name for fact in queries.list_stakeholder_types()}
    assert (shown["dealer"], shown["customer"], len(shown)) == ("Bike dealer", "Client", 17)
    for actor, name, problem in ((actor_of(owner), "Fan", Forbidden), (admin, "Client", Invalid), (admin, "", Invalid)):
        with pytest.raises(problem):
            service.set_stakeholder_type(actor, name)


def test_members_are_found_and_paged(space: Any, owner: Any) -> None:
    found = access(actor_of(owner), space.id, "moderate")
    for number in range(7):
        service.add_member(SYSTEM, space.id, external_id=f"crm:{number}", name=f"Ümit {number}%")
    first = queries.list_members(found, limit=5)
    rest = queries.list_members(found, limit=5, cursor=first.next)
    assert (len(first.items), len(rest.items), rest.next) == (5, 3, None)
    assert [member.name for member in queries.list_members(found, q="mit 3%").items] == ["Ümit 3%"]
    assert [member.external_id for member in queries.list_members(found, external_id="crm:4").items] == ["crm:4"]
    assert [member.name for member in queries.list_members(found, roles=["owner"]).items] == ["Olga"]
    assert queries.count_members([space.id]) == {space.id: 8}


# --- Invitations ------------------------------------------------------------------------------------------------------


def test_a_link_makes_people_members(space: Any, owner: Any, make_person: Make) -> None:
    mira, teo = make_person(), make_person()
    invitation, secret = service.invite(actor_of(owner), space.id, "moderator", "employee", most_uses=1)
    assert secret and secret not in str(facts_of(space.id)) and secret not in str(invitation)
    assert service.accept_invitation(actor_of(mira), secret).id == space.id
    member = queries.get_member(space.id, mira.id)
    assert member is not None and (member.role, member.stakeholder_type) == ("moderator", "employee")
    with pytest.raises(NotFound):
        service.accept_invitation(actor_of(teo), secret)
    assert facts_of(space.id)[-1] == (
        "member.added", {"person_id": mira.id, "role": "moderator", "invitation_id": invitation.id},
    )  # fmt: skip


def test_many_at_once_use_a_link_no_oftener_than_it_allows(space: Any, owner: Any, make_person: Make) -> None:
    people = [make_person() for _number in range(8)]
    _invitation, secret = service.invite(actor_of(owner), space.id, most_uses=3)

    def accept(person: Any) -> bool:
        try:
            return bool(service.accept_invitation(actor_of(person), str(secret)))
        except NotFound:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(accept, people)) == 3
    assert queries.count_members([space.id]) == {space.id: 4}


def test_links_end(space: Any, owner: Any, make_person: Make, clock: Clock) -> None:
    mira = actor_of(make_person())
    late = service.invite(actor_of(owner), space.id, days=1)[1]
    revoked, secret = service.invite(actor_of(owner), space.id)
    service.revoke_invitation(actor_of(owner), space.id, revoked.id)
    archived = service.invite(actor_of(owner), space.id)[1]
    clock.advance(days=1)
    for gone in (late, secret, "unknown", ""):
        with pytest.raises(NotFound):
            service.accept_invitation(mira, str(gone))
    service.archive_space(SYSTEM, space.id)
    with pytest.raises(Closed):
        service.accept_invitation(mira, str(archived))
    service.reopen_space(SYSTEM, space.id)
    assert service.accept_invitation(mira, str(archived))


def test_a_role_is_only_ever_raised_by_a_link(space: Any, owner: Any, make_person: Make) -> None:
    mira = make_person()
    service.add_member(SYSTEM, space.id, mira.id, "moderator", "analyst")
    lower = service.invite(actor_of(owner), space.id, "viewer", most_uses=1)[1]
    higher = service.invite(actor_of(owner), space.id, "product", "supplier")[1]
    service.accept_invitation(actor_of(mira), str(lower))
    assert queries.get_member(space.id, mira.id).role == "moderator"  # type: ignore[union-attr]
    assert len(queries.list_invitations(access(SYSTEM, space.id))) == 2
    service.accept_invitation(actor_of(mira), str(higher))
    member = queries.get_member(space.id, mira.id)
    assert member is not None and (member.role, member.stakeholder_type) == ("product", "analyst")


def test_who_cannot_use_a_link(space: Any, owner: Any, make_person: Make) -> None:
    mira, banned, guest = make_person(), make_person(), make_person(guest=True)
    secret = str(service.invite(actor_of(owner), space.id)[1])
    service.ban_member(SYSTEM, space.id, banned.id)
    for actor, problem in (
        (Actor(), Unauthenticated),
        (actor_of(guest), Unauthenticated),
        (actor_of(banned), NotFound),
        (Actor(person_id=mira.id, scopes=frozenset({"read"})), Forbidden),
    ):
        with pytest.raises(problem):
            service.accept_invitation(actor, secret)
    assert service.accept_invitation(actor_of(mira), secret)


def test_a_letters_link_is_for_its_reader(space: Any, owner: Any, make_person: Make) -> None:
    mira, teo = make_person(email="mira@example.org"), make_person()
    invitation, secret = service.invite(actor_of(owner), space.id, email="Mira@Example.org")
    assert secret is None and invitation.most_uses == 1
    written = service.issue_invitation_secret(invitation.id)
    with pytest.raises(Forbidden):
        service.accept_invitation(actor_of(teo), written)
    assert service.accept_invitation(actor_of(mira), written)
    by_hand = service.invite(actor_of(owner), space.id)[0]
    with pytest.raises(NotFound):
        service.issue_invitation_secret(by_hand.id)


def test_a_letters_link_knows_its_reader_by_every_spelling(space: Any, owner: Any, make_person: Make) -> None:
    mira = make_person(email="mira+ideas@example.org")
    invitation, _secret = service.invite(actor_of(owner), space.id, email="mira@example.org")
    assert service.accept_invitation(actor_of(mira), service.issue_invitation_secret(invitation.id))


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 91}, {"most_uses": 0}, {"role": "god"}, {"email": "no"}])
def test_odd_invitations_are_refused(space: Any, owner: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        service.invite(actor_of(owner), space.id, **wrong)
    assert facts_of(space.id) == []
    assert service.invite(actor_of(owner), space.id, days=90, most_uses=1)


# --- Erasing and joining people ---------------------------------------------------------------------------------------


def test_a_person_is_forgotten_everywhere(space: Any, owner: Any, make_person: Make, make_space: Make) -> None:
    mira = make_person()
    spaces = [space, make_space()]
    for each in spaces:
        service.add_member(SYSTEM, each.id, mira.id, "owner")
    invitation, _secret = service.invite(actor_of(mira), space.id)
    service.forget_member(mira.id)
    assert queries.roles_of(mira.id) == {} and get_person(mira.id) is not None
    assert queries.get_invitation(invitation.id).made_by is None  # type: ignore[union-attr]
    assert queries.roles_of(owner.id) == {space.id: "owner"}


def test_what_a_guest_was_the_person_is(space: Any, make_space: Make, make_person: Make) -> None:
    guest, mira, other, banned = make_person(guest=True), make_person(), make_space(), make_space()
    service.add_member(SYSTEM, space.id, guest.id, "contributor")
    service.add_member(SYSTEM, other.id, guest.id, "viewer")
    service.add_member(SYSTEM, other.id, mira.id, "moderator")
    service.ban_member(SYSTEM, banned.id, guest.id)
    service.join_memberships(guest.id, mira.id)
    assert queries.roles_of(mira.id) == {space.id: "contributor", other.id: "moderator"}
    assert queries.roles_of(guest.id) == {}
    with pytest.raises(Forbidden):
        access(actor_of(mira), banned.id, "vote")
