"""Who hears of what, once."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from codesign.accounts import service as accounts
from codesign.comments.service import add_comment
from codesign.events import log
from codesign.ideas.service import answer_idea, follow_idea, hide_idea, set_status, unfollow_idea
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM
from codesign.merging.service import merge_idea
from codesign.notifications import queries, service
from codesign.privacy.service import join_guest
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import add_member, remove_member
from codesign.testing import actor_of
from codesign.voting.service import cast_vote
from tests.support.visitor import Visitor

pytestmark = pytest.mark.doors

Make = Callable[..., Any]


@pytest.fixture
def scene(make_space: Make, make_idea: Make, make_person: Make) -> Any:
    """An idea by its author, with a voter, a follower, a team member, and somebody who only looks."""
    owner, author, voter, follower, bystander = (
        make_person(name) for name in ("Owner", "Author", "Voter", "Follower", "Bystander")
    )
    space = make_space(owner=owner)
    idea = make_idea(space, "Belt drive for all", author=author)
    cast_vote(actor_of(voter), idea.id, 1)
    follow_idea(actor_of(follower), idea.id)
    return SimpleNamespace(
        space=space, idea=idea, owner=owner, author=author, voter=voter, follower=follower, bystander=bystander
    )


def heard(scene: Any) -> dict[str, list[str]]:
    """What each person hears of, oldest first."""
    service.deliver(scene.space.id)
    people = (scene.owner, scene.author, scene.voter, scene.follower, scene.bystander)
    return {
        person.name: names
        for person in people
        if (names := [notice.name for notice in reversed(queries.list_notices(actor_of(person)))])
    }


def test_what_the_team_decides_reaches_author_voters_and_followers_once(scene: Any) -> None:
    planned = next(status for status in list_statuses(scene.space.id) if status.kind == "planned")
    set_status(actor_of(scene.owner), scene.idea.id, planned.id)
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it in spring.")
    both = ["idea.status_changed", "idea.answered"]
    assert heard(scene) == {"Author": both, "Voter": both, "Follower": both}
    assert heard(scene) == {"Author": both, "Voter": both, "Follower": both}
    assert [queries.count_unread(person.id) for person in (scene.voter, scene.bystander)] == [2, 0]


def test_what_others_say_reaches_author_and_followers_but_not_who_said_it(scene: Any) -> None:
    add_comment(actor_of(scene.follower), scene.idea.id, "Mine has one.")
    assert heard(scene) == {"Author": ["comment.added"]}
    add_comment(actor_of(scene.author), scene.idea.id, "Lovely.")
    assert heard(scene) == {"Author": ["comment.added"], "Follower": ["comment.added"]}


def test_an_answer_to_my_comment_reaches_me(scene: Any) -> None:
    said = add_comment(actor_of(scene.bystander), scene.idea.id, "Which width?")
    for person in (scene.author, scene.follower):
        unfollow_idea(actor_of(person), scene.idea.id)
    assert heard(scene) == {}
    add_comment(actor_of(scene.owner), scene.idea.id, "Eleven millimetres.", parent_id=said.id)
    assert heard(scene) == {"Bystander": ["comment.added"]}


def test_who_said_no_hears_nothing_although_they_voted(scene: Any) -> None:
    follow_idea(actor_of(scene.voter), scene.idea.id)
    unfollow_idea(actor_of(scene.voter), scene.idea.id)
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it.")
    assert set(heard(scene)) == {"Author", "Follower"}


def test_internal_notes_reach_the_team_only(scene: Any) -> None:
    colleague = scene.bystander
    add_member(SYSTEM, scene.space.id, colleague.id, "moderator")
    follow_idea(actor_of(colleague), scene.idea.id)
    add_comment(actor_of(scene.owner), scene.idea.id, "Costs 40 a piece.", internal=True)
    assert heard(scene) == {"Bystander": ["note.added"]}


def test_a_merge_reaches_both_sides(scene: Any, make_idea: Make) -> None:
    other = make_idea(scene.space, "Chain guard please", author=scene.bystander)
    merge_idea(actor_of(scene.owner), other.id, scene.idea.id)
    assert set(heard(scene)) == {"Author", "Voter", "Follower", "Bystander"}


def test_who_lost_sight_of_the_space_sees_no_titles(scene: Any, make_space: Make, make_idea: Make) -> None:
    private = make_space(owner=scene.owner, visibility="private")
    add_member(SYSTEM, private.id, scene.voter.id, "contributor")
    idea = make_idea(private, "Secret motor")
    cast_vote(actor_of(scene.voter), idea.id, 1)
    answer_idea(actor_of(scene.owner), idea.id, "Soon.")
    service.deliver(private.id)
    assert [notice.idea_title for notice in queries.list_notices(actor_of(scene.voter))] == ["Secret motor"]
    remove_member(actor_of(scene.owner), private.id, scene.voter.id)
    assert queries.list_notices(actor_of(scene.voter)) == []


def test_guests_and_people_of_other_systems_get_none(scene: Any, make_space: Make, make_idea: Make) -> None:
    space = make_space(who_votes="everyone")
    idea = make_idea(space)
    guest, voter = accounts.make_guest(), accounts.find_or_create_external("polis:1")
    for person in (guest, voter, scene.voter):
        cast_vote(actor_of(person), idea.id, 1)
    answer_idea(SYSTEM, idea.id, "Yes.")
    service.deliver(space.id)
    assert [queries.count_unread(person.id) for person in (guest, voter, scene.voter)] == [0, 0, 1]
    assert join_guest(guest.id, scene.voter.id)


def test_a_worker_killed_before_its_bookmark_tells_nobody_twice(scene: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it.")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(service, "skip_to", killed)
        with pytest.raises(KeyboardInterrupt):
            service.deliver(scene.space.id)
    with db.read():
        assert scene.space.id in log.behind(service.READER)
    assert heard(scene)["Voter"] == ["idea.answered"]
    with db.read():
        assert scene.space.id not in log.behind(service.READER)


def test_many_hear_in_small_steps(scene: Any, make_person: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [make_person() for _ in range(7)]
    for person in people:
        cast_vote(actor_of(person), scene.idea.id, 1)
    steps: list[int] = []
    really = service._add_notices
    monkeypatch.setattr(service, "STEP", 3)
    monkeypatch.setattr(
        service, "_add_notices", lambda fact, step, **more: steps.append(len(step)) or really(fact, step, **more)
    )
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it.")
    service.deliver(scene.space.id)
    assert steps == [3, 3, 3, 1]
    assert all(queries.count_unread(person.id) == 1 for person in people)


def test_reading_marks_mine_only(scene: Any) -> None:
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it.")
    heard(scene)
    notice = queries.list_notices(actor_of(scene.voter))[0]
    service.mark_read(actor_of(scene.bystander), notice.space_id, notice.seq)
    service.mark_read(ANONYMOUS)
    assert queries.count_unread(scene.voter.id) == 1
    service.mark_read(actor_of(scene.voter), notice.space_id, notice.seq)
    assert queries.count_unread(scene.voter.id) == 0
    assert queries.count_unread(scene.author.id) == 1


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_the_bell_and_the_page_of_notices(app: Flask, scene: Any) -> None:
    visitor = Visitor(app)
    visitor.register()
    person = accounts.sign_in("mira@example.org", "four calm green bikes")
    cast_vote(actor_of(person), scene.idea.id, 1)
    assert "Nothing new" in visitor.words("/me/notices")
    answer_idea(actor_of(scene.owner), scene.idea.id, "We build it.")
    service.deliver(scene.space.id)
    assert "1 unread notice" in visitor.get("/me/bell").get_data(as_text=True)
    page = visitor.words("/me/notices")
    assert "Belt drive for all" in page and "The team answered." in page
    seq = queries.list_notices(actor_of(person))[0].seq
    response = visitor.get(f"/me/notices/{scene.space.id}/{seq}")
    assert response.location.startswith(f"/spaces/{scene.space.slug}/ideas/{scene.idea.id}-")
    assert queries.count_unread(person.id) == 0
    assert visitor.get(f"/me/notices/{scene.space.id}/999999").status_code == 404
    set_status(actor_of(scene.owner), scene.idea.id, list_statuses(scene.space.id)[-1].id)
    service.deliver(scene.space.id)
    assert visitor.send("/me/notices/read").status_code == 302
    assert queries.count_unread(person.id) == 0


def test_pages_of_notices_follow_each_other(app: Flask, scene: Any) -> None:
    visitor = Visitor(app)
    visitor.register()
    person = accounts.sign_in("mira@example.org", "four calm green bikes")
    follow_idea(actor_of(person), scene.idea.id)
    for number in range(35):
        add_comment(actor_of(scene.owner), scene.idea.id, f"Comment {number}")
    service.deliver(scene.space.id)
    first = visitor.get("/me/notices").get_data(as_text=True)
    assert first.count('class="pad unread"') == 30
    second = visitor.get(first.split('href="/me/notices?before=')[1].join(["/me/notices?before=", ""]).split('"')[0])
    assert second.get_data(as_text=True).count('class="pad unread"') == 5
    nines = "9" * 30
    for place in ("nonsense", f"{nines}.x.1", f"1.x.{nines}", "9" * 5_000 + ".x.1", "1.%00.1", "%D9%A1.x.1"):
        assert visitor.get(f"/me/notices?before={place}").status_code == 422, place


def test_what_one_may_not_see_any_more_hides_nothing_older(app: Flask, scene: Any, make_idea: Make) -> None:
    hidden = [make_idea(scene.space, f"Idea number {number}", author=scene.owner) for number in range(3)]
    reader = actor_of(scene.voter)
    for idea in (scene.idea, *hidden):
        follow_idea(reader, idea.id)
        answer_idea(actor_of(scene.owner), idea.id, "We build it.")
    service.deliver(scene.space.id)
    for idea in hidden:
        hide_idea(actor_of(scene.owner), idea.id, "a test")
    newest, last = queries.notices_page(reader, 2)
    assert newest == [] and last is not None
    older, end = queries.notices_page(reader, 2, last)
    assert [notice.idea_id for notice in older] == [scene.idea.id] and end is None
    hide_idea(actor_of(scene.owner), scene.idea.id, "a test")
    page = Visitor.of(app, scene.voter).words("/me/notices")
    assert "Nothing new" in page and "All read" in page  # the bell still counts: that it does can be ended
