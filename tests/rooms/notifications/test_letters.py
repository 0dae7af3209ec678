"""Letters: written once, sent when a mail server takes them, readable by administrators otherwise."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from codesign.accounts import service as accounts
from codesign.events import log
from codesign.events.base import SERVER
from codesign.kernel import config, db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Forbidden, NotFound
from codesign.notifications import letters, post, queries, service
from codesign.notifications.letters import base_address
from codesign.notifications.models import Letter
from codesign.spaces.service import accept_invitation, invite, revoke_invitation
from codesign.testing import Clock, actor_of
from tests.rooms.notifications.conftest import smtp_settings
from tests.support.processes import free_port
from tests.support.visitor import PASSWORD, Visitor

pytestmark = pytest.mark.doors

Make = Callable[..., Any]


@pytest.fixture
def mira(app: Flask) -> Any:
    """Somebody with an account, who was asked already whether the address is theirs."""
    person = accounts.register("Mira", "mira@example.org", PASSWORD)
    with db.read():
        known = log.head(SERVER)
    service.skip_to(SERVER, known)
    return person


def outbox() -> list[Any]:
    """All letters, oldest first, but those that ask new people whether the address is theirs."""
    return [each for each in queries.list_letters(SYSTEM)[::-1] if each.subject != "Confirm your address"]


def link_in(body: str) -> str:
    """The only address in a letter."""
    found = re.findall(r"https?://\S+", body)
    assert len(found) == 1
    return str(found[0])


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_a_forgotten_password_makes_one_letter_with_a_working_link(mira: Any) -> None:
    accounts.ask_reset("mira@example.org")
    accounts.ask_reset("nobody@example.org")
    service.deliver("server")
    service.deliver("server")
    (letter,) = outbox()
    assert (letter.recipient, letter.person_id) == ("mira@example.org", mira.id)
    secret = link_in(letter.body).rpartition("/")[2]
    assert accounts.reset_password(secret, "another calm green bike").id == mira.id


def test_told_again_after_a_kill_there_is_still_one_letter(mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts.ask_reset("mira@example.org")
    with monkeypatch.context() as patched:
        patched.setattr(service, "skip_to", lambda *_: None)
        service.deliver("server")
    service.deliver("server")
    assert len(outbox()) == 1


def test_links_begin_with_our_address_whatever_the_request_says(make_app: Callable[..., Flask]) -> None:
    app = make_app(base_url="https://ideas.example.org/")
    accounts.register("Mira", "mira@example.org", PASSWORD)
    visitor = Visitor(app)
    visitor.send("/forgot", _headers={"X-Forwarded-Host": "evil.example"}, email="mira@example.org")
    service.deliver("server")
    (letter,) = outbox()
    assert link_in(letter.body).startswith("https://ideas.example.org/reset/")


def test_without_a_public_address_links_lead_to_where_the_server_listens(app: Flask) -> None:
    settings = app.extensions["codesign"]
    assert letters.base_address(settings) == letters.LOCAL
    (settings.instance_folder / letters.ADDRESS_FILE).write_text("http://127.0.0.1:23456\n")
    assert letters.base_address(settings) == "http://127.0.0.1:23456"


def test_an_invitation_with_an_address_goes_by_letter(make_space: Make, make_person: Make, mira: Any) -> None:
    owner = make_person()
    space = make_space(owner=owner, visibility="private")
    _fact, secret = invite(actor_of(owner), space.id, email="mira@example.org")
    revoked, _none = invite(actor_of(owner), space.id, email="teo@example.org")
    revoke_invitation(actor_of(owner), space.id, revoked.id)
    invite(actor_of(owner), space.id)
    assert secret is None
    service.deliver(space.id)
    (letter,) = outbox()
    assert letter.recipient == "mira@example.org"
    assert space.name not in letter.body + letter.subject
    assert accept_invitation(actor_of(mira), link_in(letter.body).rpartition("/")[2]).id == space.id


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_only_administrators_read_the_outbox(app: Flask, mira: Any, make_person: Make) -> None:
    accounts.ask_reset("mira@example.org")
    service.deliver("server")
    visitor, admin = Visitor(app), make_person("Ada", email="ada@example.org", is_admin=True)
    with pytest.raises(Forbidden):
        queries.list_letters(actor_of(mira))
    assert visitor.get("/server/letters").status_code == 404
    visitor.sign_in()
    assert visitor.get("/server/letters").status_code == 404
    visitor.send("/sign-out")
    visitor.send(f"/sign-in/link/{accounts.make_link(admin.id, 'signin')}")
    response = visitor.get("/server/letters")
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"
    assert "mira@example.org" in response.get_data(as_text=True) and "/reset/" in response.get_data(as_text=True)


def test_no_secret_is_ever_logged(app: Flask, mira: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    accounts.ask_reset("mira@example.org")
    service.deliver("server")
    (letter,) = outbox()
    secret = link_in(letter.body).rpartition("/")[2]
    visitor = Visitor(app)
    visitor.send(f"/reset/{secret}", password="another calm green bike")
    visitor.sign_in(password="wrong wrong wrong")
    post.send_due(smtp_settings(1))
    assert caplog.text and secret not in caplog.text
    assert "mira@example.org" not in caplog.text and PASSWORD not in caplog.text


# --- Sending ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def letter(mira: Any) -> Any:
    """A letter that waits."""
    accounts.ask_reset("mira@example.org")
    service.deliver("server")
    return outbox()[0]


def test_a_letter_goes_out_once_and_its_text_is_not_kept(postbox: Any, letter: Any) -> None:
    box, settings = postbox
    assert post.send_due(settings) == 1
    assert post.send_due(settings) == 0
    (envelope,) = box.taken
    assert envelope.rcpt_tos == ["mira@example.org"]
    assert f"Message-ID: <{letter.id}@example.org>".encode() in envelope.content
    assert b"/reset/" in envelope.content
    (kept,) = outbox()
    assert kept.sent_at and kept.body == "" and kept.tries == 1


def test_without_a_mail_server_letters_stay(letter: Any) -> None:
    assert post.send_due(config.load({})) == 0
    assert outbox() == [letter]


def test_what_is_refused_is_tried_again_ever_more_calmly(postbox: Any, letter: Any, clock: Clock) -> None:
    box, settings = postbox
    db.current().write(lambda: db.session().execute(update(Letter).values(next_try_at=clock.moment)))
    box.answer = "451 come back later"
    waits = []
    for _ in range(3):
        assert post.send_due(settings) == 0
        kept = outbox()[0]
        waits.append((kept.next_try_at - clock.moment).total_seconds())
        assert "come back later" in kept.last_error
        assert post.send_due(settings) == 0 and outbox()[0].tries == kept.tries
        clock.set(kept.next_try_at)
    assert waits == [60, 120, 240]
    box.answer = "250 OK"
    assert post.send_due(settings) == 1
    assert f"<{letter.id}@example.org>".encode() in box.taken[0].content


def test_a_mail_server_that_is_not_there_loses_nothing(letter: Any) -> None:
    assert post.send_due(smtp_settings(free_port())) == 0
    (kept,) = outbox()
    assert kept.sent_at is None and kept.last_error and kept.tries == 1
    with pytest.raises(NotFound):
        service.send_again(SYSTEM, "nothing")
    service.send_again(SYSTEM, letter.id)
    assert outbox()[0].tries == 0


def test_a_password_never_goes_over_an_open_line(postbox: Any, letter: Any) -> None:
    box, settings = postbox
    with_password = {**settings.values, "smtp_url": settings.smtp_url.replace("smtp://", "smtp://me:secret@")}
    assert post.send_due(config.Settings(with_password, settings.sources)) == 0
    assert box.taken == [] and "encryption" in outbox()[0].last_error


def test_nothing_breaks_out_of_a_header(letter: Any) -> None:
    db.current().write(lambda: db.session().execute(update(Letter).values(subject="Hello\r\nBcc: eve@example.org")))
    with db.read() as work:
        fact = queries.letter_fact(work.scalars(select(Letter)).one())
    mail: EmailMessage = post.message(fact, smtp_settings(25))
    assert mail["Subject"] == "Hello Bcc: eve@example.org"
    assert mail["Bcc"] is None
    assert b"\nBcc:" not in mail.as_bytes()


def test_the_address_that_ends_letters_is_one_plain_line(letter: Any) -> None:
    """As RFC 2369 and 8058 want it: mail programs do not read what is folded or encoded there."""
    stop = "/letters/stop/" + "0123456789abcdef" * 12
    db.current().write(lambda: db.session().execute(update(Letter).values(stop=stop, subject="Grüße " * 30)))
    with db.read() as work:
        fact = queries.letter_fact(work.scalars(select(Letter)).one())
    settings = smtp_settings(25)
    lines = post.message(fact, settings).as_bytes().split(b"\r\n")
    assert f"List-Unsubscribe: <{base_address(settings)}{stop}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert all(len(line) <= 78 for line in lines if b"stop" not in line), "the others are folded as ever"


@pytest.mark.parametrize(
    "subject",
    [
        "Short", "Visible belt guards for every single bike in the shop and on the road too", "x" * 90, "word " * 40,
        "Grüße " * 30, "Ü" * 90, "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenträger" * 2, "a 😀" * 40,
        f"{'x' * 61} {'y' * 60}", "short " + "Grüße" * 14,
    ],
)  # fmt: skip
def test_a_subject_begins_on_its_first_line_and_fits_into_each(letter: Any, subject: str) -> None:
    db.current().write(lambda: db.session().execute(update(Letter).values(subject=subject)))
    with db.read() as work:
        fact = queries.letter_fact(work.scalars(select(Letter)).one())
    raw = post.message(fact, smtp_settings(25)).as_bytes()
    lines = raw[raw.index(b"Subject:") :].split(b"\r\n")
    end = next(place for place, line in enumerate(lines[1:], 1) if not line.startswith(b" "))
    assert len(lines[0]) > len(b"Subject: ") and all(line.strip() and len(line) <= 78 for line in lines[:end])
    assert all(len(word) <= 75 for line in lines[:end] for word in line.split() if word.startswith(b"=?"))
    assert message_from_bytes(raw, policy=default)["Subject"] == " ".join(subject.split())


def test_old_letters_are_forgotten(letter: Any, clock: Clock) -> None:
    clock.set(letter.created_at)
    clock.advance(days=29)
    post.forget_old()
    assert len(outbox()) == 1
    clock.advance(days=2)
    post.forget_old()
    assert outbox() == []
