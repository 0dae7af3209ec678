"""Public feature models with known answers: what is always there, what never, how many, what they cost, what follows from what.

Each test has a twin on a model of our own in test_known_answers.py.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from codesign.products import engine
from codesign.products.engine import State, counting, feature_ide, uvl
from tests.support.skips import data_folder

FOLDER = "feature-models"
PUBLISHED = (
    "eshop.uvl", "pc-richmond.uvl", "printer.uvl", "bank.uvl", "berkeleydb.uvl", "tankwar.uvl", "multicloud.uvl",
    "financialservices-2017-09-28.uvl", "financialservices-2017-10-20.uvl", "busybox-1.18.0.uvl", "uclibc.uvl",
    "pc-richmond.xml",
)  # fmt: skip
TRACED = ("pc-richmond.uvl", "eshop.uvl", "multicloud.uvl", "financialservices-2017-10-20.uvl")
SLOW = ("financialservices-2017-09-28.uvl",)
"""Counted for seconds, and much like the later version of the same product."""

pytestmark = pytest.mark.needs_data(FOLDER)


@cache
def model(name: str) -> engine.Model:
    path = data_folder() / FOLDER / name
    return feature_ide.read(path.read_bytes()) if path.suffix == ".xml" else uvl.read(path.read_text(encoding="utf-8"))


@cache
def document(name: str) -> dict[str, Any]:
    return json.loads((data_folder() / FOLDER / name).read_text(encoding="utf-8"))


def ids(model: engine.Model) -> dict[str, str]:
    """The option that each feature became, by the feature's name."""
    return {str(option.label): option.id for option in model.options.values()}


def counts() -> list[Any]:
    return [pytest.param(name, marks=[pytest.mark.full] if name in SLOW else []) for name in PUBLISHED]


def test_every_model_with_answers_is_tried(data: Path) -> None:
    assert set(document("answers.json")) == set(PUBLISHED)
    assert set(document("propagation.json")["models"]) == set(TRACED)
    assert {path.name for path in (data / FOLDER).glob("*.[ux][vm]l")} == {*PUBLISHED, "eshop.xml", "berkeleydb.xml"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_core_and_dead_features(name: str) -> None:
    answers, read = document("answers.json")[name], model(name)
    names = ids(read)
    states = engine.compile(read).propagate({}).states
    # The feature at the top is the product itself: always there, and no option.
    assert len(names) + 1 == len(read.options) + 1 == answers["features"]
    assert len(read.rules) == answers["constraints"]
    core = {feature for feature, id in names.items() if states[id] is State.FORCED_ON}
    assert core | {read.product} == set(answers["core"])
    assert {feature for feature, id in names.items() if states[id] is State.FORCED_OFF} == set(answers["dead"])


@pytest.mark.parametrize("name", counts())
def test_numbers_of_configurations(name: str) -> None:
    counted = counting.counted(engine.compile(model(name)), 60)
    assert counted
    assert counted.total() == int(document("answers.json")[name]["configurations"])


def test_prices() -> None:
    read = model("pc-richmond.xml")
    names, compiled = ids(read), engine.compile(read)
    assert read.base == {"Price": 84_190}
    for asked in document("answers.json")["pc-richmond.xml"]["price_cents"]:
        decisions = {names[one["feature"]]: one["value"] for one in asked["decisions"]}
        totals = compiled.totals(decisions)["Price"]
        assert (totals.least, totals.most) == (asked["cheapest_cents"], asked["dearest_cents"])
        for goal, cents in (("cheapest", totals.least), ("dearest", totals.most)):
            whole = compiled.complete(decisions, goal)
            assert compiled.possible(whole)
            assert compiled.totals(whole, ranges=False)["Price"].now == cents


@pytest.mark.parametrize("name", TRACED)
def test_every_step_of_propagation(name: str) -> None:
    read = model(name)
    names, compiled = ids(read), engine.compile(read)
    for trace in document("propagation.json")["models"][name]:
        decisions: dict[str, bool] = {}
        before = compiled.propagate({}).states
        for step in trace["steps"]:
            decided = names[step["decide"]]
            decisions[decided] = step["value"]
            answer = compiled.propagate(decisions)
            assert answer.possible
            assert not answer.undetermined
            for state, expected in ((State.FORCED_ON, step["newly_on"]), (State.FORCED_OFF, step["newly_off"])):
                new = {id for id, now in answer.states.items() if now is state and before[id] is State.FREE}
                assert new == {names[feature] for feature in expected}
            before = answer.states


@pytest.mark.parametrize("name", TRACED)
def test_smallest_number_of_decisions_to_retract(name: str) -> None:
    read = model(name)
    names, compiled = ids(read), engine.compile(read)
    for trace in document("propagation.json")["models"][name]:
        decisions = {names[step["decide"]]: step["value"] for step in trace["steps"]}
        for blocked in trace["blocked_wishes"]:
            wanted = {names[blocked["want"]]: blocked["value"]}
            assert not compiled.propagate({**decisions, **wanted}).possible
            repair, *_others = compiled.repairs(decisions, *next(iter(wanted.items())))
            assert len(repair.gives_up) == blocked["smallest_number_of_decisions_to_retract"]
            assert compiled.propagate(repair.decisions).possible
            assert wanted.items() <= repair.decisions.items()


@pytest.mark.parametrize("name", ["eshop.xml", "berkeleydb.xml"])
def test_models_of_splot_load(name: str) -> None:
    read = model(name)
    assert engine.compile(read).propagate({}).possible
    assert read.rules
    counted = counting.counted(engine.compile(read))
    assert counted
    if name == "berkeleydb.xml":  # the same product as the .uvl of that name
        assert counted.total() == int(document("answers.json")["berkeleydb.uvl"]["configurations"])
        assert set(read.options) == set(model("berkeleydb.uvl").options)


@pytest.mark.parametrize("name", [*PUBLISHED, "eshop.xml", "berkeleydb.xml"])
def test_published_models_survive_uvl(name: str) -> None:
    text, losses = uvl.write(model(name))
    assert uvl.read(text) == model(name)
    assert losses == ()
