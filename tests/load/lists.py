"""Lists of 10,000 ideas: page, API and the statement under them, first page and a page far down."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.load.stage import percentile, row

IDEAS, VOTES, RUNS = 10_000, 50_000, 60


def fill(folder: Path) -> tuple[Any, str]:
    """An app with one big space."""
    from datetime import timedelta

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
    space = create_space(SYSTEM, "ideas", name="Big", slug="big")
    moment = clock.now()
    for start in range(0, IDEAS, 500):
        store_imported(space.id, [
            ForeignIdea(f"x:{n}", f"Idea number {n} about lamp {n % 97}", "A few words on it. " * 8, None,
                        moment - timedelta(minutes=n))
            for n in range(start, start + 500)
        ])  # fmt: skip
    with db.read():
        ideas = list(ids_of_externals(space.id, [f"x:{n}" for n in range(IDEAS)]).values())
    people = list(find_or_create_externals((f"p:{n}", "") for n in range(500)).values())

    @db.verb
    def vote(start: int) -> None:
        asks = [Ask(ideas[(n * n + 7 * n) % 997 * 10 + n % 10], people[n % 500], 1) for n in range(start, start + 500)]
        apply_votes(db.session(), asks)

    for start in range(0, VOTES, 500):
        vote(start)
    return app, space.slug


def timed(name: str, ask: Callable[[], Any]) -> float:
    ask()
    times = []
    for _run in range(RUNS):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    row(name, p50_ms=percentile(times, 0.5), p99_ms=percentile(times, 0.99))
    return percentile(times, 0.5)


def main() -> None:
    import tempfile

    print(f"lists: {IDEAS:,} ideas, up to {VOTES:,} votes, in one process without a network")
    with tempfile.TemporaryDirectory() as folder:
        app, slug = fill(Path(folder))
        client = app.test_client()
        empty = timed("no-op (probe)", lambda: client.get("/health/live"))
        first = timed("API, first 25 by top", lambda: client.get(f"/api/v1/spaces/{slug}/ideas?limit=25"))
        cursor = client.get(f"/api/v1/spaces/{slug}/ideas?limit=100").json["next"]
        for _page in range(20):
            cursor = client.get(f"/api/v1/spaces/{slug}/ideas?limit=100&cursor={cursor}").json["next"]
        deep = timed(
            "API, 25 after the 2,100th", lambda: client.get(f"/api/v1/spaces/{slug}/ideas?limit=25&cursor={cursor}")
        )
        found = timed("API, search two words", lambda: client.get(f"/api/v1/spaces/{slug}/ideas?limit=25&q=lamp+42"))
        page = timed("page, first 25", lambda: client.get(f"/spaces/{slug}"))
        row(
            "ratios",
            deep_to_first=deep / first,
            search_to_first=found / first,
            page_to_api=page / first,
            api_to_noop=first / empty,
        )


if __name__ == "__main__":
    main()
