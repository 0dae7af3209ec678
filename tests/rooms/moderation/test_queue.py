"""Reports and the queue of moderators."""

from __future__ import annotations

import pytest

from codesign.comments import service as comments
from codesign.ideas.ports import ports
from codesign.ideas.queries import get_idea
from codesign.kernel.actor import ANONYMOUS
from codesign.kernel.contribution import HELD, HIDDEN, HOLD, PUBLISHED, Verdict
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.moderation.queries import count_waiting, has_flagged, queue
from codesign.moderation.service import raise_flag, settle_flags
from tests.support.world import World, token


def waiting(world: World, limit: int = 25) -> list[tuple[str, str]]:
    """What waits, page by page."""
    found, cursor = [], None
    while True:
        page = queue(world.access(world.moderator), limit=limit, cursor=cursor)
        found += [(item.kind, item.target_id) for item in page.items]
        cursor = page.next
        if cursor is None:
            return found


def test_a_text_is_reported_once_by_each_person(world: World) -> None:
    idea = world.idea()
    first = raise_flag(world.ben, "idea", idea.id, "Advertising")
    assert raise_flag(world.ben, "idea", idea.id, "Again").id == first.id
    raise_flag(world.stranger, "idea", idea.id)
    assert has_flagged(world.ben.person_id, "idea", idea.id) and not has_flagged(world.owner.person_id, "idea", idea.id)
    item = queue(world.access(world.moderator)).items[0]
    assert [flag.reason for flag in item.flags] == ["Advertising", ""] and not item.held
    assert world.names().count("flag.raised") == 2 and count_waiting(world.space.id) == 1
    for actor, kind, target, problem in (
        (ANONYMOUS, "idea", idea.id, Unauthenticated),
        (token(world.ben, "read"), "idea", idea.id, Forbidden),
        (world.ann, "idea", idea.id, Conflict),
        (world.ben, "idea", "0" * 26, NotFound),
        (world.ben, "space", idea.id, Invalid),
    ):
        with pytest.raises(problem):
            raise_flag(actor, kind, target)


def test_the_queue_is_whole_on_any_page_size(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    open_idea = world.idea()
    comment = world.comment(open_idea)
    monkeypatch.setattr(ports, "review", lambda *_: Verdict(HOLD, ("Look.",)))
    held_idea, held_comment = world.idea(title="Held back"), world.comment(open_idea, body="Held back")
    raise_flag(world.stranger, "idea", open_idea.id)
    raise_flag(world.stranger, "comment", comment.id)
    raise_flag(world.owner, "idea", held_idea.id)
    expected = [("idea", held_idea.id), ("comment", held_comment.id), ("idea", open_idea.id), ("comment", comment.id)]
    assert [waiting(world, limit) for limit in (1, 2, 3, 25)] == [expected] * 4
    items = {item.target_id: item for item in queue(world.access(world.moderator)).items}
    assert items[held_idea.id].held and items[held_idea.id].reasons == ("Look.",)
    assert items[comment.id].idea.id == open_idea.id and items[comment.id].text.body == "I agree"


def test_decisions_settle_the_reports(world: World) -> None:
    idea, other = world.idea(), world.idea()
    comment = world.comment(other)
    for kind, target in (("idea", idea.id), ("idea", other.id), ("comment", comment.id)):
        raise_flag(world.stranger, kind, target)
    with pytest.raises(Forbidden):
        settle_flags(world.ann, "idea", idea.id, "hide", "no")
    with pytest.raises(Invalid):
        settle_flags(world.moderator, "idea", idea.id, "burn", "no")
    with pytest.raises(Invalid):
        settle_flags(world.moderator, "idea", idea.id, "hide", "")
    assert len(waiting(world)) == 3
    settle_flags(world.moderator, "idea", idea.id, "hide", "Advertising")
    assert get_idea(world.moderator, idea.id).state == HIDDEN
    settle_flags(world.moderator, "idea", other.id, "keep")
    assert get_idea(world.ben, other.id).state == PUBLISHED
    comments.remove_comment(world.ben, comment.id)
    settle_flags(world.moderator, "comment", comment.id, "keep")
    assert waiting(world) == [] and count_waiting(world.space.id) == 0
    assert world.names()[-2:] == ["flag.settled", "text.decided"]
    settle_flags(world.moderator, "idea", other.id, "hold", "Think again")
    assert waiting(world) == [("idea", other.id)] and get_idea(world.ann, other.id).state == HELD
    settle_flags(world.moderator, "idea", other.id, "publish")
    item = get_idea(world.moderator, other.id)
    assert item.verdict is not None and [line["act"] for line in item.verdict["history"]] == ["hold", "publish"]
