"""How much votes of segments weigh in the weighted totals: set by product people, every version kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from codesign.accounts.queries import get_people
from codesign.customers.events import WeightsSet
from codesign.customers.facts import WeightsFact
from codesign.customers.models import SegmentWeights
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.kernel.words import one_line
from codesign.spaces.access import access
from codesign.spaces.service.rows import lock_space

MOST_WEIGHT, MOST_SEGMENTS, MOST_SEGMENT, MOST_NOTE = 100.0, 50, 120, 200


@reading
def weights_now(space_id: str) -> WeightsFact:
    """What votes weigh now. Needs nobody's right: only the team is shown it."""
    return (versions_of(space_id, 1) or [WeightsFact()])[0]


@reading
def versions_of(space_id: str, limit: int = 20) -> list[WeightsFact]:
    """The versions of the weights of a space, the newest first."""
    query = select(SegmentWeights).where(SegmentWeights.space_id == space_id).order_by(SegmentWeights.number.desc())
    return _facts(session().scalars(query.limit(limit)).all())


def _facts(rows: Iterable[SegmentWeights]) -> list[WeightsFact]:
    found = list(rows)
    people = get_people({row.set_by for row in found if row.set_by})
    names = {key: person.name for key, person in people.items() if not person.erased}
    return [
        WeightsFact(row.number, dict(row.weights), row.note, row.set_by, names.get(row.set_by or "", ""), row.set_at)
        for row in found
    ]


@verb
def set_weights(
    actor: Actor, reference: str, weights: Mapping[str, float], number: int | None = None, note: str = ""
) -> WeightsFact:
    """Set what a vote of each segment weighs; what is not named weighs one. *number* is the version they were set from.

    Raises NotFound, Forbidden, Invalid, Conflict (somebody else was faster).
    """
    found = access(actor, reference, "product")
    clean, words = _clean(weights), one_line(note)
    if len(words) > MOST_NOTE:
        raise Invalid.field("note", _("This text is too long."))
    lock_space(found)
    before = weights_now(found.space.id)
    if number is not None and number != before.number:
        raise Conflict(
            _("%(name)s set the weights meanwhile. Look at them first.", name=before.by), number=before.number
        )
    if clean == (before.weights or {}):
        return before
    row = SegmentWeights(
        space_id=found.space.id, number=before.number + 1, weights=clean, note=words, set_by=actor.person_id,
        set_at=clock.now(),
    )  # fmt: skip
    session().add(row)
    session().flush()
    record(WeightsSet(found.space.id, row.number), actor)
    return _facts([row])[0]


def _clean(weights: Mapping[str, float]) -> dict[str, float]:
    if len(weights) > MOST_SEGMENTS:
        raise Invalid.field("weights", _("Weights are for at most %(most)s segments.", most=MOST_SEGMENTS))
    clean: dict[str, float] = {}
    for name, weight in weights.items():
        segment = one_line(name)
        if not segment or len(segment) > MOST_SEGMENT:
            raise Invalid.field("weights", _("A segment has a name of at most %(most)s letters.", most=MOST_SEGMENT))
        if isinstance(weight, bool) or not math.isfinite(weight) or not 0 <= weight <= MOST_WEIGHT:
            raise Invalid.field("weights", _("A weight is a number from 0 to %(most)s.", most=100))
        if weight != 1:
            clean[segment] = round(float(weight), 2)
    return dict(sorted(clean.items()))
