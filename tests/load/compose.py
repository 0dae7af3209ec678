"""Fifty people compose at once: each has a draft and a cookie of their own, reads, thinks and presses the next button.

A press is the form post that the page's script sends; it is answered with the whole desk. Each answer is held against the
engine afterwards, so that checking takes no time from the server. What is missing or wrong prints FAILED.
"""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from tests.load.composer import Composer
from tests.load.products import models, publish
from tests.load.stage import Stage, cpu_seconds, percentile, row, stage

PEOPLE = int(os.environ.get("BENCH_COMPOSERS", "50"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
#: Seconds between an answer and the next press: who reads a reason takes longer than who ticks what they came for.
THINKS = (2.0, 8.0)


@dataclass
class Shown:
    """What was pressed and what the page showed then."""

    did: str
    states: dict[str, str]


@dataclass
class Person:
    """One of them."""

    composer: Composer
    dice: random.Random
    times: list[float] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def run(self, until: float) -> None:
        """Press and think in turn."""
        time.sleep(self.dice.uniform(0, THINKS[1]))
        while time.perf_counter() < until:
            did = self.next_press()
            try:
                self.times.append(self.composer.press(did))
                self.shown.append(Shown(did, self.composer.states))
            except Exception as problem:  # whoever died silently would make the rest look good
                self.problems.append(f"{did}: {problem!r}")
            time.sleep(self.dice.uniform(*THINKS))

    def next_press(self) -> str:
        """Mostly something open; sometimes a no, a step back, or what does not go, and then what is offered for it."""
        if self.composer.fixes:
            return self.dice.choice(self.composer.fixes)
        by_state: dict[str, list[str]] = {}
        for option, state in self.composer.states.items():
            by_state.setdefault(state, []).append(option)
        draw = self.dice.random()
        if draw < 0.12 and "blocked" in by_state:
            return f"ask:{self.dice.choice(by_state['blocked'])}"
        if draw < 0.18 and self.shown:
            return "undo"
        if draw < 0.28 and "mine" in by_state:
            return f"open:{self.dice.choice(by_state['mine'])}"
        if "free" not in by_state:
            return "reset"
        word = "off" if draw < 0.38 else "on"
        return f"{word}:{self.dice.choice(by_state['free'])}"


EXPECTED = {"on": {"mine"}, "off": {"refused"}, "swap": {"mine"}, "open": {"free", "follows", "blocked"}}


def wrong(compiled: Any, person: Person) -> list[str]:
    """Where a page said something else than the engine says, or did not do what was pressed."""
    found = []
    for one in person.shown:
        word, _colon, rest = one.did.partition(":")
        state = one.states.get(rest.partition(":")[0])
        if word in EXPECTED and state is not None and state not in EXPECTED[word]:
            found.append(f"{one.did}: it is {state}")
        decisions = {id: state == "mine" for id, state in one.states.items() if state in {"mine", "refused"}}
        proved = compiled.propagate(decisions).states
        has = {id for id in one.states if proved[id] in {"on", "forced_on"}}
        if has != {id for id, state in one.states.items() if state in {"mine", "follows"}}:
            found.append(f"{one.did}: other options are on")
        if any(state == "blocked" and proved[id] != "forced_off" for id, state in one.states.items()):
            found.append(f"{one.did}: something is shown as not possible that is")
    kept = person.composer.kept()
    last = {id: state for id, state in person.composer.states.items() if state in {"mine", "refused"}}
    if any(kept.get(id) is not (state == "mine") for id, state in last.items()):
        found.append("the draft is not what the page shows")
    return found


def compose(ready: Stage, name: str, model: Any) -> None:
    from codesign.products import engine

    product_id = publish(ready, name, model)
    people = [Person(Composer(ready.server.url, product_id), random.Random(number)) for number in range(PEOPLE)]
    assert ready.server.process is not None
    cpu, started = cpu_seconds(ready.server.process.pid), time.perf_counter()
    threads = [threading.Thread(target=person.run, args=(started + SECONDS,), daemon=True) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS + 90)
    took = time.perf_counter() - started
    cpu = (cpu_seconds(ready.server.process.pid) - cpu) / took
    compiled = engine.Compiled(model)
    problems = [said for person in people for said in (*person.problems, *wrong(compiled, person))]
    silent = sum(not person.times for person in people)
    times = [value for person in people for value in person.times]
    if problems or silent or any(thread.is_alive() for thread in threads):
        row(name, FAILED=f"{len(problems)} answers missing or wrong, {silent} people without any; {problems[:3]}")
        return
    row(
        name, options=len(model.options), presses=len(times), per_second=len(times) / took,
        p50_ms=percentile(times, 0.5), p95_ms=percentile(times, 0.95), most_ms=max(times), cpu=cpu, errors=0,
    )  # fmt: skip
    for person in people:
        person.composer.close()


def main() -> None:
    least, most = THINKS
    print(
        f"compose: {PEOPLE} people at once, {SECONDS:.0f} s each product, {least:.0f} to {most:.0f} s between two presses; "
        "milliseconds from the press to the whole page"
    )
    with stage(ideas=0, people=0, requests_per_minute="1000000") as ready:
        for name, model in models():
            compose(ready, name, model)


if __name__ == "__main__":
    main()
