"""Who looks after ideas, and which of them the team has read."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select

from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import look_up, reading, session
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.spaces.queries import team_ids
from codesign.triage.events import IdeaAssigned
from codesign.triage.facts import MarkFact
from codesign.triage.models import Mark

_MARKS = select(Mark.idea_id, Mark.owner_id, Mark.read_at).where(Mark.idea_id.in_(bindparam("ideas", expanding=True)))


@reading
def marks_of(idea_ids: Iterable[str]) -> dict[str, MarkFact]:
    """The marks of ideas; those nobody has touched are left out."""
    rows = look_up(_MARKS, ideas=sorted(set(idea_ids)))
    return {row.idea_id: MarkFact(row.owner_id, row.read_at) for row in rows}


def known_owner(space_id: str, person_id: str | None) -> str | None:
    """Somebody of the team who can look after an idea, or nobody; raises Invalid."""
    if person_id and person_id not in team_ids(space_id):
        raise Invalid.field("owner", _("This is nobody of the team of this space."), "unknown")
    return person_id or None


def put_owner(actor: Actor, space_id: str, idea_id: str, owner_id: str | None) -> None:
    """Let somebody look after an idea, or nobody. Needs a verb around it."""
    row = upsert(session(), Mark).values(idea_id=idea_id, space_id=space_id, owner_id=owner_id)
    session().execute(row.on_conflict_do_update(index_elements=["idea_id"], set_={"owner_id": owner_id}))
    record(IdeaAssigned(space_id, idea_id, owner_id), actor)


def put_read(space_id: str, idea_ids: Iterable[str], is_read: bool = True) -> None:
    """Note that the team has read ideas, or has yet to. Needs a verb around it."""
    moment = clock.now() if is_read else None
    wanted = sorted(set(idea_ids))
    if not wanted:
        return
    rows = [{"idea_id": each, "space_id": space_id, "owner_id": None, "read_at": moment} for each in wanted]
    known = Mark.read_at.is_(None) if is_read else None  # who read it first did
    insert = upsert(session(), Mark).values(rows)
    session().execute(
        insert.on_conflict_do_update(index_elements=["idea_id"], set_={"read_at": moment}, where=known),
    )
