"""The log: numbers without gaps, a chain nobody can bend, facts and changes in one commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from codesign.events import log
from codesign.events.base import SERVER, TEAM, Event, catalogue, event
from codesign.events.log import record
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor


@pytest.fixture(scope="module", autouse=True)
def thing_happened() -> Any:
    """A kind of event for these tests."""

    @event("test.ticked", TEAM)
    class Happened(Event):
        number: int

    yield Happened
    del catalogue["test.ticked"]


@pytest.fixture
def happen(app: Flask, thing_happened: Any) -> Callable[..., None]:
    """Record some facts in one commit."""

    @db.verb
    def happen(*numbers: int, space_id: str = "S", actor: Actor = SYSTEM, fail: bool = False) -> None:
        for number in numbers:
            record(thing_happened(space_id, number), actor)
        if fail:
            raise ValueError("no")

    return happen


def numbers(space_id: str = "S", after: int = 0) -> list[tuple[int, int]]:
    with db.read():
        return [(fact.seq, fact.payload["number"]) for fact in log.since(space_id, after)]


def test_facts_are_numbered_per_space_in_order(happen: Callable[..., None]) -> None:
    happen(1, 2)
    happen(7, space_id="T")
    happen(3)
    assert numbers() == [(1, 1), (2, 2), (3, 3)]
    assert numbers("T") == [(1, 7)]
    assert numbers(after=2) == [(3, 3)]
    with db.read():
        assert log.heads(["S", "T", "nowhere"]) == {"S": 3, "T": 1}


def test_the_last_of_some_names(happen: Callable[..., None]) -> None:
    happen(7, 8)
    with db.read():
        assert log.last("S", ["test.ticked", "idea.published"]) == log.since("S", 1, 1)[0].hash
        assert log.last("S", ["idea.published"]) == log.last("T", ["test.ticked"]) == ""


def test_a_failed_change_leaves_no_fact_and_no_gap(happen: Callable[..., None]) -> None:
    happen(1)
    with pytest.raises(ValueError, match="no"):
        happen(2, fail=True)
    happen(3)
    assert numbers() == [(1, 1), (2, 3)]


def test_facts_are_only_recorded_inside_verbs(app: Flask, thing_happened: Any) -> None:
    with pytest.raises(RuntimeError, match="inside a verb"):
        record(thing_happened("S", 1))
    with db.read(), pytest.raises(RuntimeError, match="inside a verb"):
        record(thing_happened("S", 1))


def test_a_bent_row_breaks_the_chain(happen: Callable[..., None]) -> None:
    happen(1, 2, 3)
    with db.read():
        assert log.check_chain("S") is None

    @db.verb
    def bend() -> None:
        db.session().execute(text("UPDATE event SET payload = '[]' WHERE space_id = 'S' AND seq = 2"))

    bend()
    with db.read():
        assert log.check_chain("S") == 2


def test_parallel_writers_leave_no_gap_and_readers_with_a_bookmark_miss_nothing(happen: Callable[..., None]) -> None:
    """Four writers at once; a reader that only asks for what lies after its bookmark sees every fact once."""
    writers = [threading.Thread(target=lambda: [happen(n, n) for n in range(15)]) for _ in range(4)]
    seen: list[int] = []

    def follow() -> None:
        found = [seq for seq, _number in numbers(after=seen[-1] if seen else 0)]
        seen.extend(found)

    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        follow()
    follow()
    assert seen == list(range(1, 121))
    with db.read():
        assert log.check_chain("S") is None


def test_reactions_end_at_some_depth(happen: Callable[..., None], thing_happened: Any) -> None:
    happen(0)

    @db.verb
    def react() -> None:
        cause = log.latest("S", 1)[0]
        record(thing_happened("S", cause.payload["number"] + 1), cause=cause)

    for _ in range(log.MAX_DEPTH):
        react()
    with pytest.raises(log.TooDeep):
        react()
    with db.read():
        assert [fact.depth for fact in log.since("S", 0)] == [0, 1, 2, 3, 4, 5]


def test_bookmarks_tell_who_is_behind(happen: Callable[..., None]) -> None:
    happen(1)
    happen(2, space_id=SERVER)
    with db.read():
        assert set(log.behind("reader")) >= {"S", SERVER}

    @db.verb
    def move() -> None:
        log.move_bookmark("reader", "S", 1)

    move()
    with db.read():
        assert "S" not in log.behind("reader")
        assert log.bookmark("reader", "S") == 1


def test_two_events_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"test\.ticked"):

        @event("test.ticked")
        class Other(Event):
            pass
