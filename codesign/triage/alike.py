"""Which ideas look alike: asked once for each new idea as the worker follows the log, and kept. So the desk asks nobody, and the
number of look-alikes is one query.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from sqlalchemy import Select, delete, or_, select

from codesign.events import log
from codesign.ideas.asked import look_alike
from codesign.ideas.queries import get_ideas
from codesign.ideas.sifting import standing_ideas
from codesign.kernel.actor import SYSTEM
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import read, reading, session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.upsert import upsert
from codesign.spaces.access import access as gate
from codesign.spaces.facts import Access
from codesign.triage.marks import marks_of
from codesign.triage.models import Twin

READER = "look-alikes"
_NAMES = ("idea.published", "idea.edited")
#: So many facts at a time, as far as so many seconds allow, since plugins are asked for each and others in the worker wait;
#: and so many facts without anything to ask before it is noted.
BATCH, SLICE, FAR = 10, 0.3, 500
#: Of a flood (a file of thousands that came in) only so many of the newest are looked for.
MOST_BEHIND = 500
#: So many others of each idea, and so alike their titles are at least. Whole texts were tried: what two people tell of their
#: mornings hides that they ask for the same.
OTHERS, ALIKE = 4, 0.5


#: How far a space was looked through without anything to ask. Noting that down for each vote would be a write for each vote.
_seen: dict[str, int] = {}


def behind() -> list[str]:
    """The spaces in which something happened since they were last looked through."""
    spaces = log.behind(READER)
    heads = log.heads(spaces)
    return [space_id for space_id in spaces if _seen.get(space_id) != heads.get(space_id)]


def follow(space_id: str) -> None:
    """Read on in the log of a space, and look for what its new ideas look like. Plugins are asked outside any transaction."""
    with read():
        after, reached = log.bookmark(READER, space_id), log.head(space_id)
        if reached - after > MOST_BEHIND:
            after = max(after, _newest(space_id))
        facts = log.since(space_id, after, BATCH, names=_NAMES)
        found = _open(space_id) if facts or reached - after >= FAR else None
        if found is None:
            _seen[space_id] = reached
            return
        fresh = _fresh(found, {fact.payload["idea_id"] for fact in facts})
    if len(facts) == BATCH:
        reached = facts[-1].seq
    alike: dict[str, list[str]] = {}
    until = time.monotonic() + SLICE
    for fact in facts:
        idea_id = fact.payload["idea_id"]
        if idea_id in fresh and idea_id not in alike:
            hits = look_alike(SYSTEM, found, fresh[idea_id], OTHERS, idea_id)
            alike[idea_id] = [hit.idea.id for hit in hits if hit.likeness >= ALIKE]
        if time.monotonic() > until:
            reached = fact.seq
            break
    _keep(space_id, alike, reached)


def _open(space_id: str) -> Access | None:
    """The space, unless it is the server's own log, deleted, or still filled from a file."""
    try:
        found = gate(SYSTEM, space_id)
    except NotFound:
        return None
    return None if found.space.state == "importing" else found


def _newest(space_id: str) -> int:
    """The number behind which the newest facts stand, as many as are looked for."""
    newest = log.latest(space_id, MOST_BEHIND, names=_NAMES)
    return newest[-1].seq - 1 if len(newest) == MOST_BEHIND else 0


def _fresh(access: Access, idea_ids: Iterable[str]) -> dict[str, str]:
    """The titles of those the team has yet to look at."""
    ideas = get_ideas(access, idea_ids)
    marks = marks_of(ideas)
    return {
        key: idea.title
        for key, idea in ideas.items()
        if idea.state == PUBLISHED
        and idea.merged_into is None
        and idea.status is not None
        and idea.status.kind == "open"
        and not (key in marks and marks[key].read_at)
    }


@verb
def _keep(space_id: str, alike: Mapping[str, Iterable[str]], reached: int) -> None:
    work = session()
    if alike:
        work.execute(delete(Twin).where(or_(Twin.idea_id.in_(sorted(alike)), Twin.other_id.in_(sorted(alike)))))
    pairs = {pair for one, others in alike.items() for other in others for pair in ((one, other), (other, one))}
    if pairs:
        rows = [{"space_id": space_id, "idea_id": one, "other_id": other} for one, other in sorted(pairs)]
        work.execute(upsert(work, Twin).values(rows).on_conflict_do_nothing())
    log.move_bookmark(READER, space_id, reached)


def alike_ids(space_id: str) -> Select[str]:
    """The ids of ideas that look like another one which still stands, to be put into another query."""
    others = Twin.other_id.in_(standing_ideas(space_id))
    return select(Twin.idea_id).where(Twin.space_id == space_id, others)


@reading
def pairs_of(space_id: str, idea_ids: Iterable[str]) -> list[tuple[str, str]]:
    """Ideas of *idea_ids* with what each looks like and still stands."""
    mine = Twin.space_id == space_id, Twin.idea_id.in_(sorted(set(idea_ids)))
    query = select(Twin.idea_id, Twin.other_id).where(*mine, Twin.other_id.in_(standing_ideas(space_id)))
    return [(row.idea_id, row.other_id) for row in session().execute(query.order_by(Twin.idea_id, Twin.other_id))]
