"""Registering, signing in, changing oneself: the service by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from codesign.accounts import passwords, queries, service
from codesign.accounts.models import Person
from codesign.events import log
from codesign.events.base import SERVER
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM, Actor
from codesign.kernel.errors import Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from codesign.testing import actor_of

PASSWORD = "four calm green bikes"

pytestmark = pytest.mark.usefixtures("app")


def facts() -> list[tuple[str, dict[str, Any]]]:
    """What the server's log says."""
    with db.read():
        return [(fact.name, fact.payload) for fact in log.since(SERVER, 0)]


def raw(person_id: str) -> Person:
    """The row of a person."""
    with db.read() as work:
        return work.scalars(select(Person).where(Person.id == person_id)).one()


def test_who_registers_can_sign_in_however_they_write_their_address() -> None:
    person = service.register("  Mira   Kovač ", "Mira@Example.org", PASSWORD)
    assert (person.name, person.email, person.guest) == ("Mira Kovač", "mira@example.org", False)
    for typed in ("mira@example.org", "MIRA@EXAMPLE.ORG", "mira+bikes@example.org"):
        assert service.sign_in(typed, PASSWORD).id == person.id
    assert facts() == [("person.registered", {"person_id": person.id})]


def test_the_password_is_kept_as_argon2id_only() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    hashed = raw(person.id).password_hash or ""
    assert hashed.startswith("$argon2id$")
    assert PASSWORD not in hashed


@pytest.mark.parametrize(
    ("email", "password"),
    [("mira@example.org", "wrong wrong wrong"), ("nobody@example.org", PASSWORD), ("x", PASSWORD)],
)
def test_a_wrong_sign_in_never_says_what_was_wrong(email: str, password: str) -> None:
    service.register("Mira", "mira@example.org", PASSWORD)
    with pytest.raises(Unauthenticated) as refusal:
        service.sign_in(email, password)
    assert str(refusal.value.sentence) == "This address and password do not belong together."
    assert service.sign_in("mira@example.org", PASSWORD)


def test_an_unknown_address_is_hashed_for_too(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str | None] = []
    really = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda hashed, password: tried.append(hashed) or really(hashed, password))
    with pytest.raises(Unauthenticated):
        service.sign_in("nobody@example.org", PASSWORD)
    assert tried == [None]


def test_an_old_hash_is_made_anew_at_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    db.current().write(lambda: db.session().execute(update(Person).values(password_hash=weak)))
    service.sign_in("mira@example.org", PASSWORD)
    assert raw(person.id).password_hash != weak
    assert not passwords.outdated(raw(person.id).password_hash or "")
    assert service.sign_in("mira@example.org", PASSWORD).id == person.id


@pytest.mark.parametrize("email", ["mira@example.org", "MIRA@example.org", "mira+two@example.org"])
def test_one_account_per_person(email: str) -> None:
    service.register("Mira", "mira@example.org", PASSWORD)
    with pytest.raises(Invalid) as refusal:
        service.register("Mira again", email, PASSWORD)
    assert [(error.field, error.code) for error in refusal.value.errors] == [("email", "taken")]
    assert service.register("Teo", "teo@example.org", PASSWORD)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Mira\u202eevil"}, "name"),
        ({"email": "nowhere"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "aaaaaaaaaaaa"}, "password"),
        ({"password": "mira@example.org"}, "password"),
    ],
)
def test_what_registering_refuses(values: dict[str, str], field: str) -> None:
    good = {"name": "Mira", "email": "mira@example.org", "password": PASSWORD}
    with pytest.raises(Invalid) as refusal:
        service.register(**{**good, **values})
    assert refusal.value.errors[0].field == field
    assert facts() == []
    assert service.register(**good)


@pytest.mark.usefixtures("no_refill")
def test_tries_are_limited_per_account_and_per_address(make_app: Callable[..., Any]) -> None:
    make_app(logins_per_minute=3)
    service.register("Mira", "mira@example.org", PASSWORD)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            service.sign_in("mira@example.org", "wrong wrong wrong", "192.0.2.1")
    with pytest.raises(TooMany) as refusal:
        service.sign_in("mira@example.org", PASSWORD, "192.0.2.77")
    assert refusal.value.retry_after
    # Another account from another address is not held up ...
    service.register("Teo", "teo@example.org", PASSWORD, address="192.0.2.2")
    assert service.sign_in("teo@example.org", PASSWORD, "192.0.2.2")
    # ... but an address that goes through a list of accounts is.
    with pytest.raises(TooMany):
        for number in range(20):
            with pytest.raises(Unauthenticated):
                service.sign_in(f"person{number}@example.org", PASSWORD, "192.0.2.3")


def test_a_guest_who_registers_keeps_their_row() -> None:
    guest = service.make_guest()
    assert guest.guest
    person = service.register("Mira", "mira@example.org", PASSWORD, guest_id=guest.id)
    assert (person.id, person.guest) == (guest.id, False)
    # Somebody else's row is not taken over by naming it.
    other = service.register("Teo", "teo@example.org", PASSWORD, guest_id=person.id)
    assert other.id != person.id
    assert service.sign_in("mira@example.org", PASSWORD).id == person.id


@pytest.mark.parametrize("guest", [True, False])
def test_of_two_who_register_one_address_at_once_the_second_is_told(
    guest: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each looked before the other was there: the database decides, with a sentence and not with a failure."""
    service.register("Mira", "mira@example.org", PASSWORD)
    monkeypatch.setattr(service, "_refuse_taken", lambda email: None)
    guest_id = service.make_guest().id if guest else None
    with pytest.raises(Invalid, match="already") as refusal:
        service.register("Teo", "mira@example.org", PASSWORD, guest_id=guest_id)
    assert refusal.value.errors[0].code == "taken"


# --- Changing oneself -------------------------------------------------------------------------------------------------


def test_a_new_password_ends_what_was_signed_in() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    changed = service.change_password(actor_of(person), PASSWORD, "another calm green bike")
    assert changed.sign_in_epoch == person.sign_in_epoch + 1
    assert service.sign_in("mira@example.org", "another calm green bike")
    with pytest.raises(Unauthenticated):
        service.sign_in("mira@example.org", PASSWORD)
    assert facts()[-1] == ("password.changed", {"person_id": person.id})


def test_changing_the_password_needs_the_old_one() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    with pytest.raises(Invalid) as refusal:
        service.change_password(actor_of(person), "not the old one", "another calm green bike")
    assert refusal.value.errors[0].field == "old_password"
    assert service.sign_in("mira@example.org", PASSWORD)


def test_a_token_cannot_change_its_account() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    by_token = Actor(person_id=person.id, scopes=frozenset({"admin", "write"}), token_id="T")
    for act in (
        lambda actor: service.change_profile(actor, name="Eve"),
        lambda actor: service.change_password(actor, PASSWORD, "another calm green bike"),
        service.sign_out_everywhere,
    ):
        for actor in (by_token, ANONYMOUS, Actor(person_id=service.make_guest().id, guest=True)):
            with pytest.raises(Forbidden):
                act(actor)
        assert act(actor_of(person))


def test_profile_changes_say_which_fields() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    changed = service.change_profile(actor_of(person), name="Mira K.", show_name=False)
    assert (changed.name, changed.display_name) == ("Mira K.", "Somebody")
    assert facts()[-1] == ("person.changed", {"person_id": person.id, "fields": ["name", "show_name"]})
    before = len(facts())
    service.change_profile(actor_of(person), name="Mira K.", show_name=False)
    assert len(facts()) == before


def test_the_banned_stay_out_until_let_in() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    admin = service.create_person(SYSTEM, name="Ada", email="ada@example.org", is_admin=True)
    with pytest.raises(Forbidden):
        service.ban(actor_of(person), admin.id)
    service.ban(actor_of(admin), person.id)
    with pytest.raises(Unauthenticated):
        service.sign_in("mira@example.org", PASSWORD)
    assert queries.known_by_session(person.id, "any") is None
    service.unban(actor_of(admin), person.id)
    assert service.sign_in("mira@example.org", PASSWORD)
    with pytest.raises(Invalid):
        service.ban(actor_of(admin), admin.id)


# --- Making people for others -----------------------------------------------------------------------------------------


def test_only_administrators_make_people() -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    with pytest.raises(Forbidden):
        service.create_person(actor_of(person), name="Teo")
    assert service.create_person(SYSTEM, name="Teo", external_id="crm:7").external_id == "crm:7"


def test_people_of_other_systems_are_found_again() -> None:
    first = service.find_or_create_external("polis:17", "Voter 17")
    assert service.find_or_create_external("polis:17", "another name").id == first.id
    assert queries.get_person(first.id).name == "Voter 17"  # type: ignore[union-attr]
    ids = service.find_or_create_externals([("polis:17", ""), ("polis:18", "")])
    assert ids["polis:17"] == first.id
    assert len([name for name, _ in facts() if name == "person.registered"]) == 2
    assert queries.find_person_id("polis:18") == ids["polis:18"]
    with pytest.raises(Invalid):
        service.find_or_create_external("")


def test_an_id_means_its_person_even_where_somebody_took_it_as_an_external_id(make_person: Callable[..., Any]) -> None:
    later = make_person()
    thief = service.find_or_create_external(later.id, "Thief")
    earlier = make_person()
    other_thief = service.find_or_create_external(earlier.id, "Other thief")
    for person, taker in ((later, thief), (earlier, other_thief)):
        assert queries.find_person_id(person.id) == person.id != taker.id


def test_the_first_administrator_is_made_once_with_the_printed_secret() -> None:
    assert service.needs_setup()
    old, secret = service.setup_secret(), service.setup_secret()
    assert old and secret
    for wrong in ("", "nonsense", old):
        with pytest.raises(NotFound):
            service.set_up(wrong, "Ada", "ada@example.org", PASSWORD)
    assert service.set_up(secret, "Ada", "ada@example.org", PASSWORD).is_admin
    assert service.setup_secret() is None
    with pytest.raises(NotFound):
        service.set_up(secret, "Eve", "eve@example.org", PASSWORD)
