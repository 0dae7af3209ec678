"""What one person does moves on the other person's screen, without reloading and without moving anything under their hand."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import hear, hold, until
from tests.support.town import Town, live

VOTE = "#head cs-vote-button .vote"


def test_a_vote_is_seen_by_the_other_screen_and_taken_back(town: Town) -> None:
    """The voter's button answers at once, the other one follows, and both end where the server stands."""
    space = town.space()
    idea = town.idea(space, "A lamp that lights up")
    ann, ben = (live(town.screen(name, town.path(idea))) for name in ("ann", "ben"))
    ann.click(VOTE)
    expect(ann.locator(VOTE)).to_have_attribute("aria-pressed", "true")
    expect(ben.locator(f"{VOTE} .count")).to_have_text("1")
    expect(ben.locator(VOTE)).to_have_attribute("aria-pressed", "false")
    expect(ben.locator("#stand [data-part=total]")).to_have_text("1")
    time.sleep(0.5)
    ann.click(VOTE)
    expect(ben.locator(f"{VOTE} .count")).to_have_text("0")
    expect(ann.locator(VOTE)).to_have_attribute("aria-pressed", "false")
    assert town.call("GET", f"/ideas/{idea['id']}")["tally"]["up"] == 0


@pytest.mark.full
def test_a_double_tap_is_one_change(town: Town) -> None:
    """Two presses within a blink count once."""
    idea = town.idea(town.space(), "A lamp that lights up")
    ann = live(town.screen("ann", town.path(idea)))
    ann.dblclick(VOTE)
    expect(ann.locator(f"{VOTE} .count")).to_have_text("1")
    ann.reload()
    expect(ann.locator(VOTE)).to_have_attribute("aria-pressed", "true")


def test_a_new_idea_waits_behind_the_pill(town: Town) -> None:
    """The list stays still; pressing the pill brings the idea and moves the focus to it."""
    space = town.space()
    town.idea(space, "The first of them")
    ann = live(town.screen("ann", town.path(space)))
    before = ann.locator("#ideas").bounding_box()
    town.idea(space, "The second of them")
    expect(ann.locator("cs-live-pill")).to_contain_text("1 new idea")
    assert ann.locator("#ideas .idea").count() == 1
    assert ann.locator("#ideas").bounding_box() == before
    expect(ann.locator("#count-ideas")).to_have_text("2")
    ann.click("cs-live-pill button")
    expect(ann.locator("#ideas")).to_contain_text("The second of them")
    expect(ann.locator("#ideas .idea h3 a", has_text="The second of them")).to_be_focused()


def test_what_the_pill_brings_is_never_older_than_the_page(town: Town) -> None:
    """The page is taken anew, with one idea more, while what was pressed for is on its way."""
    space = town.space()
    town.idea(space, "The first of them")
    ann = live(town.screen("ann", town.path(space)))
    town.idea(space, "The second of them")
    held = hold(ann, town.path(space))
    ann.click("cs-live-pill button")
    until(ann, lambda: held)
    town.idea(space, "The third of them")
    town.call("PATCH", f"/spaces/{space['slug']}", purpose="What should we build after that?")
    expect(ann.locator("#ideas .idea")).to_have_count(3)
    renewed = hear(ann, "cs:renewed", "ideas")
    held[0]()
    renewed()
    expect(ann.locator("#ideas .idea")).to_have_count(3)


@pytest.mark.full
def test_a_page_on_its_way_is_not_joined_to_a_list_that_began_anew(town: Town) -> None:
    """Else what moved from the first page to the second would be missing between them."""
    space = town.space()
    for number in range(26):
        town.idea(space, f"A lamp that lights up, number {number}")
    ann = live(town.screen("ann", f"{town.path(space)}?sort=new"))
    held = hold(ann, "**cursor=**")
    ann.mouse.wheel(0, 10_000)
    until(ann, lambda: held)
    town.idea(space, "The newest of them")
    ann.click("cs-live-pill button")
    expect(ann.locator("#ideas")).to_contain_text("The newest of them")
    held[0]()
    ann.mouse.wheel(0, 10_000)
    expect(ann.locator("#ideas .idea")).to_have_count(27)


@pytest.mark.full
def test_the_first_idea_of_an_empty_space_arrives(town: Town) -> None:
    """An empty board comes to life without a reload."""
    space = town.space()
    ann = live(town.screen("ann", town.path(space)))
    town.idea(space, "The first of them")
    expect(ann.locator("#ideas")).to_contain_text("The first of them")
    expect(ann.locator("text=No ideas yet.")).to_have_count(0)


def test_comments_statuses_and_answers_arrive(town: Town) -> None:
    """What is typed meanwhile stays."""
    space = town.space()
    idea = town.idea(space, "A lamp that lights up")
    ann = live(town.screen("ann", town.path(idea)))
    ann.fill("#say", "I am still typing")
    town.call("POST", f"/ideas/{idea['id']}/comments", body="Olga was faster")
    expect(ann.locator("#talks")).to_contain_text("Olga was faster")
    expect(ann.locator("#comments-h")).to_have_text("1 comment")
    planned = next(status["id"] for status in space["statuses"] if status["name"] == "Planned")
    town.call("PATCH", f"/ideas/{idea['id']}", status=planned)
    expect(ann.locator("#head .chip")).to_have_text("Planned")
    expect(ann.locator("#way .now")).to_contain_text("Planned")
    town.call("PUT", f"/ideas/{idea['id']}/answer", body="Yes, in May.")
    expect(ann.locator("#answer")).to_contain_text("Yes, in May.")
    assert ann.input_value("#say") == "I am still typing"


def test_a_merge_turns_the_open_page_into_a_signpost_and_back(town: Town) -> None:
    """Whoever reads the idea that went sees where it went."""
    space = town.space()
    source, target = town.idea(space, "A lamp that lights up"), town.idea(space, "Light for the night")
    ann = live(town.screen("ann", town.path(source)))
    ben = live(town.screen("ben", town.path(source)))
    ann.click(VOTE)
    expect(ben.locator(f"{VOTE} .count")).to_have_text("1")
    ben.goto(town.path(target))
    live(ben)
    town.call("POST", f"/ideas/{source['id']}/merge", into=target["id"])
    expect(ann.locator("#idea-page")).to_contain_text("is now part of")
    expect(ben.locator(f"{VOTE} .count")).to_have_text("1")
    expect(ben.locator("#way")).to_contain_text("Took in A lamp that lights up, 1 voter joined")
    town.call("DELETE", f"/ideas/{source['id']}/merge")
    expect(ben.locator(f"{VOTE} .count")).to_have_text("0")
    expect(ann.locator("#head h1")).to_have_text("A lamp that lights up")


def test_the_first_vote_lifts_the_veil_in_place(town: Town) -> None:
    """Where counts show after one's own vote, they appear with it and go with the last one."""
    space = town.space(results="after_vote")
    idea = town.idea(space, "A lamp that lights up")
    ben = live(town.screen("ben", town.path(idea)))
    ben.click(VOTE)
    expect(ben.locator(f"{VOTE} .count")).to_have_text("1")
    ann = live(town.screen("ann", town.path(idea)))
    expect(ann.locator(f"{VOTE} .count")).to_have_text("–")
    expect(ann.locator("#stand")).to_contain_text("The count shows after your vote.")
    ann.click(VOTE)
    expect(ann.locator(f"{VOTE} .count")).to_have_text("2")
    expect(ann.locator("#stand [data-part=total]")).to_have_text("2")
    time.sleep(0.5)
    ann.click(VOTE)
    expect(ann.locator(f"{VOTE} .count")).to_have_text("–")


def test_the_page_equals_a_fresh_load_after_the_line_was_cut(town: Town) -> None:
    """Offline for a while, then votes, a new idea and a status are caught up by number, without a reload."""
    space = town.space()
    first, second = town.idea(space, "The first of them"), town.idea(space, "The second of them")
    ann = live(town.screen("ann", town.path(space)))
    ann.context.set_offline(True)
    for idea in (first, second):
        town.call("PUT", f"/ideas/{idea['id']}/vote", value=1)
    planned = next(status["id"] for status in space["statuses"] if status["name"] == "Planned")
    town.call("PATCH", f"/ideas/{first['id']}", status=planned)
    ann.context.set_offline(False)
    for idea in (first, second):
        expect(ann.locator(f"#idea-{idea['id']} .count")).to_have_text("1", timeout=20_000)
    expect(ann.locator(f"#idea-{first['id']} .chip")).to_have_text("Planned")
    expect(ann.locator("cs-live-pill .offline")).to_have_count(0)
    fresh = town.screen("ann", town.path(space))
    assert rows(ann) == rows(fresh)


@pytest.mark.full
def test_what_cannot_be_caught_up_with_at_once_is_tried_again(town: Town) -> None:
    """The line is back, but the server is still too busy to say what was missed."""
    space = town.space()
    idea = town.idea(space, "A lamp that lights up")
    ann = live(town.screen("ann", town.path(space)))
    refused, failures = list[str](), list[str]()
    ann.on("pageerror", lambda error: failures.append(str(error)))
    ann.route("**/events?after=*", lambda route: (refused.append("busy"), route.fulfill(status=503)), times=2)
    ann.context.set_offline(True)
    town.call("PUT", f"/ideas/{idea['id']}/vote", value=1)
    ann.context.set_offline(False)
    expect(ann.locator(f"#idea-{idea['id']} .count")).to_have_text("1", timeout=30_000)
    assert len(refused) == 2 and failures == []


def rows(page: Page) -> list[str]:
    """The lines of the list by their words, without the badge that fades and how long ago it was."""
    texts = page.locator("#ideas .idea").evaluate_all(
        "rows => rows.map(row => { const copy = row.cloneNode(true);"
        " copy.querySelectorAll('.delta, time').forEach(d => d.remove()); return copy.textContent })"
    )
    return sorted(" ".join(text.split()) for text in texts)
