"""Telling plugins what happened: in order, exactly once by effect, and never in anybody's way."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from sqlalchemy import update

from codesign.events.base import Recorded
from codesign.hooks import delivery, queries, service
from codesign.hooks.host import PluginHost
from codesign.hooks.models import PluginBookmark
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import session
from codesign.kernel.errors import NotFound
from codesign.testing import Clock

from .conftest import SPACE, Happened, Ignored, happen, hear, heard, hooks_module, host_with, make_plugin

pytestmark = pytest.mark.usefixtures("ground")


class Listener:
    """A plugin whose hook can be told how to behave."""

    def __init__(self, behave: Callable[[tuple[Recorded, ...]], None] = lambda events: None, **parts: object) -> None:
        self.told: list[list[int]] = []

        def events_recorded(events: tuple[Recorded, ...]) -> None:
            self.told.append([event.seq for event in events])
            hear(events)
            behave(events)

        self.hooks = hooks_module(events_recorded=events_recorded)
        self.card = make_plugin(hooks=self.hooks, listens_to=(Happened,), **parts)
        self.host = host_with(self.card)
        service.switch_plugin(SYSTEM, self.host, SPACE, "listener", True)

    def deliver(self, times: int = 1) -> bool:
        more = False
        for _ in range(times):
            more = self.host.deliver("listener", SPACE)
        return more


def spaces_behind(host: PluginHost) -> list[str]:
    return delivery.behind(host, "listener")


def test_it_is_told_what_it_listens_to_in_order_and_once() -> None:
    listener = Listener()
    happen(3)
    happen(2, kind=Ignored)
    happen(1)
    assert spaces_behind(listener.host) == [SPACE]
    listener.deliver(3)
    assert listener.told == [[2, 3, 4, 7]], "1 is the switch itself, 5 and 6 are not for it"
    assert heard() == dict.fromkeys((2, 3, 4, 7), 1)
    assert queries.mark("listener", SPACE).seq == 7 and spaces_behind(listener.host) == []


def test_batches_are_at_most_500() -> None:
    listener = Listener()
    happen(700)
    assert listener.deliver() is True
    while listener.deliver():
        pass
    assert len(listener.told[0]) == 500 and len(heard()) == 700


def test_a_space_where_it_is_off_is_left_alone_and_made_up_for_later() -> None:
    listener = Listener()
    service.switch_plugin(SYSTEM, listener.host, SPACE, "listener", False)
    happen(2)
    assert spaces_behind(listener.host) == [] and listener.deliver() is False and heard() == {}
    service.switch_plugin(SYSTEM, listener.host, SPACE, "listener", True)
    listener.deliver()
    assert len(heard()) == 2


def test_what_fails_is_halved_to_the_event_to_blame(clock: Clock) -> None:
    """One bad event in 100: its neighbours are told once each, it is tried five times and set aside."""

    def behave(events: tuple[Recorded, ...]) -> None:
        if any(event.payload["number"] == 40 for event in events):
            raise ValueError("cannot take 40")

    listener = Listener(behave)
    happen(100)
    for _ in range(20):
        listener.deliver()
        clock.advance(minutes=2)
    assert len(heard()) == 99 and set(heard().values()) == {1}
    (aside,) = queries.set_aside("listener", SPACE)
    assert aside[1] == 42 and aside[2] == "ValueError: cannot take 40"
    assert sum(batch == [42] for batch in listener.told) == 5
    assert queries.mark("listener", SPACE).seq == 101


def test_a_failed_try_waits_longer_each_time(clock: Clock) -> None:
    def behave(events: tuple[Recorded, ...]) -> None:
        raise ValueError

    listener = Listener(behave)
    happen(1)
    for wait in delivery.WAITS:
        listener.deliver()
        assert spaces_behind(listener.host) == [] and listener.deliver() is False
        clock.advance(seconds=wait)
        assert spaces_behind(listener.host) == [SPACE]


def test_five_events_set_aside_in_a_row_mean_the_plugin_is_broken(clock: Clock) -> None:
    def behave(events: tuple[Recorded, ...]) -> None:
        raise ValueError

    listener = Listener(behave)
    happen(20)
    for _ in range(60):
        listener.deliver()
        clock.advance(seconds=60)
        if len(queries.set_aside("listener")) == 5:
            break
    clock.advance(seconds=-60)
    mark = queries.mark("listener", SPACE)
    assert mark.aside == 5 and mark.next_try_at == clock.moment + delivery.REST
    clock.advance(minutes=9)
    assert listener.deliver() is False and len(queries.set_aside("listener")) == 5
    assert heard() == {}


def test_a_failure_in_the_hook_keeps_neither_rows_nor_bookmark(clock: Clock) -> None:
    broken = [True]

    def behave(events: tuple[Recorded, ...]) -> None:
        if broken:
            raise ValueError

    listener = Listener(behave)
    happen(1)
    listener.deliver()
    assert heard() == {} and queries.mark("listener", SPACE).seq == 0
    broken.clear()
    clock.advance(seconds=1)
    listener.deliver()
    assert heard() == {2: 1} and queries.mark("listener", SPACE).failures == 0


def test_a_worker_that_died_while_telling_counts_as_a_failed_try(clock: Clock) -> None:
    """The mark set before the call is found by the next worker: smaller batches first, at last the event is set aside."""
    listener = Listener()
    happen(100)
    sizes = []
    for _ in range(5):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delivery, "_tell_halving", lambda host, errand: sizes.append(len(errand.events)))
            listener.deliver()  # marks, and dies
            listener.host.begun.clear()  # a new worker
            listener.deliver()  # finds the mark
            clock.advance(minutes=2)
    assert sizes == [100, 62, 7, 1, 1]
    assert [seq for _space, seq, _error, _at in queries.set_aside("listener")] == [2]
    assert spaces_behind(listener.host) == [], "whoever took the worker down five times in ten minutes rests"
    clock.advance(minutes=8)
    assert spaces_behind(listener.host) == [SPACE]
    listener.deliver()
    assert len(heard()) == 99


def test_who_holds_the_write_lock_is_cut_and_told_less(clock: Clock, ground: db.Database) -> None:
    """Sleeping with the lock on one event: others are told, a verb in between waits a moment at most."""
    if not ground.is_sqlite:
        return
    slept: list[int] = []

    def behave(events: tuple[Recorded, ...]) -> None:
        session().flush()
        if any(event.payload["number"] == 1 for event in events):
            slept.append(len(events))
            time.sleep(0.35)

    listener = Listener(behave)
    happen(2)
    started = time.monotonic()
    listener.deliver()
    assert time.monotonic() - started < 2
    db.verb(lambda: None)()
    assert slept == [2, 1] and heard() == {2: 1}
    assert queries.mark("listener", SPACE).failures == 1


def test_batches_fit_what_the_plugin_does_with_them(ground: db.Database) -> None:
    """A plugin that keeps the lock for long gets smaller batches, so that commits stay short."""
    if not ground.is_sqlite:
        return

    def behave(events: tuple[Recorded, ...]) -> None:
        session().flush()
        time.sleep(0.03)

    listener = Listener(behave)
    happen(40)
    listener.deliver()
    happen(40)
    listener.deliver()
    assert len(listener.told[0]) == 40 and len(listener.told[1]) == 20


def test_a_replay_is_the_same_call_from_the_beginning() -> None:
    listener = Listener()
    happen(3)
    listener.deliver()
    service.replay(listener.host, SPACE, "listener")
    listener.deliver(3)
    assert heard() == dict.fromkeys((2, 3, 4), 2)


def test_a_replay_is_told_also_after_a_look_that_found_nothing_new() -> None:
    """What the worker remembers to have looked at is worth nothing once the bookmark was put back."""
    listener = Listener()
    happen(2)
    listener.deliver()
    happen(1, kind=Ignored)
    assert listener.deliver() is False and spaces_behind(listener.host) == []
    service.replay(listener.host, SPACE, "listener")
    assert spaces_behind(listener.host) == [SPACE]


def test_a_space_that_is_gone_is_passed_over() -> None:
    listener = Listener()
    happen(1)

    def gone(space_id: str) -> object:
        raise NotFound

    listener.host.space_fact = gone
    assert listener.deliver() is False and listener.told == []


def test_what_nobody_listens_to_costs_no_commit_each_time() -> None:
    listener = Listener()
    happen(5, kind=Ignored)
    assert spaces_behind(listener.host) == [SPACE]
    assert listener.deliver() is False
    assert queries.mark("listener", SPACE).seq == 0 and spaces_behind(listener.host) == []
    happen(600, kind=Ignored)
    listener.deliver()
    assert queries.mark("listener", SPACE).seq == 606


def test_a_plugin_is_told_of_its_switches_until_it_has_heard(clock: Clock) -> None:
    told: list[str] = []
    broken = [True]

    def plugin_enabled(space: object) -> None:
        if broken:
            raise ValueError
        told.append(f"on {space.id}")  # type: ignore[attr-defined]

    def plugin_disabled(space: object) -> None:
        told.append(f"off {space.id}")  # type: ignore[attr-defined]

    hooks = hooks_module(plugin_enabled=plugin_enabled, plugin_disabled=plugin_disabled)
    host = host_with(make_plugin(hooks=hooks))
    service.switch_plugin(SYSTEM, host, SPACE, "listener", True)
    assert delivery.tell_switches(host) is False
    broken.clear()
    assert delivery.tell_switches(host) is True
    service.switch_plugin(SYSTEM, host, SPACE, "listener", False)
    delivery.tell_switches(host)
    delivery.tell_switches(host)
    assert told == [f"on {SPACE}", f"off {SPACE}"]


def test_followers_and_chores_are_what_the_worker_runs() -> None:
    listener = Listener()
    happen(1)
    ((name, behind, deliver),) = listener.host.followers(lambda *parts: parts)
    assert name == "plugin listener" and list(behind()) == [SPACE]
    deliver(SPACE)
    assert heard() == {2: 1}
    chores = listener.host.chores(lambda name, every, run: (name, run()))
    assert [name for name, _ in chores] == ["plugin switches", "plugins told again", "plugin reports"]


def test_a_bookmark_that_failed_is_retried_after_a_restart(clock: Clock) -> None:
    """Waiting for the next try is kept in the database, not in the worker."""
    listener = Listener()
    happen(1)

    @db.verb
    def wait() -> None:
        session().add(PluginBookmark(plugin="listener", space_id=SPACE, seq=0, failures=2, aside=0))
        session().flush()
        session().execute(update(PluginBookmark).values(next_try_at=clock.advance(seconds=10)))

    wait()
    clock.advance(seconds=-5)
    assert listener.deliver() is False and listener.told == []
    clock.advance(seconds=5)
    listener.deliver()
    assert listener.told == [[2]]
