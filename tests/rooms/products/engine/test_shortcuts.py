"""What the engine does not ask, because it can be told from what it has seen; that answers stay right is tested elsewhere."""

from __future__ import annotations

import pytest

from codesign.products import engine
from codesign.products.engine import sums
from codesign.products.engine.solving import Oracle, OutOfTime


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool | None]:
    """What the solver answered, question by question."""
    answers: list[bool | None] = []
    ask = Oracle.ask

    def noted(self: Oracle, assumptions: list[int]) -> bool | None:
        answers.append(ask(self, assumptions))
        return answers[-1]

    monkeypatch.setattr(Oracle, "ask", noted)
    return answers


def test_alternatives_that_fit_in_the_place_of_one_another_are_not_asked_for_one_by_one(
    asked: list[bool | None],
) -> None:
    alternatives = [{"id": f"o{number}"} for number in range(40)]
    rules = [{"id": "r", "formula": "o1 => extra", "message": "It takes more."}]
    groups = [
        {"id": "g", "choose": "one", "options": alternatives},
        {"id": "h", "choose": "any", "options": [{"id": "extra"}]},
    ]
    compiled = engine.Compiled(engine.read({"groups": groups, "rules": rules}))
    assert len(asked) < 10
    states = compiled.propagate({"extra": False}).states
    assert states["o1"] == "forced_off"
    assert all(states[f"o{number}"] == "free" for number in range(40) if number != 1)


def test_what_was_not_found_in_time_is_not_looked_for_again_with_little_more_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried = []

    def never(*_question: object, **_how: object) -> None:
        tried.append(1)
        raise OutOfTime

    monkeypatch.setattr(sums, "best", never)
    monkeypatch.setattr(sums, "best_within", never)
    options = [{"id": f"o{number}", "price": number} for number in range(12)]
    groups = [{"id": "g", "choose": [3, 8], "options": options}]
    compiled = engine.Compiled(engine.read({"attributes": {"price": {"unit": "EUR"}}, "groups": groups}))
    assert compiled.totals({})["price"].least is None
    before = len(tried)
    assert compiled.totals({"o1": True})["price"].least is None
    assert len(tried) == before
    compiled.totals({f"o{number}": True for number in range(1, 6)})
    assert len(tried) > before, "with half as much left it may be found"
