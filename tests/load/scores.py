"""Scoring a space of 100,000 ideas: the whole of it in bulk, next to a plain loop one by one; then a vote, then a night."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.load.stage import percentile, row

IDEAS, VOTED, VOTERS, LOOP, VOTES = 100_000, 40_000, 50, 400, 200


def fill(folder: Path) -> tuple[Any, str, list[str]]:
    """An app with one big space of votes up and down, where the plugin is not on yet: its id and ideas."""
    from codesign.accounts.service import find_or_create_externals
    from codesign.app import create_app
    from codesign.ideas.imports import ForeignIdea, ids_of_externals, store_imported
    from codesign.kernel import clock, config, db, schema
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.service import create_space
    from codesign.voting.facts import Ask
    from codesign.voting.service import apply_votes

    app = create_app(config.load({}, instance=str(folder)))
    schema.ensure(db.current())
    space = create_space(SYSTEM, "ideas", name="Big", slug="big", kind="updown")
    moment = clock.now()
    ideas: list[str] = []
    for start in range(0, IDEAS, 1000):
        numbers = range(start, start + 1000)
        store_imported(space.id, [
            ForeignIdea(f"x:{n}", f"Idea number {n}", "", None, moment - timedelta(minutes=n)) for n in numbers
        ])  # fmt: skip
        with db.read():
            ideas += ids_of_externals(space.id, [f"x:{n}" for n in numbers]).values()
        progress("ideas made", start + 1000, IDEAS)
    people = list(find_or_create_externals((f"p:{n}", "") for n in range(VOTERS)).values())

    @db.verb
    def vote(start: int) -> None:
        numbers = range(start, start + 500)
        asks = [Ask(ideas[n % VOTED], people[n // VOTED % VOTERS], (1, 1, -1, 0)[n * n % 7 % 4]) for n in numbers]
        apply_votes(db.session(), asks)

    for start in range(0, 2 * VOTED, 500):
        vote(start)
        progress("votes cast", start + 500, 2 * VOTED)
    return app, space.id, ideas


def progress(what: str, done: int, total: int) -> None:
    """One line that counts up, where somebody looks at it."""
    if sys.stdout.isatty():
        print(f"\r  {what:34s} {done:,} of {total:,}", end="\n" if done >= total else "", flush=True)


def settle(rescorer: Any, space_id: str, what: str = "") -> tuple[float, list[float]]:
    """What the worker does until the space is scored: seconds in all, and of each slice, after which others have a turn."""
    slices = []
    while True:
        rescorer.forget_pauses()
        started = time.perf_counter()
        rescorer.rescore(space_id)
        slices.append(time.perf_counter() - started)
        done = rescorer.progress(space_id)
        if done is None:
            return sum(slices), slices
        if what:
            progress(what, done, IDEAS)


def one_by_one(space_id: str, ideas: list[str], rules: list[Any]) -> float:
    """Seconds a plain loop takes for each of *ideas*: read it, ask the rules, write, commit."""
    from codesign.ideas.facts import ScoreRow
    from codesign.ideas.scores import statistics, store_scores

    started = time.perf_counter()
    for idea_id in ideas:
        (given,) = statistics(space_id, [idea_id])
        scores = {}
        for rule in rules:
            score = rule.compute(given)
            value, parts = (score.value, tuple(score.parts_as_json())) if score else (None, ())
            scores[rule.name] = [ScoreRow(idea_id, value, parts)]
        store_scores(space_id, 0, scores)
    return (time.perf_counter() - started) / len(ideas)


def after_a_vote(rescorer: Any, space_id: str, ideas: list[str], actor: Callable[[int], Any]) -> list[float]:
    """Milliseconds from the log to new scores, for single votes on ideas all over the space."""
    from codesign.voting.service import cast_vote

    times = []
    for number in range(VOTES):
        cast_vote(actor(number), ideas[number * 397 % IDEAS], 1)
        rescorer.forget_pauses()
        started = time.perf_counter()
        rescorer.rescore(space_id)
        times.append((time.perf_counter() - started) * 1000)
    return times


def main() -> None:
    import tempfile

    from codesign.hooks.host import host_of
    from codesign.hooks.service import switch_plugin
    from codesign.ideas.rescoring import Rescorer
    from codesign.kernel import clock, db
    from codesign.kernel.actor import SYSTEM

    print(f"scores: {IDEAS:,} ideas, {2 * VOTED:,} votes, five rules, as the worker does it")
    with tempfile.TemporaryDirectory() as folder:
        app, space_id, ideas = fill(Path(folder))
        host = host_of(app)
        rules = [rule for rule in host.card("scoring").rules if not rule.for_team]
        rescorer = Rescorer(host)
        settle(rescorer, space_id)
        each = one_by_one(space_id, ideas[:: IDEAS // LOOP], rules)
        row("one by one, each", ms=each * 1000, space_would_take_s=each * IDEAS)
        switch_plugin(SYSTEM, host, space_id, "scoring", True)
        total, slices = settle(rescorer, space_id, "scored")
        row("whole space in bulk", seconds=total, ideas_a_second=IDEAS / total, ms_each=total / IDEAS * 1000)
        row("a slice of it (others wait so long)", p50_s=percentile(slices, 0.5), max_s=max(slices))
        times = after_a_vote(rescorer, space_id, ideas, voters())
        row("one vote", p50_ms=percentile(times, 0.5), p99_ms=percentile(times, 0.99))
        clock.use(lambda: tomorrow)
        tomorrow = real_now() + timedelta(days=1, minutes=1)
        rescorer.check_soon()
        with db.read():
            rescorer.behind()
        night, _slices = settle(rescorer, space_id, "scored in the night")
        clock.use(None)
        row("a night (two of the rules)", seconds=night, ideas_a_second=IDEAS / night)
        vote = percentile(times, 0.5) / 1000
        row("ratios", loop_to_bulk=each * IDEAS / total, night_to_bulk=night / total, bulk_to_vote=total / vote)


def real_now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def voters() -> Callable[[int], Any]:
    """Guests who have not voted yet, one after the other."""
    from codesign.accounts.service import make_guest
    from codesign.kernel.actor import Actor

    return lambda _number: Actor(person_id=make_guest().id, guest=True)


if __name__ == "__main__":
    main()
