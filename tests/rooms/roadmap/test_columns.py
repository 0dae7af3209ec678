"""The columns of a roadmap: the usual ones, the team's own, and who sees and arranges them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.ideas import service as ideas
from codesign.ideas.facts import IdeaFact
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.merging.service import merge_idea
from codesign.roadmap import queries, service
from codesign.roadmap.facts import Roadmap
from codesign.spaces import service as spaces
from codesign.spaces.queries import list_statuses
from codesign.testing import Clock
from codesign.voting.service import cast_vote
from tests.support.world import World, token

Make = Callable[..., World]


def status(world: World, kind: str) -> str:
    """The id of the space's status of a kind."""
    return next(each.id for each in list_statuses(world.space.id) if each.kind == kind)


def on(world: World, kind: str, title: str = "A lamp that lights up") -> IdeaFact:
    """An idea that the team gave a status."""
    idea = world.idea(title=title)
    return ideas.set_status(world.moderator, idea.id, status(world, kind))


def road(world: World, actor: Actor = ANONYMOUS) -> Roadmap:
    return queries.read_roadmap(actor, world.space.id)


def names(world: World, actor: Actor = ANONYMOUS) -> list[str]:
    return [each.column.name for each in road(world, actor).columns]


def titles(found: Roadmap) -> dict[str, list[str]]:
    return {each.column.name: [idea.title for idea in each.ideas] for each in found.columns if each.ideas}


def test_every_space_has_the_usual_columns(world: World) -> None:
    """One for each status but those where ideas start; what is declined comes last and is folded."""
    assert names(world) == ["Under review", "Planned", "Being built", "Shipped", "Declined"]
    assert [each.folded for each in road(world).columns] == [False] * 4 + [True]
    spaces.add_status(world.owner, world.space.id, "In test", "building")
    assert names(world) == ["Under review", "Planned", "Being built", "Shipped", "In test", "Declined"]


def test_ideas_stand_in_the_column_of_their_status(world: World, clock: Clock) -> None:
    """Most wanted first; what only some may see or what became part of another idea stands nowhere."""
    on(world, "planned", "Little wanted")
    wanted = on(world, "planned", "Much wanted")
    cast_vote(world.ben, wanted.id, 1)
    hidden, twin = on(world, "planned", "Hidden"), on(world, "shipped", "Its twin")
    ideas.hide_idea(world.moderator, hidden.id, "Twice")
    merge_idea(world.moderator, twin.id, wanted.id)
    world.idea(title="Has only begun")
    found = road(world)
    assert titles(found) == {"Planned": ["Much wanted", "Little wanted"]}
    assert {each.column.name: each.count for each in found.columns if each.count} == {"Planned": 2}
    assert found.since[wanted.id] == clock.moment
    assert [(move.idea.title, move.status.name) for move in found.moved] == [
        ("Much wanted", "Planned"), ("Little wanted", "Planned"),
    ]  # fmt: skip
    clock.advance(days=31)
    assert road(world).moved == () and road(world).since == found.since


def test_while_counts_are_hidden_the_newest_come_first(make_world: Make, clock: Clock) -> None:
    """The team sees them by their votes (the control)."""
    world = make_world(results="at_close")
    wanted = on(world, "planned", "Much wanted")
    clock.advance(minutes=1)
    on(world, "planned", "Brand new")
    cast_vote(world.ben, wanted.id, 1)
    for viewer in (ANONYMOUS, world.ann, world.ben):
        assert titles(road(world, viewer)) == {"Planned": ["Brand new", "Much wanted"]}
        assert all(idea.tally is None for each in road(world, viewer).columns for idea in each.ideas)
    assert titles(road(world, world.moderator)) == {"Planned": ["Much wanted", "Brand new"]}


def test_a_long_column_shows_its_first(world: World) -> None:
    for number in range(4):
        on(world, "review", f"Idea number {number}")
    (column,) = [each for each in queries.read_roadmap(ANONYMOUS, world.space.id, 3).columns if each.count]
    assert column.count == 4 and len(column.ideas) == 3


def test_the_team_arranges_its_own(world: World) -> None:
    """Added, renamed, filled, moved, removed; a status stands in one column; back to the usual ones."""
    first = on(world, "planned")
    soon = service.add_column(
        world.owner, world.space.id, " Soon ", [status(world, "planned"), status(world, "building")]
    )
    assert names(world)[-1] == "Soon" and titles(road(world)) == {"Soon": [first.title]}
    assert [each.column.status_ids for each in road(world).columns if each.column.name == "Planned"] == [()]
    service.change_column(world.owner, world.space.id, soon.id, position=0)
    service.change_column(world.owner, world.space.id, soon.id, name="Next")
    for gone in queries.list_columns(world.space.id)[2:]:
        service.remove_column(world.owner, world.space.id, gone.id)
    assert names(world) == ["Next", "Under review"]
    service.change_column(world.owner, world.space.id, soon.id, status_ids=[])
    assert titles(road(world)) == {}
    service.restore_columns(world.owner, world.space.id)
    assert names(world) == ["Under review", "Planned", "Being built", "Shipped", "Declined"]
    assert world.names().count("roadmap.changed") == 9


def test_nothing_is_told_where_nothing_changes(world: World) -> None:
    column = queries.list_columns(world.space.id)[0]
    service.change_column(world.owner, world.space.id, column.id, name=column.name, public=True, position=0)
    service.restore_columns(world.owner, world.space.id)
    assert "roadmap.changed" not in world.names()


def test_a_column_may_be_for_the_team_alone(world: World) -> None:
    """Others see neither the column nor what moved into it; the team does (the control)."""
    idea = on(world, "review")
    column = queries.list_columns(world.space.id)[0]
    service.change_column(world.owner, world.space.id, column.id, public=False)
    for viewer in (ANONYMOUS, world.ann, world.stranger):
        assert "Under review" not in names(world, viewer)
        assert road(world, viewer).moved == () and idea.id not in road(world, viewer).since
    assert titles(road(world, world.moderator)) == {"Under review": [idea.title]}
    assert road(world, world.moderator).moved


def test_odd_columns_are_refused(world: World, make_world: Make) -> None:
    foreign = make_world(slug="elsewhere")
    column = queries.list_columns(world.space.id)[0]
    theirs = queries.list_columns(foreign.space.id)[0]
    for wrong in ("", "x" * 41, "two\nlines"):
        with pytest.raises(Invalid):
            service.add_column(world.owner, world.space.id, wrong)
    for strange in (status(foreign, "planned"), "nothing"):
        with pytest.raises(Invalid):
            service.change_column(world.owner, world.space.id, column.id, status_ids=[strange])
    for missing in (theirs.id, "nothing"):
        with pytest.raises(NotFound):
            service.change_column(world.owner, world.space.id, missing, name="Mine")
        with pytest.raises(NotFound):
            service.remove_column(world.owner, world.space.id, missing)
    for number in range(service.MOST - 5):
        service.add_column(world.owner, world.space.id, f"Column {number}")
    with pytest.raises(Conflict):
        service.add_column(world.owner, world.space.id, "One more")
    for gone in queries.list_columns(world.space.id)[1:]:
        service.remove_column(world.owner, world.space.id, gone.id)
    with pytest.raises(Conflict):
        service.remove_column(world.owner, world.space.id, queries.list_columns(world.space.id)[0].id)


VERBS: dict[str, Callable[[Actor, Any, str], Any]] = {
    "add_column": lambda actor, space, _column: service.add_column(actor, space.id, "Soon"),
    "change_column": lambda actor, space, column: service.change_column(actor, space.id, column, name="Mine"),
    "remove_column": lambda actor, space, column: service.remove_column(actor, space.id, column),
    "restore_columns": lambda actor, space, _column: service.restore_columns(actor, space.id),
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_only_the_product_team_arranges(verb: str, world: World, make_world: Make) -> None:
    """Each role, here and elsewhere; product people and owners may (the control)."""
    elsewhere = make_world(slug="elsewhere", visibility="private")
    refused: dict[Actor, type[Problem]] = {
        ANONYMOUS: Unauthenticated, world.stranger: Forbidden, world.ann: Forbidden, world.moderator: Forbidden,
        world.member("viewer"): Forbidden, token(world.owner, "write"): Forbidden, elsewhere.owner: Forbidden,
    }  # fmt: skip
    column = queries.list_columns(world.space.id)[0].id
    for actor, problem in refused.items():
        with pytest.raises(problem):
            VERBS[verb](actor, world.space, column)
    with pytest.raises(NotFound):
        VERBS[verb](world.owner, elsewhere.space, column)
    assert "roadmap.changed" not in world.names()
    for actor in (world.member("product"), token(world.owner, "product"), world.owner):
        VERBS[verb](actor, world.space, queries.list_columns(world.space.id)[0].id)


def test_a_private_roadmap_is_for_its_members(make_world: Make) -> None:
    world = make_world(visibility="private")
    for stranger in (ANONYMOUS, world.stranger):
        with pytest.raises(NotFound):
            road(world, stranger)
    assert road(world, world.ann).columns


def test_the_number_of_questions_does_not_grow(world: World, count_queries: Callable[[], Any]) -> None:
    def count() -> int:
        with count_queries() as statements:
            road(world, world.ann)
        return len(statements)

    for kind in ("review", "planned", "building", "shipped"):
        on(world, kind, f"The first that is {kind}")
    few = count()
    for kind in ("review", "planned", "building", "shipped") * 3:
        on(world, kind, f"One more that is {kind}")
    assert count() == few <= 25
