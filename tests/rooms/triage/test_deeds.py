"""One change of one idea or of many, what is left alone and why, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.events import log
from codesign.ideas.queries import get_idea
from codesign.ideas.service import set_status
from codesign.kernel import db
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.spaces.access import standing
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import remove_member
from codesign.triage import queries, service
from codesign.triage.fields import keep_ready_fields, values_of
from codesign.triage.filters import DeskFilter
from codesign.triage.marks import marks_of
from codesign.triage.queries import last_deeds
from codesign.triage.service import change_ideas, undo_deed
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World


def planned(world: World) -> str:
    """The id of the status "planned"."""
    with db.read():
        return next(status.id for status in list_statuses(world.space.id) if status.kind == "planned")


def statuses(world: World, ideas: list[Any]) -> list[str | None]:
    return [get_idea(world.owner, idea.id).status_id for idea in ideas]


def seq(world: World) -> int:
    with db.read():
        return log.head(world.space.id)


def test_a_status_for_several_and_back(world: World) -> None:
    ideas = [world.idea(title=f"Lamp number {n}") for n in range(3)]
    before = statuses(world, ideas)
    done = change_ideas(world.moderator, world.space.id, "status", planned(world), [idea.id for idea in ideas])
    assert done.changed == 3 and done.left == () and done.deed is not None
    assert set(statuses(world, ideas)) == {planned(world)}
    assert world.names().count("idea.status_changed") == 3 and world.names()[-1] == "triage.done"
    with db.read():
        assert all(mark.read_at for mark in marks_of([idea.id for idea in ideas]).values())
        assert [deed.count for deed in last_deeds(world.access(world.moderator))] == [3]
    back = undo_deed(world.owner, world.space.id, done.deed.id)
    assert back.changed == 3 and statuses(world, ideas) == before
    with pytest.raises(Conflict):
        undo_deed(world.owner, world.space.id, done.deed.id)


def test_more_than_a_step_is_one_deed_with_one_way_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "STEP", 4)
    monkeypatch.setattr(service, "STEP_SECONDS", 0)
    ideas = [world.idea(title=f"Lamp number {n}") for n in range(13)]
    done = change_ideas(world.owner, world.space.id, "tag", "light", [idea.id for idea in ideas])
    assert done.changed == 13 and world.names().count("triage.done") == 1
    assert done.deed is not None and undo_deed(world.owner, world.space.id, done.deed.id).changed == 13
    assert get_idea(world.owner, ideas[0].id).tags == ()


def test_who_waits_sees_how_far_it_has_come(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """There and back; nobody else sees it, and nothing is taken back while it runs."""
    monkeypatch.setattr(service, "STEP", 5)
    monkeypatch.setattr(service, "STEP_SECONDS", 60.0)
    ideas = [world.idea(title=f"Lamp number {n}").id for n in range(12)]
    page, seen = Browser.of(app, world.moderator.person_id), list[str]()

    def look(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any) -> Any:
            done = step(*arguments)
            shown = page.open(f"/spaces/{world.space.slug}/desk/running").text
            seen.append(shown)
            with db.read():
                assert not queries.running_deeds(world.access(world.owner))
                assert last_deeds(world.access(world.moderator)) == [] or "ideas" not in shown
            return done

        return stepped

    for name in ("_take_step", "_undo_step"):
        monkeypatch.setattr(service, name, look(getattr(service, name)))
    done = change_ideas(world.moderator, world.space.id, "status", planned(world), ideas)
    assert done.deed is not None and len(seen) == 3
    undo_deed(world.moderator, world.space.id, done.deed.id)
    for place, count in ((0, 5), (1, 10), (3, 5), (4, 10)):
        assert f"Status changed: {count} of 12 ideas" in seen[place]
    assert "of 12" not in seen[2] + seen[5]


def test_an_undo_leaves_alone_what_was_changed_since(world: World) -> None:
    first, second = world.idea(), world.idea(title="A bell that rings")
    done = change_ideas(world.moderator, world.space.id, "status", planned(world), [first.id, second.id])
    shipped = next(s.id for s in list_statuses(world.space.id) if s.kind == "shipped")
    set_status(world.owner, first.id, shipped)
    assert done.deed is not None
    back = undo_deed(world.moderator, world.space.id, done.deed.id)
    assert back.changed == 1 and [left.idea_id for left in back.left] == [first.id]
    assert get_idea(world.owner, first.id).status_id == shipped


def test_two_at_once_a_stale_change_is_told_and_not_made(world: World) -> None:
    idea, seen = world.idea(), seq(world)
    review = next(s for s in list_statuses(world.space.id) if s.kind == "review")
    change_ideas(world.owner, world.space.id, "status", planned(world), [idea.id], seen)
    with pytest.raises(Conflict, match=r"Olga changed the status to Planned") as refused:
        change_ideas(world.moderator, world.space.id, "status", review.id, [idea.id], seen)
    assert get_idea(world.owner, idea.id).status_id == planned(world)
    # What they did not touch goes on; what was theirs is replaced once it was seen.
    assert change_ideas(world.moderator, world.space.id, "tag", "light", [idea.id], seen).changed == 1
    again = change_ideas(world.moderator, world.space.id, "status", review.id, [idea.id], refused.value.details["seq"])
    assert again.changed == 1


def test_of_many_only_the_stale_ones_are_left_alone(world: World) -> None:
    ideas, seen = [world.idea(title=f"Lamp number {n}") for n in range(3)], seq(world)
    change_ideas(world.owner, world.space.id, "owner", world.owner.person_id, [ideas[1].id], seen)
    done = change_ideas(
        world.moderator, world.space.id, "owner", world.moderator.person_id, [idea.id for idea in ideas], seen
    )
    assert done.changed == 2 and [(left.idea_id, left.stale) for left in done.left] == [(ideas[1].id, True)]


def test_what_others_changed_is_found_behind_much_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one's own deeds nor those about other ideas hide a change of somebody else."""
    monkeypatch.setattr(service, "_FACTS_AT_ONCE", 2)
    ideas, seen = [world.idea(title=f"Lamp number {n}") for n in range(6)], seq(world)
    change_ideas(world.moderator, world.space.id, "status", planned(world), [idea.id for idea in ideas[:5]])
    change_ideas(world.owner, world.space.id, "status", planned(world), [ideas[5].id])
    review = next(s.id for s in list_statuses(world.space.id) if s.kind == "review")
    done = change_ideas(world.moderator, world.space.id, "status", review, [idea.id for idea in ideas], seen)
    assert done.changed == 5 and [(left.idea_id, left.stale) for left in done.left] == [(ideas[5].id, True)]
    done = change_ideas(world.owner, world.space.id, "status", review, [ideas[0].id, ideas[5].id], seen)
    assert [left.idea_id for left in done.left] == [ideas[0].id] and done.changed == 1


def test_what_was_begun_and_not_ended_can_be_taken_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_end", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
    ideas = [world.idea(title=f"Lamp number {n}") for n in range(12)]
    with pytest.raises(KeyboardInterrupt):
        change_ideas(world.moderator, world.space.id, "tag", "light", [idea.id for idea in ideas])
    (deed,) = last_deeds(world.access(world.moderator))
    assert deed.count == 12 and undo_deed(world.moderator, world.space.id, deed.id).changed == 12


@pytest.mark.parametrize(("way", "name"), [("forth", "_take_step"), ("back", "_undo_step")])
def test_nothing_is_taken_back_while_it_is_under_way(
    world: World, monkeypatch: pytest.MonkeyPatch, way: str, name: str
) -> None:
    """Neither while it is done, or later steps would stay done; nor by two at once: that is recorded once."""
    monkeypatch.setattr(service, "STEP", 5)
    ideas = [world.idea(title=f"Lamp number {n}") for n in range(12)]
    step = getattr(service, name)
    refused: list[Conflict] = []

    def stepped(*arguments: Any) -> Any:
        done = step(*arguments)
        if not refused:
            with pytest.raises(Conflict, match="under way") as caught:
                undo_deed(world.owner, world.space.id, arguments[2])
            refused.append(caught.value)
        return done

    if way == "forth":
        monkeypatch.setattr(service, name, stepped)
    done = change_ideas(world.moderator, world.space.id, "tag", "light", [idea.id for idea in ideas])
    monkeypatch.setattr(service, name, stepped)
    assert done.deed is not None and undo_deed(world.moderator, world.space.id, done.deed.id).changed == 12
    assert refused and world.names().count("triage.undone") == 1
    assert {get_idea(world.owner, idea.id).tags for idea in ideas} == {()}


def test_who_ends_taking_back_second_changes_nothing(world: World) -> None:
    done = change_ideas(world.moderator, world.space.id, "tag", "light", [world.idea().id])
    assert done.deed is not None
    undo_deed(world.moderator, world.space.id, done.deed.id)
    with pytest.raises(Conflict, match="already"):
        service._end_undo(world.owner, world.space.id, done.deed.id, 1)
    assert world.names().count("triage.undone") == 1


def test_more_than_one_change_may_take_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_IDEAS", 2)
    for number in range(3):
        world.idea(title=f"Lamp number {number}")
    with pytest.raises(Invalid, match="More than"):
        queries.filtered_ids(world.moderator, world.space.id, DeskFilter(inbox="all"))
    monkeypatch.setattr(queries, "MOST_IDEAS", 3)
    assert len(queries.filtered_ids(world.moderator, world.space.id, DeskFilter(inbox="all"))) == 3
    with pytest.raises(Forbidden):
        queries.filtered_ids(world.ben, world.space.id, DeskFilter(inbox="all"))


def test_every_kind_and_its_way_back(world: World) -> None:
    keep_ready_fields(world.owner, world.space.id)
    idea, other = world.idea(tags=["light"]), world.idea(title="A bell that rings")
    cast_vote(world.ben, idea.id, 1)
    wishes: list[tuple[str, Any, Callable[[], Any]]] = [
        ("tag", "winter", lambda: get_idea(world.owner, idea.id).tags),
        ("untag", "light", lambda: get_idea(world.owner, idea.id).tags),
        ("tags", "one, two", lambda: get_idea(world.owner, idea.id).tags),
        ("owner", world.moderator.person_id, lambda: marks_of([idea.id])[idea.id].owner_id),
        ("read", "1", lambda: bool(marks_of([idea.id])[idea.id].read_at)),
        ("answer", "In **May**.", lambda: get_idea(world.owner, idea.id).answer_body),
        ("field", {"key": "effort", "value": "2,5"}, lambda: values_of([idea.id]).get(idea.id)),
        ("merge", other.id, lambda: get_idea(world.owner, idea.id).merged_into),
    ]
    change_ideas(world.moderator, world.space.id, "owner", world.owner.person_id, [idea.id])
    change_ideas(world.moderator, world.space.id, "read", "0", [idea.id])
    for name, wish, look in wishes:
        before = look()
        done = change_ideas(world.moderator, world.space.id, name, wish, [idea.id])
        assert done.changed == 1 and look() != before, name
        assert change_ideas(world.moderator, world.space.id, name, wish, [idea.id]).changed == 0, name
        assert done.deed is not None
        assert undo_deed(world.moderator, world.space.id, done.deed.id).changed == 1, name
        assert look() == before, name
        if name in {"owner", "answer"}:
            change_ideas(world.moderator, world.space.id, "read", "0", [idea.id])
    assert values_of([idea.id]) == {} and get_idea(world.owner, other.id).tally.up == 0  # type: ignore[union-attr]


def test_an_undo_gives_nothing_to_who_has_left_the_team(world: World) -> None:
    idea, moderator = world.idea(), str(world.moderator.person_id)
    change_ideas(world.owner, world.space.id, "owner", moderator, [idea.id])
    done = change_ideas(world.owner, world.space.id, "owner", world.owner.person_id, [idea.id])
    remove_member(world.owner, world.space.id, moderator)
    assert done.deed is not None
    back = undo_deed(world.owner, world.space.id, done.deed.id)
    assert back.changed == 0 and [each.reason for each in back.left] == ["This is nobody of the team of this space."]
    assert marks_of([idea.id])[idea.id].owner_id == world.owner.person_id


@pytest.mark.parametrize(
    ("name", "wish"),
    [
        ("status", "nonsense"), ("status", ""), ("tag", " "), ("tag", "a,b,c,d,e,f"), ("owner", "nobody"),
        ("field", {"key": "reach", "value": "1"}), ("merge", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), ("dance", "1"),
        ("status", {"a": 1}), ("read", []), ("merge", ["x"]), ("field", "effort"), ("answer", 7), ("tag", 7),
        ("split", {"title": "Another lamp", "comments": 5}), ("split", {"title": "Another lamp", "comments": "abc"}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_changes_nothing(world: World, name: str, wish: Any) -> None:
    idea, before = world.idea(), seq(world)
    with pytest.raises(Invalid):
        change_ideas(world.owner, world.space.id, name, wish, [idea.id])
    assert seq(world) == before
    with db.read():
        assert last_deeds(world.access(world.owner)) == []


WISHES = {
    "status": "planned",
    "tag": "light",
    "tags": "light",
    "owner": "",
    "read": "1",
    "answer": "May",
    "field": "effort",
}


@pytest.mark.parametrize("name", WISHES)
@pytest.mark.parametrize("role", ["nobody", "stranger", "viewer", "contributor", "moderator", "product", "owner"])
def test_each_role_and_each_verb_here_and_elsewhere(world: World, make_world: Any, name: str, role: str) -> None:
    elsewhere: World = make_world()
    idea, theirs = world.idea(), elsewhere.idea()
    keep_ready_fields(world.owner, world.space.id)
    actor = {"nobody": Actor(), "stranger": world.stranger, "owner": world.owner}.get(role) or world.member(role)
    wish: Any = planned(world) if name == "status" else WISHES[name]
    if name == "owner":
        wish = world.owner.person_id
    if name == "field":
        wish = {"key": "effort", "value": "3"}
    try:
        done = change_ideas(actor, world.space.id, name, wish, [idea.id, theirs.id])
    except (Forbidden, Unauthenticated):
        assert role in {"nobody", "stranger", "viewer", "contributor"}
        return
    assert role in {"moderator", "product", "owner"}
    assert done.changed == 1 and [left.idea_id for left in done.left] == [theirs.id]
    assert done.deed is not None
    with pytest.raises((Forbidden, NotFound)):  # the deed of one space cannot be taken back through another
        undo_deed(elsewhere.owner, elsewhere.space.id, done.deed.id)
    with pytest.raises(Forbidden):
        change_ideas(actor, elsewhere.space.id, name, wish, [theirs.id])
    assert undo_deed(actor, world.space.id, done.deed.id).changed == 1


def test_a_token_needs_the_scope(world: World) -> None:
    idea = world.idea()
    reader = Actor(person_id=world.owner.person_id, scopes=frozenset({"read", "write"}), token_id="T")
    with pytest.raises(Forbidden):
        change_ideas(reader, world.space.id, "tag", "light", [idea.id])
    moderator = Actor(person_id=world.owner.person_id, scopes=frozenset({"moderate"}), token_id="T")
    assert change_ideas(moderator, world.space.id, "tag", "light", [idea.id]).changed == 1


def test_who_may_not_see_a_space_finds_nothing(make_world: Any) -> None:
    world: World = make_world(visibility="private")
    idea = world.idea()
    with pytest.raises(NotFound):
        change_ideas(world.stranger, world.space.id, "tag", "light", [idea.id])
    with pytest.raises(NotFound):
        standing(world.stranger, world.space.id)
