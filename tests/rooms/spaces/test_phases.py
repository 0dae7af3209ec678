"""Phases by hand and by the clock, the ballot with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from codesign.events import log
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.kernel.errors import Closed, Conflict, Invalid
from codesign.spaces import queries, schedule, service
from codesign.spaces.access import access
from codesign.testing import Clock, actor_of
from codesign.voting.queries import audience_of
from codesign.voting.service import cast_vote

Make = Callable[..., Any]


def facts_of(space_id: str) -> list[str]:
    with db.read():
        return [fact.name for fact in log.since(space_id, 1)]


@pytest.mark.parametrize(
    ("phase", "allowed"),
    [
        ("collect", {"propose", "vote", "comment"}),
        ("discuss", {"comment"}),
        ("vote", {"vote", "comment"}),
        ("decided", set()),
    ],
)
def test_each_phase_allows_what_it_says(make_space: Make, make_person: Make, phase: str, allowed: set[str]) -> None:
    mira, owner = actor_of(make_person()), make_person()
    space = make_space(owner=owner)
    service.set_phase(SYSTEM, space.id, phase)
    for action in ("propose", "vote", "comment"):
        if action in allowed:
            assert access(mira, space.id, action)
        else:
            with pytest.raises(Closed):
                access(mira, space.id, action)
    assert access(actor_of(owner), space.id, "propose") and access(actor_of(owner), space.id, "comment")
    if "vote" not in allowed:
        with pytest.raises(Closed):
            access(actor_of(owner), space.id, "vote")


def test_a_refusal_says_which_phase_allows_it_and_when(make_space: Make, make_person: Make, clock: Clock) -> None:
    mira, space = actor_of(make_person()), make_space()
    service.set_phase(SYSTEM, space.id, "discuss")
    with pytest.raises(Closed) as refused:
        access(mira, space.id, "propose")
    assert "Collect" in str(refused.value) and "date yet" in str(refused.value)
    service.schedule_phase(SYSTEM, space.id, "vote", clock.moment + timedelta(days=1))
    with pytest.raises(Closed) as refused:
        access(mira, space.id, "vote")
    assert "Vote" in str(refused.value) and "2026-03-03 09:00" in str(refused.value)
    assert refused.value.details["at"] == clock.moment + timedelta(days=1)


def test_deciding_closes_the_ballot_and_going_back_opens_and_veils_it(make_space: Make, make_person: Make) -> None:
    mira = actor_of(make_person())
    space = make_space(results="at_close")

    def seen() -> str:
        return audience_of(access(mira, space.id))

    assert seen() == "veiled"
    decided = service.set_phase(SYSTEM, space.id, "decided")
    assert decided.ballot.closed_at is not None and seen() == "open"
    with pytest.raises(Closed):
        access(mira, space.id, "vote")
    with pytest.raises(Conflict):
        service.open_ballot(SYSTEM, space.id)
    again = service.set_phase(SYSTEM, space.id, "vote")
    assert again.ballot.closed_at is None and seen() == "veiled" and access(mira, space.id, "vote")
    assert facts_of(space.id) == ["space.phase_changed", "ballot.closed", "space.phase_changed", "ballot.opened"]


def test_the_ballot_can_be_closed_by_hand(make_space: Make, make_idea: Make, make_person: Make) -> None:
    mira = actor_of(make_person())
    space = make_space()
    idea = make_idea(space)
    cast_vote(mira, idea.id, 1)
    service.close_ballot(SYSTEM, space.id)
    service.close_ballot(SYSTEM, space.id)
    with pytest.raises(Closed):
        cast_vote(mira, idea.id, 1)
    assert access(mira, space.id, "comment")
    # Another phase alone does not open what was closed by hand; only coming back from "decided" does.
    assert service.set_phase(SYSTEM, space.id, "vote").ballot.closed_at is not None
    service.open_ballot(SYSTEM, space.id)
    assert cast_vote(mira, idea.id, 1).value == 1
    assert [name for name in facts_of(space.id) if name.startswith("ballot")] == ["ballot.closed", "ballot.opened"]


def test_pausing_is_not_closing(make_space: Make, make_person: Make) -> None:
    space = make_space(results="at_close")
    service.set_phase(SYSTEM, space.id, "discuss")
    found = access(actor_of(make_person()), space.id)
    assert found.space.ballot.closed_at is None and not found.space.ballot_open
    assert audience_of(found) == "veiled"
    assert facts_of(space.id) == ["space.phase_changed"]


def test_a_phase_begins_at_its_time_by_the_servers_clock(make_space: Make, clock: Clock) -> None:
    space, other = make_space(), make_space()
    service.schedule_phase(SYSTEM, space.id, "decided", clock.moment + timedelta(hours=2))
    assert schedule.run_due_phases() == []
    clock.advance(hours=1, minutes=59)
    assert schedule.run_due_phases() == []
    clock.advance(minutes=1)
    assert schedule.run_due_phases() == [space.id]
    begun = queries.get_space(space.id)
    assert begun is not None and (begun.phase, begun.next_phase, begun.next_phase_at) == ("decided", None, None)
    assert begun.ballot.closed_at == clock.moment
    assert schedule.run_due_phases() == []
    assert facts_of(space.id) == ["space.phase_scheduled", "space.phase_changed", "ballot.closed"]
    unchanged = queries.get_space(other.id)
    assert unchanged is not None and unchanged.phase == "collect"


def test_a_date_can_be_moved_and_taken_away(make_space: Make, clock: Clock) -> None:
    space = make_space()
    service.schedule_phase(SYSTEM, space.id, "vote", clock.moment + timedelta(hours=1))
    moved = service.schedule_phase(SYSTEM, space.id, "discuss", clock.moment + timedelta(hours=3))
    assert (moved.next_phase, moved.next_phase_at) == ("discuss", clock.moment + timedelta(hours=3))
    assert service.schedule_phase(SYSTEM, space.id, None, None).next_phase is None
    clock.advance(days=1)
    assert schedule.run_due_phases() == []
    service.schedule_phase(SYSTEM, space.id, "vote", clock.moment + timedelta(hours=1))
    assert service.set_phase(SYSTEM, space.id, "vote").next_phase is None
    assert service.set_phase(SYSTEM, space.id, "vote").phase == "vote"


@pytest.mark.parametrize("hours", [0, -1, 24 * 365 * 20])
def test_dates_past_or_far_away_are_refused(make_space: Make, clock: Clock, hours: int) -> None:
    space = make_space()
    with pytest.raises(Invalid) as refused:
        service.schedule_phase(SYSTEM, space.id, "vote", clock.moment + timedelta(hours=hours))
    assert refused.value.errors[0].field == "at"
    with pytest.raises(Invalid):
        service.schedule_phase(SYSTEM, space.id, "collect", clock.moment + timedelta(hours=1))
    with pytest.raises(Invalid):
        service.schedule_phase(SYSTEM, space.id, "vote", datetime(2026, 4, 1, 9))
    assert facts_of(space.id) == []


def test_an_archived_space_waits(make_space: Make, clock: Clock) -> None:
    space = make_space()
    service.schedule_phase(SYSTEM, space.id, "vote", clock.moment + timedelta(hours=1))
    service.archive_space(SYSTEM, space.id)
    clock.advance(hours=2)
    assert schedule.run_due_phases() == []
    with pytest.raises(Closed):
        service.set_phase(SYSTEM, space.id, "vote")
    service.reopen_space(SYSTEM, space.id)
    assert schedule.run_due_phases() == [space.id]
