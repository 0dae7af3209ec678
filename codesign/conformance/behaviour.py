"""What a plugin does: when it is switched, told twice, asked to forget, called by those who may not, run beside itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Boolean, DateTime, Float, Integer, LargeBinary, Table, insert

from codesign.conformance.bench import Bench
from codesign.conformance.finding import Broken, Nothing
from codesign.conformance.moments import MOMENT, answers_of, is_late, shown
from codesign.events import log
from codesign.hooks.routes import Route
from codesign.hooks.runner import Health
from codesign.kernel import clock, db
from codesign.kernel.db import Moment
from codesign.kernel.errors import Problem
from codesign.kernel.ids import new_id
from codesign.spaces.access import access
from codesign.spaces.facts import SpaceFact

_PERSON = re.compile(r"(^|_)(person|people|author|voter|user|member|actor|e?mail|by)(_id)?$")
_DENIED, _SIGN_IN = {401, 403, 404}, "/sign-in"


def switches(bench: Bench) -> str:
    """On, off and on again at any moment, each told twice; where it is off, nothing of it is there."""
    for on in (True, True, False, False, True):
        bench.switch(on)
        bench.plugins.work()
        _tell_again(bench, on)
        if not on:
            _nothing_left(bench)
    return "on and off again and again; where it is off nothing of it is there"


def _tell_again(bench: Bench, on: bool) -> None:
    """The worker may die between telling and noting it."""
    hook = "plugin_enabled" if on else "plugin_disabled"
    if bench.host.implementation(hook, bench.name):
        answer = bench.host.tell(bench.name, hook, space=bench.host.space_fact(bench.world.space.id))
        if not answer.ok and not answer.skipped and "read() block" not in (answer.error or ""):
            raise Broken(f"{hook}, told twice: {answer.error}")


def _nothing_left(bench: Bench) -> None:
    for route, base in routes(bench):
        if "GET" in route.methods:
            status = bench.request("owner", "GET", bench.address(base, route.rule, bench.world.space)).status_code
            if status != 404:
                raise Broken(f"it is off and {base}{route.rule} answers {status}")
    if drawn := shown(bench):
        raise Broken(f"it is off and draws in {', '.join(drawn)}")


def replay(bench: Bench) -> str:
    """Told the same history again it keeps the same: nothing doubled, nothing lost, nothing set aside."""
    if not bench.card.listens_to:
        raise Nothing("it listens to no events")
    clock.use(lambda: MOMENT)  # a row's time of change is no difference
    try:
        bench.settled()
        first, said = bench.rows(), _own_facts(bench)
        for time in ("again", "a third time"):
            bench.plugins.replay(bench.name, bench.world.space)
            bench.host.looked.clear()
            bench.plugins.work()
            for name, rows in bench.rows().items():
                if rows != first[name]:
                    raise Broken(f"told {time}, {name} has {len(rows)} rows that were {len(first[name])}, or others")
            if _own_facts(bench) != said:
                raise Broken(f"told {time}, it records its own events again")
    finally:
        clock.use(None)
    count = sum(len(rows) for rows in first.values())
    return f"a history told three times leaves the same {count} rows"


def _own_facts(bench: Bench) -> int:
    own = {fact.name for fact in bench.card.events}
    with db.read():
        return sum(fact.name in own for fact in log.since(bench.world.space.id, 0, 5_000)) if own else 0


def forgets(bench: Bench) -> str:
    """After ``erase_person``, told twice, the person's id is nowhere in the plugin's tables."""
    person = bench.world.ann.id
    personal = {table.name: found for table in bench.own_tables() if (found := _personal(table))}
    bench.settled()
    held = _holding(bench, person)
    if not (personal or held or bench.card.stores_personal_data):
        raise Nothing("it keeps nothing of persons")
    named = sorted({*personal, *held})
    if not bench.card.stores_personal_data:
        raise Broken(f"{', '.join(named)} keep persons, and the card does not say stores_personal_data=True")
    for table in bench.own_tables():
        if table.name in personal and table.name not in held:
            _plant(bench, table, personal[table.name], person)
    for _time in range(2):
        for answer in bench.host.erase_person(person):
            if not answer.ok:
                raise Broken(f"erase_person failed: {answer.error}")
    if left := _holding(bench, person):
        raise Broken(f"the person is still in {', '.join(left)} after erase_person")
    return f"a person is gone from {', '.join(named) or 'what it keeps'}"


def _personal(table: Table) -> list[str]:
    return [column.name for column in table.columns if _PERSON.search(column.name)]


def _holding(bench: Bench, person: str) -> list[str]:
    return sorted(name for name, rows in bench.rows().items() if any(person in repr(row) for row in rows))


def _plant(bench: Bench, table: Table, personal: list[str], person: str) -> None:
    """A row as the plugin might have written it, with the person in it."""
    values = {
        column.name: person if column.name in personal else _some(column.type)
        for column in table.columns
        if column is not table.autoincrement_column
    }
    with bench.database.offline.begin() as connection:
        connection.execute(insert(table).values(**values))


def _some(kind: Any) -> Any:
    """A value for a column of which nothing but the type is known."""
    for types, value in (
        ((Moment, DateTime), MOMENT), (Boolean, False), (Integer, 1), (Float, 1.0), (LargeBinary, b"x"),
    ):  # fmt: skip
        if isinstance(kind, types):
            return value
    return {} if kind.__class__.__name__ == "JSON" else new_id()


# --- Who may ------------------------------------------------------------------------------------------------------------


def routes(bench: Bench) -> Iterator[tuple[Route, str]]:
    """The routes of the plugin, each with the address it is mounted below."""
    for kind, prefix in ((bench.card.pages, ""), (bench.card.api, "/api/v1")):
        base = f"{prefix}/-/{bench.name}" if bench.card.scope == "server" else f"{prefix}/spaces/<space>/-/{bench.name}"
        for route in kind.routes if kind else ():
            yield route, base


def permissions(bench: Bench) -> str:
    """Each route lets in whom its ``needs`` lets in, and nobody else; reading changes nothing."""
    found = list(routes(bench))
    if not found:
        raise Nothing("it has no routes")
    for space in (bench.world.space, bench.world.secret):
        bench.switch(True, space)
    bench.plugins.work()
    wrong = [line for route, base in found for line in _wrong_route(bench, route, base)]
    if wrong:
        raise Broken("; ".join(dict.fromkeys(wrong)))
    return f"{len(found)} routes let in whom they should: nobody, a stranger, the owner, in public and in private"


def _wrong_route(bench: Bench, route: Route, base: str) -> Iterator[str]:
    if set(route.methods) - {"GET", "HEAD"} and route.needs == "view" and not route.own:
        yield f"{route.rule} changes something and needs no more than 'view'"
    for method in sorted(set(route.methods) - {"HEAD", "OPTIONS"}):
        for space in (bench.world.space, bench.world.secret):
            for who in ("nobody", "ann", "owner"):
                yield from _wrong_answer(bench, method, route, base, space, who)


def _wrong_answer(bench: Bench, method: str, route: Route, base: str, space: SpaceFact, who: str) -> Iterator[str]:
    address = bench.address(base, route.rule, space)
    before = bench.rows() if method == "GET" else {}
    answer = bench.request(who, method, address)
    let_in = not (answer.status_code in _DENIED or _SIGN_IN in answer.headers.get("Location", ""))
    may = _may(bench, route, who, space)
    where = f"{method} {address}"
    if answer.status_code >= 500:
        yield f"{where} answers {answer.status_code} to {who}: {_last_failure(bench)}"
    elif let_in and not may:
        yield f"{where} answers {answer.status_code} to {who}, who lacks the right {route.needs!r}"
    elif may and not let_in and _should_pass(method, route, who, answer.status_code):
        yield f"{where} answers {answer.status_code} to {who}, who has the right {route.needs!r}"
    if method == "GET" and bench.rows() != before:
        yield f"{where} reads and changes its tables; let it be a POST"


def _should_pass(method: str, route: Route, who: str, status: int) -> bool:
    """Not where the form of somebody unknown lacks our token, nor where made-up parts of the address name nothing."""
    return not (who == "nobody" and method != "GET") and (status != 404 or "<" not in route.rule)


def _may(bench: Bench, route: Route, who: str, space: SpaceFact) -> bool:
    if route.own and who == "nobody":
        return False
    if bench.card.scope == "server" or route.needs == "admin":
        return who == "owner" or (bench.card.scope == "server" and route.needs == "view")
    try:
        access(bench.actor(who), space.id, route.needs or "own")
    except Problem:
        return False
    return True


def _last_failure(bench: Bench) -> str:
    failures = bench.host.runner.health(bench.name).failures
    bench.host.runner.health(bench.name).wake()
    return failures[-1].error if failures else "no reason given"


# --- Beside itself ------------------------------------------------------------------------------------------------------


def twice(bench: Bench, another: Callable[[], Bench]) -> str:
    """A second app of the same process starts empty: nothing is kept in modules."""
    bench.settled()
    mine = {idea.id for idea in bench.world.ideas.values()} | {bench.world.space.id, bench.world.secret.id}
    answers_of(bench)
    shown(bench)
    known = {failure.error for failure in _health(bench).failures}
    second = another()
    second.make_tables()
    if second.host.is_enabled(second.name, second.where):
        raise Broken("it is on in a second app where nobody switched it on")
    second.settled()
    told = json.dumps([repr(answer.value) for _hook, answer in answers_of(second)]) + "".join(shown(second).values())
    told += repr(second.rows())
    if any(each in told for each in mine):
        raise Broken("a second app in the same process hears of things of the first; keep nothing in modules")
    if failures := [f.error for f in _health(second).failures if f.error not in known and not is_late(f.error)]:
        raise Broken(f"in a second app of the same process: {failures[-1]}")
    return "two apps in one process know nothing of each other"


def _health(bench: Bench) -> Health:
    return bench.host.runner.health(bench.name)
