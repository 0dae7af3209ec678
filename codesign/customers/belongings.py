"""What becomes of what was entered for and by people when a guest is joined, or somebody is forgotten or takes it out.

The vote itself is with ``voting``: it counts on when its person is forgotten; what was noted of them goes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update

from codesign.customers.models import EnteredVote, Evidence, SegmentWeights
from codesign.kernel import clock
from codesign.kernel.db import reading, session, verb


@verb
def join(guest_id: str, person_id: str) -> None:
    """What was noted of a guest is of the person; where both were noted at one idea, the person's stays."""
    both = select(EnteredVote.idea_id).where(EnteredVote.person_id == person_id)
    theirs = EnteredVote.person_id == guest_id
    session().execute(delete(EnteredVote).where(theirs, EnteredVote.idea_id.in_(both)))
    session().execute(update(EnteredVote).where(theirs).values(person_id=person_id))
    session().execute(update(Evidence).where(Evidence.person_id == guest_id).values(person_id=person_id))


@verb
def erase(person_id: str) -> None:
    """What was noted of a person goes, quotes too; what they entered for others stands without them."""
    work = session()
    work.execute(delete(EnteredVote).where(EnteredVote.person_id == person_id))
    work.execute(delete(Evidence).where(Evidence.person_id == person_id))
    work.execute(update(EnteredVote).where(EnteredVote.entered_by == person_id).values(entered_by=None))
    work.execute(update(Evidence).where(Evidence.added_by == person_id).values(added_by=None))
    work.execute(update(SegmentWeights).where(SegmentWeights.set_by == person_id).values(set_by=None))


@reading
def data_of(person_id: str) -> dict[str, list[dict[str, Any]]]:
    """What this room keeps of a person, for their own download."""
    work = session()
    entries = work.scalars(select(EnteredVote).where(EnteredVote.person_id == person_id).order_by(EnteredVote.id))
    evidence = work.scalars(select(Evidence).where(Evidence.person_id == person_id).order_by(Evidence.id))
    entered = work.execute(
        select(EnteredVote.idea_id, EnteredVote.entered_at).where(EnteredVote.entered_by == person_id)
    )
    added = work.execute(select(Evidence.idea_id, Evidence.added_at).where(Evidence.added_by == person_id))
    return {
        "votes_entered_for_me": [
            {"idea_id": row.idea_id, "value": row.value, "called": row.called, "source": row.source, "note": row.note,
             "entered_at": clock.rfc3339(row.entered_at)}
            for row in entries
        ],
        "said_elsewhere": [
            {"idea_id": row.idea_id, "called": row.called, "quote": row.quote, "url": row.url,
             "organization": row.organization, "added_at": clock.rfc3339(row.added_at)}
            for row in evidence
        ],
        "entered_for_others": [
            {"idea_id": row[0], "at": clock.rfc3339(row[1])} for row in sorted([*entered, *added], key=lambda row: row[1])
        ],
    }  # fmt: skip
