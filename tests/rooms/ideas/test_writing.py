"""Proposing, editing, withdrawing, moderating, answering and following ideas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.events import log
from codesign.ideas import service
from codesign.ideas.ports import ports
from codesign.ideas.queries import followers_of, get_idea, idea_access
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM
from codesign.kernel.contribution import HELD, HIDDEN, HOLD, PUBLISHED, REFUSE, Verdict
from codesign.kernel.errors import Closed, Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.spaces import service as spaces
from codesign.spaces.queries import list_statuses
from codesign.voting.service import cast_vote
from tests.support.imported import imported_sources
from tests.support.world import World, token

Make = Callable[..., Any]


def test_an_idea_is_proposed_as_it_is_meant(world: World) -> None:
    idea = world.idea(title="  A lamp\n that  lights up ", body="One\r\ntwo\r\n", tags=["Light ", "#light", "Zubehör"])
    assert (idea.title, idea.body, idea.tags) == ("A lamp that lights up", "One\ntwo", ("light", "zubehör"))
    assert (idea.slug, idea.state, idea.version, idea.author_id) == (
        "a-lamp-that-lights-up", PUBLISHED, 1, world.ann.person_id,
    )  # fmt: skip
    assert idea.status is not None and idea.status.kind == "open"
    assert idea.tally is not None and idea.tally.score == 0
    assert followers_of(idea.id) == [world.ann.person_id]
    assert world.names()[-1] == "idea.published"
    assert idea.path == f"/spaces/{world.space.slug}/ideas/{idea.id}-a-lamp-that-lights-up"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"title": "Lamp"}, {"title"}),
        ({"title": " " * 20}, {"title"}),
        ({"title": "x" * 141}, {"title"}),
        ({"title": "A lamp\x00"}, {"title"}),
        ({"title": "A lamp \ud800"}, {"title"}),
        ({"title": 12345}, {"title"}),
        ({"body": "x" * 10_001}, {"body"}),
        ({"tags": ["a", "b", "c", "d", "e", "f"]}, {"tags"}),
        ({"tags": ["x" * 31]}, {"tags"}),
        ({"tags": "light"}, {"tags"}),
        ({"configuration_id": "01"}, {"configuration_id"}),
        ({"title": "x", "body": "x" * 10_001}, {"title", "body"}),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(world: World, values: dict[str, Any], fields: set[str]) -> None:
    before = world.names()
    with pytest.raises(Invalid) as refused:
        world.idea(**values)
    assert {error.field for error in refused.value.errors} == fields
    assert world.names() == before
    assert world.idea().title  # the control


def test_who_may_propose(world: World, make_world: Make) -> None:
    with pytest.raises(Unauthenticated):
        world.idea(ANONYMOUS)
    with pytest.raises(Forbidden):
        world.idea(token(world.ann, "read"))
    assert world.idea(world.stranger).author_id == world.stranger.person_id
    private = make_world(visibility="private")
    with pytest.raises(NotFound):
        private.idea(world.stranger)
    spaces.set_phase(world.owner, world.space.id, "decided")
    with pytest.raises(Closed):
        world.idea()
    assert world.idea(world.moderator).state == PUBLISHED


def test_external_ids_are_for_programs_and_unique_in_a_space(world: World, make_world: Make) -> None:
    program = token(world.ann, "read", "write")
    first = world.idea(program, external_id="crm:1")
    with pytest.raises(Conflict) as taken:
        world.idea(program, external_id="crm:1")
    assert first.id in str(taken.value)
    with pytest.raises(Forbidden):
        world.idea(world.ann, external_id="crm:2")
    other = make_world()
    assert other.idea(token(other.ann, "write"), external_id="crm:1").external_id == "crm:1"


def test_a_reviewer_holds_or_refuses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def review(space: Any, actor: Any, draft: Any, newcomer: bool) -> Verdict:
        asked.append((draft.kind, draft.title, newcomer, db.in_verb()))
        return Verdict(*{"hold": (HOLD, ("Look at this.",)), "refuse": (REFUSE, ("No.",))}.get(draft.body, ()))

    monkeypatch.setattr(ports, "review", review)
    held = world.idea(body="hold")
    assert held.state == HELD and held.verdict == {"decision": HOLD, "reasons": ["Look at this."]}
    assert world.names()[-1] == "idea.held"
    with pytest.raises(Invalid, match=r"No\."):
        world.idea(body="refuse")
    assert world.idea(body="fine").state == PUBLISHED
    assert [newcomer for _kind, _title, newcomer, _inside in asked] == [True, True, True]
    world.idea(body="again")
    assert asked[-1] == ("idea", "A lamp that lights up", False, False)
    assert world.idea(world.moderator, body="hold").state == PUBLISHED
    for viewer in (world.ben, ANONYMOUS):
        with pytest.raises(NotFound):
            get_idea(viewer, held.id)
    assert get_idea(world.ann, held.id).state == HELD
    published = service.publish_idea(world.moderator, held.id)
    assert published.state == PUBLISHED and published.published_at is not None
    assert get_idea(world.ben, held.id).verdict is None


def test_edits_raise_the_version_and_refuse_stale_ones(world: World) -> None:
    idea = world.idea(body="old", tags=["one"])
    same = service.edit_idea(world.ann, idea.id, 1, title=idea.title, body="old", tags=["one"])
    assert same.version == 1
    edited = service.edit_idea(world.ann, idea.id, 1, body="new", tags=["two", "one"])
    assert (edited.version, edited.body, edited.tags) == (2, "new", ("two", "one"))
    assert edited.edited_at is not None
    with pytest.raises(Conflict) as stale:
        service.edit_idea(world.moderator, idea.id, 1, title="Another title")
    assert (stale.value.details["yours"], stale.value.details["current"]) == (1, 2)
    assert service.edit_idea(world.moderator, idea.id, 2, title="Another title").slug == "another-title"
    assert world.names().count("idea.edited") == 2
    for actor, problem in ((world.ben, Forbidden), (ANONYMOUS, Unauthenticated), (token(world.ann, "read"), Forbidden)):
        with pytest.raises(problem):
            service.edit_idea(actor, idea.id, 3, body="mine")
    spaces.set_phase(world.owner, world.space.id, "decided")
    with pytest.raises(Closed):
        service.edit_idea(world.ann, idea.id, 3, body="later")
    assert service.edit_idea(world.moderator, idea.id, 3, body="later").version == 4


def test_an_edit_can_put_an_idea_back_into_the_queue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    idea = world.idea()
    monkeypatch.setattr(ports, "review", lambda *_: Verdict(HOLD, ("Hm.",)))
    assert service.edit_idea(world.ann, idea.id, 1, body="spam").state == HELD
    assert world.names()[-2:] == ["idea.hidden", "idea.held"]
    with pytest.raises(NotFound):
        get_idea(world.ben, idea.id)


def test_an_author_withdraws_until_others_have_their_say(world: World) -> None:
    from codesign.comments.service import add_comment

    idea = world.idea()
    cast_vote(world.ann, idea.id, 1)
    add_comment(world.ann, idea.id, "Mine")
    with pytest.raises(Forbidden):
        service.withdraw_idea(world.moderator, idea.id)
    service.withdraw_idea(world.ann, idea.id)
    with pytest.raises(NotFound):
        get_idea(world.ann, idea.id)
    assert get_idea(world.moderator, idea.id).body == ""
    for take_part in (lambda i: cast_vote(world.ben, i, 1), lambda i: add_comment(world.ben, i, "Good")):
        other = world.idea()
        take_part(other.id)
        with pytest.raises(Conflict):
            service.withdraw_idea(world.ann, other.id)
    with pytest.raises(Conflict):
        service.publish_idea(world.moderator, idea.id)


def test_withdrawing_tells_nothing_of_hidden_tallies(world: World, make_world: Make) -> None:
    veiled = make_world(results="at_close", phases={"collect": {"vote": False}})
    service.withdraw_idea(veiled.ann, veiled.idea().id)
    alone, voted = veiled.idea(), veiled.idea()
    spaces.set_phase(veiled.owner, veiled.space.id, "vote")
    cast_vote(veiled.ben, voted.id, 1)
    said = set()
    for idea in (alone, voted):
        with pytest.raises(Conflict) as refused:
            service.withdraw_idea(veiled.ann, idea.id)
        said.add(str(refused.value))
    assert len(said) == 1


def test_moderators_hide_and_publish_with_a_reason(world: World) -> None:
    idea = world.idea()
    with pytest.raises(Invalid):
        service.hide_idea(world.moderator, idea.id, "  ")
    with pytest.raises(Forbidden):
        service.hide_idea(world.ann, idea.id, "no")
    hidden = service.hide_idea(world.moderator, idea.id, "Off topic")
    assert service.hide_idea(world.moderator, idea.id, "Twice").verdict == hidden.verdict
    assert hidden.state == HIDDEN
    assert get_idea(world.ann, idea.id).verdict["history"][0]["reason"] == "Off topic"  # type: ignore[index]
    with pytest.raises(NotFound):
        get_idea(world.ben, idea.id)
    assert service.publish_idea(world.moderator, idea.id, "Mistake").published_at == idea.published_at
    told = ["idea.moderated", "idea.hidden", "idea.moderated", "idea.published"]
    assert world.names()[-4:] == told
    assert service.hide_idea(token(world.moderator, "moderate"), idea.id, "By a program").state == HIDDEN


def test_the_team_sets_statuses_and_answers(world: World) -> None:
    idea = world.idea()
    statuses = {status.kind: status.id for status in list_statuses(world.space.id)}
    moved = service.set_status(world.moderator, idea.id, statuses["planned"])
    assert moved.status is not None and (moved.status.kind, moved.version) == ("planned", 2)
    assert service.set_status(world.moderator, idea.id, statuses["planned"]).version == 2
    with pytest.raises(Invalid):
        service.set_status(world.moderator, idea.id, "01")
    with pytest.raises(Forbidden):
        service.edit_idea(world.ann, idea.id, status=statuses["open"])
    with pytest.raises(Forbidden):
        service.answer_idea(world.ann, idea.id, "I say so")
    answered = service.answer_idea(world.owner, idea.id, " We will. ")
    assert (answered.answer_body, answered.answer_by) == ("We will.", world.owner.person_id)
    assert service.remove_answer(world.owner, idea.id).answer_at is None
    assert world.names()[-3:] == ["idea.status_changed", "idea.answered", "idea.answered"]


def test_following_is_remembered_both_ways(world: World) -> None:
    idea = world.idea()
    assert service.follow_idea(world.ben, idea.id) and not service.follow_idea(world.ben, idea.id)
    assert get_idea(world.ben, idea.id).following
    assert service.unfollow_idea(world.ben, idea.id)

    @db.verb
    def commented() -> None:
        service.follow_quietly(db.session(), idea.id, world.ben.person_id)  # type: ignore[arg-type]

    commented()
    assert not get_idea(world.ben, idea.id).following
    with pytest.raises(Unauthenticated):
        service.follow_idea(ANONYMOUS, idea.id)


def test_counts_without_voters_stand_beside_votes(world: World) -> None:
    idea = world.idea()
    cast_vote(world.ben, idea.id, 1)
    assert service.import_votes(SYSTEM, idea.id, "survey", 20, 3)
    assert not service.import_votes(SYSTEM, idea.id, "survey", 20, 3)
    service.import_votes(SYSTEM, idea.id, "survey", 10, 3)
    service.import_votes(SYSTEM, idea.id, "mail", 1)
    tally = get_idea(world.ann, idea.id).tally
    assert tally is not None and (tally.up, tally.imported_up, tally.imported_down, tally.score) == (1, 11, 3, 9)
    assert imported_sources(idea.id) == {"survey": (10, 3), "mail": (1, 0)}
    with db.read():
        assert log.head(world.space.id) == tally.seq
    for actor, source, up, problem in (
        (world.ann, "survey", 1, Forbidden),
        (world.owner, "survey@x", 1, Invalid),
        (world.owner, "survey", -1, Invalid),
        (world.owner, "survey", True, Invalid),
    ):
        with pytest.raises(problem):
            service.import_votes(actor, idea.id, source, up)


def test_an_idea_elsewhere_looks_like_none(world: World, make_world: Make) -> None:
    private = make_world(visibility="private")
    there = private.idea()
    said = set()
    for idea_id in (there.id, "0" * 26, "x", "", "'; drop", "\x00" * 26):
        with pytest.raises(NotFound) as missing:
            idea_access(world.ann, idea_id)
        said.add(str(missing.value))
    assert len(said) == 1
    assert idea_access(private.ann, there.id)[1].id == there.id
