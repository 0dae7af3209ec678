"""The e-bike of the demo: few enough options to know every answer by heart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from codesign.kernel.errors import Conflict, Invalid
from codesign.products import engine
from codesign.products.engine import State
from tests.support.small_models import configurations, ebike


@pytest.fixture(scope="module")
def bike() -> engine.Compiled:
    return engine.compile(ebike())


def test_it_has_exactly_74_configurations(bike: engine.Compiled) -> None:
    assert len(configurations(bike.model)) == 74
    assert bike.analysis().count == 74


def test_nothing_is_decided_at_first(bike: engine.Compiled) -> None:
    answer = bike.propagate({})
    assert answer.possible and set(answer.states.values()) == {State.FREE}
    assert bike.totals({}) == {
        "price": engine.Totals(149900, 149900, 311950),
        "weight": engine.Totals(18000, 18000, 30400),
    }


def test_a_choice_forces_others_and_moves_the_sums(bike: engine.Compiled) -> None:
    states = bike.propagate({"cargo": True, "child-seat": True}).states
    assert states["cargo"] is states["child-seat"] is State.ON
    assert states["rack"] is State.FORCED_ON
    assert states["city"] is states["trail"] is states["battery-400"] is State.FORCED_OFF
    assert states["battery-625"] is states["motor-250"] is states["lights"] is State.FREE
    totals = bike.totals({"cargo": True, "child-seat": True})
    assert totals["price"] == engine.Totals(149900 + 65000 + 12000 + 4000, 255900, 311950)


def test_a_decision_against_an_option_counts_too(bike: engine.Compiled) -> None:
    states = bike.propagate({"rack": False, "battery-800": False, "motor-500": True}).states
    assert states["rack"] is State.OFF
    assert states["child-seat"] is State.FORCED_OFF
    assert states["battery-625"] is State.FORCED_ON


def test_why_not_is_said_in_the_words_of_the_rules(bike: engine.Compiled) -> None:
    answer = bike.explain({"lights": True, "motor-500": True, "cargo": True}, "battery-400")
    assert answer.decisions in (("cargo",), ("motor-500",))
    assert answer.rules[0].kind == "rule" and answer.rules[0].said("de").endswith("battery.")
    group = bike.explain({"city": True}, "trail").rules
    assert [reason.said("de") for reason in group] == ["Exactly one of “Rahmen” is chosen."]


def test_the_own_opposite_decision_is_a_reason_only_if_nothing_else_is(bike: engine.Compiled) -> None:
    assert bike.explain({"rack": False}, "rack") == engine.Explanation(("rack",))
    both = bike.explain({"battery-400": False, "cargo": True}, "battery-400")
    assert both.decisions == ("cargo",) and both.rules[0].id == "cargo-battery"
    assert bike.explain({"rack": True}, "lights") == engine.Explanation(blocked=False)


def test_repairs_give_up_the_fewest_and_then_the_newest(bike: engine.Compiled) -> None:
    decided = {"motor-500": True, "lights": True, "cargo": True}
    (only,) = bike.repairs(decided, "battery-400")
    assert only.gives_up == ("motor-500", "cargo")
    assert only.decisions == {"lights": True, "battery-400": True}
    assert only.totals["price"] == engine.Totals(149900 + 6000)
    first, second = (
        bike.repairs({"child-seat": True, "lights": False}, "trail")[0],
        bike.repairs({"trail": True, "rack": False, "lights": True}, "child-seat"),
    )
    assert first.gives_up == ("child-seat",)
    assert [one.gives_up for one in second] == [("trail", "rack")]


def test_of_two_ways_the_newer_decision_yields_first(bike: engine.Compiled) -> None:
    broken = {"trail": True, "lights": True, "child-seat": True}
    assert bike.mend(broken).gives_up == ("child-seat",)
    assert bike.mend(dict(reversed(broken.items()))).gives_up == ("trail",)
    assert bike.mend({"trail": True}).gives_up == ()
    conflict = bike.conflict(broken)
    assert conflict and conflict.decisions == ("trail", "child-seat")
    assert [rule.id for rule in conflict.rules] == ["trail-seat"]
    assert bike.propagate(broken).possible is False


def test_completion_keeps_what_was_decided(bike: engine.Compiled) -> None:
    whole = bike.complete({"motor-500": True}, "cheapest")
    assert {id for id, on in whole.items() if on} == {"city", "motor-500", "battery-625"}
    assert bike.totals(whole)["price"].now == bike.totals({"motor-500": True})["price"].least
    wanted = bike.complete({}, {"child-seat": 5, "city": -1, "lights": 1, "rack": -2})
    assert {"cargo", "child-seat", "rack", "lights"} <= {id for id, on in wanted.items() if on}


def test_a_budget_is_kept(bike: engine.Compiled) -> None:
    whole = bike.complete({}, "dearest", {"price": 200000, "weight": 20000})
    totals = bike.totals(whole)
    assert 190000 < totals["price"].now <= 200000 and totals["weight"].now <= 20000
    with pytest.raises(Conflict):
        bike.complete({"cargo": True}, "cheapest", {"price": 200000})


def test_what_the_model_does_not_know_is_refused(bike: engine.Compiled) -> None:
    for ask in (
        lambda: bike.propagate({"wings": True}),
        lambda: bike.propagate({"rack": 1}),  # type: ignore[dict-item]
        lambda: bike.explain({}, "wings"),
        lambda: bike.complete({}, "prettiest"),
        lambda: bike.complete({}, {"wings": 1}),
        lambda: bike.complete({}, "cheapest", {"beauty": 1}),
    ):
        with pytest.raises(Invalid):
            ask()


def test_a_new_version_renames_drops_and_repairs() -> None:
    old, document = ebike(), engine.write(ebike())
    document["version"] = 2
    document["groups"][3]["options"] = [
        {"id": "kid-seat", "label": "Seat", "replaces": "child-seat"},
        {"id": "rack", "label": "Rack"},
    ]
    document["rules"] = [{"id": "rack-city", "forbid": ["rack", "city"], "message": "No rack on the city frame."}]
    new = engine.read(document)
    first, second, third = engine.breaks(
        engine.followed([old, new]),
        new,
        [{"child-seat": True, "lights": False}, {"city": True, "rack": True}, {"trail": True, "rack": False}],
    )
    assert first.valid and first.decisions == {"kid-seat": True}
    assert first.renamed == {"child-seat": "kid-seat"} and first.dropped == ("lights",)
    assert not second.valid and [rule.id for rule in second.rules] == ["rack-city"]
    assert second.repair and second.repair.gives_up == ("rack",)
    assert third.valid and third.decisions == {"trail": True, "rack": False}


def test_the_gate_finds_mistakes_with_their_reasons() -> None:
    document = engine.write(ebike())
    document["rules"] += [
        {"id": "no-cargo", "formula": "!battery-625 & !battery-800", "message": "Sold out."},
        {"id": "always-rack", "formula": "rack", "message": "Each bike has a rack."},
        {"id": "twice", "if": "cargo", "then": "!battery-400", "message": "Said before."},
    ]
    analysis = engine.compile(engine.read(document)).analysis()
    assert not analysis.void and analysis.finished
    assert {"battery-400", "motor-250", "rack"} <= set(analysis.core)
    dead = {finding.id: {reason.id for reason in finding.reasons} for finding in analysis.dead}
    assert set(dead) == {"cargo", "motor-500", "battery-625", "battery-800"}
    assert dead["cargo"] in ({"cargo-battery", "no-cargo"}, {"battery", "twice", "no-cargo"})
    assert "rack" in {finding.id for finding in analysis.false_optional}
    assert {"twice", "seat-rack", "cargo-battery"} <= {finding.id for finding in analysis.redundant_rules}


def test_a_void_model_says_why() -> None:
    document = engine.write(ebike())
    document["rules"] += [
        {"id": "none", "formula": "!(city | trail | cargo)", "message": "No frames today."},
    ]
    compiled = engine.compile(engine.read(document))
    analysis = compiled.analysis()
    assert analysis.void and {reason.id for reason in analysis.why_void} == {"frame", "none"}
    assert compiled.propagate({}).possible is False
    assert compiled.repairs({}, "rack") == ()
    answer = compiled.conflict({})
    assert answer and {reason.id for reason in answer.rules} == {"frame", "none"}


def test_the_same_content_is_compiled_once() -> None:
    assert engine.compile(ebike()) is engine.compile(engine.read(engine.write(ebike())))
    assert engine.compiled(ebike().content_hash, lambda: 1 / 0) is engine.compile(ebike())  # type: ignore[arg-type,return-value]


def test_the_page_about_the_engine_is_right() -> None:
    page = Path(__file__).parents[4] / "docs/products-engine.md"
    (program,) = re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    exec(program, {})
