"""Who looks after ideas, and which of them the team has read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import bindparam, select

from codesign.kernel import clock
from codesign.kernel.db import look_up, reading, session
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.kernel.upsert import prepared
from codesign.spaces.queries import team_ids
from codesign.triage.facts import MarkFact
from codesign.triage.models import Mark

NOT_OF_THE_TEAM = _("This is nobody of the team of this space.")
_MARKS = select(Mark.idea_id, Mark.owner_id, Mark.read_at).where(Mark.idea_id.in_(bindparam("ideas", expanding=True)))


def _upsert(insert: Any, column: str, known: Any = None) -> Any:
    given = {column: insert.excluded[column]}
    return insert.on_conflict_do_update(index_elements=["idea_id"], set_=given, where=known)


_OWNED = prepared(lambda insert: _upsert(insert, "owner_id"), Mark.__table__)
# Who read it first did.
_READ = prepared(lambda insert: _upsert(insert, "read_at", Mark.read_at.is_(None)), Mark.__table__)
_UNREAD = prepared(lambda insert: _upsert(insert, "read_at"), Mark.__table__)


@reading
def marks_of(idea_ids: Iterable[str]) -> dict[str, MarkFact]:
    """The marks of ideas; those nobody has touched are left out."""
    rows = look_up(_MARKS, ideas=sorted(set(idea_ids)))
    return {row.idea_id: MarkFact(row.owner_id, row.read_at) for row in rows}


def known_owner(space_id: str, person_id: str | None) -> str | None:
    """Somebody of the team who can look after an idea, or nobody; raises Invalid."""
    if person_id and person_id not in team_ids(space_id):
        raise Invalid.field("owner", NOT_OF_THE_TEAM, "unknown")
    return person_id or None


def put_owners(space_id: str, owners: Mapping[str, str | None]) -> None:
    """Let these people look after ideas, or nobody. Needs a verb around it, which tells of each."""
    _write(
        _OWNED, ({"idea_id": each, "space_id": space_id, "owner_id": owner} for each, owner in sorted(owners.items()))
    )


def put_read(space_id: str, idea_ids: Iterable[str], is_read: bool = True) -> None:
    """Note that the team has read ideas, or has yet to. Needs a verb around it."""
    moment = clock.now() if is_read else None
    rows = ({"idea_id": each, "space_id": space_id, "read_at": moment} for each in sorted(set(idea_ids)))
    _write(_READ if is_read else _UNREAD, rows)


def _write(statement: Callable[[str], Any], rows: Iterable[dict[str, Any]]) -> None:
    if given := list(rows):
        line = session().connection()
        line.execute(statement(line.dialect.name), given)
