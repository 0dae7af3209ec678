"""Configuring real product lines: what one question costs the engine and a client, next to z3 answering the same question.

Propagation, reasons, repairs, completion and sums, at the engine and over HTTP. Every answer is compared: propagation with
z3, what came over HTTP with the engine. The product lines are those of ``products.py``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from tests.load.composer import Composer, Refused
from tests.load.products import models, publish
from tests.load.stage import Stage, cpu_seconds, percentile, row, stage

PEOPLE, CLICKS = 25, 8
GOALS = {"propagate": 5, "explain": 10, "repairs": 15, "complete": 50, "totals": 100}
"""Milliseconds at the 95th percentile that we want to stay under."""

Times = dict[str, list[float]]


class Question(NamedTuple):
    """One that was asked of the engine, as the API takes it."""

    kind: str
    content: dict[str, Any]
    person: int


def timed(times: Times, name: str, ask: Callable[[], Any]) -> Any:
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


def click(compiled: Any, dice: random.Random, rival: tuple[Any, list[Any]], times: Times) -> list[tuple[str, Any]]:
    """One person: decide something open, look; at last ask for what is blocked, and let the rest be completed."""
    import z3

    solver, variables = rival
    decisions: dict[str, bool] = {}
    asked: list[tuple[str, Any]] = []
    answer = compiled.propagate(decisions)
    for _click in range(CLICKS):
        open_ = [id for id, state in answer.states.items() if state == "free"]
        if not open_:
            break
        decisions = {**decisions, dice.choice(open_): dice.random() < 0.6}
        answer = timed(times, "propagate", partial(compiled.propagate, decisions))
        asked.append(("propagate", {"decisions": decisions}))
        assume = [
            variables[abs(one) - 1] if one > 0 else z3.Not(variables[abs(one) - 1])
            for one in compiled.literals(decisions)
        ]
        _sat, implied = timed(times, "propagate, by z3", partial(solver.consequences, assume, variables))
        forced = sum(state != "free" for state in answer.states.values())
        if forced != len(implied):
            raise AssertionError(f"z3 proves {len(implied)} options, the engine {forced}")
    timed(times, "totals", partial(compiled.totals, decisions))
    blocked = [id for id, state in answer.states.items() if state == "forced_off"]
    if blocked:
        wish = dice.choice(blocked)
        timed(times, "explain", partial(compiled.explain, decisions, wish))
        timed(times, "repairs", partial(compiled.repairs, decisions, wish))
        asked += [(kind, {"decisions": decisions, "option": wish}) for kind in ("explain", "repairs")]
    timed(times, "complete", partial(compiled.complete, decisions, "cheapest"))
    return [*asked, ("complete", {"decisions": decisions, "goal": "cheapest"})]


# --- Over HTTP --------------------------------------------------------------------------------------------------------


def over_http(ready: Stage, name: str, compiled: Any, questions: list[Question]) -> None:
    """Ask the same of a server, one question after the other, each person with a cookie of their own."""
    product_id = publish(ready, name, compiled.model)
    people = [Composer(ready.server.url, product_id) for _person in range(PEOPLE)]
    assert ready.server.process is not None
    times: Times = {}
    spent: dict[str, float] = {}
    wrong: dict[str, list[str]] = {}
    for question in questions:
        before = cpu_seconds(ready.server.process.pid)
        try:
            answer, took = people[question.person].ask(question.kind, question.content)
        except Refused as problem:
            wrong.setdefault(question.kind, []).append(str(problem))
            continue
        times.setdefault(question.kind, []).append(took)
        spent[question.kind] = spent.get(question.kind, 0.0) + cpu_seconds(ready.server.process.pid) - before
        if not CHECKS[question.kind](compiled, question.content, answer):
            wrong.setdefault(question.kind, []).append(f"another answer than the engine's: {question.content}"[:200])
    for kind in CHECKS:
        if kind in wrong:
            row(f"  {kind}, over HTTP", FAILED=f"{len(wrong[kind])} answers missing or wrong; {wrong[kind][0]}")
        elif kind in times:
            values = times[kind]
            cpu = spent[kind] / len(values) * 1000
            row(f"  {kind}, over HTTP", p50=percentile(values, 0.5), p95=percentile(values, 0.95), server_cpu=cpu)
    for person in people:
        person.close()


def _states(compiled: Any, content: dict[str, Any], answer: Any) -> bool:
    return bool(answer["states"] == compiled.propagate(content["decisions"]).states)


def _explains(compiled: Any, content: dict[str, Any], answer: Any) -> bool:
    """The named decisions alone must rule it out: there may be several smallest sets."""
    named = {id: content["decisions"][id] for id in answer["decisions"]}
    return bool(answer["blocked"] and not compiled.possible({**named, content["option"]: True}))


def _repairs(compiled: Any, content: dict[str, Any], answer: Any) -> bool:
    """Each must work, and none may give up more than has to be."""
    ways = [way["gives_up"] for way in answer["items"]]
    best = [way.gives_up for way in compiled.repairs(content["decisions"], content["option"])]
    works = all(way["decisions"][content["option"]] and compiled.possible(way["decisions"]) for way in answer["items"])
    return works and list(map(len, ways)) == list(map(len, best))


def _completes(compiled: Any, content: dict[str, Any], answer: Any) -> bool:
    """It must fit, and cost what the cheapest costs."""
    mine = compiled.totals(compiled.complete(content["decisions"], "cheapest"), ranges=False)
    kept = all(answer["decisions"][id] is value for id, value in content["decisions"].items())
    theirs = answer["totals"]["price"]["now"]
    return bool(kept and compiled.possible(answer["decisions"]) and theirs == mine["price"].now)


CHECKS: dict[str, Callable[[Any, dict[str, Any], Any], bool]] = {
    "propagate": _states, "explain": _explains, "repairs": _repairs, "complete": _completes,
}  # fmt: skip


def main() -> None:
    from codesign.products import engine

    print(f"configure: {PEOPLE} people, {CLICKS} decisions each; milliseconds of a processor, over HTTP by the clock")
    with stage(ideas=0, people=0, requests_per_minute="1000000") as ready:
        for name, model in models():
            times: Times = {}
            compiled = timed(times, "made ready", partial(engine.Compiled, model))
            rival = timed(times, "made ready, by z3", partial(z3_of, compiled))
            row(name, options=len(model.options), rules=len(model.rules), clauses=len(compiled.clauses.every))
            dice = random.Random(11)
            questions: list[Question] = []
            for person in range(PEOPLE):
                questions += [Question(kind, asked, person) for kind, asked in click(compiled, dice, rival, times)]
            for what, values in times.items():
                goal = {"goal_p95": GOALS[what]} if what in GOALS else {}
                row(f"  {what}", p50=percentile(values, 0.5), p95=percentile(values, 0.95), **goal)
            ratio = percentile(times["propagate, by z3"], 0.5) / percentile(times["propagate"], 0.5)
            row("  z3 takes so many times as long", median=ratio)
            over_http(ready, name, compiled, questions)
    print("  (propagate over HTTP answers the totals with their ranges too)")


if __name__ == "__main__":
    main()
