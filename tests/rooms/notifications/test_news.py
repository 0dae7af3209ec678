"""Letters about ideas: whom they reach, how soon, and exactly once."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from codesign.accounts import service as accounts
from codesign.comments.service import add_comment
from codesign.ideas.service import answer_idea, set_status, unfollow_idea
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Invalid
from codesign.notifications import deliveries, post, queries, rhythms, service, wishes
from codesign.notifications.models import Delivery
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import add_member, remove_member
from codesign.testing import Clock, actor_of
from codesign.voting.service import cast_vote
from tests.rooms.notifications.conftest import everybody, want, written

Make = Callable[..., Any]

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


# --- Whom -------------------------------------------------------------------------------------------------------------


def test_an_answer_reaches_everybody_around_the_twins_once(scene: Any, clock: Clock, postbox: Any) -> None:
    """By bell and by letter; told, written and sent again, there is nothing more. The mail server is a real one."""
    box, settings = postbox
    for person in everybody(scene):
        want(person, decisions="instant")
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it in spring.")
    assert written(scene) == []
    clock.advance(minutes=1)
    letters = written(scene)
    assert sorted(letter.recipient for letter in letters) == [
        f"{name}@example.org" for name in ("author", "follower", "talker", "voter")
    ]
    with db.read() as work:
        found = work.execute(select(Delivery.person_id, func.count()).group_by(Delivery.person_id)).all()
    assert sorted(row[1] for row in found) == [1] * 4
    assert [queries.count_unread(person.id) for person in everybody(scene)] == [1] * 4
    assert len(written(scene)) == 4 and post.send_due(settings) == 4 and post.send_due(settings) == 0
    assert sorted(each.rcpt_tos[0] for each in box.taken) == sorted(letter.recipient for letter in letters)
    assert len({mail["Message-ID"] for mail in box.mails}) == 4


def test_status_and_answer_of_one_go_are_one_letter(scene: Any, clock: Clock) -> None:
    want(scene.voter, decisions="instant")
    set_status(actor_of(scene.owner), scene.idea.id, list_statuses(scene.space.id)[2].id)
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it in spring.")
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    (letter,) = written(scene)
    assert letter.subject == "2 things happened to your ideas"
    assert "Its status is “Planned” now." in letter.body and "The team answered." in letter.body


def test_what_happens_within_a_minute_is_one_letter_also_when_a_worker_looks_in_between(
    scene: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is told in another rhythm waits for its own time; killed in between, nothing is lost or told twice."""
    clock.set(MONDAY.replace(hour=5, minute=58, second=50))
    for person in everybody(scene):
        want(person, decisions="none", talk="none")
    want(scene.follower, decisions="instant", talk="daily")
    set_status(actor_of(scene.owner), scene.idea.id, list_statuses(scene.space.id)[2].id)
    service.deliver(scene.space.id)
    clock.advance(seconds=30)
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it in spring.")
    add_comment(actor_of(scene.talker), scene.idea.id, "Good news")
    assert written(scene) == []
    clock.advance(seconds=30)

    def die(*_arguments: Any, **_values: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as killed, pytest.raises(RuntimeError):
        killed.setattr(deliveries, "_keep", die)
        deliveries.write_due()
    (letter,) = written(scene)
    assert "Its status is “Planned” now." in letter.body and "The team answered." in letter.body
    clock.advance(seconds=30)
    (first, second) = sorted(written(scene), key=lambda each: each.id)
    assert first.id == letter.id and "commented" in second.body and "The team answered." not in second.body


def test_no_letter_to_guests_strangers_to_their_address_or_who_said_no(
    scene: Any, clock: Clock, make_person: Make, make_reader: Make
) -> None:
    """Who did it hears nothing either; the voter does (the control)."""
    guest, unconfirmed = make_person(guest=True), make_reader("Una", confirmed=False)
    banned, quiet = make_reader("Bruno"), make_reader("Quiet")
    for person in (guest, unconfirmed, banned, quiet):
        cast_vote(actor_of(person), scene.idea.id, 1)
    accounts.ban(SYSTEM, banned.id)
    unfollow_idea(actor_of(quiet), scene.idea.id)
    for person in (unconfirmed, banned, quiet, scene.voter):
        want(person, decisions="instant")
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    assert [letter.recipient for letter in written(scene)] == ["voter@example.org"]


def test_an_address_that_changed_is_not_confirmed_any_more(make_reader: Make) -> None:
    mira = make_reader("Mira")
    assert wishes.reachable([mira.id]) == {mira.id: "mira@example.org"}
    wishes.note_confirmed({mira.id: "old@example.org"})
    assert wishes.reachable([mira.id]) == {}


def test_what_somebody_may_not_see_any_more_is_not_written(
    make_space: Make, make_idea: Make, scene: Any, clock: Clock
) -> None:
    """A member who left a private space, and one who stayed (the control)."""
    space = make_space(owner=scene.owner, visibility="private", who_votes="members")
    for person in (scene.voter, scene.talker):
        add_member(actor_of(scene.owner), space.id, person_id=person.id)
        want(person, decisions="instant")
    idea = make_idea(space, "Between members only", author=scene.owner)
    cast_vote(actor_of(scene.voter), idea.id, 1)
    cast_vote(actor_of(scene.talker), idea.id, 1)
    set_status(SYSTEM, idea.id, list_statuses(space.id)[2].id)
    service.deliver(space.id)
    remove_member(actor_of(scene.owner), space.id, scene.talker.id)
    clock.advance(minutes=1)
    assert [letter.recipient for letter in written(scene)] == ["voter@example.org"]


@pytest.mark.parametrize("results", ["live", "after_vote", "at_close"])
def test_a_letter_tells_no_count(
    results: str, make_space: Make, make_idea: Make, make_reader: Make, make_person: Make, clock: Clock
) -> None:
    """Whoever votes for what beside them, the letter is the same to the last byte."""
    bodies = []
    reader = make_reader("Mira")
    want(reader, decisions="instant")
    for extra in (0, 3):
        owner = make_person()
        space = make_space(owner=owner, name="Veil", results=results, who_votes="everyone")
        ideas = [make_idea(space, f"Hidden idea number {number}", author=reader) for number in range(2)]
        for number in range(4):
            cast_vote(actor_of(make_person()), ideas[0 if number < extra else 1].id, 1)
        for idea in ideas:
            set_status(actor_of(owner), idea.id, list_statuses(space.id)[2].id)
        service.deliver(space.id)
        clock.advance(minutes=1)
        deliveries.write_due()
        letter = queries.list_letters(SYSTEM)[0]
        for idea in ideas:
            letter = SimpleNamespace(
                text=(getattr(letter, "text", None) or letter.body + str(letter.html)).replace(idea.path, "")
            )
        bodies.append(letter.text.replace(space.slug, ""))
    assert bodies[0] == bodies[1]


# --- How soon ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rhythm", "due"),
    [
        ("instant", datetime(2026, 3, 2, 9, 1, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 3, 6, 0, tzinfo=UTC)),
        ("weekly", datetime(2026, 3, 9, 6, 0, tzinfo=UTC)),
    ],
)
def test_letters_come_in_the_rhythm_one_chose(rhythm: str, due: datetime, scene: Any, clock: Clock) -> None:
    want(scene.voter, decisions=rhythm)
    for person in (scene.author, scene.follower, scene.talker):
        want(person, decisions="none")
    assert rhythms.due_at(MONDAY, rhythm) == due
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    service.deliver(scene.space.id)
    clock.set(due)
    clock.advance(seconds=-1)
    assert written(scene) == []
    clock.advance(seconds=1)
    assert [letter.recipient for letter in written(scene)] == ["voter@example.org"]


def test_a_digest_gathers_what_happened(scene: Any, clock: Clock, make_space: Make, make_idea: Make) -> None:
    """Things of several spaces in one letter, each linked; a title cannot look like an address."""
    other = make_space(owner=scene.owner, name="Trains")
    idea = make_idea(other, "Visit www.example.com/now", author=scene.voter)
    for each in (scene.idea, idea):
        answer_idea(actor_of(scene.owner), each.id, "In spring.")
    service.deliver(other.id)
    service.deliver(scene.space.id)
    clock.advance(days=1)
    letters = {letter.recipient: letter for letter in written(scene)}
    letter = letters["voter@example.org"]
    assert {"Bikes", "Trains"} <= set(letter.body.splitlines())
    assert f"{scene.idea.path}#answer" in letter.body and f"{idea.path}#answer" in letter.body
    assert "www.example.com" not in letter.body + letter.html + letter.subject


def test_kinds_are_chosen_one_by_one(scene: Any, clock: Clock) -> None:
    """Talk comes by the bell alone until somebody asks for more; odd wishes are refused."""
    add_comment(actor_of(scene.voter), scene.idea.id, "Which width?")
    want(scene.follower, talk="instant")
    add_comment(actor_of(scene.voter), scene.idea.id, "Eleven millimetres?")
    service.deliver(scene.space.id)
    clock.advance(days=8)
    (letter,) = [each for each in written(scene) if "commented" in each.body]
    assert letter.recipient == "follower@example.org"
    for odd in ({"talk": "hourly"}, {"weather": "daily"}, {"team": "instant"}):
        with pytest.raises(Invalid):
            want(scene.follower, **odd)


# --- Once -------------------------------------------------------------------------------------------------------------


def test_a_crash_anywhere_leaves_one_letter_each(
    scene: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch, postbox: Any
) -> None:
    """Killed after telling, while writing, before and after sending: whoever should read it reads it once."""
    box, settings = postbox
    for person in everybody(scene):
        want(person, decisions="instant")
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")

    def die(*_arguments: Any, **_values: Any) -> Any:
        raise RuntimeError("killed")

    for module, name in ((service, "schedule"), (service, "skip_to")):
        with monkeypatch.context() as killed, pytest.raises(RuntimeError):
            killed.setattr(module, name, die)
            service.deliver(scene.space.id)
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    for module, name in ((deliveries, "_keep"), (deliveries, "news_letter")):
        with monkeypatch.context() as killed, pytest.raises(RuntimeError):
            killed.setattr(module, name, die)
            deliveries.write_due()
    deliveries.write_due()
    assert len(queries.list_letters(SYSTEM)) == 4
    with monkeypatch.context() as killed, pytest.raises(RuntimeError):
        killed.setattr(smtplib.SMTP, "send_message", die)
        post.send_due(settings)
    clock.advance(minutes=1)
    with monkeypatch.context() as killed, pytest.raises(RuntimeError):
        killed.setattr(post, "_note_sent", die)  # it is out, and nobody knows
        post.send_due(settings)
    clock.advance(hours=1)
    while post.send_due(settings):
        clock.advance(hours=1)
    seen = {(mail["To"], mail["Message-ID"]) for mail in box.mails}
    assert len(seen) == len({to for to, _id in seen}) == 4, "one message each, however often it was sent"


def test_two_workers_write_one_letter(scene: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else settled between looking and writing is left alone; nothing of it is written twice."""
    want(scene.voter, decisions="instant")
    answer_idea(actor_of(scene.owner), scene.idea.id, "In spring.")
    service.deliver(scene.space.id)
    clock.advance(minutes=1)
    compose = deliveries.news_letter

    def late(*arguments: Any) -> Any:
        monkeypatch.setattr(deliveries, "news_letter", compose)
        assert deliveries._write_to(scene.voter.id)
        return compose(*arguments)

    monkeypatch.setattr(deliveries, "news_letter", late)
    assert deliveries._write_to(scene.voter.id) is False
    assert [letter.recipient for letter in queries.list_letters(SYSTEM)] == ["voter@example.org"]
