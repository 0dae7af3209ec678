"""The engine's answers about random small models, against trying out every configuration."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.kernel.errors import Conflict
from codesign.products import engine
from codesign.products.engine import State, cnf, propagation, sums
from codesign.products.engine.solving import Oracle, OutOfTime
from tests.support.small_models import allowed, configurations, decisions, meets, models


@pytest.fixture(params=["written out", "with names"], autouse=True)
def encoding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to make clauses, and to make sums: what large models need is tried on small ones."""
    monkeypatch.setattr(sums, "SECONDS", 5.0)  # small models need little, but the machine may be busy
    if request.param == "with names":
        monkeypatch.setattr(cnf, "PAIRWISE", 2)
        monkeypatch.setattr(cnf, "FEW", 1)
        monkeypatch.setattr(cnf, "DISTRIBUTE", 3)
        monkeypatch.setattr(sums, "best", too_long)
        monkeypatch.setattr(propagation, "SPENT", 0)


def too_long(*_given: object) -> None:
    """In place of the first way to sums."""
    raise OutOfTime


@given(models())
def test_the_clauses_have_each_configuration_once(model: engine.Model) -> None:
    clauses = cnf.encode(model)
    every = [*clauses.every]
    ids, found = list(model.options), []
    every += [[variable, -variable] for variable in range(1, clauses.variables + 1)]
    for _round in range(300):
        oracle = Oracle(every)
        if not oracle.ask([]):
            break
        literals = oracle.literals
        every.append([-literal for literal in literals])
        found.append(frozenset(ids[literal - 1] for literal in literals if 0 < literal <= len(ids)))
    assert sorted(map(sorted, found)) == sorted(map(sorted, configurations(model)))


@given(models(), st.data())
def test_every_state_is_proved(model: engine.Model, data: st.DataObject) -> None:
    compiled = engine.Compiled(model)
    for _click in range(3):
        decided = data.draw(decisions(model))
        fitting = [on for on in configurations(model) if meets(on, decided)]
        answer = compiled.propagate(decided)
        assert answer.possible is bool(fitting) is compiled.possible(decided)
        assert not answer.undetermined
        for id in model.options:
            if id in decided:
                assert answer.states[id] is (State.ON if decided[id] else State.OFF)
            elif fitting:
                seen = {id in on for on in fitting}
                expected = State.FREE if len(seen) == 2 else State.FORCED_ON if True in seen else State.FORCED_OFF
                assert answer.states[id] is expected


def test_what_is_decided_in_one_piece_is_not_asked_about_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = [
        {"id": name, "choose": "one", "options": [{"id": f"{name}{n}", "price": n} for n in range(3)]} for name in "ab"
    ]
    compiled = engine.Compiled(engine.read({"attributes": {"price": {}}, "groups": groups}))
    assert compiled.propagator.pieces == [0b000111, 0b111000]
    compiled.totals({"a1": True})
    compiled.totals({"b2": True})
    monkeypatch.setattr(compiled.propagator, "prove", None)
    monkeypatch.setattr(compiled.sums, "best", None)
    assert compiled.propagate({"b2": True, "a1": True}).states["b0"] is State.FORCED_OFF
    assert compiled.totals({"b2": True, "a1": True})["price"] == engine.Totals(3, 3, 3)


@given(models(), st.data())
def test_a_reason_forbids_and_every_part_of_it_is_needed(model: engine.Model, data: st.DataObject) -> None:
    compiled = engine.Compiled(model)
    option, value = data.draw(st.sampled_from(list(model.options))), data.draw(st.booleans())
    compiled.explain(data.draw(decisions(model)), option, value)  # what is remembered of this must not mislead
    decided = data.draw(decisions(model))
    others = {id: one for id, one in decided.items() if id != option}
    fitting = [on for on in configurations(model) if meets(on, others | {option: value})]
    answer = compiled.explain(decided, option, value)
    if fitting:
        opposite = decided.get(option, value) is not value
        assert answer == (engine.Explanation((option,)) if opposite else engine.Explanation(blocked=False))
        return
    assert answer.blocked and answer.minimal
    chosen = {id: others[id] for id in answer.decisions} | {option: value}
    reasons = {(reason.kind, reason.id) for reason in answer.rules}
    assert not possible(model, chosen, reasons)
    for id in answer.decisions:
        assert possible(model, {one: way for one, way in chosen.items() if one != id}, reasons)
    for reason in reasons:
        assert possible(model, chosen, reasons - {reason})


def possible(model: engine.Model, chosen: dict[str, bool], reasons: set[tuple[str, str]]) -> bool:
    """Whether *chosen* is possible where only *reasons* count."""
    every = {(kind, group.id) for group, _parent in model.walk() for kind in ("group", "part")}
    every |= {("rule", rule.id) for rule in model.rules}
    ids = [id for id in model.options if id not in chosen]
    fixed = [id for id, value in chosen.items() if value]
    return any(
        allowed(model, frozenset([*fixed, *more]), frozenset(every - reasons))
        for size in range(len(ids) + 1)
        for more in combinations(ids, size)
    )


def smallest(model: engine.Model, own: dict[str, bool], wanted: dict[str, bool]) -> int | None:
    """The fewest of *own* decisions to give up for *wanted*."""
    found = [on for on in configurations(model) if meets(on, wanted)]
    return min((sum((id in on) is not value for id, value in own.items()) for on in found), default=None)


@given(models(), st.data())
def test_repairs_are_the_smallest(model: engine.Model, data: st.DataObject) -> None:
    compiled = engine.Compiled(model)
    decided = data.draw(decisions(model))
    option, value = data.draw(st.sampled_from(list(model.options))), data.draw(st.booleans())
    own = {id: one for id, one in decided.items() if id != option}
    found = compiled.repairs(decided, option, value)
    fewest = smallest(model, own, {option: value})
    if fewest is None:
        assert found == ()
        return
    assert len(found[0].gives_up) == fewest
    assert [len(one.gives_up) for one in found] == sorted(len(one.gives_up) for one in found)
    every = configurations(model)
    for repair in found:
        assert list(repair.decisions.items())[-1] == (option, value)
        assert set(repair.decisions) | set(repair.gives_up) == {*own, option}
        assert any(meets(on, repair.decisions) for on in every)
        for id in repair.gives_up:
            assert not any(meets(on, {**repair.decisions, id: own[id]}) for on in every)


@given(models(), st.data())
def test_a_conflict_is_explained_and_mended(model: engine.Model, data: st.DataObject) -> None:
    compiled = engine.Compiled(model)
    decided = data.draw(decisions(model))
    fewest = smallest(model, decided, {})
    conflict = compiled.conflict(decided)
    assert (conflict is None) is (fewest == 0)
    if fewest is None:
        with pytest.raises(Conflict):
            compiled.mend(decided)
        return
    repair = compiled.mend(decided)
    assert len(repair.gives_up) == fewest
    assert any(meets(on, repair.decisions) for on in configurations(model))


@given(models(), st.data())
def test_totals_stay_right_from_click_to_click(model: engine.Model, data: st.DataObject) -> None:
    """Also where the best configuration of an earlier click is still the best, and where it is no more."""
    compiled = engine.Compiled(model)
    every, decided = configurations(model), dict[str, bool]()
    for _click in range(5):
        fitting = [on for on in every if meets(on, decided)]
        if not fitting:
            decided = {}
            continue
        prices = [
            model.base.get("price", 0) + sum(model.options[id].attributes.get("price", 0) for id in on)
            for on in fitting
        ]
        answer = compiled.totals(decided)["price"]
        assert (answer.least, answer.most) == (min(prices), max(prices))
        decided = {**decided, data.draw(st.sampled_from(list(model.options))): data.draw(st.booleans())}


@given(models(), st.data())
def test_totals_and_the_best_are_right(model: engine.Model, data: st.DataObject) -> None:
    compiled = engine.Compiled(model)
    decided = data.draw(decisions(model))
    goal = {id: data.draw(st.integers(-3, 3)) for id in model.options}
    fitting = [on for on in configurations(model) if meets(on, decided)]
    if not fitting:
        with pytest.raises(Conflict):
            compiled.complete(decided, "cheapest")
        return

    def total(attribute: str, on: Any) -> int:
        return model.base.get(attribute, 0) + sum(model.options[id].attributes.get(attribute, 0) for id in on)

    totals = compiled.totals(decided)
    states = compiled.propagate(decided).states
    for attribute in ("price", "weight"):
        sums = [total(attribute, on) for on in fitting]
        now = total(attribute, [id for id, state in states.items() if state in (State.ON, State.FORCED_ON)])
        assert totals[attribute] == engine.Totals(now, min(sums), max(sums))
    for wanted, value in (
        ("cheapest", lambda on: -total("price", on)),
        ("dearest", lambda on: total("price", on)),
        (goal, lambda on: sum(goal[id] for id in on)),
    ):
        whole = compiled.complete(decided, wanted)
        on = frozenset(id for id, chosen in whole.items() if chosen)
        assert on in fitting and list(whole) == list(model.options)
        assert value(on) == max(map(value, fitting))


@given(models(), st.data())
def test_the_best_within_a_budget(model: engine.Model, data: st.DataObject) -> None:
    compiled = engine.Compiled(model)
    decided = data.draw(decisions(model))
    goal = {id: data.draw(st.integers(-3, 3)) for id in model.options}
    limit = {"price": data.draw(st.integers(-500, 3000)), "weight": data.draw(st.integers(0, 6))}
    within = [
        on
        for on in configurations(model)
        if meets(on, decided)
        and all(
            model.base.get(key, 0) + sum(model.options[id].attributes.get(key, 0) for id in on) <= most
            for key, most in limit.items()
        )
    ]
    if not within:
        with pytest.raises(Conflict):
            compiled.complete(decided, goal, limit)
        return
    whole = compiled.complete(decided, goal, limit)
    on = frozenset(id for id, chosen in whole.items() if chosen)
    assert on in within
    assert sum(goal[id] for id in on) == max(sum(goal[id] for id in one) for one in within)


@given(models())
def test_the_gate_finds_what_is_wrong(model: engine.Model) -> None:
    every = configurations(model)
    analysis = engine.Compiled(model).analysis()
    assert analysis.finished and analysis.void is not bool(every)
    assert analysis.count == len(every)
    if not every:
        assert analysis.why_void
        return
    assert set(analysis.core) == frozenset.intersection(*every)
    dead = set(model.options) - frozenset.union(*every)
    assert {finding.id for finding in analysis.dead} == dead
    assert all(finding.reasons for finding in analysis.dead)
    bound = {
        id
        for id, above in model.parents.items()
        if (above is None or above not in dead)
        and model.group_of[id].least < len(model.group_of[id].options)
        and all(id in on for on in every if above is None or above in on)
    }
    assert {finding.id for finding in analysis.false_optional} == bound
    for rule in model.rules:
        without = frozenset([("rule", rule.id)])
        ids = list(model.options)
        loose = sum(
            allowed(model, frozenset(on), without) for size in range(len(ids) + 1) for on in combinations(ids, size)
        )
        assert (rule.id in {finding.id for finding in analysis.redundant_rules}) is (loose == len(every))
    assert analysis.cheapest["price"] == min(
        model.base.get("price", 0) + sum(model.options[id].attributes.get("price", 0) for id in on) for on in every
    )


@given(models(), models(), st.data())
def test_a_new_version_says_what_it_breaks(old: engine.Model, new: engine.Model, data: st.DataObject) -> None:
    saved = [data.draw(decisions(old)) for _number in range(3)]
    every = configurations(new)
    if not every:
        return
    for decided, answer in zip(saved, engine.breaks(engine.followed([old, new]), new, saved), strict=True):
        kept = {id: value for id, value in decided.items() if id in new.options}
        assert answer.decisions == kept and set(answer.dropped) == set(decided) - set(kept)
        assert answer.valid is any(meets(on, kept) for on in every)
        assert answer.valid or (
            answer.rules and answer.repair and len(answer.repair.gives_up) == smallest(new, kept, {})
        )
