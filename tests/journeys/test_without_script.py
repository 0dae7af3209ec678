"""What people do on pages with JavaScript off: every button is a form, every step a link."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from codesign.ideas.limits import TextLimits
from codesign.kernel.actor import Actor
from codesign.kernel.limits import Buckets, Rate
from codesign.spaces import service as spaces
from codesign.voting.service import cast_vote
from tests.support.pages import Browser, Page
from tests.support.visitor import PASSWORD
from tests.support.world import World

pytestmark = pytest.mark.doors

BrowserOf = Callable[[Actor | None], Browser]


def board(world: World) -> str:
    return f"/spaces/{world.space.slug}"


def test_a_newcomer_proposes_votes_comments_and_takes_it_back(world: World, browser_of: BrowserOf) -> None:
    """From the empty board to a published idea, with registering on the way and no word typed twice."""
    page = browser_of(None).open(board(world))
    assert "No ideas yet." in page and "What would you change first?" in page
    page = page.follow("Propose the first idea")
    assert "your text comes along" in page
    page = page.press("Publish idea", title="A bell like a bell", body="Mine **rattles**.", tags="bell, Everyday")
    assert page.address.startswith("/sign-in")
    page = page.follow("Make an account")
    page = page.press("Make", name="Mira", email="mira@example.org", password=PASSWORD)
    assert "/ideas/" in page.address and page.status == 200
    assert "A bell like a bell" in page and "Your idea is published" in page and "visible to all" in page
    assert "<strong>rattles</strong>" in page.html and "#everyday" not in page and "everyday" in page
    page = page.press("Vote for: A bell like a bell. 0 votes")
    assert page.button("Take back my vote for: A bell like a bell. 1 vote").pressed == "true"
    page = page.press("Publish comment", body="It should *ring*.")
    assert "1 comment" in page and "<em>ring</em>" in page.html
    page = page.press("Take back my vote")
    assert page.button("Vote for: A bell like a bell. 0 votes").pressed == "false"
    page = page.follow("Ideas")
    assert "A bell like a bell" in page and page.has_button("Vote for: A bell like a bell")


def test_a_vote_begun_before_signing_in_counts_after_it(
    make_world: Callable[..., World], browser_of: BrowserOf
) -> None:
    """Where only registered people vote, the press is kept over signing in."""
    world = make_world(who_votes="registered")
    world.idea(title="A lamp that lights up")
    page = browser_of(None).open(board(world)).press("Vote for: A lamp that lights up")
    assert page.address.startswith("/sign-in")
    page = page.follow("Make an account").press("Make", name="Mira", email="m@example.org", password=PASSWORD)
    assert "Your vote counts." in page and board(world) in page.address
    assert page.button("Take back my vote for: A lamp that lights up. 1 vote")


def test_a_guest_votes_without_an_account_and_keeps_the_vote(world: World, browser_of: BrowserOf) -> None:
    """Where everyone may vote, one press is enough; registering later keeps it."""
    idea = world.idea()
    page = browser_of(None).open(board(world)).press("Vote for: A lamp that lights up")
    assert page.address == f"{board(world)}#idea-{idea.id}"
    assert page.button("Take back my vote for: A lamp that lights up. 1 vote")
    page = page.browser.open("/register").press("Make", name="Mira", email="m@example.org", password=PASSWORD)
    assert page.browser.open(board(world)).button("Take back my vote for: A lamp that lights up. 1 vote")


def test_a_comment_begun_before_signing_in_is_published_after_it(world: World, browser_of: BrowserOf) -> None:
    """The words of a stranger wait for their name."""
    idea = world.idea()
    page = browser_of(None).open(idea.path).press("Publish comment", body="I would buy two.")
    assert page.address.startswith("/sign-in")
    page = page.follow("Make an account").press("Make", name="Mira", email="m@example.org", password=PASSWORD)
    assert idea.path in page.address and "I would buy two." in page and "1 comment" in page


def test_a_twin_is_asked_about_once(world: World, browser_of: BrowserOf) -> None:
    """A title that is nearly another one leads to "is it one of these?", with vote buttons and nothing lost."""
    world.idea(title="A belt drive for the low-step frame")
    browser = browser_of(world.ben)
    page = browser.open(f"{board(world)}/ideas/new")
    page = page.press("Publish idea", title="Belt drive for the low-step frame", body="My trousers.")
    assert "Is it one of these?" in page and "My trousers." in page.html
    voted = page.press("Vote for: A belt drive for the low-step frame")
    assert voted.button("Take back my vote for: A belt drive for the low-step frame. 1 vote")
    page = page.press("None of these fit: publish")
    assert "Your idea is published" in page and "My trousers." in page


def test_a_refused_idea_comes_back_with_its_words(world: World, browser_of: BrowserOf) -> None:
    """The form says what to fix and keeps what was typed."""
    page = browser_of(world.ann).open(f"{board(world)}/ideas/new").press("Publish idea", title="Bad", body="Kept text")
    assert page.status == 422 and "Kept text" in page.html and page.elements("input", id="title", aria_invalid="true")
    assert world.names().count("idea.published") == 0
    assert page.press("Publish idea", title="Better than bad").status == 200
    assert world.names().count("idea.published") == 1


def test_words_sent_too_fast_are_kept(app: Flask, world: World, browser_of: BrowserOf) -> None:
    """Whoever is too quick gets the form back with every word, and when to send it."""
    idea = world.idea()
    app.extensions["codesign.ideas.limits"] = TextLimits(*(Buckets(Rate(1, 1)) for _each in range(3)))
    browser = browser_of(world.ben)
    assert "1 comment" in browser.open(idea.path).press("Publish comment", body="The first one")
    page = browser.open(idea.path).press("Publish comment", body="The second one")
    assert page.status == 429 and "That was quick." in page and "The second one" in page.html
    page = browser.open(f"{board(world)}/ideas/new").press(
        "Publish idea", title="Something quite different", body="Kept"
    )
    assert page.status == 429 and "That was quick." in page and "Kept" in page.html
    assert "1 comment" in browser.open(idea.path)


def test_a_space_that_takes_no_ideas_now_says_why(world: World, browser_of: BrowserOf) -> None:
    """The form is not offered; the reason and a way back are."""
    world.idea()
    spaces.set_phase(world.owner, world.space.id, "vote")
    page = browser_of(world.ben).open(f"{board(world)}/ideas/new")
    assert page.status == 409 and "This is possible in the phase" in page
    assert "A lamp that lights up" in page.follow("Read the ideas")
    assert browser_of(world.moderator).open(f"{board(world)}/ideas/new").status == 200


def test_two_who_edit_at_once_lose_no_word(world: World, browser_of: BrowserOf) -> None:
    """The slower one sees both texts and decides."""
    idea = world.idea(body="The first text")
    mine = browser_of(world.ann).open(idea.path).follow("Edit")
    theirs = browser_of(world.moderator).open(idea.path).follow("Edit")
    assert "Saved." in theirs.press("Save", body="What the moderator wrote")
    page = mine.press("Save", body="What Ann wrote")
    assert page.status == 409 and "was changed while you were writing" in page
    assert "What the moderator wrote" in page and "What Ann wrote" in page.html
    page = page.press("Use mine")
    assert "What Ann wrote" in page and "What the moderator wrote" not in page


def test_an_author_withdraws_while_nobody_else_has_voted(world: World, browser_of: BrowserOf) -> None:
    """It asks once; afterwards nobody finds it."""
    idea = world.idea()
    page = browser_of(world.ann).open(idea.path).follow("Withdraw").press("Withdraw it")
    assert "Your idea is withdrawn." in page
    assert browser_of(world.ben).open(idea.path).status == 404


def test_talk_has_two_levels_edits_and_tombstones(world: World, browser_of: BrowserOf) -> None:
    """Answer by ?reply=, change, take away; the answer stays under the mark."""
    idea = world.idea()
    world.comment(idea, world.ben, "Which bulb?")
    ann, ben = browser_of(world.ann), browser_of(world.ben)
    page = ann.open(idea.path).follow("Reply").press("Publish reply", body="A small one.")
    assert "2 comments" in page and not any("Reply" in words and "Ann" in words for _url, words in page.links)
    page = ben.open(idea.path).follow("Edit").press("Save", body="Which bulb exactly?")
    assert "Which bulb exactly?" in page and "edited" in page
    page = page.follow("Edit").press("Delete comment")
    assert "This comment was deleted." in page and "A small one." in page and "1 comment" in page
    assert "Which bulb exactly?" not in ann.open(idea.path)


def test_internal_notes_are_for_the_team(world: World, browser_of: BrowserOf) -> None:
    """A ticked box keeps a note among moderators, product people and owners."""
    idea = world.idea()
    page = browser_of(world.moderator).open(idea.path).press("Publish comment", body="Costs 4 euros.", internal="1")
    assert "Costs 4 euros." in page and "only the team sees this" in page
    for actor in (world.ann, None):
        page = browser_of(actor).open(idea.path)
        assert "Costs 4 euros." not in page and "Internal note" not in page
    assert "Costs 4 euros." in browser_of(world.owner).open(idea.path)


def test_the_team_moves_answers_and_hides(world: World, browser_of: BrowserOf) -> None:
    """Status, official answer and hiding with a reason, all from the idea's page."""
    idea = world.idea()
    page = browser_of(world.moderator).open(idea.path)
    status = next(value for value, name in options(page, "status") if name == "Planned")
    page = page.press("Set status", status=status)
    assert page.text.count("Planned") >= 3  # chip, way, selected
    page = page.press("Publish answer", body="We build it in **May**.")
    assert "Answer from the product team" in page and "<strong>May</strong>" in page.html
    assert "The team answered" in page
    assert "We build it in" in browser_of(None).open(idea.path)
    page = page.press("Take it back")
    assert "Answer from the product team" not in page
    page = page.press("Hide", reason="It names a person.")
    assert "It names a person." in page
    assert browser_of(world.ben).open(idea.path).status == 404
    page = browser_of(world.ann).open(idea.path)
    assert "It names a person." in page and not page.has_button("Hide")
    page = browser_of(world.moderator).open(idea.path).press("Publish")
    assert browser_of(world.ben).open(idea.path).status == 200


def options(page: Page, name: str) -> list[tuple[str, str]]:
    """The choices of a select as value and words."""
    part = re.search(rf'<select[^>]*name="{name}".*?</select>', page.html, re.DOTALL)
    assert part is not None
    return re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', part.group(0))


def test_merging_shows_the_counts_before_and_can_be_undone(world: World, browser_of: BrowserOf) -> None:
    """Preview with shared voters, signpost, the way of the survivor, undo."""
    source, target = world.idea(title="Belt please, for everyone"), world.idea(title="A belt for the low frame")
    for actor, idea in ((world.ann, source), (world.ben, source), (world.ben, target)):
        cast_vote(actor, idea.id, 1)
    team = browser_of(world.moderator)
    page = team.open(source.path).follow("Merge into another idea")
    page = page.press("Search", q="low frame").follow("Merge into this: A belt for the low frame")
    assert "What would happen" in page and "voted on both, counted once 1" in page and "Together 2 voters" in page
    page = page.press("Merge")
    assert page.address.startswith(target.path) and "Took in Belt please, for everyone, 1 voter joined" in page
    visitor = browser_of(world.ann)
    page = visitor.open(source.path)
    assert page.status == 200 and "is now part of" in page
    assert page.elements("meta", name="robots", content="noindex")
    page = page.follow("Go there")
    assert page.button("Take back my vote for: A belt for the low frame. 2 votes")
    page = team.open(target.path).press("Undo")
    assert "stands by itself again" in page
    assert visitor.open(source.path).button("Take back my vote for: Belt please, for everyone. 2 votes")


def test_reports_and_held_texts_meet_in_the_queue(world: World, browser_of: BrowserOf) -> None:
    """Reported by one, decided by another; the author reads the reason."""
    idea = world.idea()
    world.comment(idea, world.ben, "Buy my lamps at cheap.example")
    page = browser_of(world.ann).open(idea.path).follow("Report the comment").press("Report", reason="Advertising")
    assert "A moderator looks at it." in page
    queue = f"{board(world)}/queue"
    assert browser_of(world.ann).open(queue).status == 403
    page = browser_of(world.moderator).open(board(world)).follow("Queue")
    assert "Advertising" in page and "1 published, 0 hidden before" in page
    page = page.press("Hide")
    assert page.status == 422, "hiding needs a reason"
    page = page.press("Hide", reason="We do not advertise here.")
    assert "All read." in page
    page = browser_of(world.ben).open(idea.path)
    assert "Hidden by a moderator: We do not advertise here." in page
    page = browser_of(world.ann).open(idea.path)
    assert "A moderator hid this comment." in page and "cheap.example" not in page.html


def test_following_is_one_press(world: World, browser_of: BrowserOf) -> None:
    """Follow, and no more."""
    idea = world.idea()
    page = browser_of(world.ben).open(idea.path).press("Follow")
    assert page.button("You follow this").pressed == "true"
    assert page.press("You follow this").button("Follow").pressed == "false"


def test_the_filter_lives_in_the_address(world: World, browser_of: BrowserOf) -> None:
    """Tag, words, mine and voted narrow the list; each can be taken off again; nothing found offers to propose it."""
    lamp = world.idea(title="A lamp that lights up", tags=["light"])
    world.idea(world.ben, title="A bell that rings", tags=["sound"])
    cast_vote(world.ann, lamp.id, 1)
    browser = browser_of(world.ann)
    page = browser.open(board(world)).press("Show", tag="light", q="lamp")
    assert page.titles() == ["A lamp that lights up"]
    for query, shown in (
        ("tag=light", True),
        ("q=LAMP", True),
        ("mine=1", True),
        ("voted=1", True),
        ("tag=sound", False),
    ):
        page = browser.open(f"{board(world)}?{query}")
        assert ("A lamp that lights up" in page.titles()) is shown, query
    page = browser.open(f"{board(world)}?tag=sound").follow("Remove this filter")
    assert {"A lamp that lights up", "A bell that rings"} <= set(page.titles())
    page = browser.open(f"{board(world)}?q=dynamo light")
    assert "Nothing matches “dynamo light”." in page
    assert page.follow("Propose it").elements("input", name="title", value="dynamo light")
