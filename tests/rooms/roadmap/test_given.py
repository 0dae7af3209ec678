"""What somebody gave and what came of it; who is thanked when it is here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.accounts import service as accounts
from codesign.ideas import service as ideas
from codesign.ideas.facts import IdeaFact
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.mentions import mark
from codesign.merging.service import merge_idea
from codesign.notifications import service as notifications
from codesign.privacy.service import erase_person
from codesign.roadmap.given import what_i_gave, who_shaped
from codesign.spaces import service as spaces
from codesign.spaces.queries import list_statuses
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World

Make = Callable[..., World]
BrowserOf = Callable[[Actor | None], Browser]


def moved(world: World, idea: IdeaFact, kind: str) -> None:
    status = next(each.id for each in list_statuses(world.space.id) if each.kind == kind)
    ideas.set_status(world.moderator, idea.id, status)


def lines(actor: Actor) -> list[tuple[str, bool, bool, int]]:
    return [
        (each.idea.title, each.wrote, each.voted, each.said) for part in what_i_gave(actor).parts for each in part.given
    ]


def test_all_that_somebody_gave_and_what_came_of_it(world: World) -> None:
    """Proposed, voted, commented; shipped first; what became part of another is told as that one, once."""
    first, second, third = (world.idea(title=f"Ben's and Ann's, {number}") for number in range(3))
    twin = world.idea(world.ben, "A twin of the first")
    for idea in (first, second):
        cast_vote(world.ben, idea.id, 1)
    world.comment(second)
    world.comment(third)
    merge_idea(world.moderator, twin.id, first.id)
    moved(world, second, "planned")
    moved(world, first, "shipped")
    assert lines(world.ben) == [
        ("Ben's and Ann's, 0", False, True, 0), ("Ben's and Ann's, 1", False, True, 1),
        ("Ben's and Ann's, 2", False, False, 1),
    ]  # fmt: skip
    (part,) = what_i_gave(world.ben).parts
    assert (part.count("shipped"), part.count("planned", "building"), part.waits) == (1, 1, False)
    assert lines(world.member()) == []


def test_what_somebody_may_not_see_any_more_is_left_out(make_world: Make) -> None:
    """A hidden idea, and a private space that was left; whoever stayed sees theirs (the control)."""
    world = make_world(visibility="private", who_votes="members")
    idea, hidden = world.idea(), world.idea(title="Soon hidden")
    for voter in (world.ben, world.ann):
        cast_vote(voter, idea.id, 1)
        cast_vote(voter, hidden.id, 1)
    ideas.hide_idea(world.moderator, hidden.id, "Twice")
    assert [line[0] for line in lines(world.ben)] == [idea.title]
    spaces.remove_member(world.owner, world.space.id, str(world.ben.person_id))
    assert lines(world.ben) == [] and [line[0] for line in lines(world.ann)] == [idea.title]


def test_what_still_needs_somebody(world: World) -> None:
    """An open ballot of their space, a mention, a change that is asked for; nothing of it once it is done."""
    idea = world.idea(world.ann)
    assert [part.waits for part in what_i_gave(world.ben).parts] == [True]
    world.comment(idea, world.ann, f"What do you think, {mark('Ben', str(world.ben.person_id))}?")
    ideas.hide_idea(world.moderator, idea.id, "Please shorten it", "change")
    notifications.deliver(world.space.id)
    assert [notice.name for notice in what_i_gave(world.ann).asked] == ["idea.change"]
    ideas.publish_idea(world.moderator, idea.id)
    notifications.deliver(world.space.id)
    assert [notice.name for notice in what_i_gave(world.ben).asked] == ["comment.mentioned"]
    cast_vote(world.ben, idea.id, 1)
    notifications.mark_read(world.ben)
    mine = what_i_gave(world.ben)
    assert mine.asked == () and [part.waits for part in mine.parts] == [False]
    spaces.close_ballot(world.owner, world.space.id)
    assert [part.waits for part in what_i_gave(world.ann).parts] == [False]


def test_everybody_who_shaped_an_idea_is_thanked(world: World, make_person: Callable[..., Any]) -> None:
    """Author, authors of twins, commenters, each once; who is unnamed, a guest or forgotten is counted only."""
    idea, twin = world.idea(world.ann), world.idea(world.ben, "A twin of it")
    for person, name in ((world.ann, "Ann"), (world.ben, "Ben"), (world.stranger, "Stella")):
        accounts.change_profile(person, name=name)
    shy, gone = world.member(), world.member()
    accounts.change_profile(shy, name="Shy", show_name=False)
    for talker in (world.stranger, shy, gone, world.ann):
        world.comment(idea, talker)
    world.comment(idea, world.moderator, "Between us", internal=True)
    merge_idea(world.moderator, twin.id, idea.id)
    erase_person(SYSTEM, str(gone.person_id))
    thanks = who_shaped(idea.id)
    assert thanks.names == ("Ann", "Ben", "Stella") and thanks.others == 2


@pytest.mark.doors
def test_the_page_of_what_i_gave(world: World, browser_of: BrowserOf) -> None:
    """A tab of my page, for guests too; nobody else has one."""
    idea = world.idea(title="A lamp that lights up")
    assert browser_of(None).open("/me/given").address.startswith("/sign-in")
    page = browser_of(world.ben).open("/me").follow("What I gave")
    assert "Needs me 1" in page and "voting is open, and you have not voted yet" in page
    cast_vote(world.ben, idea.id, 1)
    moved(world, idea, "shipped")
    page = browser_of(world.ben).open("/me/given")
    assert "Ideas you gave to: 1 · Shipped: 1" in page and "you voted" in page and "Needs me" not in page
    guest = browser_of(None).open(f"/spaces/{world.space.slug}").press("Vote for: A lamp").browser
    assert "A lamp that lights up" in guest.open("/me/given")


@pytest.mark.doors
@pytest.mark.parametrize("results", ["live", "at_close"])
def test_a_shipped_idea_says_thank_you(results: str, make_world: Make, browser_of: BrowserOf) -> None:
    """With the votes that made it happen, where they may be seen; before it is shipped there are no thanks."""
    world = make_world(results=results)
    accounts.change_profile(world.ann, name="Annabel")
    idea = world.idea(world.ann)
    cast_vote(world.ben, idea.id, 1)
    assert "It is here. Thank you." not in browser_of(world.ben).open(idea.path)
    moved(world, idea, "shipped")
    page = browser_of(world.ben).open(idea.path)
    assert "It is here. Thank you." in page and "Shaped by Annabel." in page
    assert ("One vote made it happen." in page) == (results == "live")
