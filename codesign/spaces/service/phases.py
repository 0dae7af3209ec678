"""Phases begin by hand or by the clock; the ballot closes and opens with them or by hand."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select

from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import Closed, Conflict, Invalid, NotFound
from codesign.kernel.text import _
from codesign.spaces.access import access
from codesign.spaces.events import BallotClosed, BallotOpened, PhaseChanged, PhaseScheduled
from codesign.spaces.facts import PHASES, SpaceFact
from codesign.spaces.models import Ballot, Space
from codesign.spaces.rules import check_choice
from codesign.spaces.service.rows import fact_now, lock_ballot, lock_by_id, lock_space

log = logging.getLogger(__name__)
FARTHEST = timedelta(days=3650)


@verb
def set_phase(actor: Actor, reference: str, phase: str) -> SpaceFact:
    """Begin *phase* now. Entering ``decided`` closes the ballot, leaving it opens the ballot again."""
    row = lock_space(access(actor, reference, "product"))
    check_choice("phase", phase, PHASES)
    _refuse_archived(row)
    _begin(row, phase, actor)
    return fact_now(row.id)


def _begin(row: Space, phase: str, actor: Actor) -> None:
    if row.next_phase == phase:
        row.next_phase = row.next_phase_at = None
    if row.phase == phase:
        return
    ballot = lock_ballot(row.id)
    old, row.phase = row.phase, phase
    record(PhaseChanged(row.id, old, phase), actor)
    if phase == "decided":
        _close(ballot, actor)
    elif old == "decided":
        _open(ballot, actor)


def _refuse_archived(row: Space) -> None:
    if row.state == "archived":
        raise Closed(_("This space is archived. Open it again first."))


@verb
def schedule_phase(actor: Actor, reference: str, phase: str | None, at: datetime | None) -> SpaceFact:
    """Let *phase* begin at a set time of the server's clock; None and None takes the date away."""
    row = lock_space(access(actor, reference, "product"))
    _refuse_archived(row)
    if phase is None or at is None:
        phase = at = None
    else:
        check_choice("phase", phase, PHASES)
        _check_moment(at)
        if phase == row.phase:
            raise Invalid.field("phase", _("This phase is on already. Choose the one that comes next."))
    if (row.next_phase, row.next_phase_at) != (phase, at):
        row.next_phase, row.next_phase_at = phase, at
        record(PhaseScheduled(row.id, phase, clock.rfc3339(at) if at else None), actor)
    return fact_now(row.id)


def _check_moment(at: datetime) -> None:
    if at.tzinfo is None:
        raise Invalid.field("at", _("This time lacks its offset from UTC."))
    if at <= clock.now():
        raise Invalid.field("at", _("This moment is past. Choose one to come, or begin the phase now."))
    if at > clock.now() + FARTHEST:
        raise Invalid.field("at", _("This is more than ten years from now."))


def run_due_phases() -> list[str]:
    """Begin every phase whose time has come (the worker calls this); returns the ids of the spaces it began in."""
    with read() as work:
        due = select(Space.id).where(Space.next_phase_at <= clock.now(), Space.state == "open")
        space_ids = list(work.scalars(due.order_by(Space.next_phase_at, Space.id)))
    begun = []
    for space_id in space_ids:
        try:
            if _begin_due(space_id):
                begun.append(space_id)
        except Exception:
            # One broken space must not keep the others waiting; it is tried again at the next round.
            log.exception("The phase of space %s could not begin", space_id)
    return begun


@verb
def _begin_due(space_id: str) -> bool:
    try:
        row = lock_by_id(space_id)
    except NotFound:
        return False
    if row.next_phase is None or row.next_phase_at is None or row.next_phase_at > clock.now() or row.state != "open":
        return False
    phase, row.next_phase, row.next_phase_at = row.next_phase, None, None
    _begin(row, phase, SYSTEM)
    return True


@verb
def close_ballot(actor: Actor, reference: str) -> SpaceFact:
    """Close the ballot by hand, whatever the phase: no vote counts any more, hidden results show."""
    row = lock_space(access(actor, reference, "product"))
    _refuse_archived(row)
    _close(lock_ballot(row.id), actor)
    return fact_now(row.id)


@verb
def open_ballot(actor: Actor, reference: str) -> SpaceFact:
    """Open a closed ballot again: votes count as the phase allows, results are veiled again."""
    row = lock_space(access(actor, reference, "product"))
    _refuse_archived(row)
    if row.phase == "decided":
        raise Conflict(_("This space is decided. Go back to an earlier phase; that opens the ballot again."))
    _open(lock_ballot(row.id), actor)
    return fact_now(row.id)


def _close(ballot: Ballot, actor: Actor) -> None:
    if ballot.closed_at is None:
        ballot.closed_at = clock.now()
        session().flush()
        record(BallotClosed(ballot.space_id, ballot.id), actor)


def _open(ballot: Ballot, actor: Actor) -> None:
    if ballot.closed_at is not None:
        ballot.closed_at, ballot.opened_at = None, clock.now()
        session().flush()
        record(BallotOpened(ballot.space_id, ballot.id), actor)
