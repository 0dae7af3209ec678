"""Claims, several at once, canned replies, asking for a change, appeals, and the public count."""

from __future__ import annotations

import pytest

from codesign.comments.service import edit_comment
from codesign.events import log
from codesign.ideas.queries import get_idea
from codesign.ideas.service import edit_idea
from codesign.kernel.contribution import HELD, HIDDEN, PUBLISHED
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from codesign.moderation.appeals import appeal, appealed, may_appeal
from codesign.moderation.desk import add_reply, claim_text, claims, release_text, remove_reply, replies, reply_body
from codesign.moderation.queries import count_waiting, queue
from codesign.moderation.service import raise_flag, settle_flags, settle_many
from codesign.moderation.texts import accuracy_of
from codesign.moderation.transparency import decisions, months
from codesign.testing import Clock
from tests.support.world import World

pytestmark = pytest.mark.doors


def items(world: World) -> dict[str, object]:
    return {item.target_id: item for item in queue(world.access(world.moderator)).items}


def test_two_moderators_never_collide(world: World, clock: Clock) -> None:
    other, idea = world.member("moderator"), world.idea()
    target, here = ("idea", idea.id), world.space.id
    raise_flag(world.ben, *target)
    claim_text(world.moderator, here, *target)
    claim_text(world.moderator, here, *target)  # again is as well
    with pytest.raises(Conflict):
        claim_text(other, here, *target)
    with pytest.raises(Conflict):
        settle_flags(other, *target, "keep")
    with pytest.raises(Forbidden):
        claim_text(world.ann, here, *target)
    clock.advance(minutes=16)
    assert claims([target]) == {}
    claim_text(other, here, *target)
    release_text(world.moderator, here, *target)  # not theirs to give away
    assert claims([target])[target].person_id == other.person_id
    release_text(other, here, *target)
    settle_flags(world.moderator, *target, "keep")
    assert world.names().count("text.claimed") == 4 and claims([target]) == {}


def test_who_was_slower_is_told_so(world: World) -> None:
    idea = world.idea()
    raise_flag(world.ben, "idea", idea.id)
    seen = queue(world.access(world.moderator)).items[0].seen
    edit_idea(world.ann, idea.id, title="Another lamp entirely")
    with pytest.raises(Conflict):
        settle_flags(world.moderator, "idea", idea.id, "hide", "Advertising", seen=seen)
    seen = queue(world.access(world.moderator)).items[0].seen
    settle_flags(world.moderator, "idea", idea.id, "hide", "Advertising", seen=seen)
    with pytest.raises(Conflict):
        settle_flags(world.owner, "idea", idea.id, "publish", seen=seen)
    assert get_idea(world.owner, idea.id).state == HIDDEN


def test_several_at_once(world: World) -> None:
    ideas = [world.idea(title=f"Spam number {number}") for number in range(3)]
    for idea in ideas:
        raise_flag(world.ben, "idea", idea.id)
    claim_text(world.owner, world.space.id, "idea", ideas[2].id)
    outcome = settle_many(world.moderator, [("idea", idea.id, None) for idea in ideas], "hide", "Advertising")
    assert [problem is None for problem in outcome.values()] == [True, True, False]
    assert [get_idea(world.owner, idea.id).state for idea in ideas] == [HIDDEN, HIDDEN, PUBLISHED]
    with pytest.raises(Invalid):
        settle_many(world.moderator, [("idea", ideas[0].id, None)] * 51, "keep")


def test_a_change_is_asked_for_and_the_text_comes_back(world: World) -> None:
    idea, comment = world.idea(), world.comment(world.idea())
    for kind, target_id in (("idea", idea.id), ("comment", comment.id)):
        with pytest.raises(Invalid):
            settle_flags(world.moderator, kind, target_id, "change")
        settle_flags(world.moderator, kind, target_id, "change", "Leave out the names, please")
    assert get_idea(world.ann, idea.id).state == HIDDEN and items(world) == {}
    edit_idea(world.moderator, idea.id, title="A lamp, edited by the team")
    assert get_idea(world.ann, idea.id).state == HIDDEN
    edit_idea(world.ann, idea.id, title="A lamp, without names")
    edit_comment(world.ben, comment.id, body="Without names")
    assert set(items(world)) == {idea.id, comment.id} and get_idea(world.ann, idea.id).state == HELD
    settle_flags(world.moderator, "idea", idea.id, "publish")
    verdict = get_idea(world.ann, idea.id).verdict or {}
    assert [line["act"] for line in verdict["history"]] == ["change", "edit", "publish"]


def test_an_appeal_goes_to_another_moderator(world: World) -> None:
    other, idea = world.member("moderator"), world.idea()
    raise_flag(world.ben, "idea", idea.id)
    settle_flags(world.moderator, "idea", idea.id, "hide", "Off topic")
    assert accuracy_of(world.space.id, [str(world.ben.person_id)]) == {world.ben.person_id: 2 / 3}
    for stranger, problem in ((world.ben, NotFound), (world.owner, Forbidden)):
        with pytest.raises(problem):
            appeal(stranger, "idea", idea.id)
    appeal(world.ann, "idea", idea.id)
    with pytest.raises(Conflict):
        appeal(world.ann, "idea", idea.id)
    item = queue(world.access(other)).items[0]
    assert item.appeal is not None and item.appeal.against == world.moderator.person_id
    assert count_waiting(world.space.id) == 1
    with pytest.raises(Forbidden):
        settle_flags(world.moderator, "idea", idea.id, "refuse", "I said no")
    settle_flags(other, "idea", idea.id, "publish", "It is about lamps")
    assert get_idea(world.stranger, idea.id).state == PUBLISHED and items(world) == {}
    assert accuracy_of(world.space.id, [str(world.ben.person_id)]) == {world.ben.person_id: 1 / 3}
    settle_flags(world.moderator, "idea", idea.id, "hide", "Off topic again")
    appeal(world.ann, "idea", idea.id)  # a new decision, a new appeal
    settle_flags(other, "idea", idea.id, "refuse", "Now it is")
    fact = get_idea(world.ann, idea.id)
    assert fact.state == HIDDEN and not may_appeal(fact, "idea") and appealed("idea", idea.id) is not None


def test_alone_a_moderator_looks_again(world: World) -> None:
    comment = world.comment(world.idea())
    settle_flags(world.owner, "comment", comment.id, "hide", "Rude")
    appeal(world.ben, "comment", comment.id)
    with pytest.raises(Invalid):
        appeal(world.ben, "space", comment.id)
    with pytest.raises(Forbidden):  # there is a moderator beside the owner
        settle_flags(world.owner, "comment", comment.id, "publish")
    settle_flags(world.moderator, "comment", comment.id, "publish")


def test_canned_replies_are_the_teams(world: World) -> None:
    reply = add_reply(world.moderator, world.space.id, "  Names \n", "Leave out the names, please.")
    assert [fact.title for fact in replies(world.space.id)] == ["Names"]
    assert reply_body(world.space.id, reply.id).startswith("Leave") and reply_body(world.space.id, "x") == ""
    with pytest.raises(Forbidden):
        add_reply(world.ann, world.space.id, "Mine", "No")
    for title, body in (("", "Words"), ("Title", "")):
        with pytest.raises(Invalid):
            add_reply(world.moderator, world.space.id, title, body)
    remove_reply(world.moderator, world.space.id, reply.id)
    with pytest.raises(NotFound):
        remove_reply(world.moderator, world.space.id, reply.id)


def test_the_public_count_tells_months_and_no_texts(world: World, clock: Clock) -> None:
    first, second = world.idea(), world.idea()
    raise_flag(world.ben, "idea", first.id)
    settle_flags(world.moderator, "idea", first.id, "hide", "No")
    clock.advance(days=31)
    appeal(world.ann, "idea", first.id)
    settle_flags(world.owner, "idea", first.id, "publish", "Yes")
    settle_flags(world.moderator, "idea", second.id, "refuse", "No")
    april, march = months(world.space.id)
    assert (march.month, march.reports, march.hidden, march.overturned) == ("2026-03", 1, 1, 0)
    assert (april.month, april.appeals, april.overturned, april.published, april.refused) == ("2026-04", 1, 1, 1, 1)
    assert [(each.decision, each.ground, each.overturned) for each in decisions(world.space.id)] == [
        ("refuse", "own", False), ("publish", "appeal", True), ("hide", "report", False),
    ]  # fmt: skip
    with read():
        facts = log.about(world.space.id, ("text.decided",))
    assert [fact.payload["ground"] for fact in facts] == ["own", "appeal", "report"]
    assert all(first.id not in str(fact.payload) and fact.audience == "everyone" for fact in facts)
