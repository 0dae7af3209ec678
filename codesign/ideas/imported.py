"""Counts that came without voters: added to the tally under the name of their source."""

from __future__ import annotations

import re

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from codesign.events.log import record
from codesign.ideas.events import VotesImported
from codesign.ideas.models import Idea, ImportedVotes
from codesign.ideas.reading import idea_access
from codesign.ideas.rows import lock, require_alone
from codesign.ideas.tallies import set_tally_seq
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert

MOST_VOTES = 100_000_000
_SOURCE = re.compile(r"[a-z0-9][a-z0-9._:-]{0,39}")


def clean_source(source: str) -> str:
    """The name of a source; raises Invalid."""
    if not _SOURCE.fullmatch(source):
        raise Invalid.field("source", _("A source is named by small letters, digits and . _ : - (at most 40)."))
    return source


@verb
def import_votes(actor: Actor, idea_id: str, source: str, up: int, down: int = 0) -> bool:
    """Say how many votes without voters an idea has from *source*; returns whether that changed anything.

    The counts replace what the same source said before. Raises NotFound, Forbidden, Invalid, Conflict (merged idea).
    """
    idea_access(actor, idea_id, "product")
    clean_source(source)
    for name, count in (("up", up), ("down", down)):
        if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MOST_VOTES:
            raise Invalid.field(name, _("This should be a whole number that is not negative."))
    row = lock(idea_id)
    require_alone(row)
    work = session()
    known = work.get(ImportedVotes, (idea_id, source), populate_existing=True)
    old = (known.up, known.down) if known else (0, 0)
    if old == (up, down):
        return False
    fresh = upsert(work, ImportedVotes).values(idea_id=idea_id, source=source, up=up, down=down)
    work.execute(fresh.on_conflict_do_update(index_elements=["idea_id", "source"], set_={"up": up, "down": down}))
    _raise(work, idea_id, up - old[0], down - old[1])
    fact = VotesImported(row.space_id, idea_id, source, up, down)
    record(fact, actor, number=lambda seq: set_tally_seq(work, {idea_id: seq}))
    return True


@verb
def shift_votes(actor: Actor, idea_id: str, source: str, up: int, down: int) -> None:
    """*source* says so many votes without voters more (or fewer) of an idea; what merges brought along is left alone."""
    lock(idea_id)
    known = session().get(ImportedVotes, (idea_id, source), populate_existing=True)
    old = (known.up, known.down) if known else (0, 0)
    import_votes(actor, idea_id, source, max(0, old[0] + up), max(0, old[1] + down))


@verb
def name_voters(actor: Actor, idea_id: str, source: str, count: int) -> None:
    """So many of the votes for an idea that *source* only counted have come with their voters: they are not counted twice."""
    known = session().get(ImportedVotes, (idea_id, source))
    if known is not None and count and known.up:
        import_votes(actor, idea_id, source, max(0, known.up - count), known.down)


def _raise(work: Session, idea_id: str, up: int, down: int) -> None:
    values = {"imported_up": Idea.imported_up + up, "imported_down": Idea.imported_down + down}
    work.execute(update(Idea).where(Idea.id == idea_id).values(values))


def move_imported(work: Session, from_id: str, to_id: str, merge_id: str) -> None:
    """Counts of one idea come along to another, marked with the merge."""
    rows = list(work.scalars(select(ImportedVotes).where(ImportedVotes.idea_id == from_id)))
    _move(work, [(row, to_id, f"{row.source}@{merge_id}") for row in rows])


def return_imported(work: Session, from_id: str, to_id: str, merge_id: str) -> None:
    """Undo of ``move_imported``: what the merge brought goes from *from_id* back to *to_id*."""
    mark = f"@{merge_id}"
    query = select(ImportedVotes).where(ImportedVotes.idea_id == from_id, ImportedVotes.source.endswith(mark))
    _move(work, [(row, to_id, row.source.removesuffix(mark)) for row in work.scalars(query)])


def _move(work: Session, moves: list[tuple[ImportedVotes, str, str]]) -> None:
    for row, to_id, source in moves:
        key = (ImportedVotes.idea_id == row.idea_id) & (ImportedVotes.source == row.source)
        from_id, up, down = row.idea_id, row.up, row.down
        work.expunge(row)
        work.execute(delete(ImportedVotes).where(key))
        work.execute(upsert(work, ImportedVotes).values(idea_id=to_id, source=source, up=up, down=down))
        _raise(work, from_id, -up, -down)
        _raise(work, to_id, up, down)
