"""The transaction for code we do not trust with the lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from codesign.hooks.guard import verb as guarded
from codesign.kernel import db
from codesign.kernel.db import session
from codesign.kernel.errors import NotFound, Unavailable
from codesign.kernel.late import Cut, LateWrite

from .conftest import SPACE, Heard, happen, heard


def in_thread(late: LateWrite, function: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            late.run(function)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, errors


def write(seq: int) -> None:
    session().add(Heard(space_id=SPACE, seq=seq, times=1))
    session().flush()


def test_what_it_writes_is_kept_with_the_facts_it_records(ground: db.Database) -> None:
    told: list[set[str]] = []
    ground.after_commit.append(told.append)
    late = LateWrite()

    def change() -> None:
        write(1)
        happen(2)

    late.run(change)
    late.announce()
    assert heard() == {1: 1} and told == [{SPACE}]


def test_a_failure_keeps_nothing(ground: db.Database) -> None:
    def change() -> None:
        write(1)
        raise ValueError

    with pytest.raises(ValueError):
        LateWrite().run(change)
    assert heard() == {}


def test_reading_and_thinking_hold_no_lock(ground: db.Database) -> None:
    """A plugin that reads and then sleeps lets everybody else write; what they wrote is seen, and its own write succeeds."""
    reading, go = threading.Event(), threading.Event()
    seen: list[int] = []

    def change() -> None:
        seen.append(session().query(Heard).count())
        reading.set()
        assert go.wait(5)
        seen.append(session().query(Heard).count())
        write(1)

    thread, errors = in_thread(LateWrite(), change)
    assert reading.wait(5)
    started = time.monotonic()
    db.verb(lambda: write(2))()
    assert time.monotonic() - started < 1
    go.set()
    thread.join(5)
    assert errors == [] and seen == [0, 1] and heard() == {1: 1, 2: 1}


def test_who_keeps_the_lock_is_cut(ground: db.Database) -> None:
    """The lock is given back at once, nothing is kept, and nothing it does later is kept either."""
    late, wrote, go = LateWrite(window=0.05), threading.Event(), threading.Event()

    def change() -> None:
        write(1)
        wrote.set()
        assert go.wait(5)
        write(2)

    thread, errors = in_thread(late, change)
    assert wrote.wait(5)
    time.sleep(0.06)
    assert ("held the write lock" in (late.overdue() or "")) == ground.is_sqlite
    assert late.cut()
    started = time.monotonic()
    db.verb(lambda: write(3))()
    assert time.monotonic() - started < 1
    go.set()
    thread.join(5)
    assert isinstance(errors[0], Cut) and heard() == {3: 1}


def test_who_stopped_reading_halfway_is_cut_as_well(ground: db.Database) -> None:
    """An answer that nobody reads to its end counts as running, and keeps no lock all the same."""
    late, wrote, go = LateWrite(window=0.05), threading.Event(), threading.Event()
    for seq in range(1, 4):
        db.verb(write)(seq)

    def change() -> None:
        rows = session().connection().execute(text("SELECT * FROM listener_heard"))
        rows.fetchone()
        write(5_000)
        wrote.set()
        assert go.wait(5)
        rows.fetchall()

    thread, errors = in_thread(late, change)
    assert wrote.wait(5)
    assert late.cut()
    db.verb(lambda: write(6_000))()
    go.set()
    thread.join(5)
    assert errors and 5_000 not in heard() and 6_000 in heard()


def test_a_cut_that_comes_too_late_changes_nothing(ground: db.Database) -> None:
    late = LateWrite()
    late.run(lambda: write(1))
    assert late.cut() is False and heard() == {1: 1}


@pytest.mark.parametrize("time_of_day", range(0, 20, 4))
def test_a_statement_in_flight_does_not_commit_by_itself(ground: db.Database, time_of_day: int) -> None:
    """Cut while the plugin writes as fast as it can: nothing of it ever stays, and no driver falls over."""
    late, wrote = LateWrite(), threading.Event()

    def change() -> None:
        for seq in range(10_000):
            session().execute(text("INSERT INTO listener_heard VALUES ('x', :seq, 1)"), {"seq": seq})
            if seq == time_of_day:
                wrote.set()

    thread, errors = in_thread(late, change)
    assert wrote.wait(5)
    assert late.cut()
    thread.join(5)
    assert errors and heard() == {}


def test_a_verb_of_a_plugin_returns_and_refuses_like_any(ground: db.Database) -> None:
    @guarded
    def change(number: int) -> int:
        if number < 0:
            raise NotFound
        write(number)
        return number + 1

    assert change(1) == 2 and heard() == {1: 1}
    with pytest.raises(NotFound):
        change(-1)


def test_a_verb_of_a_plugin_cannot_stop_the_others(sqlite_database: object, ground: db.Database) -> None:
    """It sleeps with the lock: refused after a moment, and a vote in between waited for that moment at most."""
    if not ground.is_sqlite:
        return
    waited: list[float] = []
    wrote = threading.Event()

    @guarded
    def change() -> None:
        write(1)
        wrote.set()
        time.sleep(1.5)

    def vote() -> None:
        assert wrote.wait(5)
        started = time.monotonic()
        db.verb(lambda: write(2))()
        waited.append(time.monotonic() - started)

    voter = threading.Thread(target=vote)
    voter.start()
    with pytest.raises(Unavailable):
        change()
    voter.join(5)
    assert waited[0] < 1.2 and heard() == {2: 1}
