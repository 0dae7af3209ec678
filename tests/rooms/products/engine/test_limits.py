"""Hostile models: every answer ends, says when it was not found out, and never says something wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from codesign.kernel.errors import Conflict, TooLarge, Unavailable
from codesign.products import engine
from codesign.products.engine import cnf, solving
from codesign.products.engine.witnesses import Witnesses


def pigeons(holes: int) -> engine.Model:
    """One pigeon more than there are holes: impossible, and very long to prove. One more group has nothing to do with it."""
    groups = [
        {"id": f"p{pigeon}", "choose": "one", "options": [{"id": f"p{pigeon}-{hole}"} for hole in range(holes)]}
        for pigeon in range(holes + 1)
    ]
    rules = [
        {"id": f"h{hole}", "at_most": 1, "of": [f"p{pigeon}-{hole}" for pigeon in range(holes + 1)], "message": "Full."}
        for hole in range(holes)
    ]
    lamp = {"id": "lamp", "choose": "any", "options": [{"id": "bright", "price": 3}]}
    return engine.read({"attributes": {"price": {}}, "groups": [*groups, lamp], "rules": rules})


@pytest.fixture(scope="module")
def hard() -> Iterator[engine.Compiled]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "CONFLICTS", 200)
        yield engine.Compiled(pigeons(11))


def within(seconds: float, ask: Callable[[], Any]) -> Any:
    """What *ask* answers, if it does so in time."""
    started = time.monotonic()
    try:
        return ask()
    finally:
        assert time.monotonic() - started < seconds


def test_what_is_not_found_out_is_free_and_said_so(hard: engine.Compiled) -> None:
    answer = within(8, lambda: hard.propagate({"bright": True}))
    assert answer.possible and "p0-0" in answer.undetermined and answer.states["p0-0"] == "free"
    assert answer.states["bright"] == "on"
    assert hard.possible({}) is None


def test_every_other_question_ends_too(hard: engine.Compiled) -> None:
    assert not within(8, lambda: hard.explain({"bright": True}, "p0-0")).blocked
    assert within(8, lambda: hard.conflict({"bright": True})) is None
    for ask in (
        lambda: hard.repairs({"bright": True}, "p0-0"),
        lambda: hard.mend({"bright": True}),
        lambda: hard.complete({}, "cheapest"),
        lambda: hard.complete({}, "cheapest", {"price": 0}),
    ):
        with pytest.raises((Unavailable, Conflict)):
            within(15, ask)
    totals = within(8, lambda: hard.totals({"bright": True}))
    assert totals["price"].now == 3 and totals["price"].least in (None, 3)
    assert within(10, lambda: hard.analysis(1)).finished is False


def test_a_reason_is_found_where_one_is_easy(hard: engine.Compiled) -> None:
    answer = hard.explain({"p0-0": True}, "p0-1")
    assert answer.decisions == ("p0-0",) and [reason.id for reason in answer.rules] == ["p0"]


def test_when_time_is_over_repairs_give_up_more_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = engine.read({
        "groups": [{"id": "g", "choose": "optional-one", "options": [{"id": f"o{number}"} for number in range(30)]}],
        "rules": [],
    })  # fmt: skip
    ready = engine.Compiled(model)

    def late(*_given: object) -> None:
        raise solving.OutOfTime

    monkeypatch.setitem(engine.Compiled.found_ways.__globals__, "ways_out", late)
    (way,) = ready.repairs({"o1": True, "o2": False}, "o3")
    assert way.gives_up == ("o1",) and way.decisions == {"o2": False, "o3": True}


def test_a_model_beyond_any_use_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cnf, "MOST_LITERALS", 5_000)
    wide = {"id": "g", "choose": [100, 150], "options": [{"id": f"o{number}"} for number in range(300)]}
    with pytest.raises(TooLarge):
        engine.Compiled(engine.read({"groups": [wide]}))
    rules = [{"id": f"r{one}", "formula": f"o{one} <=> o{one + 1}", "message": "."} for one in range(299)]
    flat = {"id": "g", "choose": "any", "options": wide["options"]}
    with pytest.raises(TooLarge):
        engine.Compiled(engine.read({"groups": [flat], "rules": rules + [
            {"id": f"s{one}", "forbid": [f"o{number}" for number in range(one, one + 100)], "message": "."} for one in range(99)
        ]}))  # fmt: skip


def test_a_large_model_of_long_rules_is_ready_soon() -> None:
    """A rule that would be a million clauses if it were multiplied out gets names for its parts instead."""
    ids = [f"o{number}" for number in range(400)]
    formula = " | ".join(f"{one} & {other}" for one, other in zip(ids[::2], ids[1::2], strict=True))
    model = engine.read({
        "groups": [
            {"id": "g", "choose": "any", "options": [{"id": id} for id in ids]},
            {"id": "many", "choose": [2, 290], "options": [{"id": f"m{number}"} for number in range(300)]},
            {"id": "single", "choose": "one", "options": [{"id": f"s{number}"} for number in range(300)]},
        ],
        "rules": [{"id": "pair", "formula": formula, "message": "Two that belong together."}],
    })  # fmt: skip
    ready = within(8, lambda: engine.Compiled(model))
    decided = dict.fromkeys(ids[2::2], False) | {f"m{number}": True for number in range(290)} | {"s7": True}
    states = ready.propagate(decided).states
    assert states["o0"] == states["o1"] == "forced_on"
    assert states["m299"] == states["s8"] == "forced_off"
    assert [reason.id for reason in ready.explain(decided, "m295").rules] == ["many"]


def test_witnesses_are_found_again_and_the_oldest_give_way() -> None:
    table = Witnesses(70)
    assert table.seen(0, 0) == (0, 0)
    table.keep(0b101)
    table.keep(1 << 69 | 0b001)
    assert table.seen(0b001, 0b111)[0] == 1 << 69 | 0b001
    assert table.seen(0b111, 0b111) == (0, 0)
    on, off = table.seen(0, 0)
    assert on == 1 << 69 | 0b101 and off & (1 << 70) - 1 == (1 << 70) - 1 & ~1
    for number in range(table.room):
        table.keep(number << 3)
    assert table.seen(0b101, 0b111) == (0, 0) and table.used == table.room
