"""From what people did to part-worths: each kind of deed, what is shown, and what is not."""

from __future__ import annotations

import random

import numpy as np

from codesign.insights import signals
from codesign.insights.signals import NOTHING, Situation, Thing
from tests.rooms.insights.bikes import COMPILED, MODEL, POOL, WORTH, utility


def cards(count: int, seed: int, people: int = 20, none_is_worth: float = -1.0) -> list[Situation]:
    """So many answers to cards with four random configurations."""
    dice, deal, found = np.random.default_rng(seed), random.Random(seed), []
    for number in range(count):
        shown = deal.sample(POOL, 4)
        worth = [utility(thing, dice) for thing in shown]
        none = none_is_worth + dice.gumbel()
        chosen = None if none > max(worth) else int(np.argmax(worth))
        found.append(signals.from_card(shown, chosen, f"person {number % people}"))
    return found


def correlation(found: list[signals.PartWorth]) -> float:
    """How alike estimates and what is true are, groups told against their mean."""
    true = dict(WORTH)
    for group in MODEL.groups[:3]:
        mean = sum(WORTH[option.id] for option in group.options) / len(group.options)
        true |= {option.id: WORTH[option.id] - mean for option in group.options}
    return float(np.corrcoef([one.worth for one in found], [true[one.option] for one in found])[0, 1])


def test_all_74_configurations_are_valid_to_the_engine() -> None:
    assert len(POOL) == 74
    assert all(COMPILED.propagate({option: option in thing.has for option in MODEL.options}).possible for thing in POOL)


def test_cards_tell_what_options_are_worth() -> None:
    found = signals.part_worths(MODEL, cards(600, seed=5))
    assert [one.option for one in found] == [*MODEL.order]
    assert all(one.enough for one in found)
    assert correlation(found) > 0.97
    frame = [one.worth for one in found if one.option in {"city", "trail", "cargo"}]
    assert abs(sum(frame)) < 1e-6
    assert all(one.low < one.worth < one.high and one.high - one.low < 1.2 for one in found)


def test_publications_alone_tell_it_where_take_rates_do_not() -> None:
    """Whoever publishes took the best of what they saw; only the winner is known."""
    dice, deal, found = np.random.default_rng(11), random.Random(11), []
    taken = dict.fromkeys(WORTH, 0)
    for number in range(400):
        best = max(deal.sample(POOL, 8), key=lambda thing: utility(thing, dice))
        taken = {option: count + (option in best.has) for option, count in taken.items()}
        found.append(signals.from_publication(f"c{number}", best, f"person {number}", POOL))
    worths = signals.part_worths(MODEL, found)
    rates = np.corrcoef([taken[option] for option in WORTH], [*WORTH.values()])[0, 1]
    assert correlation(worths) > 0.95 > rates


def test_what_few_have_seen_is_not_told() -> None:
    few = signals.part_worths(MODEL, cards(29, seed=1))
    assert few and not any(one.enough for one in few)
    loners = signals.part_worths(MODEL, cards(300, seed=1, people=4))
    assert all(one.views >= 30 for one in loners) and not any(one.enough for one in loners)
    assert signals.part_worths(MODEL, []) == []


def test_a_card_with_the_same_bike_four_times_tells_nothing() -> None:
    assert signals.part_worths(MODEL, [signals.from_card([POOL[0]] * 4, 1, "a")] * 50) == []


def test_forks_wishes_repairs_and_votes_pull_the_way_they_say() -> None:
    city, seat = Thing(frozenset({"city", "m250", "b400"})), Thing(frozenset({"city", "m250", "b400", "rack", "seat"}))
    ways = {
        "fork": [signals.from_fork(city, seat, f"p{n}") for n in range(40)],
        "wish": [signals.from_wish("seat", f"p{n}") for n in range(40)],
        "repair": [signals.from_repair("seat", ["lights"], f"p{n}") for n in range(40)],
        "votes": [*signals.from_votes("c", seat, [f"p{n}" for n in range(40)], POOL, against=False)],
    }
    for name, situations in ways.items():
        found = {one.option: one for one in signals.part_worths(MODEL, situations)}
        assert found["seat"].worth > 0.2, name
        assert found["seat"].views == 40 and found["seat"].people == 40, name
    against = signals.part_worths(
        MODEL, [*signals.from_votes("c", seat, [f"p{n}" for n in range(40)], POOL, against=True)]
    )
    assert {one.option: one.worth for one in against}["seat"] < -0.2
    assert {one.option for one in signals.part_worths(MODEL, ways["votes"])} <= {*seat.has}


def test_the_same_deeds_always_give_the_same_numbers() -> None:
    deeds = [signals.from_publication(f"c{n}", POOL[n % 74], f"p{n}", POOL) for n in range(60)]
    assert signals.part_worths(MODEL, deeds) == signals.part_worths(MODEL, deeds)


def test_extras_nobody_took_are_left_out_and_choices_nobody_made_are_open() -> None:
    thing = signals.thing_of(MODEL, COMPILED.propagate({"city": True, "seat": True}).states)
    assert thing.has == {"city", "seat", "rack"}
    assert thing.open == {"m250", "m500", "b400", "b625", "b800"}
    whole = Thing(frozenset({"city", "m250", "b400"}))
    assert signals.differing([thing, whole]) == {"seat", "rack"}
    assert signals.differing([whole, NOTHING]) == whole.has
