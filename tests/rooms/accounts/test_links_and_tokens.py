"""Links that work once, and keys for programs."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from codesign.accounts import queries, service
from codesign.accounts.models import ApiToken, SingleUseLink
from codesign.accounts.secret import hash_secret
from codesign.events import log
from codesign.events.base import SERVER
from codesign.kernel import db
from codesign.kernel.actor import SCOPES, SYSTEM, Actor
from codesign.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from codesign.testing import Clock, actor_of

PASSWORD = "four calm green bikes"

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def mira(app: Any) -> Any:
    """Somebody with an account."""
    return service.register("Mira", "mira@example.org", PASSWORD)


def test_a_reset_link_works_once_and_ends_what_was_signed_in(mira: Any) -> None:
    secret = service.make_link(mira.id, "reset")
    person = service.reset_password(secret, "another calm green bike")
    assert (person.id, person.sign_in_epoch) == (mira.id, mira.sign_in_epoch + 1)
    assert service.sign_in("mira@example.org", "another calm green bike")
    with pytest.raises(NotFound):
        service.reset_password(secret, "a third calm green bike")


def test_a_refused_password_does_not_use_the_link_up(mira: Any) -> None:
    secret = service.make_link(mira.id, "reset")
    with pytest.raises(Invalid):
        service.reset_password(secret, "short")
    assert service.reset_password(secret, "another calm green bike")


def test_a_link_ends_after_an_hour(mira: Any, clock: Clock) -> None:
    secret, other = service.make_link(mira.id, "reset"), service.make_link(mira.id, "reset")
    clock.advance(minutes=59)
    assert service.reset_password(other, "another calm green bike")
    clock.advance(minutes=2)
    with pytest.raises(NotFound):
        service.reset_password(secret, "a third calm green bike")


def test_a_new_password_voids_the_links_of_before(mira: Any) -> None:
    secret = service.make_link(mira.id, "reset")
    service.change_password(actor_of(mira), PASSWORD, "another calm green bike")
    with pytest.raises(NotFound):
        service.reset_password(secret, "a third calm green bike")


def test_a_link_serves_its_purpose_only(mira: Any) -> None:
    secret = service.make_link(mira.id, "signin")
    with pytest.raises(NotFound):
        service.reset_password(secret, "another calm green bike")
    assert service.use_link(secret).id == mira.id
    with pytest.raises(NotFound):
        service.use_link(secret)


def test_of_ten_at_once_one_gets_the_link(mira: Any) -> None:
    secret = service.make_link(mira.id, "signin")

    def enter(_number: int) -> bool:
        try:
            return bool(service.use_link(secret))
        except NotFound:
            return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(enter, range(10))) == 1


def test_the_banned_get_in_by_no_link(mira: Any) -> None:
    secret = service.make_link(mira.id, "signin")
    service.ban(SYSTEM, mira.id)
    with pytest.raises(NotFound):
        service.use_link(secret)


def test_secrets_are_kept_as_hashes(mira: Any) -> None:
    link = service.make_link(mira.id, "reset")
    _fact, token = service.make_token(actor_of(mira), mira.id, "laptop", ["read"])
    with db.read() as work:
        kept = [*work.scalars(select(SingleUseLink.hash)), *work.scalars(select(ApiToken.hash))]
        told = json.dumps([fact.payload for fact in log.since(SERVER, 0)])
    assert kept == [hash_secret(link), hash_secret(token)]
    assert link not in told and token not in told and "mira@example.org" not in told


# --- Asking for a letter ----------------------------------------------------------------------------------------------


def asked() -> list[Any]:
    """Whom the log says letters were asked for."""
    with db.read():
        return [fact.payload["person_id"] for fact in log.since(SERVER, 0, names=["password.reset_asked"])]


def test_asking_for_a_reset_does_the_same_work_for_anybody(mira: Any, count_queries: Any) -> None:
    with count_queries() as known:
        assert service.ask_reset("mira@example.org") is None
    with count_queries() as unknown:
        assert service.ask_reset("nobody@example.org") is None
    assert asked() == [mira.id, None]
    assert len(known) == len(unknown)


# --- Tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_is_found_by_its_secret(mira: Any) -> None:
    fact, secret = service.make_token(actor_of(mira), mira.id, "laptop", ["write", "read"])
    assert secret.startswith("cds_")
    known = queries.known_token(hash_secret(secret))
    assert known is not None
    assert (known.person.person_id, known.scopes, known.token_id) == (mira.id, frozenset({"read", "write"}), fact.id)
    assert queries.known_token(hash_secret(secret + "x")) is None


def test_all_is_every_scope(mira: Any) -> None:
    fact, _secret = service.make_token(actor_of(mira), mira.id, "laptop", ["all"])
    assert fact.scopes == SCOPES


def test_a_token_ends_when_it_should(mira: Any, clock: Clock) -> None:
    fact, secret = service.make_token(actor_of(mira), mira.id, "laptop", ["read"], days=2)
    _other, lasting = service.make_token(actor_of(mira), mira.id, "server", ["read"])
    clock.advance(days=3)
    assert queries.known_token(hash_secret(secret)) is None
    assert queries.known_token(hash_secret(lasting))
    assert fact.expires_at


def test_a_revoked_token_is_void(mira: Any) -> None:
    teo = service.register("Teo", "teo@example.org", PASSWORD)
    fact, secret = service.make_token(actor_of(mira), mira.id, "laptop", ["read"])
    with pytest.raises(NotFound):
        service.revoke_token(actor_of(teo), fact.id)
    assert queries.known_token(hash_secret(secret))
    service.revoke_token(actor_of(mira), fact.id)
    assert queries.known_token(hash_secret(secret)) is None
    assert queries.list_tokens(mira.id) == []


def test_the_tokens_of_who_may_not_enter_are_void(mira: Any) -> None:
    _fact, secret = service.make_token(actor_of(mira), mira.id, "laptop", ["read"])
    service.ban(SYSTEM, mira.id)
    assert queries.known_token(hash_secret(secret)) is None
    service.unban(SYSTEM, mira.id)
    assert queries.known_token(hash_secret(secret))


def test_who_may_make_which_token(mira: Any) -> None:
    teo = service.register("Teo", "teo@example.org", PASSWORD)
    admin = service.create_person(SYSTEM, name="Ada", email="ada@example.org", is_admin=True)
    by_token = Actor(person_id=mira.id, scopes=frozenset(SCOPES), token_id="T")
    for actor in (actor_of(teo), by_token):
        with pytest.raises(Forbidden):
            service.make_token(actor, mira.id, "laptop", ["read"])
    with pytest.raises(Forbidden):
        service.make_token(SYSTEM, service.make_guest().id, "laptop", ["read"])
    with pytest.raises(Invalid):
        service.make_token(actor_of(mira), mira.id, "laptop", ["act_as"])
    for scopes in ([], ["everything"]):
        with pytest.raises(Invalid):
            service.make_token(actor_of(mira), mira.id, "laptop", scopes)
    assert service.make_token(actor_of(admin), mira.id, "laptop", ["read"])
    assert service.make_token(actor_of(admin), admin.id, "replay", ["act_as"])
    assert service.make_token(actor_of(mira), mira.id, "laptop", ["read"])


# --- What was begun before signing in, and browsers that left ---------------------------------------------------------


def test_what_was_begun_is_taken_once_and_within_a_day(clock: Clock) -> None:
    key, late = service.keep_action("vote", "{}"), service.keep_action("vote", "{}")
    assert service.take_action("nonsense") is None
    assert service.take_action(key)
    assert service.take_action(key) is None
    clock.advance(days=1, minutes=1)
    assert service.take_action(late) is None


def test_an_ended_session_stays_ended(mira: Any, clock: Clock) -> None:
    assert queries.known_by_session(mira.id, "one")
    service.end_session("one")
    service.end_session("one")
    clock.advance(days=31)
    service.forget_old()
    assert queries.known_by_session(mira.id, "one") is None
    assert queries.known_by_session(mira.id, "two")


def test_signing_in_after_deleting_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        service.sign_in("mira@example.org", PASSWORD)
