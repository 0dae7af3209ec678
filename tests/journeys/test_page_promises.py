"""What pages promise whoever looks: real pages of lists, addresses that last, nothing shown that is hidden, bad posts refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.accounts.service import change_profile
from codesign.ideas.service import answer_idea
from codesign.kernel.actor import Actor
from codesign.spaces import service as spaces
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World

pytestmark = pytest.mark.doors

BrowserOf = Callable[[Actor | None], Browser]


def board(world: World) -> str:
    return f"/spaces/{world.space.slug}"


def test_pages_of_a_long_list_are_real(world: World, browser_of: BrowserOf) -> None:
    """Every idea stands on exactly one page, in every order; the first page says how many there are."""
    titles = {f"Idea number {number:02}" for number in range(60)}
    for title in sorted(titles):
        world.idea(title=title)
    for sort in ("top", "new"):
        page = browser_of(None).open(f"{board(world)}?sort={sort}")
        assert "1–25 of 60" in page
        seen = page.titles()
        while any("Next page" in words for _url, words in page.links):
            page = page.follow("Next page")
            seen += page.titles()
        assert sorted(seen) == sorted(titles)
        assert page.follow("Back to the first page").titles() == seen[:25]


def test_a_stale_link_leads_to_the_list_and_a_wrong_slug_to_the_idea(world: World, browser_of: BrowserOf) -> None:
    """Links kept from other days still work."""
    idea = world.idea()
    browser = browser_of(None)
    assert "A lamp that lights up" in browser.open(f"{board(world)}?sort=gone&cursor=abc")
    for path in (f"{board(world)}/ideas/{idea.id}", f"{board(world)}/ideas/{idea.id}-other-words"):
        assert browser.client.get(path).status_code == 302
        assert browser.open(path).address == idea.path
    for odd in ("space=x", "reference=x", "_external=1&_scheme=javascript", "_anchor=x", "utm_source=letter"):
        answer = browser.client.get(f"{board(world)}/ideas/{idea.id}?{odd}")
        assert (answer.status_code, answer.headers["Location"]) == (302, idea.path), odd
    assert browser.client.get(f"{board(world)}/ideas/{idea.id}?reply=A").headers["Location"] == f"{idea.path}?reply=A"
    assert browser.open(f"{board(world)}/ideas/{'0' * 26}").status == 404


def test_who_answers_for_the_team_is_named_as_they_wish(world: World, browser_of: BrowserOf) -> None:
    """A name that its owner keeps from others stands beside the official answer for the team alone."""
    idea = world.idea()
    change_profile(world.moderator, name="Quiet Quentin")
    answer_idea(world.moderator, idea.id, "We build it in spring.")
    assert "Quiet Quentin" in browser_of(None).open(idea.path)
    change_profile(world.moderator, name="Quiet Quentin", show_name=False)
    page = browser_of(None).open(idea.path)
    assert "We build it in spring." in page and "Quiet Quentin" not in page.html
    assert "Quiet Quentin" in browser_of(world.owner).open(idea.path)


@pytest.mark.parametrize(("visibility", "indexed"), [("public", True), ("unlisted", False)])
def test_only_public_pages_ask_to_be_found(
    app: Flask, make_world: Callable[..., World], browser_of: BrowserOf, visibility: str, indexed: bool
) -> None:
    """Titles, descriptions and cards on public pages; noindex on unlisted ones."""
    world = make_world(visibility=visibility)
    idea = world.idea(body="Because it is **dark** in winter.")
    for path in (board(world), idea.path):
        page = browser_of(None).open(path)
        assert bool(page.elements("meta", name="robots", content="noindex")) is not indexed
        assert bool(page.elements("meta", property="og:title")) is indexed
        cards = [card["content"] for card in page.elements("meta", property="og:image")]
        assert [app.test_client().get(card).mimetype for card in cards] == ["image/png"] * indexed
    description = browser_of(None).open(idea.path).elements("meta", name="description")[0]["content"]
    assert description == "Because it is dark in winter."


def test_a_closed_ballot_says_why_and_takes_no_vote(world: World, browser_of: BrowserOf) -> None:
    """Buttons are disabled with the reason beside them; what is posted all the same is refused as closed."""
    idea = world.idea()
    page = browser_of(world.ben).open(idea.path)
    spaces.set_phase(world.owner, world.space.id, "discuss")
    assert page.press("Vote for").status == 409
    page = browser_of(world.ben).open(idea.path)
    assert page.button("Vote for").disabled and "This is possible in the phase" in page
    assert not browser_of(world.ben).open(board(world)).has_button("Vote for")
    assert "vote.cast" not in world.names()


def test_hidden_counts_are_not_on_any_page(make_world: Callable[..., World], browser_of: BrowserOf) -> None:
    """Until the close a page tells how many people voted, not for what; the team sees counts and reads that it alone does."""
    world = make_world(results="at_close", kind="updown")
    first, second = world.idea(title="First of two ideas"), world.idea(title="Second of two ideas")
    for actor in (world.ann, world.ben, world.stranger):
        cast_vote(actor, second.id, 1)
    for path in (board(world), first.path, second.path):
        page = browser_of(world.ann).open(path)
        assert all("up" not in found for found in page.elements("cs-vote-button"))
        assert "people have voted 3" in page or path != board(world)
        assert "votes today" not in page and "The count shows at the close." in page
    assert "Most wanted" not in browser_of(None).open(board(world))
    page = browser_of(world.moderator).open(second.path)
    assert page.elements("cs-vote-button", up="3") and "only the team sees them now" in page


def _doors(world: World, idea: Any, comment: Any) -> list[tuple[str, dict[str, str]]]:
    here = f"{board(world)}/ideas/{idea.id}"
    return [
        (f"{here}/vote", {"value": "1"}),
        (f"{here}/follow", {"follow": "1"}),
        (f"{here}/status", {"status": "x"}),
        (f"{here}/answer", {"body": "An answer"}),
        (f"{here}/edit", {"title": "Another title", "version": "1"}),
        (f"{here}/withdraw", {}),
        (f"{here}/comments", {"body": "Words"}),
        (f"{here}/merge", {"into": idea.id}),
        (f"{here}/unmerge", {}),
        (f"{board(world)}/ideas/new", {"title": "Something quite different"}),
        (f"{board(world)}/comments/{comment.id}/edit", {"body": "Other words", "version": "1"}),
        (f"{board(world)}/comments/{comment.id}/delete", {}),
        (f"{board(world)}/report/idea/{idea.id}", {"reason": "Why"}),
        (f"{board(world)}/moderate/idea/{idea.id}", {"decision": "hide", "reason": "Why"}),
    ]


def test_bad_posts_are_refused_and_change_nothing(world: World, browser_of: BrowserOf) -> None:
    """No token, a field too many, NUL, words without end, ids of nothing: refused at every door."""
    idea = world.idea()
    comment = world.comment(idea)
    before = world.names()
    browser = browser_of(world.moderator)
    browser.visitor.get(board(world))
    for path, fields in _doors(world, idea, comment):
        assert browser.client.post(path, data=fields).status_code == 403, path
        assert browser.visitor.send(path, **fields, is_admin="1").status_code == 422, path
        nothing = path.replace(idea.id, "0" * 26).replace(comment.id, "0" * 26)
        if nothing != path:
            assert browser.visitor.send(nothing, **fields).status_code == 404, path
        for name in fields:
            for bad in ("\0", "x" * 200_000):
                answer = browser.visitor.send(path, **{**fields, name: bad})
                assert answer.status_code in {422, 413}, (path, name, answer.status_code)
    assert world.names() == before


def test_a_stranger_to_a_private_space_finds_nothing(make_world: Callable[..., World], browser_of: BrowserOf) -> None:
    """Not the board, not the idea, not a form; a member does."""
    world = make_world(visibility="private")
    idea = world.idea()
    comment = world.comment(idea)
    before = world.names()
    for browser in (browser_of(world.stranger), browser_of(None)):
        browser.visitor.get("/sign-in")
        for path in (board(world), idea.path, f"{board(world)}/ideas/new", f"{board(world)}/similar?q=lamp"):
            assert browser.open(path).status == 404, path
        for path, fields in _doors(world, idea, comment):
            assert browser.visitor.send(path, **fields).status_code == 404, path
    assert world.names() == before
    assert browser_of(world.ben).open(idea.path).status == 200


def test_a_member_may_not_do_what_the_team_does(world: World, browser_of: BrowserOf) -> None:
    """Forbidden for others, allowed for the moderator."""
    idea = world.idea()
    for path, fields in (("status", {"status": "x"}), ("answer", {"body": "Yes"}), ("merge", {"into": idea.id})):
        address = f"{board(world)}/ideas/{idea.id}/{path}"
        assert browser_of(world.ben).visitor.send(address, **fields).status_code == 403
    moderate = f"{board(world)}/moderate/idea/{idea.id}"
    assert browser_of(world.ben).visitor.send(moderate, decision="hide", reason="x").status_code == 403
    assert browser_of(world.ben).open(f"{board(world)}/ideas/{idea.id}/edit").status == 403
    assert browser_of(world.moderator).visitor.send(moderate, decision="hide", reason="x").status_code == 303


def test_a_host_of_ideas_costs_few_queries(
    world: World, browser_of: BrowserOf, count_queries: Callable[[], Any]
) -> None:
    """The number of queries does not grow with the list."""
    browser = browser_of(world.ann)
    counts = []
    for number in (2, 20):
        for turn in range(number):
            world.idea(title=f"Idea {number} of turn {turn}", tags=["one", "two"])
        browser.open(board(world))
        with count_queries() as statements:
            assert browser.open(board(world)).status == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 26, statements


def test_a_long_talk_costs_no_more_queries_than_a_short_one(
    world: World, browser_of: BrowserOf, count_queries: Callable[[], Any]
) -> None:
    """The page of an idea reads its comments at once, whoever wrote them."""
    idea = world.idea()
    browser = browser_of(world.ann)
    counts = []
    for _turn in range(2):
        for number in range(5):
            world.comment(idea, world.member(), f"Comment {number}")
        browser.open(idea.path)
        with count_queries() as statements:
            assert "comments" in browser.open(idea.path)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 28, statements
