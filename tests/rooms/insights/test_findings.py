"""What is found for a product: take-rates beside their baseline, what rules cost, the most wanted configuration, who loses."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from codesign.insights.findings import Carrier, Composition, Gathered, Wish, work_out
from codesign.insights.signals import thing_of
from tests.rooms.insights.bikes import BASELINE, COMPILED, MODEL, POOL, utility
from tests.rooms.insights.test_signals import cards


def composed(id: str, person: str, *on: str, off: tuple[str, ...] = (), forked_from: str | None = None) -> Composition:
    decisions = {**dict.fromkeys(on, True), **dict.fromkeys(off, False)}
    return Composition(id, person, thing_of(MODEL, COMPILED.propagate(decisions).states), decisions, forked_from)


def found(gathered: Gathered, with_votes: bool = True) -> dict[str, Any]:
    """The findings, as they come back from the database."""
    return json.loads(json.dumps(work_out(COMPILED, gathered, POOL, BASELINE, with_votes=with_votes)))


def rows(findings: dict[str, Any], name: str, key: str = "option") -> dict[str, Any]:
    return {row[key]: row for row in findings[name]}


def test_nothing_happened_yet() -> None:
    empty = found(Gathered())
    assert empty["people"] == empty["composers"] == 0
    assert empty["wanted"] is empty["group"] is None
    assert empty["worths"] == empty["wishes"] == empty["rules"] == empty["forked"] == empty["voted"] == []
    assert {row["of"] for row in empty["taken"]} == {0}


def test_take_rates_stand_beside_what_rules_alone_would_bring_about() -> None:
    one = composed("c1", "ann", "city", "m250", "b400", "seat")
    older = composed("c0", "ann", "trail", "m500")
    open_one = composed("c2", "ben", "cargo")
    taken = rows(found(Gathered([one, open_one, older])), "taken")
    assert taken["rack"] == {"option": "rack", "taken": 1, "of": 2, "baseline": BASELINE["rack"], "rows": ["c1"]}
    assert (taken["m250"]["taken"], taken["m250"]["of"]) == (1, 1)  # Ben has not chosen a motor
    assert taken["trail"]["taken"] == 0  # Ann has one voice: her newest
    assert taken["cargo"]["baseline"] == pytest.approx(sum("cargo" in thing.has for thing in POOL) / 74)


def test_wishes_are_counted_by_option_and_by_the_rule_that_forbids_them() -> None:
    decisions = {"trail": True, "m500": True}
    wishes = [
        Wish("ann", "seat", decisions, "c1"),
        Wish("ann", "seat", {"trail": True}),
        Wish("ben", "seat", {"trail": True}),
        Wish("ben", "b400", decisions),
    ]
    told = found(Gathered(wishes=wishes))
    assert told["wishes"] == [
        {"option": "seat", "people": 2, "rows": ["c1"]},
        {"option": "b400", "people": 1, "rows": []},
    ]
    assert told["rules"] == [
        {"kind": "rule", "id": "no-trail-seat", "people": 2, "options": {"seat": 2}},
        {"kind": "rule", "id": "strong-motor", "people": 1, "options": {"b400": 1}},
    ]
    assert told["people"] == 2


def test_most_forked_and_most_voted() -> None:
    made = [composed(f"c{n}", f"p{n}", "city") for n in range(3)]
    carriers = {"c0": Carrier("i0", 3, 1, ("a", "b", "c"), ("d",)), "c1": Carrier("i1", 5), "c2": Carrier("i2")}
    told = found(Gathered(made, forks={"c1": 2, "c2": 7, "gone": 9}, carriers=carriers))
    assert told["forked"] == [{"configuration": "c2", "forks": 7}, {"configuration": "c1", "forks": 2}]
    assert [row["idea"] for row in told["voted"]] == ["i1", "i0"]
    assert told["signals"] == {"publications": 3, "votes": 4}


def test_without_votes_nothing_depends_on_them() -> None:
    made = [composed(f"c{n}", f"p{n}", "city", "m250", "b400", *(["rack"] if n % 2 else [])) for n in range(40)]
    voters = tuple(f"v{n}" for n in range(50))
    ways = [
        Gathered(made, carriers={"c0": Carrier("i0", 50, 0, voters)}),
        Gathered(made, carriers={"c1": Carrier("i1", 0, 50, (), voters)}),
        Gathered(made),
    ]
    blind = [found(gathered, with_votes=False) for gathered in ways]
    assert blind[0] == blind[1] == blind[2]
    assert blind[0]["voted"] is None and "votes" not in blind[0]["signals"]
    assert found(ways[0]) != found(ways[1])


def test_the_most_wanted_configuration_is_the_best_that_rules_allow() -> None:
    told = found(Gathered(cards=cards(900, seed=2)))
    best = max(POOL, key=utility)
    assert set(told["wanted"]["options"]) == best.has
    assert told["wanted"]["totals"] == {}
    assert {row["group"] for row in told["importances"]} == {"frame", "motor", "battery", "extras"}
    assert sum(row["percent"] for row in told["importances"]) == pytest.approx(100, abs=0.3)
    assert all(row["enough"] and row["low"] < row["worth"] < row["high"] for row in told["worths"])


def test_who_loses_what_for_the_good_of_all_and_why() -> None:
    """The group gets the city bike with child seat; whoever wanted a trail frame hears what stands there instead."""
    loser = composed("c1", "ann", "trail", "lights", "m500")
    happy = composed("c2", "ben", "city", "seat")
    told = found(Gathered([loser, happy], cards=cards(900, seed=2)))
    assert {"city", "seat", "rack"} <= set(told["wanted"]["options"])
    assert told["group"]["people"] == 2 and told["group"]["keep_all"] == 1
    (loss,) = told["group"]["losses"]
    assert (loss["option"], loss["people"], loss["rows"]) == ("trail", 1, ["c1"])
    assert loss["instead"] in (["city"], ["seat"])
    assert loss["rules"][0]["id"] == {"city": "frame", "seat": "no-trail-seat"}[loss["instead"][0]]


def test_estimates_of_what_few_have_seen_are_not_kept() -> None:
    told = found(Gathered(cards=cards(20, seed=2)))
    assert told["worths"] and not any(row["enough"] for row in told["worths"])
    assert {row["worth"] for row in told["worths"]} == {None}
    assert told["wanted"] is None and told["importances"] == []


def test_many_deeds_stay_within_bounds() -> None:
    """Thousands of answers and votes are worked out in well under a second."""
    deal = random.Random(4)
    made = [
        Composition(f"c{n}", f"p{n}", thing, dict.fromkeys(thing.has, True))
        for n, thing in enumerate(deal.choices(POOL, k=1000))
    ]
    voters = tuple(f"v{n}" for n in range(5000))
    carriers = {f"c{n}": Carrier(f"i{n}", 5000, 0, voters) for n in range(20)}
    told = found(Gathered(made, cards=cards(2000, seed=9), carriers=carriers))
    assert told["signals"]["votes"] == 100_000
    assert len(told["taken"][0]["rows"]) <= 20
