"""Reading releases: the changelog of a space, one release, and ideas a new one might bring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import literal, select, tuple_

from codesign.events.log import head
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.ideas.stages import ideas_by_status
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import Moment, reading, session
from codesign.kernel.errors import NotFound
from codesign.kernel.paging import Page, make_cursor, milliseconds, moment_of, read_cursor
from codesign.kernel.text import _
from codesign.roadmap.facts import ReleaseFact
from codesign.roadmap.models import Release, ReleaseIdea
from codesign.spaces.access import require, standing
from codesign.spaces.facts import Access
from codesign.spaces.queries import list_statuses

MOST = 100
_MISSING = _("There is no such release, or you may not see it.")
_ORDER = "published"


@reading
def release_access(actor: Actor, release_id: str, right: str = "view") -> Access:
    """Let *actor* through to a release for *right*; drafts are there for the product team alone. Raises NotFound …"""
    row = session().get(Release, release_id)
    if row is None:
        raise NotFound(_MISSING)
    try:
        found = standing(actor, row.space_id)
    except NotFound:
        raise NotFound(_MISSING) from None
    if row.published_at is None and not found.may("product"):
        raise NotFound(_MISSING)
    require(actor, found, right)
    return found


@reading
def get_release(actor: Actor, release_id: str) -> ReleaseFact:
    """One release as *actor* may see it."""
    found = release_access(actor, release_id)
    return release_fact(found, session().get_one(Release, release_id))


@reading
def release_fact(access: Access, row: Release) -> ReleaseFact:
    """The fact of a row, for whoever was let through to it."""
    return _facts(access, [row])[0]


@reading
def list_releases(access: Access, limit: int = 20, cursor: str | None = None) -> Page[ReleaseFact]:
    """One page of what a space published, newest first, with the number of the log it was read at."""
    query = select(Release).where(Release.space_id == access.space.id, Release.published_at.is_not(None))
    if cursor is not None:
        at, release_id = read_cursor(cursor, _ORDER, int, str)
        query = query.where(
            tuple_(Release.published_at, Release.id) < tuple_(literal(moment_of(at), Moment), literal(release_id))
        )
    rows = list(
        session().scalars(query.order_by(Release.published_at.desc(), Release.id.desc()).limit(min(limit, MOST) + 1))
    )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1].published_at if more else None
    following = make_cursor(_ORDER, [milliseconds(last), rows[-1].id]) if last else None
    return Page(tuple(_facts(access, rows)), following, head(access.space.id), _ORDER)


@reading
def list_drafts(access: Access) -> list[ReleaseFact]:
    """What the product team has begun, newest first; nobody else sees any."""
    if not access.may("product"):
        return []
    query = select(Release).where(Release.space_id == access.space.id, Release.published_at.is_(None))
    return _facts(access, list(session().scalars(query.order_by(Release.id.desc()).limit(MOST))))


@reading
def ideas_to_bring(access: Access, release: ReleaseFact | None = None) -> list[IdeaFact]:
    """Ideas a release may bring: those it brings, then shipped ones that no release has brought."""
    own = list(release.ideas) if release else []
    shipped = [status.id for status in list_statuses(access.space.id, retired=True) if status.kind == "shipped"]
    (found,) = ideas_by_status(access, [shipped], MOST)
    ids = [idea.id for idea in found.ideas]
    taken = set(session().scalars(select(ReleaseIdea.idea_id).where(ReleaseIdea.idea_id.in_(ids)))) if ids else set()
    return own + [idea for idea in found.ideas if idea.id not in taken]


def _facts(access: Access, rows: Sequence[Release]) -> list[ReleaseFact]:
    linked: dict[str, list[str]] = defaultdict(list)
    links = select(ReleaseIdea).where(ReleaseIdea.release_id.in_([row.id for row in rows]))
    for link in session().scalars(links.order_by(ReleaseIdea.position)):
        linked[link.release_id].append(link.idea_id)
    wanted = {idea_id for ids in linked.values() for idea_id in ids}
    ideas = get_ideas(access, wanted) if wanted else {}
    return [
        ReleaseFact(
            row.id, row.space_id, access.space.slug, row.title, row.body, row.version, row.created_at, row.changed_at,
            row.published_at, tuple(ideas[each] for each in linked[row.id] if _is_public(ideas.get(each))),
        )
        for row in rows
    ]  # fmt: skip


def _is_public(idea: IdeaFact | None) -> bool:
    return idea is not None and idea.state == PUBLISHED
