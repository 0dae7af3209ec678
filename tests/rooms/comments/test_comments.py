"""Comments: two levels, versions, tombstones, notes for the team, and a count that is exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.comments import service
from codesign.comments.queries import count_visible, list_comments
from codesign.events import log
from codesign.events.base import EVERYONE
from codesign.ideas import service as ideas
from codesign.ideas.facts import IdeaFact
from codesign.ideas.ports import ports
from codesign.ideas.queries import followers_of, get_idea
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.contribution import HELD, HIDDEN, HOLD, PUBLISHED, REFUSE, REMOVED, Verdict
from codesign.kernel.errors import Closed, Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.merging.service import merge_idea
from codesign.spaces import service as spaces
from tests.support.world import World, token

Make = Callable[..., Any]


def bodies(world: World, idea: IdeaFact, actor: Actor, limit: int = 100) -> list[str]:
    """What somebody reads under an idea, page by page."""
    found, cursor = [], None
    while True:
        page = list_comments(world.access(actor), idea.id, limit=limit, cursor=cursor)
        found += [comment.body for comment in page.items]
        cursor = page.next
        if cursor is None:
            return found


def count(world: World, idea: IdeaFact) -> int:
    """The number the idea shows; it is always what can be counted."""
    shown = get_idea(world.ben, idea.id).comment_count
    assert shown == count_visible(idea.id)
    return shown


def test_people_talk_on_two_levels(world: World) -> None:
    idea = world.idea()
    first = world.comment(idea, world.ben, "  I agree\r\nwith this ")
    answer = world.comment(idea, world.ann, "Thanks", parent_id=first.id)
    assert (first.body, first.version, first.author_id) == ("I agree\nwith this", 1, world.ben.person_id)
    assert answer.parent_id == first.id and count(world, idea) == 2
    assert followers_of(idea.id) == sorted([world.ann.person_id, world.ben.person_id])
    other = world.idea(title="Another idea")
    for parent_id in (answer.id, world.comment(other).id, "0" * 26, "x", idea.id):
        with pytest.raises(Invalid) as refused:
            world.comment(idea, parent_id=parent_id)
        assert refused.value.errors[0].field == "parent_id"
    assert [bodies(world, idea, ANONYMOUS, limit) for limit in (1, 2, 9)] == [["I agree\nwith this", "Thanks"]] * 3


def test_who_may_comment(world: World, make_world: Make) -> None:
    idea = world.idea()
    cases: list[tuple[Actor, type[Problem]]] = [(ANONYMOUS, Unauthenticated), (token(world.ben, "read"), Forbidden)]
    for actor, problem in cases:
        with pytest.raises(problem):
            world.comment(idea, actor)
    for body in ("", "  ", "x" * 5_001, "a\x00b", 5):
        with pytest.raises(Invalid):
            world.comment(idea, body=body)
    private = make_world(visibility="private")
    with pytest.raises(NotFound):
        world.comment(private.idea(), world.ben)
    hidden, merged = world.idea(), world.idea()
    ideas.hide_idea(world.moderator, hidden.id, "because")
    merge_idea(world.moderator, merged.id, idea.id)
    for closed in (hidden, merged):
        with pytest.raises(Conflict):
            world.comment(closed, world.ann)
    spaces.set_phase(world.owner, world.space.id, "decided")
    with pytest.raises(Closed):
        world.comment(idea)
    assert world.comment(idea, world.moderator).state == PUBLISHED
    assert count(world, idea) == 1


def test_edits_and_removals(world: World) -> None:
    idea = world.idea()
    comment = world.comment(idea)
    answer = world.comment(idea, world.ann, "Me too", parent_id=comment.id)
    assert service.edit_comment(world.ben, comment.id, 1, body=comment.body).version == 1
    assert service.edit_comment(world.ben, comment.id, 1, body="Changed").version == 2
    with pytest.raises(Conflict):
        service.edit_comment(world.moderator, comment.id, 1, body="Stale")
    assert service.edit_comment(world.moderator, comment.id, body="By the team").version == 3
    for actor, problem in ((world.ann, Forbidden), (ANONYMOUS, Unauthenticated), (token(world.ben, "read"), Forbidden)):
        with pytest.raises(problem):
            service.edit_comment(actor, comment.id, 3, body="Mine now")
        with pytest.raises(problem):
            service.remove_comment(actor, comment.id)
    service.remove_comment(world.ben, comment.id)
    gone = list_comments(world.access(world.moderator), idea.id).items[0]
    assert (gone.body, gone.author_id, gone.state, gone.edited_at) == ("", None, REMOVED, None)
    assert bodies(world, idea, ANONYMOUS) == ["", "Me too"] and count(world, idea) == 1
    with pytest.raises(NotFound):
        service.remove_comment(world.ben, comment.id)
    with pytest.raises(NotFound):
        service.edit_comment(world.ben, comment.id, body="x")
    with pytest.raises(Invalid):
        world.comment(idea, parent_id=comment.id)
    service.remove_comment(world.moderator, answer.id)
    assert count(world, idea) == 0


def test_notes_are_for_the_team_alone(world: World) -> None:
    idea = world.idea()
    with pytest.raises(Forbidden):
        world.comment(idea, world.ben, internal=True)
    note = world.comment(idea, world.moderator, "Expensive", internal=True)
    world.comment(idea, world.owner, "But nice", internal=True, parent_id=note.id)
    with pytest.raises(Invalid):
        world.comment(idea, world.moderator, parent_id=note.id)
    assert bodies(world, idea, world.ann) == [] and bodies(world, idea, world.owner) == ["Expensive", "But nice"]
    assert count(world, idea) == 0 and world.moderator.person_id not in followers_of(idea.id)
    for act in (
        lambda: service.edit_comment(world.ann, note.id, body="x"),
        lambda: service.remove_comment(world.ann, note.id),
    ):
        with pytest.raises(NotFound):
            act()
    service.edit_comment(world.moderator, note.id, body="Cheap")
    service.remove_comment(world.owner, note.id)
    with db.read():
        told = [fact for fact in log.since(world.space.id, 0, 500) if fact.name.startswith(("note.", "comment."))]
    assert [fact.name for fact in told] == ["note.added", "note.added", "note.edited", "note.removed"]
    assert EVERYONE not in {fact.audience for fact in told}
    hidden = world.idea()
    ideas.hide_idea(world.moderator, hidden.id, "because")
    assert world.comment(hidden, world.moderator, internal=True).internal


def test_moderation_keeps_the_count(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    idea = world.idea()
    monkeypatch.setattr(ports, "review", lambda *_: Verdict(HOLD, ("Look.",)))
    held = world.comment(idea)
    assert held.state == HELD and count(world, idea) == 0 and world.names()[-1] == "comment.held"
    assert bodies(world, idea, world.ben) == ["I agree"] == bodies(world, idea, world.moderator)
    assert bodies(world, idea, world.ann) == []
    with pytest.raises(Forbidden):
        service.publish_comment(world.ben, held.id)
    assert service.publish_comment(world.moderator, held.id).state == PUBLISHED and count(world, idea) == 1
    assert service.publish_comment(world.moderator, held.id).state == PUBLISHED and count(world, idea) == 1
    assert service.hide_comment(world.moderator, held.id, "Rude").state == HIDDEN and count(world, idea) == 0
    assert bodies(world, idea, world.ann) == [""] and bodies(world, idea, world.ben) == ["I agree"]
    assert service.hold_comment(world.moderator, held.id, "Again").state == HELD and count(world, idea) == 0
    service.publish_comment(world.moderator, held.id)
    assert service.edit_comment(world.ben, held.id, body="Worse").state == HELD and count(world, idea) == 0
    service.remove_comment(world.ben, held.id)
    assert world.names()[-1] == "comment.removed" and count(world, idea) == 0
    assert bodies(world, idea, world.ann) == [""]
    never = world.comment(idea, world.ben, "Never seen")
    service.hide_comment(world.moderator, never.id, "Spam")
    assert world.names()[-1] == "comment.revised" and bodies(world, idea, world.ann) == [""]
    service.remove_comment(world.ben, never.id)
    assert world.names()[-1] == "comment.revised" and bodies(world, idea, world.ann) == [""]
    monkeypatch.setattr(ports, "review", lambda *_: Verdict(REFUSE, ("No.",)))
    with pytest.raises(Invalid):
        world.comment(idea)
    assert world.comment(idea, world.moderator, "Team note", internal=True).state == PUBLISHED


def test_a_page_of_comments_costs_a_fixed_number_of_queries(world: World, count_queries: Make) -> None:
    idea = world.idea()
    for author in (world.ann, world.ben, world.owner, world.moderator):
        world.comment(idea, author)
    access = world.access(world.ann)
    with count_queries() as few:
        list_comments(access, idea.id, limit=1)
    with count_queries() as many:
        list_comments(access, idea.id)
    assert len(few) == len(many) <= 3, many
