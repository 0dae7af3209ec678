"""Lists: orders, filters, pages; and that nothing of hidden tallies shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from codesign.accounts.service import change_profile
from codesign.events import log
from codesign.hooks.rules import NEW, TOP, ScoreRule
from codesign.ideas import service
from codesign.ideas.facts import ScoreRow
from codesign.ideas.ports import ports
from codesign.ideas.queries import find_similar, list_ideas, list_tags, scores_of, statistics
from codesign.ideas.scores import store_scores
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM, Actor
from codesign.kernel.errors import Forbidden, Invalid
from codesign.kernel.paging import make_cursor
from codesign.merging.service import merge_idea
from codesign.spaces.queries import list_statuses
from codesign.testing import actor_of
from codesign.voting.service import cast_vote
from tests.support.world import World, token

Make = Callable[..., Any]


def listed(
    world: World, actor: Actor | None = None, sort: str | None = None, limit: int = 100, **filters: Any
) -> list[str]:
    """The titles of a whole list, read page by page."""
    access, titles, cursor = world.access(actor or world.ben), [], None
    while True:
        page = list_ideas(access, sort, limit=limit, cursor=cursor, **filters)
        titles += [idea.title for idea in page.items]
        cursor = page.next
        if cursor is None:
            return titles


def voted(world: World, title: str, ups: int, imported: int = 0) -> str:
    """An idea with that many votes."""
    idea = world.idea(world.moderator, title)
    for _number in range(ups):
        cast_vote(actor_of(world.make_person(guest=True)), idea.id, 1)
    if imported:
        service.import_votes(SYSTEM, idea.id, "survey", imported)
    return idea.id


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_every_order_is_whole_on_any_page_size(world: World, limit: int) -> None:
    counts = {"One vote": (1, 0), "No vote": (0, 0), "Two votes": (2, 0), "Imported": (0, 2), "None either": (0, 0)}
    for title, (ups, imported) in counts.items():
        voted(world, title, ups, imported)
    assert listed(world, sort="top", limit=limit) == ["Two votes", "Imported", "One vote", "No vote", "None either"]
    assert listed(world, sort="new", limit=limit) == list(reversed(counts))
    shuffled = listed(world, sort="shuffled", limit=limit)
    assert sorted(shuffled) == sorted(listed(world, sort="new")) and shuffled == listed(world, sort="shuffled")


def test_each_person_gets_an_order_of_their_own(world: World) -> None:
    for number in range(8):
        world.idea(title=f"Idea number {number}")
    people = [world.ann, world.ben, world.moderator, world.owner, world.stranger]
    assert len({tuple(listed(world, person, "shuffled")) for person in people}) > 3
    orders = {
        tuple(idea.id for idea in list_ideas(world.access(ANONYMOUS), "shuffled", seed=seed).items) for seed in "abcde"
    }
    assert len(orders) > 3


def test_a_rule_orders_by_its_scores(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = ScoreRule("hot", lambda statistics: None)
    monkeypatch.setattr(ports, "rules", lambda space: {"new": NEW, "top": TOP, "hot": rule})
    ids = {
        title: world.idea(title=title).id
        for title in ("First idea", "Second idea", "Third idea", "Without", "Also without")
    }
    parts = ({"label": "votes", "input": "3", "points": 1.5},)
    rows = [
        ScoreRow(ids["First idea"], 0.5),
        ScoreRow(ids["Second idea"], 1.5, parts),
        ScoreRow(ids["Third idea"], 0.5),
        ScoreRow(ids["Without"], None),
    ]
    assert set(store_scores(world.space.id, 7, {"hot": rows})) == {row.idea_id for row in rows[:3]}
    assert store_scores(world.space.id, 8, {"hot": rows}) == []
    for limit in (1, 2, 3, 100):
        assert listed(world, sort="hot", limit=limit) == [
            "Second idea",
            "First idea",
            "Third idea",
            "Without",
            "Also without",
        ]
    assert world.names().count("scores.changed") == 1
    assert scores_of([ids["Second idea"]])[ids["Second idea"]][0].parts == parts
    store_scores(world.space.id, 9, {"hot": [ScoreRow(ids["Second idea"], None)]})
    assert listed(world, sort="hot")[:2] == ["First idea", "Third idea"]


def test_filters_narrow_a_list(world: World) -> None:
    statuses = {status.kind: status.id for status in list_statuses(world.space.id)}
    lamp = world.idea(title="A better lamp", body="Bright LED, 50% off_now", tags=["light"])
    bell = world.idea(world.ben, "A louder bell", tags=["sound", "safety"])
    program = service.submit_idea(
        token(world.moderator, "write"), world.space.id, "From a program", external_id="crm:7"
    )
    service.set_status(world.moderator, bell.id, statuses["planned"])
    cast_vote(world.ben, lamp.id, 1)
    assert listed(world, status=statuses["planned"]) == ["A louder bell"]
    assert listed(world, tag="Light") == ["A better lamp"]
    assert listed(world, author=world.ann.person_id) == ["A better lamp"]
    assert listed(world, world.ben, mine=True) == ["A louder bell"] and listed(world, ANONYMOUS, mine=True) == []
    assert listed(world, world.ben, voted=True) == ["A better lamp"] and listed(world, ANONYMOUS, voted=True) == []
    assert listed(world, external_id="crm:7") == [program.title]
    assert [(tag.name, tag.count) for tag in list_tags(world.space.id)] == [("light", 1), ("safety", 1), ("sound", 1)]
    assert listed(world, composed=True) == [] and listed(world, for_product="01") == []
    hidden = world.idea(title="Not for all")
    service.hide_idea(world.moderator, hidden.id, "because")
    assert "Not for all" not in listed(world, world.moderator)
    assert listed(world, world.moderator, state="hidden") == ["Not for all"]
    assert "Not for all" in listed(world, world.ann, mine=True)
    with pytest.raises(Forbidden):
        listed(world, world.ann, state="hidden")
    with pytest.raises(Invalid):
        listed(world, world.moderator, state="everything")


def test_by_whom_a_text_is_may_not_be_asked_where_the_name_is_not_shown(world: World) -> None:
    world.idea(world.ann, "A better lamp")
    assert listed(world, world.stranger, author=world.ann.person_id) == ["A better lamp"]
    change_profile(world.ann, name="Ann", show_name=False)
    for actor in (world.stranger, world.ben, ANONYMOUS):
        assert listed(world, actor, author=world.ann.person_id) == []
        assert listed(world, actor) == ["A better lamp"]
    for actor in (world.ann, world.moderator):
        assert listed(world, actor, author=world.ann.person_id) == ["A better lamp"]


def test_merged_ideas_leave_the_list_but_are_found_by_their_external_id(world: World) -> None:
    first = service.submit_idea(token(world.ann, "write"), world.space.id, "First of two", external_id="x:1")
    second = world.idea(title="Second of two")
    merge_idea(world.moderator, first.id, second.id)
    assert listed(world) == ["Second of two"]
    assert listed(world, external_id="x:1") == ["First of two"]
    assert listed(world, world.moderator, state="merged") == ["First of two"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("lamp", 1), ("LAMP bright", 1), ("lamp bell", 0), ("50%", 1), ("%", 1), ("off_n", 1), ("o_f", 0), ("_", 1),
        ("grosse", 1), ("GRÖSSE", 1), ("' OR 1=1 --", 0), ('"', 0), ("\\", 0), ("", 3), ("  ", 3), ("lamp " * 60, 1),
        ("a" * 100_000, 0),
    ],
)  # fmt: skip
def test_search_takes_words_literally(world: World, q: str, found: int) -> None:
    world.idea(title="A better lamp", body="Bright LED, 50% off_now")
    world.idea(title="A louder bell")
    world.idea(title="Größe wählen", body="für alle")
    assert len(listed(world, q=q)) == found


def test_a_page_and_its_number_are_one_snapshot_in_a_fixed_number_of_queries(world: World, count_queries: Make) -> None:
    for number in range(3):
        idea = world.idea(title=f"Idea number {number}", tags=["one", "two"])
        cast_vote(world.ben, idea.id, 1)
    access = world.access(world.ben)
    with count_queries() as few:
        page = list_ideas(access, "new", limit=1)
    with count_queries() as many:
        page = list_ideas(access, "new", limit=100)
    assert len(few) == len(many) <= 8, many
    with db.read():
        assert page.seq == log.head(world.space.id)
    assert all(idea.my_vote == 1 and idea.tally and idea.tally.up == 1 for idea in page.items)


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "", "é", "W10", "W" * 5000, make_cursor("top", [1, 2, "x"])),
        *(make_cursor("new", key) for key in (["1", "x"], [1], [True, "x"], [1, "\x00"], [10**30, "x"])),
    ],
)
def test_a_strange_cursor_is_refused(world: World, cursor: str) -> None:
    world.idea()
    with pytest.raises(Invalid) as refused:
        list_ideas(world.access(world.ben), "new", cursor=cursor)
    assert refused.value.errors[0].field == "cursor"
    assert list_ideas(world.access(world.ben), "new", cursor=make_cursor("new", [0, "x"])).items == ()


def test_an_unknown_order_is_refused(world: World) -> None:
    for sort in ("hot; DROP", "title", "", "id desc"):
        with pytest.raises(Invalid):
            list_ideas(world.access(world.ben), sort)


# --- Hidden tallies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("results", ["after_vote", "at_close"])
def test_while_tallies_are_hidden_nothing_depends_on_them(make_world: Make, results: str) -> None:
    world: World = make_world(kind="updown", results=results)
    ids = [world.idea(title=f"Idea number {number}").id for number in range(3)]
    voter = actor_of(world.make_person(guest=True))

    def seen(actor: Actor) -> str:
        pages = [
            list_ideas(world.access(actor), sort, **filters)
            for sort in (None, "top", "new", "shuffled")
            for filters in ({}, {"q": "idea"}, {"limit": 1})
        ]
        return json.dumps([(page.items, page.next, page.sort) for page in pages], default=str)

    before, team = [seen(world.ann), seen(ANONYMOUS)], seen(world.moderator)
    cast_vote(voter, ids[2], 1)
    cast_vote(world.ben, ids[1], -1)
    assert [seen(world.ann), seen(ANONYMOUS)] == before
    assert seen(world.moderator) != team
    assert list_ideas(world.access(world.ann), "top").sort == "new"
    assert list_ideas(world.access(world.moderator), "top").sort == "top"
    page = list_ideas(world.access(voter), "top")
    assert (page.sort == "top") == (results == "after_vote")
    assert (page.items[0].tally is not None) == (results == "after_vote")


# --- Look-alikes and statistics -----------------------------------------------------------------------------------------


def test_lookalikes_share_uncommon_words(world: World) -> None:
    world.idea(title="Swappable batteries for long trips")
    world.idea(title="A child seat that folds away", body="A swappable battery must stay reachable.")
    world.idea(title="Louder bell in the city")
    found = find_similar(world.access(world.ben), "Make the battery swappable, please")
    assert [item.idea.title for item in found] == ["Swappable batteries for long trips", "A child seat that folds away"]
    assert found[0].likeness > 0.5 > found[1].likeness
    assert (
        find_similar(world.access(world.ben), "A swappable battery", skip=found[0].idea.id)[0].idea.id
        == found[1].idea.id
    )
    for nothing in ("", "the and of", "%", "x" * 100_000, "\n"):
        assert find_similar(world.access(world.ben), nothing) == []


def test_statistics_tell_what_rules_may_know(world: World) -> None:
    idea_id = voted(world, "Counted twice", 2, imported=5)
    world.comment(service.submit_idea(world.ann, world.space.id, "Another one"))
    numbers = {item.idea_id: item for item in statistics(world.space.id)}
    assert (numbers[idea_id].up, numbers[idea_id].voters, numbers[idea_id].votes_24h, numbers[idea_id].comments) == (
        7,
        2,
        2,
        0,
    )
    assert sorted(item.comments for item in numbers.values()) == [0, 1]
    assert [item.idea_id for item in statistics(world.space.id, [idea_id])] == [idea_id]
