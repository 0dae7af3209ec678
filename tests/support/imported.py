"""Counts without voters, as they are kept."""

from __future__ import annotations

from sqlalchemy import select

from codesign.ideas.models import ImportedVotes
from codesign.kernel.db import reading, session


@reading
def imported_sources(idea_id: str) -> dict[str, tuple[int, int]]:
    """Where they came from: up and down by source."""
    found: dict[str, tuple[int, int]] = {}
    for row in session().scalars(select(ImportedVotes).where(ImportedVotes.idea_id == idea_id)):
        source = row.source.partition("@")[0]
        up, down = found.get(source, (0, 0))
        found[source] = (up + row.up, down + row.down)
    return found
