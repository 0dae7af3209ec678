"""Letters are stopped by one press, go to confirmed addresses, and tell teams how their spaces stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from codesign.accounts import service as accounts
from codesign.comments.service import add_comment
from codesign.ideas.service import answer_idea, hide_idea, set_status
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import NotFound
from codesign.moderation.service import raise_flag
from codesign.notifications import digests, post, queries, service, wishes
from codesign.notifications.links import confirm_path, stop_path
from codesign.notifications.models import Delivery, Letter
from codesign.privacy.queries import my_data
from codesign.privacy.service import erase_person
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import add_member
from codesign.testing import Clock, actor_of
from tests.rooms.notifications.conftest import want, written
from tests.support.visitor import PASSWORD, Visitor

Make = Callable[..., Any]


# --- Stopping ---------------------------------------------------------------------------------------------------------


def test_one_press_in_the_mail_program_ends_them(scene: Any, clock: Clock, app: Flask, postbox: Any) -> None:
    """RFC 8058: a POST to the address in the header, from anywhere, signed in or not; looking at it changes nothing."""
    box, settings = postbox
    want(scene.voter, decisions="instant")
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    written(scene)
    post.send_due(settings)
    (mail,) = [mail for mail in box.mails if mail["To"] == "voter@example.org"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = re.fullmatch(r"<http://[^/]+(/letters/stop/[^>]+)>", mail["List-Unsubscribe"])
    assert address is not None
    assert {part.get_content_type() for part in mail.walk()} == {"multipart/alternative", "text/plain", "text/html"}
    client = app.test_client()
    page = client.get(address[1])
    assert page.status_code == 200 and "Stop them" in page.get_data(as_text=True)
    assert wishes.rhythms_of([scene.voter.id])[scene.voter.id]["decisions"] == "instant"
    done = app.test_client().post(
        address[1], data={"List-Unsubscribe": "One-Click"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert done.status_code == 200
    chosen = wishes.rhythms_of([scene.voter.id])[scene.voter.id]
    assert chosen["decisions"] == "none" and chosen["mentions"] == "instant"
    answer_idea(actor_of(scene.owner), scene.idea.id, "In summer.")
    service.deliver(scene.space.id)
    clock.advance(days=8)
    assert "voter@example.org" not in [letter.recipient for letter in written(scene)[1:]]


def test_what_was_stopped_meanwhile_is_not_written(scene: Any, clock: Clock) -> None:
    want(scene.voter, decisions="weekly")
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    service.deliver(scene.space.id)
    wishes.stop_letters(stop_path(scene.voter.id, ["decisions"]).rpartition("/")[2])
    clock.advance(days=8)
    assert "voter@example.org" not in [letter.recipient for letter in written(scene)]
    with db.read() as work:
        assert work.scalar(select(func.count()).select_from(Delivery).where(Delivery.settled_at.is_(None))) == 0


def test_links_of_others_and_made_up_ones_do_nothing(scene: Any, app: Flask) -> None:
    token = stop_path(scene.voter.id, ["decisions"]).rpartition("/")[2]
    for wrong in (token[:-2], f"{token}x", "nothing", confirm_path(scene.voter.id, "a@b.c").rpartition("/")[2]):
        with pytest.raises(NotFound):
            wishes.stop_letters(wrong)
        with pytest.raises(NotFound):
            wishes.confirm_address(f"{wrong}x")
        assert app.test_client().get(f"/letters/stop/{wrong}").status_code == 200
        assert app.test_client().post(f"/letters/stop/{wrong}").status_code == 404


# --- One's own address ------------------------------------------------------------------------------------------------


def test_an_address_is_confirmed_by_a_letter(app: Flask, clock: Clock) -> None:
    """Registering writes it, once; looking at the link is not enough."""
    mira = accounts.register("Mira", "mira@example.org", PASSWORD)
    service.deliver("server")
    service.deliver("server")
    (letter,) = queries.list_letters(SYSTEM)
    path = re.search(r"/letters/confirm/\S+", letter.body)
    assert path is not None and letter.recipient == "mira@example.org"
    visitor = Visitor(app)
    assert "Yes, this is my address" in visitor.get(path[0]).get_data(as_text=True)
    assert wishes.reachable([mira.id]) == {}
    assert visitor.send(path[0]).status_code == 303
    assert wishes.reachable([mira.id]) == {mira.id: "mira@example.org"}


def test_whoever_lost_the_letter_asks_for_another(app: Flask) -> None:
    """From the page of letters, once an hour; guests and strangers have no such page."""
    mira = accounts.register("Mira", "mira@example.org", PASSWORD)
    visitor = Visitor(app)
    assert visitor.get("/me/letters").status_code in (302, 303, 401)
    visitor.sign_in()
    assert "Is this your address?" in visitor.get("/me/letters").get_data(as_text=True)
    for _again in range(2):
        assert visitor.send("/me/letters/confirm").status_code == 303
    assert len(queries.list_letters(SYSTEM)) == 1
    visitor.send("/me/letters", decisions="weekly", talk="daily", mentions="none", moderation="none", team="none")
    assert wishes.rhythms_of([mira.id])[mira.id] == {
        "decisions": "weekly", "talk": "daily", "mentions": "none", "moderation": "none", "team": "none",
    }  # fmt: skip
    assert visitor.send("/me/letters", decisions="hourly").status_code == 422


def test_whoever_was_made_by_somebody_else_asks_first(app: Flask, make_reader: Make) -> None:
    """No letter comes by itself; asked for, it comes, also to somebody without a password."""
    person = make_reader("Mira", confirmed=False)
    service.deliver("server")
    assert queries.list_letters(SYSTEM) == []
    service.ask_confirmation(actor_of(person))
    (letter,) = queries.list_letters(SYSTEM)
    assert letter.recipient == "mira@example.org" and letter.subject == "Confirm your address"


def test_whoever_is_forgotten_leaves_no_letter(scene: Any, clock: Clock) -> None:
    want(scene.voter, decisions="instant")
    assert my_data(scene.voter.id)["letters_wanted"] == [{"kind": "decisions", "rhythm": "instant"}]
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    service.deliver(scene.space.id)
    erase_person(SYSTEM, scene.voter.id)
    clock.advance(days=8)
    assert "voter@example.org" not in [letter.recipient for letter in written(scene)]
    with db.read() as work:
        assert work.scalar(select(func.count()).select_from(Delivery).where(Delivery.person_id == scene.voter.id)) == 0


# --- The team's digest ------------------------------------------------------------------------------------------------


def test_a_team_is_told_how_its_spaces_stand(
    make_space: Make, make_idea: Make, make_reader: Make, make_person: Make, clock: Clock
) -> None:
    """Once a week where nothing else is chosen; nobody else is; a quiet space writes nothing."""
    owner, member = make_reader("Owner"), make_reader("Member")
    space = make_space(owner=owner, name="Bikes", promise_days=3)
    make_space(owner=owner, name="Quiet")
    add_member(actor_of(owner), space.id, person_id=member.id)
    idea = make_idea(space, "Belt drive for all", author=member)
    add_comment(actor_of(member), idea.id, "Mine has one.")
    assert digests.write_due() == 0
    clock.advance(days=7)
    assert digests.write_due() == 1 and digests.write_due() == 0
    (letter,) = queries.list_letters(SYSTEM)
    assert letter.recipient == "owner@example.org" and letter.subject == "How your spaces stand"
    for line in ("New ideas: 1", "New comments: 1", "Waiting longer for an answer than was promised: 1"):
        assert line in letter.body
    assert "Quiet" not in letter.body and letter.html and letter.stop
    answer_idea(actor_of(owner), idea.id, "Yes.")
    clock.advance(days=7)
    assert digests.write_due() == 0


def test_a_team_may_be_told_daily_or_not_at_all(
    make_space: Make, make_idea: Make, make_reader: Make, clock: Clock
) -> None:
    daily, never = make_reader("Daily"), make_reader("Never")
    want(daily, team="daily")
    want(never, team="none")
    for owner in (daily, never):
        make_idea(make_space(owner=owner), "Belt drive for all", author=owner)
    clock.advance(days=1)
    assert digests.write_due() == 1
    assert [letter.recipient for letter in queries.list_letters(SYSTEM)] == ["daily@example.org"]


@pytest.mark.parametrize(("days", "ideas"), [(3, 3), (9, 7)])
def test_after_an_outage_a_daily_letter_tells_of_the_days_it_missed(
    make_space: Make, make_idea: Make, make_reader: Make, clock: Clock, days: int, ideas: int
) -> None:
    owner = make_reader("Owner")
    want(owner, team="daily")
    space = make_space(owner=owner)
    clock.advance(days=1)
    digests.write_due()
    for number in range(days):
        make_idea(space, f"Idea of day {number}")
        clock.advance(days=1)
    assert digests.write_due() == 1
    (letter,) = queries.list_letters(SYSTEM)
    assert f"New ideas: {ideas}" in letter.body


def test_each_idea_is_new_in_one_letter_and_one_declined_waits_for_nobody(
    make_space: Make, make_idea: Make, make_reader: Make, clock: Clock
) -> None:
    owner = make_reader("Owner")
    want(owner, team="daily")
    space = make_space(owner=owner, promise_days=1)
    declined = next(status.id for status in list_statuses(space.id) if status.kind == "declined")
    set_status(actor_of(owner), make_idea(space, "Square wheels").id, declined)
    clock.advance(days=1)
    make_idea(space, "A bell that is heard")  # the period the letter tells of was over
    assert digests.write_due() == 1
    clock.advance(days=1)
    assert digests.write_due() == 1
    for letter in queries.list_letters(SYSTEM):
        assert "New ideas: 1" in letter.body and "longer for an answer than was promised: 0" in letter.body


def test_a_digest_killed_in_the_middle_comes_once(
    make_space: Make, make_idea: Make, make_reader: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = make_reader("Owner")
    want(owner, team="daily")
    make_idea(make_space(owner=owner), "Belt drive for all", author=owner)
    clock.advance(days=1)

    def die(*_arguments: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as killed, pytest.raises(RuntimeError):
        killed.setattr(digests, "_keep", die)
        digests.write_due()
    assert digests.write_due() == 1 and digests.write_due() == 0
    with db.read() as work:
        assert work.scalar(select(func.count()).select_from(Letter)) == 1


def test_moderation_is_told_to_the_author(scene: Any, clock: Clock) -> None:
    """A report alone tells nobody; a decision tells the author at once, by letter too."""
    raise_flag(actor_of(scene.voter), "idea", scene.idea.id, "Odd")
    service.deliver(scene.space.id)
    hide_idea(SYSTEM, scene.idea.id, "Said twice")
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    assert [(letter.recipient, "hid your idea" in letter.body) for letter in written(scene)] == [
        ("author@example.org", True)
    ]
