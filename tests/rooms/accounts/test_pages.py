"""The pages of people, as somebody with a browser without scripts meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.accounts import pending, queries, service
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Closed
from codesign.testing import actor_of
from codesign.web import identity
from tests.support.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.doors


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody new."""
    return Visitor(app)


def test_registering_lets_in_and_signing_out_lets_go(visitor: Visitor) -> None:
    assert visitor.me() is None
    response = visitor.register(next="/me")
    assert (response.status_code, response.location) == (302, "/me")
    person_id = visitor.me()
    assert person_id
    assert "Mira" in visitor.words("/me")
    visitor.send("/sign-out")
    assert visitor.me() is None
    assert visitor.get("/me").status_code == 302
    assert visitor.sign_in().status_code == 302
    assert visitor.me() == person_id


def test_a_refused_form_comes_back_with_what_was_typed_but_no_password(visitor: Visitor) -> None:
    response = visitor.send("/register", name="Mira", email="nowhere", password=PASSWORD)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'value="nowhere"' in page and 'aria-invalid="true"' in page and 'role="alert"' in page
    assert PASSWORD not in page
    assert visitor.register().status_code == 302


@pytest.mark.parametrize("fields", [{"is_admin": "1"}, {"guest_id": "X"}, {"person": "X"}])
def test_a_form_takes_only_its_fields(visitor: Visitor, fields: dict[str, str]) -> None:
    response = visitor.register(**fields)
    assert response.status_code == 422
    assert visitor.me() is None
    assert visitor.register().status_code == 302


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    visitor.get("/register")
    fields = {"name": "Mira", "email": "mira@example.org", "password": PASSWORD}
    assert visitor.client.post("/register", data=fields).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert visitor.send("/register", _headers=foreign, **fields).status_code == 403
    assert visitor.send("/register", **fields).status_code == 302


@pytest.mark.parametrize(
    "goal",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "／／evil.example",
        "javascript:x",
    ],
)
def test_nobody_is_led_elsewhere(visitor: Visitor, goal: str) -> None:
    assert visitor.register(next=goal).location == "/"
    visitor.send("/sign-out")
    assert 'name="next" value="/"' in visitor.get("/sign-in", query_string={"next": goal}).get_data(as_text=True)
    assert visitor.sign_in(next="/spaces?sort=new").location == "/spaces?sort=new"


def test_a_wrong_password_is_401_and_says_nothing_of_the_account(visitor: Visitor) -> None:
    service.register("Mira", "mira@example.org", PASSWORD)
    answers = {
        email: visitor.sign_in(email, "wrong wrong wrong") for email in ("mira@example.org", "nobody@example.org")
    }
    assert {response.status_code for response in answers.values()} == {401}
    known, unknown = (
        re.sub(r'(value|content)="[^"]*"|nonce[^ ]*', "", r.get_data(as_text=True)) for r in answers.values()
    )
    assert known == unknown
    assert visitor.me() is None


# --- The session ------------------------------------------------------------------------------------------------------


def cookie(visitor: Visitor, name: str = "session") -> str:
    """The value of a cookie."""
    found = visitor.client.get_cookie(name)
    return found.value if found else ""


def test_signing_in_makes_a_new_session(visitor: Visitor, app: Flask) -> None:
    visitor.register()
    first = cookie(visitor)
    visitor.send("/sign-out")
    visitor.sign_in()
    second = cookie(visitor)
    assert first != second
    # The copied cookie of before is void: signing out ended it on the server too.
    thief = Visitor(app)
    thief.client.set_cookie("session", first)
    assert thief.me() is None
    thief.client.set_cookie("session", second)
    assert thief.me()


def test_a_new_password_ends_other_browsers_and_keeps_this_one(visitor: Visitor, app: Flask) -> None:
    visitor.register()
    other = Visitor(app)
    other.sign_in()
    assert other.me()
    response = visitor.send("/me/password", old_password=PASSWORD, new_password="another calm green bike")
    assert response.status_code == 302
    assert visitor.me() and other.me() is None


def test_signing_out_everywhere_else(visitor: Visitor, app: Flask) -> None:
    visitor.register()
    other = Visitor(app)
    other.sign_in()
    told: list[tuple[str, str | None]] = []
    identity.on_identity_change(lambda person_id, session_id: told.append((person_id, session_id)))
    visitor.send("/me/sign-out-everywhere")
    assert visitor.me() and other.me() is None
    assert (visitor.me(), None) in told


def test_a_ban_ends_the_session(visitor: Visitor) -> None:
    visitor.register()
    person_id = str(visitor.me())
    service.ban(SYSTEM, person_id)
    assert visitor.me() is None
    service.unban(SYSTEM, person_id)
    visitor.sign_in()
    assert visitor.me() == person_id


def test_a_cookie_of_another_key_is_nobody(make_app: Callable[..., Flask]) -> None:
    mine = Visitor(make_app(secret_key="k" * 40))
    mine.register()
    other = Visitor(make_app(secret_key="o" * 40))
    other.client.set_cookie("session", cookie(mine))
    assert other.me() is None
    assert mine.me()


def test_cookies_are_kept_from_scripts_and_strangers(make_app: Callable[..., Flask]) -> None:
    plain = Visitor(make_app())
    for header in plain.register().headers.getlist("Set-Cookie"):
        assert "HttpOnly" in header and "SameSite=Lax" in header
    secure = Visitor(make_app(base_url="https://ideas.example.org"))
    secure.get("/sign-in", base_url="https://ideas.example.org")
    fields = {"csrf_token": secure._token, "name": "Teo", "email": "teo@example.org", "password": PASSWORD}
    headers = secure.client.post("/register", data=fields, base_url="https://ideas.example.org").headers
    sessions = [header for header in headers.getlist("Set-Cookie") if header.startswith("__Host-session=")]
    assert sessions and all("Secure" in header and "Domain" not in header for header in sessions)


def test_who_is_known_costs_one_query(visitor: Visitor, count_queries: Any) -> None:
    visitor.register()
    with count_queries() as statements:
        visitor.client.get("/health/live")
    assert len(statements) == 0, statements
    with count_queries() as statements:
        assert visitor.me()
    assert len(statements) == 2, statements  # who it is, and what is answered


# --- Forgotten passwords and links ------------------------------------------------------------------------------------


def test_forgetting_looks_the_same_for_anybody(visitor: Visitor) -> None:
    service.register("Mira", "mira@example.org", PASSWORD)
    pages = []
    for email in ("mira@example.org", "nobody@example.org"):
        response = visitor.send("/forgot", email=email)
        assert response.status_code == 200
        pages.append(re.sub(r'(value|content|nonce)="[^"]*"', "", response.get_data(as_text=True)))
    assert pages[0] == pages[1]
    assert "on its way" in pages[0]


def test_one_address_per_letter(visitor: Visitor) -> None:
    visitor.get("/forgot")
    body = f"csrf_token={visitor._token}&email=a@example.org&email=b@example.org"
    kind = "application/x-www-form-urlencoded"
    assert visitor.client.post("/forgot", data=body, content_type=kind).status_code in {200, 422}
    assert visitor.send("/forgot", email="a@example.org, b@example.org").status_code == 200


def test_a_letters_link_sets_a_password_and_lets_in(visitor: Visitor) -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    secret = service.make_link(person.id, "reset")
    response = visitor.get(f"/reset/{secret}")
    assert response.headers["Cache-Control"] == "no-store"
    assert visitor.send(f"/reset/{secret}", password="short").status_code == 422
    assert visitor.send(f"/reset/{secret}", password="another calm green bike").status_code == 302
    assert visitor.me() == person.id
    assert "does not work any more" in visitor.words(f"/reset/{secret}")
    assert visitor.send(f"/reset/{secret}", password="a third calm green bike").status_code == 404


def test_a_sign_in_link_is_used_by_going_there_not_by_looking(visitor: Visitor) -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    secret = service.make_link(person.id, "signin")
    assert "works once" in visitor.words(f"/sign-in/link/{secret}")  # a chat's preview
    assert visitor.client.head(f"/sign-in/link/{secret}").status_code == 200
    assert visitor.me() is None
    assert visitor.get(f"/sign-in/link/{secret}", headers={"Sec-Fetch-Dest": "document"}).location == "/"
    assert visitor.me() == person.id
    assert "does not work any more" in visitor.words(f"/sign-in/link/{secret}")


def test_the_button_of_a_sign_in_link(visitor: Visitor) -> None:
    person = service.register("Mira", "mira@example.org", PASSWORD)
    secret = service.make_link(person.id, "signin")
    assert visitor.send(f"/sign-in/link/{secret}").status_code == 302
    assert visitor.me() == person.id


# --- First setup and the demo -----------------------------------------------------------------------------------------


def test_the_setup_page_is_there_with_the_token_only(visitor: Visitor) -> None:
    secret = service.setup_secret()
    for address in ("/setup", "/setup?token=", "/setup?token=nonsense"):
        assert visitor.get(address).status_code == 404
    fields = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}
    assert visitor.send("/setup", token="nonsense", **fields).status_code == 404
    assert visitor.get(f"/setup?token={secret}").status_code == 200
    assert visitor.send("/setup", token=secret, **fields).status_code == 302
    person = queries.get_person(str(visitor.me()))
    assert person and person.is_admin
    assert visitor.get(f"/setup?token={secret}").status_code == 404


def test_demo_people_are_entered_with_one_press(make_app: Callable[..., Flask]) -> None:
    visitor = Visitor(make_app(demo=True))
    owner = service.create_person(SYSTEM, name="Ola Owner", demo_role="owner")
    for page in ("/", "/sign-in"):
        assert "Ola Owner" in visitor.words(page)
    assert visitor.send("/demo/enter/owner", next="/spaces").location == "/spaces"
    assert visitor.me() == owner.id
    assert "Look around as" not in visitor.words("/")
    visitor.send("/demo/enter/guest")
    assert visitor.me() is None
    assert visitor.send("/demo/enter/moderator").status_code == 404
    assert visitor.send("/demo/enter/administrator").status_code == 404


def test_there_are_no_demo_people_in_earnest(visitor: Visitor) -> None:
    service.create_person(SYSTEM, name="Ola Owner", demo_role="owner")
    assert visitor.send("/demo/enter/owner").status_code == 404
    assert visitor.me() is None
    assert "Ola Owner" not in visitor.words("/sign-in")


def test_a_public_demo_offers_customers_only(make_app: Callable[..., Flask]) -> None:
    visitor = Visitor(make_app(demo=True, demo_public=True))
    service.create_person(SYSTEM, name="Ola Owner", demo_role="owner")
    customer = service.create_person(SYSTEM, name="Cem Customer", demo_role="customer")
    assert visitor.send("/demo/enter/owner").status_code == 404
    visitor.send("/demo/enter/customer")
    assert visitor.me() == customer.id


# --- What was begun before signing in ---------------------------------------------------------------------------------


@pytest.fixture
def kept(app: Flask) -> list[tuple[str | None, dict[str, Any]]]:
    """A room whose page keeps what was begun; the list of what was done later, and by whom."""
    done: list[tuple[str | None, dict[str, Any]]] = []

    def do(actor: Actor, content: dict[str, Any]) -> pending.Done:
        if content.get("closed"):
            raise Closed("Voting closed yesterday.")
        done.append((actor.person_id, content))
        return pending.Done("It counts.", "/me")

    pending.register("thing", do)

    def begin() -> str:
        pending.keep("thing", {"closed": True} if identity.request.args.get("closed") else {"value": 1})
        return "kept"

    app.add_url_rule("/begin", view_func=begin)
    return done


@pytest.mark.parametrize("way", ["register", "sign_in"])
def test_what_was_begun_is_done_right_after(visitor: Visitor, kept: list[Any], way: str) -> None:
    if way == "sign_in":
        service.register("Mira", "mira@example.org", PASSWORD)
    visitor.get("/begin")
    assert "kept" in visitor.words("/sign-in")
    response = getattr(visitor, way)(next="/spaces")
    assert response.location == "/me"
    assert kept == [(visitor.me(), {"value": 1})]
    assert "It counts." in visitor.words("/me")
    visitor.send("/sign-out")
    visitor.sign_in()
    assert len(kept) == 1


def test_what_cannot_be_done_any_more_is_said(visitor: Visitor, kept: list[Any]) -> None:
    visitor.get("/begin?closed=1")
    assert visitor.register(next="/me").location == "/me"
    assert kept == []
    assert "Voting closed yesterday." in visitor.words("/me")


def test_my_page_changes_my_name(visitor: Visitor) -> None:
    visitor.register()
    visitor.get("/me")
    assert visitor.send("/me/profile", name="Mira K.", show_name="1").status_code == 302
    assert "Mira K." in visitor.words("/me")
    assert visitor.send("/me/profile", name="").status_code == 422
    actor = actor_of(queries.get_person(str(visitor.me())))  # type: ignore[arg-type]
    assert actor.known


@pytest.mark.parametrize("path", ["/me", "/me/tokens", "/me/notices", "/me/data", "/me/delete"])
def test_personal_pages_send_strangers_to_the_sign_in_page(visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 302
    assert response.location.startswith("/sign-in?next=")
    visitor.register()
    assert visitor.get(path).status_code == 200


def test_forms_tell_password_managers_what_is_what(visitor: Visitor) -> None:
    page = visitor.get("/sign-in").get_data(as_text=True)
    assert 'autocomplete="username"' in page and 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in visitor.get("/register").get_data(as_text=True)


@pytest.mark.usefixtures("no_refill")
def test_changing_addresses_in_headers_does_not_help_guessing(make_app: Callable[..., Flask]) -> None:
    visitor = Visitor(make_app(logins_per_minute=4))
    service.register("Mira", "mira@example.org", PASSWORD)
    answers = []
    for number in range(30):
        headers = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        wrong = {"email": f"nobody{number}@example.org", "password": "wrong wrong wrong"}
        answers.append(visitor.send("/sign-in", _headers=headers, **wrong))
    assert [answer.status_code for answer in answers[:20]] == [401] * 20
    assert {answer.status_code for answer in answers[20:]} == {429}
    assert int(answers[-1].headers["Retry-After"]) > 0
