"""What came of it: numbers that can be checked by hand, each with its ideas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from codesign.ideas import service as ideas
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import NotFound
from codesign.merging.service import merge_idea
from codesign.roadmap.outcome import PARTS, ideas_of, read_outcome
from codesign.spaces.queries import list_statuses
from codesign.testing import Clock
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World

Make = Callable[..., World]


@pytest.fixture
def lived(make_world: Make, clock: Clock) -> World:
    """Six ideas on day 0: one waits, one is hidden, one merged; answers on days 2, 4 and 20; planned on 10, shipped on 30."""
    world = make_world(promise_days=7)
    kinds = {each.kind: each.id for each in list_statuses(world.space.id)}
    first, second, third, waits, twin, hidden = (world.idea(title=f"Idea number {number}") for number in range(6))
    ideas.hide_idea(world.moderator, hidden.id, "Twice")
    merge_idea(world.moderator, twin.id, first.id)
    clock.advance(days=2)
    ideas.answer_idea(world.moderator, first.id, "Yes.")
    world.comment(waits, world.ben)
    clock.advance(days=2)
    ideas.answer_idea(world.moderator, second.id, "Perhaps.")
    clock.advance(days=1)
    world.comment(third, world.moderator, "Tell us more")
    world.comment(third, world.moderator, "Between us", internal=True)
    clock.advance(days=5)
    ideas.set_status(world.moderator, first.id, kinds["planned"])
    clock.advance(days=10)
    ideas.answer_idea(world.moderator, third.id, "No.")
    ideas.set_status(world.moderator, third.id, kinds["declined"])
    clock.advance(days=10)
    ideas.set_status(world.moderator, first.id, kinds["shipped"])
    return world


def test_the_numbers_are_what_happened(lived: World) -> None:
    found = read_outcome(ANONYMOUS, lived.space.id)
    counts = {name: (found.parts[name].count, found.parts[name].median) for name in PARTS}
    assert counts == {
        "proposed": (4, None), "answered": (3, 4.0), "planned": (1, 10.0), "shipped": (1, 30.0), "declined": (1, 20.0),
        "stale": (1, 30.0), "kept": (2, 3.0), "broken": (2, 25.0), "reacted": (3, 4.0),
    }  # fmt: skip
    assert found.share == 50 and (found.replies, found.comments) == (4, 1)


def test_every_number_opens_to_its_ideas(lived: World) -> None:
    found = read_outcome(ANONYMOUS, lived.space.id)
    assert [(idea.title, days) for idea, days in ideas_of(found, "answered")] == [
        ("Idea number 2", 20.0), ("Idea number 1", 4.0), ("Idea number 0", 2.0),
    ]  # fmt: skip
    assert [idea.title for idea, _days in ideas_of(found, "stale")] == ["Idea number 3"]
    for name in PARTS:
        assert len(ideas_of(found, name)) == found.parts[name].count


def test_an_answer_that_was_taken_back_counts_no_more(lived: World) -> None:
    first = next(idea for idea, _days in ideas_of(read_outcome(ANONYMOUS, lived.space.id), "shipped"))
    ideas.remove_answer(lived.owner, first.id)
    assert read_outcome(ANONYMOUS, lived.space.id).parts["answered"].count == 2


def test_votes_do_not_matter(make_world: Make, clock: Clock) -> None:
    """While results are hidden everybody reads the same, the team too."""
    world = make_world(results="at_close")
    idea = world.idea()
    before = read_outcome(world.ben, world.space.id).parts
    cast_vote(world.ben, idea.id, 1)
    assert read_outcome(world.ann, world.space.id).parts == before == read_outcome(world.owner, world.space.id).parts


def test_it_is_as_public_as_the_space(make_world: Make) -> None:
    world = make_world(visibility="private")
    for stranger in (ANONYMOUS, world.stranger):
        with pytest.raises(NotFound):
            read_outcome(stranger, world.space.id)
    assert read_outcome(world.ann, world.space.id).parts["proposed"].count == 0


@pytest.mark.doors
def test_the_page_and_its_lists(
    lived: World, browser_of: Callable[[Actor | None], Browser], client: FlaskClient
) -> None:
    page = browser_of(None).open(f"/spaces/{lived.space.slug}/roadmap").follow("What came of it")
    assert "half of them within 4 days" in page and "50 %" in page and "an answer within 7 days" in page
    listed = page.follow("3 Answered")
    assert "Answered: 3" in listed and "Idea number 2" in listed and "20 days" in listed
    assert client.get(f"/spaces/{lived.space.slug}/outcome/votes").status_code == 404
    told = client.get(f"/api/v1/spaces/{lived.space.slug}/outcome").json
    assert told["answered"] == {"count": 3, "median_days": 4.0} and told["in_time_percent"] == 50


@pytest.mark.doors
def test_an_empty_space_has_nothing_to_count(world: World, browser_of: Callable[[Actor | None], Browser]) -> None:
    assert "Nothing to count yet" in browser_of(None).open(f"/spaces/{world.space.slug}/outcome")
