"""All checks, one after another. A check that breaks itself is a failure of the plugin, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from codesign.conformance import behaviour, moments, shape
from codesign.conformance.bench import Bench, database_left_alone
from codesign.conformance.candidate import Candidate, find
from codesign.conformance.finding import FAIL, NOT_APPLICABLE, PASS, Broken, Finding, Nothing
from codesign.kernel import db

#: What each check is about, in the order of the report.
CHECKS: dict[str, str] = {
    "loads": "It is let in alone, and leans on codesign.sdk only.",
    "names": "Tables, events, settings, templates and slots are called as they must be.",
    "settings": "Its defaults are valid, saved settings come back, unknown ones are refused.",
    "switches": "On and off again; where it is off nothing of it is there.",
    "answers": "It answers each moment with what is asked for, whatever the text.",
    "budgets": "Each answer comes in its time.",
    "lock": "While it computes, others get their turn.",
    "rules": "Its scores are pure and the sum of their parts.",
    "replay": "A history told again leaves the same.",
    "forgets": "A person who is to be forgotten is gone.",
    "permissions": "Its routes let in whom they should, and reading changes nothing.",
    "twice": "Two apps in one process know nothing of each other.",
    "migrations": "Its tables go up, down and up again, and are what the models say.",
}


def check_plugin(reference: str | Path, database_url: str = "") -> list[Finding]:
    """Try the plugin in a folder, of a project, or of that name: a finding for each of ``CHECKS``.

    It runs on SQLite files that are thrown away, or on *database_url*, a database that may be written to at will. Raises
    NotFound where there is no plugin.
    """
    candidate = find(reference)
    with database_left_alone():
        return list(_findings(candidate, database_url))


def _findings(candidate: Candidate, url: str) -> Iterator[Finding]:
    benches: list[Bench] = []

    def loads() -> str:
        bench, why = shape.loads(candidate, url)
        benches.append(bench)
        bench.make_tables()
        return why

    first = _finding("loads", loads)
    yield first
    if first.failed:
        yield from (Finding(name, NOT_APPLICABLE, "it does not load") for name in CHECKS if name != "loads")
        return
    bench = benches[0]

    def another() -> Bench:
        benches.append(Bench(candidate))
        return benches[-1]

    for name, check in _checks(bench, another).items():
        db.use(bench.database)
        bench.host.runner.health(bench.name).wake()
        bench.host.runner.health(bench.name).failures.clear()
        yield _finding(name, check)
    for each in benches:
        each.database.dispose()


def _checks(bench: Bench, another: Callable[[], Bench]) -> dict[str, Callable[[], str]]:
    return {
        "names": lambda: shape.names(bench),
        "settings": lambda: shape.settings(bench),
        "switches": lambda: behaviour.switches(bench),
        "answers": lambda: moments.answers(bench),
        "budgets": lambda: moments.budgets(bench),
        "lock": lambda: moments.lets_others_work(bench),
        "rules": lambda: moments.rules(bench),
        "replay": lambda: behaviour.replay(bench),
        "forgets": lambda: behaviour.forgets(bench),
        "permissions": lambda: behaviour.permissions(bench),
        "twice": lambda: behaviour.twice(bench, another),
        "migrations": lambda: shape.migrations(bench),
    }


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, PASS, check())
    except Nothing as nothing:
        return Finding(name, NOT_APPLICABLE, str(nothing))
    except Broken as broken:
        return Finding(name, FAIL, str(broken))
    except Exception as error:
        return Finding(name, FAIL, f"it broke the check itself: {type(error).__name__}: {error}")
