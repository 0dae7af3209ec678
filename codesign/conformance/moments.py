"""Asking a plugin at every moment it answers, with ordinary and with nasty input, and watching the clock meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from codesign.conformance.bench import Bench
from codesign.conformance.finding import Broken, Nothing
from codesign.hooks import specs
from codesign.hooks.facts import Answer
from codesign.hooks.rules import ScoreRule
from codesign.hooks.slots import SLOTS
from codesign.ideas.facts import IdeaStatistics, SpaceTotals
from codesign.kernel.contribution import TextDraft

#: What a text of a bad mood looks like: long runs are what careless patterns stumble over.
NASTY = ("a" * 20_000 + "!", " " * 20_000 + "x", "https://example.org/" * 800, "a@" * 8_000, "«„“»" * 4_000)
LONGEST_QUERY, LONGEST_TITLE = 200, 160
#: So many milliseconds may pass until another thread gets its turn, as in our own tests of the server.
LONGEST_GAP = 0.05
TRIES = 5
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ROUNDING = 1e-6


def asked(bench: Bench, nasty: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every moment in the server the plugin answers, with what it is asked."""
    world, name = bench.world, bench.name
    settings = bench.host.settings(name, bench.where)
    given = {"space": world.space, "spaces": (world.space,), "actor": bench.actor("ann"), "settings": settings}
    texts = NASTY if nasty else ("A belt drive that is quiet",)
    for hook in bench.host.hooks_of(name):
        if hook == "review_contribution":
            for text in texts:
                yield hook, {**given, "draft": TextDraft("idea", text[:LONGEST_TITLE], text)}
        elif hook == "search_contributions":
            for text in texts if nasty else (*texts, 'title:belt -oil "quiet drive" exp*'):
                yield hook, {**given, "query": text[:LONGEST_QUERY]}
        elif hook == "find_similar":
            for text in texts:
                yield hook, {**given, "text": text[:LONGEST_TITLE]}
        elif hook == "fill_slot":
            facts = (bench.idea(world.space),)
            for slot in SLOTS:
                yield hook, {**given, "slot": slot, "facts": facts if slot.startswith(("idea.", "board.")) else ()}
        elif specs.STYLES[hook].where == "server":
            yield hook, given


def answers_of(bench: Bench, nasty: bool = False) -> list[tuple[str, Answer]]:
    """What the plugin says at every moment, each asked once."""
    return [(hook, _ask(bench, hook, arguments)) for hook, arguments in asked(bench, nasty)]


def _ask(bench: Bench, hook: str, arguments: dict[str, Any]) -> Answer:
    bench.host.runner.health(bench.name).wake()  # what fails shall be asked again
    implementation = bench.host.implementation(hook, bench.name)
    given = dict.fromkeys(implementation[1]) if implementation else {}
    return bench.host.tell(bench.name, hook, **{**given, **arguments})


def shown(bench: Bench) -> dict[str, str]:
    """The HTML the plugin draws, by slot; those it leaves empty left out."""
    slots, space = bench.app.extensions["codesign.slots"], bench.world.space
    drawn: dict[str, str] = {}
    for slot in SLOTS:
        with bench.app.test_request_context(f"/spaces/{space.slug}"):
            html = slots.draw(space, bench.actor("ann"), slot, [bench.idea(space)])
            if html:
                drawn[slot] = str(html)
    return drawn


def answers(bench: Bench) -> str:
    """Each moment is answered with what it asks for, also for nasty input; slots draw."""
    bench.settled()
    said = [*answers_of(bench), *answers_of(bench, nasty=True)]
    for hook, answer in said:
        if not answer.ok and not answer.late and not answer.skipped:
            raise Broken(f"{hook} failed: {answer.error}")
    drawn = shown(bench)
    if told := [f for f in bench.host.runner.health(bench.name).failures if not is_late(f.error)]:
        raise Broken(f"{told[-1].hook} failed: {told[-1].error}")
    if not said and not drawn and not bench.host.hooks_of(bench.name):
        raise Nothing("it answers no moment")
    return f"{len(said)} questions answered; draws in {', '.join(drawn) or 'no slot'}"


def rules(bench: Bench) -> str:
    """Score rules are pure, bear an idea without votes, and their parts add up to the score."""
    found = [rule for rule in bench.card.rules if isinstance(rule, ScoreRule) and rule.compute is not None]
    if not found:
        raise Nothing("it brings no scores")
    settings = bench.host.settings(bench.name, bench.where)
    for rule in found:
        given = {key: settings[name] for key, name in rule.parameters.items()}
        for statistics in [*_statistics({}), *_statistics(dict.fromkeys(rule.settled(given).fields, 3.0))]:
            first, second = (rule.compute(statistics, **given) for _time in range(2))  # type: ignore[misc]
            where = f"the rule {rule.name}, for {statistics.up} up and {statistics.down} down,"
            if first != second:
                raise Broken(f"{where} says {first} and then {second}")
            if first is not None and abs(first.value - sum(part.points for part in first.parts)) > _ROUNDING:
                raise Broken(f"{where} says {first.value} and its parts add up to something else")
    return f"{', '.join(rule.name for rule in found)}: the same each time, and the sum of their parts"


def _statistics(fields: dict[str, float]) -> Iterator[IdeaStatistics]:
    for up, down, passed, comments in ((0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 1, 0), (40, 10, 5, 7), (900_000, 3, 0, 60)):
        last = MOMENT if up + down else None
        yield IdeaStatistics(
            "01IDEA", up, down, passed, up + down + passed, comments, MOMENT, last, min(up, 9), min(up, 30), at=MOMENT,
            fields=fields, space=SpaceTotals(3, up, down, passed, MOMENT),
        )  # fmt: skip


def is_late(error: str) -> bool:
    """Whether a failure is one of time: a busy machine may be to blame, so other checks do not judge by it."""
    return any(words in error for words in ("took longer", "still running", "write lock"))


def budgets(bench: Bench) -> str:
    """Every answer in its time, also to nasty input. Judged is the best of three, so that a busy machine hurts nobody."""
    bench.settled()
    slowest: dict[str, float] = {}
    for hook, arguments in [*asked(bench), *asked(bench, nasty=True)]:
        budget = specs.STYLES[hook].budget
        best = min(_seconds(bench, hook, arguments) for _try in range(TRIES))
        if best >= budget:
            raise Broken(f"{hook} took {best * 1000:.0f} ms; it has {budget * 1000:.0f} ms")
        slowest[hook] = max(slowest.get(hook, 0.0), best)
    if not slowest:
        raise Nothing("it answers nothing in the server")
    return ", ".join(f"{hook} {seconds * 1000:.1f} ms" for hook, seconds in slowest.items())


def _seconds(bench: Bench, hook: str, arguments: dict[str, Any]) -> float:
    answer = _ask(bench, hook, arguments)
    while bench.host.runner.health(bench.name).late:
        time.sleep(0.005)  # the next try must not wait behind this one
    return answer.seconds


def lets_others_work(bench: Bench) -> str:
    """How long another thread waits for its turn while the plugin computes: C code that keeps Python's lock stops every
    socket, and no budget ends it."""
    bench.settled()
    longest, where = 0.0, ""
    for hook, arguments in [*asked(bench), *asked(bench, nasty=True)]:
        gap = min(_gap(bench, hook, arguments) for _try in range(TRIES))
        if gap > longest:
            longest, where = gap, hook
    if not where:
        raise Nothing("it answers nothing in the server")
    if longest > LONGEST_GAP:
        raise Broken(
            f"{where} kept Python's lock for {longest * 1000:.0f} ms; others may wait {LONGEST_GAP * 1000:.0f} ms"
        )
    return f"others waited {longest * 1000:.0f} ms at most, in {where}"


def _gap(bench: Bench, hook: str, arguments: dict[str, Any]) -> float:
    with _ticking() as ticks:
        _seconds(bench, hook, arguments)
    return max(ticks, default=0.0)


@contextmanager
def _ticking() -> Iterator[list[float]]:
    """Every moment another thread looks at the clock; how much later than meant it came to do so."""
    step, late, ended = 0.001, [], threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not ended.is_set():
            time.sleep(step)
            now = time.perf_counter()
            late.append(now - last - step)
            last = now

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield late
    finally:
        ended.set()
        ticker.join()
