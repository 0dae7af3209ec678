"""Asking one plugin: budgets, failures as values, rests."""

from __future__ import annotations

import re
import sys
import threading
import time

import pytest

from codesign.hooks.runner import MOST_LATE, Runner
from codesign.testing import Clock


def fail() -> None:
    raise ValueError("the list of words is empty")


def test_an_answer_carries_value_and_time() -> None:
    answer = Runner().call("one", "find_similar", lambda: 42, 1)
    assert (answer.plugin, answer.value, answer.error, answer.ok) == ("one", 42, None, True)
    assert 0 < answer.seconds < 1


def test_a_failure_is_a_value_with_its_traceback_kept() -> None:
    runner = Runner()
    answer = runner.call("one", "find_similar", fail, 1)
    assert answer.error == "ValueError: the list of words is empty" and answer.value is None
    assert "in fail" in runner.health("one").failures[-1].traceback


def test_even_an_exit_is_only_a_failure() -> None:
    answer = Runner().call("one", "find_similar", lambda: sys.exit(3), 1)
    assert answer.error == "SystemExit: 3"


def test_nobody_waits_longer_than_the_budget() -> None:
    stop = threading.Event()
    started = time.monotonic()
    answer = Runner().call("one", "fill_slot", lambda: stop.wait(5), 0.05)
    assert answer.late and not answer.ok and 0.05 <= time.monotonic() - started < 1
    stop.set()


def test_a_plugin_with_two_calls_still_running_is_not_asked() -> None:
    stop = threading.Event()
    runner = Runner()
    for _ in range(MOST_LATE):
        assert runner.call("one", "fill_slot", lambda: stop.wait(5), 0.01).late
    started = time.monotonic()
    skipped = runner.call("one", "fill_slot", lambda: 1, 5)
    assert skipped.skipped and time.monotonic() - started < 0.5
    assert runner.call("other", "fill_slot", lambda: 1, 5).ok, "others are not held up"
    stop.set()
    wait_for(lambda: not runner.health("one").late)
    assert runner.call("one", "fill_slot", lambda: 1, 5).ok


def wait_for(condition: object) -> None:
    until = time.monotonic() + 5
    while not condition() and time.monotonic() < until:  # type: ignore[operator]
        time.sleep(0.005)


def test_five_failures_in_ten_minutes_begin_a_rest(clock: Clock) -> None:
    runner = Runner()
    for _ in range(5):
        assert not runner.call("one", "fill_slot", fail, 1).skipped
        clock.advance(seconds=60)
    answer = runner.call("one", "fill_slot", lambda: 1, 1)
    assert answer.skipped and "rests until" in (answer.error or "")
    assert runner.health("one").rests_until == clock.moment.replace(hour=9, minute=14)


def test_five_failures_over_a_longer_time_do_not(clock: Clock) -> None:
    runner = Runner()
    for _ in range(12):
        assert not runner.call("one", "fill_slot", fail, 1).skipped
        clock.advance(seconds=151)


@pytest.mark.parametrize("minutes", [[10, 20, 40, 80]])
def test_each_failed_trial_doubles_the_rest(clock: Clock, minutes: list[int]) -> None:
    runner = Runner()
    for _ in range(4):
        runner.call("one", "fill_slot", fail, 1)
    for rest in minutes:
        assert not runner.call("one", "fill_slot", fail, 1).skipped, "the trial"
        clock.advance(minutes=rest, seconds=-1)
        assert runner.call("one", "fill_slot", fail, 1).skipped
        clock.advance(seconds=1)


def test_a_good_trial_ends_the_rest_for_good(clock: Clock) -> None:
    runner = Runner()
    for _ in range(5):
        runner.call("one", "fill_slot", fail, 1)
    clock.advance(minutes=10)
    assert runner.call("one", "fill_slot", lambda: 1, 1).ok
    assert runner.call("one", "fill_slot", fail, 1).error == "ValueError: the list of words is empty"
    assert runner.call("one", "fill_slot", lambda: 1, 1).ok


def test_only_one_call_is_the_trial(clock: Clock) -> None:
    runner = Runner()
    for _ in range(5):
        runner.call("one", "fill_slot", fail, 1)
    clock.advance(minutes=10)
    second = []
    answer = runner.call("one", "fill_slot", lambda: second.append(runner.call("one", "fill_slot", lambda: 2, 1)), 1)
    assert answer.ok and second[0].skipped


def test_timings_and_trace() -> None:
    lines: list[str] = []
    runner = Runner(lines.append)
    for _ in range(20):
        runner.call("one", "fill_slot", lambda: 1, 0.05)
    runner.call("one", "fill_slot", fail, 0.05)
    (timing,) = runner.timings("one")
    assert (timing.hook, timing.calls, timing.failures, timing.budget) == ("fill_slot", 21, 1, 0.05)
    assert 0 < timing.p50 <= timing.p95 < 0.05
    assert len(lines) == 21 and re.fullmatch(r"one\.fill_slot space=- \d+\.\d ms ok", lines[0])
    assert lines[-1].endswith(" failed: ValueError"), "its words may quote what somebody wrote"


def test_who_burns_a_processor_is_ended_and_who_sleeps_is_left() -> None:
    """The thread of a call that nobody waits for would take Python's lock from everybody for ever."""
    turns = [0]

    def burn() -> None:
        while True:
            turns[0] += 1

    runner, stop = Runner(), threading.Event()
    assert runner.call("burner", "fill_slot", burn, 0.02).late
    assert runner.call("sleeper", "fill_slot", lambda: stop.wait(5), 0.02).late
    wait_for(lambda: not runner.health("burner").late)
    before = turns[0]
    time.sleep(0.05)
    assert turns[0] == before and len(runner.health("sleeper").late) == 1
    stop.set()
    wait_for(lambda: not runner.health("sleeper").late)
    assert not runner.health("sleeper").late
    assert runner.call("burner", "fill_slot", lambda: 1, 1).ok


def test_one_that_is_held_is_not_asked(clock: Clock) -> None:
    lines: list[str] = []
    runner = Runner(lines.append)
    runner.health("one").held = True
    clock.advance(days=3)
    assert runner.call("one", "fill_slot", lambda: 1, 1).skipped and lines[-1].endswith("skipped")
    runner.health("one").held = False
    assert runner.call("one", "fill_slot", lambda: 1, 1).ok


def test_one_that_burns_shares_no_patience_with_one_that_waits() -> None:
    """While a call sleeps for long it is looked after every two seconds; one that burns meanwhile has no two seconds."""
    runner, end = Runner(), threading.Event()
    assert runner.call("sleeper", "fill_slot", lambda: end.wait(30), 0.05).late
    until = time.monotonic() + 1.2
    while time.monotonic() < until:  # the patience grows: 0.05 + 0.1 + 0.2 + 0.4 + 0.8 s
        time.sleep(0.01)
    assert runner.call("burner", "fill_slot", burn, 0.05).late
    started = time.monotonic()
    while runner.health("burner").late and time.monotonic() < started + 10:
        time.sleep(0.01)
    assert time.monotonic() - started < 1.5 and runner.health("sleeper").late, "the one ends, the other may sleep"
    end.set()


def burn() -> None:
    while True:
        pass
