"""What keeps lists quick where a space is large: a fixed number of queries, counts that are kept, orders in two steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.ideas.counts import count_ideas
from codesign.ideas.queries import get_idea, list_tags
from codesign.ideas.sifting import Order, Sieve, sift_ideas
from codesign.ideas.team import hide_idea
from codesign.kernel import db
from codesign.spaces.facts import StatusFact
from codesign.spaces.queries import list_statuses
from codesign.testing import Statements
from codesign.triage import filters, service
from codesign.triage.fields import keep_field
from codesign.triage.filters import DeskFilter
from codesign.triage.queries import desk_rows, inbox_counts
from codesign.triage.service import change_ideas, undo_deed
from codesign.voting.service import cast_vote
from tests.support.world import World

Counting = Callable[[], Any]


def statements_of(count_queries: Counting, ask: Callable[[], Any]) -> int:
    with count_queries() as statements, db.read():
        ask()
    return len(statements)


@pytest.mark.parametrize("wish", [{}, {"inbox": "mine"}, {"inbox": "surging"}, {"inbox": "all", "sort": "rising"}])
def test_a_page_of_the_desk_takes_as_many_queries_for_one_idea_as_for_many(
    world: World, count_queries: Counting, wish: dict[str, str]
) -> None:
    access = world.access(world.moderator)

    def look() -> None:
        desk_rows(access, DeskFilter(**wish), limit=5)

    for number in range(2):
        cast_vote(world.ben, world.idea(title=f"Idea {number}").id, 1)
    few = statements_of(count_queries, look)
    for number in range(12):
        cast_vote(world.ben, world.idea(title=f"One more {number}").id, 1)
    assert statements_of(count_queries, look) <= few


def test_the_number_in_the_menu_is_counted_again_only_when_ideas_come_or_go(
    world: World, count_queries: Counting
) -> None:
    first, _second = world.idea(title="The first one"), world.idea(title="The second one")
    with db.read():
        assert count_ideas(world.space.id) == 2
    cast_vote(world.ben, first.id, 1)

    def counted() -> Statements:
        with count_queries() as statements, db.read():
            count_ideas(world.space.id)
        found: Statements = statements
        return found

    assert len(counted()) == 1 and "FROM idea" not in str(counted())
    hide_idea(world.moderator, first.id, "Not for everybody")
    with db.read():
        assert count_ideas(world.space.id) == 1


def test_topics_of_ideas_that_are_not_shown_are_not_counted(world: World) -> None:
    world.idea(title="A red lamp", tags=("lamp", "red"))
    hidden = world.idea(title="A blue lamp", tags=("lamp", "blue"))
    hide_idea(world.moderator, hidden.id, "Not for everybody")
    with db.read():
        assert [(tag.name, tag.count) for tag in list_tags(world.space.id)] == [("lamp", 1), ("red", 1)]


def test_an_order_of_values_goes_on_with_those_that_have_none(world: World) -> None:
    """Page by page, every idea once: those with a value, falling, then the others, the newest first."""
    made = [world.idea(title=f"Idea number {number}").id for number in range(6)]
    keep_field(world.owner, world.space.id, "effort", "Effort")
    for idea_id, number in ((made[1], "3"), (made[4], "8")):
        change_ideas(world.moderator, world.space.id, "field", {"key": "effort", "value": number}, [idea_id])
    seen, cursor = [], None
    access = world.access(world.moderator)
    while True:
        page = desk_rows(access, DeskFilter(inbox="all", sort="field:effort"), limit=1, cursor=cursor)
        seen += [row.idea.id for row in page.rows]
        if not (cursor := page.next):
            break
    assert seen == [made[4], made[1], made[5], made[3], made[2], made[0]]


def test_an_idea_that_is_chosen_twice_is_listed_once(world: World) -> None:
    from sqlalchemy import select, union_all

    from codesign.ideas.models import Idea

    world.idea()
    here = select(Idea.id).where(Idea.space_id == world.space.id)
    twice = select(union_all(here, here).subquery().c[0])
    page = sift_ideas(world.access(world.moderator), Sieve(within=(twice,)), Order())
    assert len(page.items) == 1


def test_what_surges_is_listed_by_the_votes_of_the_week_and_by_any_other_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "SURGE_VOTES", 2)
    quiet, one, other = (world.idea(title=f"Idea number {number}").id for number in range(3))
    for voter, idea_id in (
        (world.ben, one),
        (world.ann, one),
        (world.ben, other),
        (world.ann, other),
        (world.moderator, one),
    ):
        cast_vote(voter, idea_id, 1)
    cast_vote(world.ben, quiet, 1)
    access = world.access(world.moderator)
    first = desk_rows(access, DeskFilter(inbox="surging"), limit=1)
    second = desk_rows(access, DeskFilter(inbox="surging"), limit=1, cursor=first.next)
    assert [row.idea.id for row in (*first.rows, *second.rows)] == [one, other] and second.next is None
    newest = desk_rows(access, DeskFilter(inbox="surging", sort="new"))
    assert [row.idea.id for row in newest.rows] == [other, one]
    assert not desk_rows(access, DeskFilter(inbox="surging", tag="nothing")).rows


def test_the_statuses_of_many_ideas_are_changed_and_put_back_with_as_many_statements_as_those_of_few(
    world: World, count_queries: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what writes them: one statement with many rows where the database takes it so."""
    monkeypatch.setattr(service, "STEP_SECONDS", 60)
    status = next(each for each in list_statuses(world.space.id) if each.kind == "review").id
    ids = [world.idea(title=f"Idea number {number}").id for number in range(18)]

    def look(some: list[str]) -> int:
        with count_queries() as statements:
            done = change_ideas(world.moderator, world.space.id, "status", status, some)
            assert done.deed is not None and done.changed == len(some)
            assert undo_deed(world.moderator, world.space.id, done.deed.id).changed == len(some)
        return sum(1 for each in statements if not str(each).startswith("UPDATE idea"))

    assert look(ids) <= look(ids[:11])


def test_inboxes_are_counted_again_only_when_something_happened_to_their_ideas(
    world: World, count_queries: Counting
) -> None:
    access = world.access(world.moderator)
    ideas = [world.idea(title=f"Lamp number {n}").id for n in range(4)]
    review = next(status.id for status in _statuses(world) if status.kind == "review")

    def counts() -> tuple[int, int, int]:
        with db.read():
            found = inbox_counts(access)
        return found["new"], found["unanswered"], found["mine"]

    def look() -> None:
        inbox_counts(access)

    assert counts() == (4, 4, 0)
    known = statements_of(count_queries, look)
    cast_vote(world.ben, ideas[0], 1)
    assert statements_of(count_queries, look) == known and counts() == (4, 4, 0)
    steps: list[tuple[str, Any, tuple[int, int, int]]] = [
        ("status", review, (3, 4, 0)), ("owner", world.moderator.person_id, (3, 4, 1)), ("read", True, (3, 4, 1)),
        ("answer", "In May.", (3, 3, 1)),
    ]  # fmt: skip
    for name, wish, expected in steps:
        change_ideas(world.moderator, world.space.id, name, wish, ideas[:1])
        assert counts() == expected, name
    done = change_ideas(world.moderator, world.space.id, "read", True, ideas)
    assert counts() == (0, 3, 1) and done.deed is not None
    undo_deed(world.moderator, world.space.id, done.deed.id)
    assert counts() == (3, 3, 1)
    hide_idea(world.moderator, ideas[3], "Not for everybody")
    assert counts() == (2, 2, 1)


def _statuses(world: World) -> list[StatusFact]:
    with db.read():
        return list_statuses(world.space.id)


def test_what_surges_is_the_same_whether_it_is_believed_or_looked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "SURGE_VOTES", 1)
    ideas = [world.idea(title=f"Lamp number {n}").id for n in range(7)]
    for number, idea in enumerate(ideas[1:]):
        for voter in (world.ben, world.owner, world.moderator)[: 1 + number % 3]:
            cast_vote(voter, idea, 1)
    hide_idea(world.moderator, ideas[2], "Not for everybody")
    planned = next(status.id for status in _statuses(world) if status.kind == "planned")
    change_ideas(world.moderator, world.space.id, "status", planned, ideas[3:5])
    access = world.access(world.moderator)

    def listed(**narrowed: str) -> list[str]:
        wish, found, cursor = DeskFilter(inbox="surging", **narrowed), list[str](), None
        for _page in range(9):
            with db.read():
                page = desk_rows(access, wish, limit=2, cursor=cursor)
            found, cursor = [*found, *(row.idea.id for row in page.rows)], page.next
            if cursor is None:
                break
        return found

    believed = listed(), listed(status=planned), listed(q="number 6")
    assert set(believed[0]) == {*ideas[3:], ideas[1]} and set(believed[1]) == {*ideas[3:5]} and len(believed[2]) == 1
    monkeypatch.setattr(filters, "MOST_RANKED", 0)
    assert believed == (listed(), listed(status=planned), listed(q="number 6"))


@pytest.mark.parametrize(("name", "wish"), [("tag", "light"), ("owner", "me"), ("read", True)])
def test_a_step_writes_as_often_for_many_ideas_as_for_a_few(
    world: World, count_queries: Counting, monkeypatch: pytest.MonkeyPatch, name: str, wish: Any
) -> None:
    monkeypatch.setattr(service, "STEP_SECONDS", 60.0)
    monkeypatch.setattr(service, "FEW", 0)
    ideas = [world.idea(title=f"Lamp number {n}", tags=["red"]).id for n in range(14)]
    wish = world.owner.person_id if wish == "me" else wish

    def change(some: list[str]) -> int:
        with count_queries() as statements:
            assert change_ideas(world.owner, world.space.id, name, wish, some).changed == len(some)
        return len(statements)

    few = change(ideas[:3])
    assert change(ideas[3:]) <= few
    if name == "tag":
        assert get_idea(world.owner, ideas[13]).tags == ("red", "light")
        assert world.names().count("idea.edited") == 14
