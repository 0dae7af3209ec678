"""Counting, shares and samples, against trying everything."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codesign.kernel.errors import Conflict, Invalid
from codesign.products import engine
from codesign.products.engine import cnf, counting, decomposition
from codesign.products.engine.solving import OutOfTime
from tests.support.small_models import configurations, decisions, ebike, meets, models


def count(model: engine.Model) -> counting.Counting:
    counted = counting.counted(engine.Compiled(model), 20)
    assert counted
    return counted


@pytest.fixture(params=["written out", "with names"])
def encoding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to make clauses."""
    if request.param == "with names":
        monkeypatch.setattr(cnf, "PAIRWISE", 2)
        monkeypatch.setattr(cnf, "FEW", 1)
        monkeypatch.setattr(cnf, "DISTRIBUTE", 3)


def test_the_ebike_has_74_configurations() -> None:
    counted = count(ebike())
    assert counted.total() == 74
    assert counted.total({"cargo": True}) == len([on for on in configurations(ebike()) if "cargo" in on])
    assert counted.total({"cargo": True, "battery-400": True}) == 0
    assert counted.total({"cargo": True, "trail": True}) == 0


@pytest.mark.usefixtures("encoding")
@given(models(), st.data())
def test_random_models(model: engine.Model, data: st.DataObject) -> None:
    counted, every = count(model), configurations(model)
    assert counted.total() == len(every)
    decided = data.draw(decisions(model))
    fitting = [on for on in every if meets(on, decided)]
    assert counted.total(decided) == len(fitting)
    if fitting:
        expected = {id: sum(id in on for on in fitting) / len(fitting) for id in model.options}
        assert counted.shares(decided) == pytest.approx(expected, abs=1e-12)
        drawn = [frozenset(id for id, value in one.items() if value) for one in counted.samples(20, decided, seed=1)]
        assert set(drawn) <= set(fitting)
    else:
        for ask in (lambda: counted.shares(decided), lambda: counted.samples(1, decided)):
            with pytest.raises(Conflict):
                ask()


@given(
    st.lists(
        st.lists(st.integers(1, 9).flatmap(lambda n: st.sampled_from([n, -n])), min_size=0, max_size=4), max_size=25
    )
)
def test_random_clauses(clauses: list[list[int]]) -> None:
    graph = decomposition.decompose(clauses, 9, decomposition.Deadline(20))
    every = [
        bits for bits in range(512) if all(any((bits >> abs(one) - 1 & 1) == (one > 0) for one in c) for c in clauses)
    ]
    counted = counting.Counting(graph, {str(number): number for number in range(1, 10)})
    assert counted.total() == len(every)
    for number in range(1, 10):
        assert counted.total({str(number): True}) == sum(bits >> number - 1 & 1 for bits in every)


def test_samples_are_uniform() -> None:
    """74 configurations, 7,400 draws: chi-squared with 73 degrees stays below 130 (p = 0.00004), and the seed is fixed."""
    counted = count(ebike())
    drawn = Counter(frozenset(id for id, on in one.items() if on) for one in counted.samples(7_400, seed="uniform"))
    assert len(drawn) == 74
    assert sum((number - 100) ** 2 / 100 for number in drawn.values()) < 130
    assert counted.samples(3, seed=5) == counted.samples(3, seed=5) != counted.samples(3, seed=6)


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(Invalid):
        count(ebike()).total({"wings": True})


def test_a_limit_of_time_or_of_digits_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    many: dict[str, Any] = {"id": "many", "choose": "any", "options": [{"id": f"o{number}"} for number in range(200)]}
    model = engine.read({"groups": [many]})
    assert count(model).total() == 2**200
    monkeypatch.setattr(counting, "MOST_BITS", 200)
    assert counting.counted(engine.Compiled(model)) is None
    assert counting.counted(engine.Compiled(ebike()), -1) is None
    monkeypatch.setattr(decomposition, "MOST_KEPT", 10)
    assert counting.counted(engine.Compiled(ebike())) is None


def test_a_long_chain_ends_in_time() -> None:
    """Each link follows from the one before, which is the slowest way for much to follow."""
    chain = [[-number, number + 1, 10_000] for number in range(1, 9_000)]
    deadline = decomposition.Deadline(0.01)
    with pytest.raises(OutOfTime):
        decomposition.decompose([*chain, [-10_000], [1, 2]], 10_000, deadline)
    assert time.monotonic() - deadline.at < 2


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0"), (74, "74"), (744_690, "744,690"), (10**6, "1,000,000"), (10**6 + 1, "about 1·10^6"),
        (9_999_999, "about 9·10^6"), (10**7, "about 1·10^7"), (554_424_990_964_054_425_600, "about 5·10^20"),
        (10**20 - 1, "about 9·10^19"), (2 * 10**5000, "about 2·10^5000"), (10**5000 - 1, "about 9·10^4999"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_wording(number: int, shown: str) -> None:
    assert counting.wording(number) == shown
