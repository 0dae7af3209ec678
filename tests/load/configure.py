"""Configuring real product lines: what one click costs the engine, next to z3 answering the same question.

Propagation, reasons, repairs, completion and sums on a PC shop, a bank's product line and BusyBox from
``CODESIGN_DATA/feature-models`` (default ``../shared/data``), prices made up; without that folder on one made up as a whole.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.load.stage import percentile, row

FILES = ("pc-richmond.uvl", "financialservices-2017-10-20.uvl", "busybox-1.18.0.uvl")
PEOPLE, CLICKS = 25, 8
GOALS = {"propagate": 5, "explain": 10, "repairs": 15, "complete": 50, "totals": 100}
"""Milliseconds at the 95th percentile that we want to stay under."""


def models() -> Iterator[tuple[str, Any]]:
    """The product lines, each with prices."""
    from codesign.products import engine

    folder = Path(os.environ.get("CODESIGN_DATA", "../shared/data")) / "feature-models"
    if not folder.is_dir():
        print(f"  ({folder} is not there: a made-up model instead)")
        yield "made up", engine.read(made_up())
        return
    for name in FILES:
        yield name, priced(engine.uvl.read((folder / name).read_text("utf-8")))


def made_up() -> dict[str, Any]:
    """A document of 400 options in 80 groups, with 120 rules."""
    dice = random.Random(4)
    groups = [
        {
            "id": f"g{group}",
            "choose": dice.choice(["one", "one", "any", "optional-one"]),
            "options": [{"id": f"o{group}-{number}", "price": dice.randrange(200)} for number in range(5)],
        }
        for group in range(80)
    ]
    names = [option["id"] for group in groups for option in group["options"]]
    rules = []
    for number in range(120):
        one, other, third = dice.sample(names, 3)
        formula = dice.choice([f"{one} => {other} | {third}", f"!({one} & {other})", f"{one} & {other} => {third}"])
        rules.append({"id": f"r{number}", "formula": formula, "message": "They belong together."})
    return {"attributes": {"price": {"unit": "EUR"}}, "groups": groups, "rules": rules}


def priced(model: Any) -> Any:
    """*model* with a price on every second option."""
    from codesign.products import engine

    dice = random.Random(7)

    def group(one: Any) -> Any:
        return replace(one, options=tuple(map(option, one.options)), number=None)

    def option(one: Any) -> Any:
        price = {"price": dice.randrange(100, 30_000)} if dice.random() < 0.5 else {}
        return replace(one, attributes=price, groups=tuple(map(group, one.groups)))

    return replace(
        model, attributes=(engine.Attribute("price", "EUR", 2),), base={}, groups=tuple(map(group, model.groups))
    )


def timed(times: dict[str, list[float]], name: str, ask: Callable[[], Any]) -> Any:
    """What *ask* answers; its milliseconds go to *times*: of a processor, so that neighbours on the machine count little."""
    started = time.thread_time()
    answer = ask()
    times.setdefault(name, []).append((time.thread_time() - started) * 1000)
    return answer


def z3_of(compiled: Any) -> tuple[Any, list[Any]]:
    """The same clauses in z3, and its variables."""
    import z3

    variables = [z3.Bool(f"v{number}") for number in range(1, compiled.clauses.variables + 1)]
    solver = z3.Solver()
    for clause in compiled.clauses.every:
        solver.add(z3.Or([variables[abs(one) - 1] if one > 0 else z3.Not(variables[abs(one) - 1]) for one in clause]))
    return solver, variables[: len(compiled.options)]


def click(compiled: Any, dice: random.Random, rival: tuple[Any, list[Any]], times: dict[str, list[float]]) -> None:
    """One person: decide something open, look; at last ask for what is blocked, and let the rest be completed."""
    import z3

    solver, variables = rival
    decisions: dict[str, bool] = {}
    answer = compiled.propagate(decisions)
    for _click in range(CLICKS):
        open_ = [id for id, state in answer.states.items() if state == "free"]
        if not open_:
            break
        decisions[dice.choice(open_)] = dice.random() < 0.6
        answer = timed(times, "propagate", lambda: compiled.propagate(decisions))
        assume = [
            variables[abs(one) - 1] if one > 0 else z3.Not(variables[abs(one) - 1])
            for one in compiled.literals(decisions)
        ]
        _sat, implied = timed(times, "propagate, by z3", partial(solver.consequences, assume, variables))
        forced = sum(state != "free" for state in answer.states.values())
        if forced != len(implied):
            raise AssertionError(f"z3 proves {len(implied)} options, the engine {forced}")
    timed(times, "totals", lambda: compiled.totals(decisions))
    blocked = [id for id, state in answer.states.items() if state == "forced_off"]
    if blocked:
        wish = dice.choice(blocked)
        timed(times, "explain", lambda: compiled.explain(decisions, wish))
        timed(times, "repairs", lambda: compiled.repairs(decisions, wish))
    timed(times, "complete", lambda: compiled.complete(decisions, "cheapest"))


def main() -> None:
    from codesign.products import engine

    print(f"configure: {PEOPLE} people, {CLICKS} decisions each, milliseconds of a processor")
    for name, model in models():
        times: dict[str, list[float]] = {}
        compiled = timed(times, "made ready", partial(engine.Compiled, model))
        rival = timed(times, "made ready, by z3", partial(z3_of, compiled))
        row(name, options=len(model.options), rules=len(model.rules), clauses=len(compiled.clauses.every))
        dice = random.Random(11)
        for _person in range(PEOPLE):
            click(compiled, dice, rival, times)
        for what, values in times.items():
            goal = {"goal_p95": GOALS[what]} if what in GOALS else {}
            row(f"  {what}", p50=percentile(values, 0.5), p95=percentile(values, 0.95), **goal)
        ratio = percentile(times["propagate, by z3"], 0.5) / percentile(times["propagate"], 0.5)
        row("  z3 takes so many times as long", median=ratio)


if __name__ == "__main__":
    main()
