"""Who wants what: groups of at least five people, weights with versions, and no way to learn of fewer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from codesign.accounts.directory import OrganizationFact, attach_to_organization, find_or_create_organization
from codesign.accounts.organizations import describe_organization
from codesign.customers import ranking
from codesign.customers.facts import Wants, WeightsFact
from codesign.customers.ranking import rank_ideas
from codesign.customers.wants import told_of, wants_of
from codesign.customers.weights import set_weights, versions_of, weights_now
from codesign.events import log
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Conflict, Forbidden, Invalid
from codesign.kernel.few import LEAST_PEOPLE, told
from codesign.merging.service import merge_idea
from codesign.privacy.service import erase_person
from codesign.voting.counted import Counted
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.pages import Browser
from tests.support.world import World, token

Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _believe_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking._everybody, "seconds", -1.0)


@pytest.fixture
def voters(world: World) -> Make:
    """``voters(idea, "Velo Ltd", 3, segment="fleet", revenue=100)``: members of an organization vote for an idea."""

    def vote(idea: Any, company: str, count: int, **known: Any) -> list[Any]:
        organization = find_or_create_organization(company) if company else None
        if organization and known:
            describe_organization(organization, **known)
        found = []
        for _number in range(count):
            actor = world.member()
            attach_to_organization(str(actor.person_id), organization)
            cast_vote(actor, idea.id, 1)
            found.append(actor)
        return found

    return vote


def of(world: World, idea: Any, who: Any = None) -> Wants:
    return wants_of(world.access(who or world.owner), [idea.id])[idea.id]


def test_groups_with_what_they_are_worth(world: World, voters: Make) -> None:
    idea = world.idea()
    voters(idea, "Velo Ltd", 6, segment="fleet", revenue=1000.0)
    voters(idea, "Rad AG", 5, segment="fleet", revenue=500.0)
    voters(idea, "School 1", 5, segment="schools")
    voters(idea, "", 5)
    wants = of(world, idea)
    assert wants.people == 21 and wants.others == 0 and wants.companies == 3
    assert [(each.segment, each.people, each.revenue) for each in wants.segments] == [
        ("fleet", 11, 1500.0), ("", 5, None), ("schools", 5, None),
    ]  # fmt: skip
    assert wants.segments[0].organizations == (("Velo Ltd", 6), ("Rad AG", 5))
    assert wants.types == (("Customer", 21),) and wants.revenue == 1500.0 and wants.weighted == 21
    set_weights(world.owner, world.space.id, {"fleet": 2, "schools": 0.5})
    assert of(world, idea).weighted == 22 + 2.5 + 5
    moderator = of(world, idea, world.moderator)
    assert moderator.revenue is None and moderator.segments[0].revenue is None and moderator.people == 21


def test_few_people_are_not_told(world: World, voters: Make) -> None:
    idea = world.idea()
    four = voters(idea, "Velo Ltd", 4, segment="fleet", revenue=1000.0)
    assert of(world, idea) == Wants()
    voters(idea, "School 1", 6, segment="schools", revenue=10.0)
    wants = of(world, idea)  # ten people: six of schools would leave four
    assert wants.segments == () and wants.others == 10 and wants.weighted == 10 and wants.revenue == 1010.0
    voters(idea, "Velo Ltd", 1)
    wants = of(world, idea)
    assert {each.segment: each.people for each in wants.segments} == {"fleet": 5, "schools": 6} and wants.others == 0
    withdraw_vote(four[0], idea.id)
    assert of(world, idea).segments == ()


def test_a_colleague_of_five_is_not_told_by_the_segment(world: World, voters: Make) -> None:
    idea = world.idea()
    voters(idea, "Velo Ltd", 5, segment="fleet")
    voters(idea, "Solo", 1, segment="fleet")
    assert of(world, idea).segments[0].organizations == ()  # six less five would be one
    voters(idea, "Solo", 4)
    assert of(world, idea).segments[0].organizations == (("Solo", 5), ("Velo Ltd", 5))


@given(st.dictionaries(st.text(max_size=3), st.integers(1, 20), max_size=8))
def test_what_is_shown_and_what_is_left_are_never_few(groups: dict[str, int]) -> None:
    shown, rest = told(groups)
    assert all(groups[key] == people >= LEAST_PEOPLE for key, people in shown.items())
    assert rest == 0 or rest >= LEAST_PEOPLE
    whole = sum(groups.values())
    assert sum(shown.values()) + rest == (whole if whole >= LEAST_PEOPLE else 0)


_ROWS = st.lists(
    st.builds(
        Counted,
        st.just("i"),
        st.sampled_from([None, "a", "b", "c", "d"]),
        st.sampled_from([None, "x", "y"]),
        st.integers(1, 9),
    ),
    max_size=9,
)


@given(_ROWS)
def test_every_total_is_made_of_what_is_shown(rows: list[Counted]) -> None:
    companies = {
        "a": OrganizationFact("a", "A", {"segment": "s", "revenue": 1.0}),
        "b": OrganizationFact("b", "B", {"segment": "s"}),
        "c": OrganizationFact("c", "C", {"segment": "t", "revenue": 4.0}),
        "d": OrganizationFact("d", "D", {"segment": 7, "revenue": "much"}),
    }
    weights = WeightsFact(1, {"s": 3.0, "t": 0.0, "": 2.0})
    wants = told_of(rows, companies, weights, {}, with_worth=True)
    people = sum(row.people for row in rows)
    assert wants.people == (people if people >= LEAST_PEOPLE else 0)
    if not wants.people:
        assert wants == Wants()
        return
    assert sum(each.people for each in wants.segments) + wants.others == people
    assert sum(count for _name, count in wants.types) + wants.other_types == people
    assert wants.others == 0 or wants.others >= LEAST_PEOPLE
    assert wants.weighted == sum(each.people * weights.of(each.segment) for each in wants.segments) + wants.others
    for each in wants.segments:
        left = each.people - sum(count for _name, count in each.organizations)
        assert left == 0 or left >= LEAST_PEOPLE


def test_what_narrows_the_list_changes_no_number(world: World, voters: Make) -> None:
    """Two filters cannot be taken from each other: an idea says the same in every list it stands in."""
    ideas = [world.idea(title=f"Lamp {number}", tags=["light", f"t{number % 2}"]) for number in range(4)]
    for number, idea in enumerate(ideas):
        voters(idea, "Velo Ltd", 5 + number, segment="fleet", revenue=1000.0)
        voters(idea, "School 1", 3 * number, segment="schools")
    whole = {row.idea.id: row.wants for row in rank_ideas(world.owner, world.space.id).rows}
    everybody = rank_ideas(world.owner, world.space.id).everybody
    status = ideas[0].status_id
    for wish in (
        {"tag": "t1"},
        {"tag": "light"},
        {"status": status},
        {"sort": "segment:schools"},
        {"sort": "weighted"},
        {"limit": 2},
    ):
        found = rank_ideas(world.owner, world.space.id, **wish)
        assert found.everybody == everybody
        assert found.rows and all(whole[row.idea.id] == row.wants for row in found.rows)


def test_as_a_file_it_tells_no_more(app: Flask, world: World, voters: Make) -> None:
    """The groups of the page and no others, empty where there are too few; no cell is a formula; revenue for product people."""
    idea, small = world.idea(title="=1+1 lamps"), world.idea(title="A bell")
    voters(idea, "Velo Ltd", 6, segment="=fleet", revenue=100)
    voters(idea, "Rad GmbH", 5, segment="care", revenue=50)
    voters(idea, "Secret Inc", 2, segment="spies", revenue=7)
    voters(small, "Secret Inc", 2)
    address = f"/spaces/{world.space.slug}/wants"
    page = Browser.of(app, world.owner.person_id).open(address)
    file = page.browser.open(next(link for link, words in page.links if words == "Export as CSV"))
    lines = list(csv.DictReader(io.StringIO(file.html.removeprefix("\ufeff"))))
    assert [line["title"] for line in lines] == ["'=1+1 lamps", "A bell", ""] and "spies" not in file.html
    told = of(world, idea)
    first, second, all_of_them = lines
    assert (first["voters"], first["weighted"]) == (str(told.people), str(told.weighted))
    shown = {name: count for name, count in first.items() if name.startswith("segment: ") and count}
    assert shown == {
        **{f"segment: {each.segment}": str(each.people) for each in told.segments},
        **({"segment: others": str(told.others)} if told.others else {}),
    }
    assert all(int(count) >= LEAST_PEOPLE for count in shown.values())
    assert not any(value for name, value in second.items() if name not in {"id", "title", "status", "votes"})
    assert all_of_them["voters"] == "15" and "revenue" in first
    team = Browser.of(app, world.moderator.person_id)
    assert "revenue" not in team.open(f"{address}/export.csv").html.partition("\n")[0]
    assert (
        orjson.loads(team.open(f"{address}/export.json?sort=weighted").html)["items"][0]["wants"]["people"]
        == told.people
    )
    for actor in (world.stranger, world.ann):
        assert Browser.of(app, actor.person_id).open(f"{address}/export.csv").status == 403


def test_orders(world: World, voters: Make) -> None:
    one, two = world.idea(title="Lamp in front"), world.idea(title="Lamp behind")
    voters(one, "Velo Ltd", 7, segment="fleet", revenue=10.0)
    voters(two, "School 1", 6, segment="schools", revenue=5000.0)
    set_weights(world.owner, world.space.id, {"schools": 5})

    def order(sort: str, who: Any = None) -> list[str]:
        return [row.idea.id for row in rank_ideas(who or world.owner, world.space.id, sort=sort).rows]

    assert order("") == order("votes") == order("segment:fleet") == [one.id, two.id]
    assert order("weighted") == order("revenue") == order("segment:schools") == [two.id, one.id]
    for sort, who in (("revenue", world.moderator), ("names", world.owner)):
        with pytest.raises(Invalid):
            order(sort, who)
    with pytest.raises(Forbidden):
        order("", world.ann)


def test_weights_are_versioned_and_told_to_the_team(world: World) -> None:
    reference = world.space.id
    assert weights_now(reference) == WeightsFact()
    first = set_weights(world.owner, reference, {"fleet": 2, "plain": 1}, 0, "They pay the bills.")
    assert (first.number, first.weights, first.by, first.note) == (1, {"fleet": 2.0}, "Olga", "They pay the bills.")
    assert set_weights(world.owner, reference, {"fleet": 2}) == first  # nothing new, no version
    with pytest.raises(Conflict):
        set_weights(world.owner, reference, {"fleet": 3}, 0)
    second = set_weights(world.member("product"), reference, {}, 1)
    assert [each.number for each in versions_of(reference)] == [2, 1] and weights_now(reference) == second
    with db.read():
        facts = [fact for fact in log.since(reference, 0, 500) if fact.name == "weights.set"]
    assert (facts[0].actor_id, facts[0].payload) == (world.owner.person_id, {"number": 1})
    for wrong in (
        {"fleet": -1},
        {"fleet": 101},
        {"fleet": float("nan")},
        {"": 2},
        {"x" * 121: 2},
        {f"s{n}": 2 for n in range(51)},
    ):
        with pytest.raises(Invalid):
            set_weights(world.owner, reference, wrong)
    for actor in (world.moderator, world.ann, token(world.owner, "moderate")):
        with pytest.raises(Forbidden):
            set_weights(actor, reference, {"fleet": 9})
    erase_person(SYSTEM, str(world.owner.person_id))
    assert versions_of(reference)[-1].by == ""


def test_votes_are_counted_again_only_when_one_changed(world: World, voters: Make, count_queries: Any) -> None:
    idea = world.idea()
    voters(idea, "Velo Ltd", 5, segment="fleet")

    def looks() -> int:
        with count_queries() as statements:
            of(world, idea)
        return sum("cast_votes" in statement for statement in statements)

    assert (looks(), looks()) == (1, 0)
    voters(idea, "Velo Ltd", 1)
    assert looks() == 1 and of(world, idea).people == 6


def test_merged_voters_count_once(world: World, voters: Make) -> None:
    one, two = world.idea(title="Lamp in front"), world.idea(title="Lamp behind")
    for actor in voters(one, "Velo Ltd", 5, segment="fleet"):
        cast_vote(actor, two.id, 1)
    merge_idea(world.moderator, one.id, two.id)
    assert of(world, two).people == 5 and of(world, one) == Wants()


def test_it_costs_the_same_however_much_there_is(world: World, voters: Make, count_queries: Any) -> None:
    costs = []
    for number in (1, 3):
        for each in range(number):
            idea = world.idea(title=f"Lamp {number} {each}")
            voters(idea, f"Company {number} {each}", 5, segment=f"s{each}")
        with count_queries() as statements:
            rank_ideas(world.owner, world.space.id)
        costs.append(len(statements))
    assert costs[0] == costs[1]
