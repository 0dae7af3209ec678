"""Verbs of releases: the product team writes what it brought out, publishes it once, and may put its words right."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from codesign.events.log import record
from codesign.ideas.queries import get_ideas
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.roadmap.changelog import release_access, release_fact
from codesign.roadmap.events import ReleaseChanged, ReleasePublished
from codesign.roadmap.facts import ReleaseFact
from codesign.roadmap.models import Release, ReleaseIdea
from codesign.spaces.access import access
from codesign.spaces.facts import Access
from codesign.spaces.rules import check_text

LONGEST_TITLE, LONGEST_BODY, MOST_IDEAS = 120, 20_000, 200


@verb
def write_release(
    actor: Actor, reference: str, title: str, body: str = "", idea_ids: Sequence[str] = ()
) -> ReleaseFact:
    """Begin a release (product team). Nobody else sees it before it is published."""
    found, moment = access(actor, reference, "product"), clock.now()
    row = Release(
        id=new_id(), space_id=found.space.id, title=_title(title), body=_body(body), version=1, created_at=moment,
        changed_at=moment, published_at=None,
    )  # fmt: skip
    session().add(row)
    session().flush()
    _link(found, row, idea_ids)
    return release_fact(found, row)


@verb
def change_release(
    actor: Actor,
    release_id: str,
    version: int | None = None,
    *,
    title: str | None = None,
    body: str | None = None,
    idea_ids: Sequence[str] | None = None,
) -> ReleaseFact:
    """Change words or ideas of a release (product team); what is None stays. A stale *version* is refused.

    Of what was published nobody is told again.
    """
    found, row = _locked(actor, release_id, version)
    before = release_fact(found, row)
    row.title = row.title if title is None else _title(title)
    row.body = row.body if body is None else _body(body)
    if idea_ids is not None:
        _link(found, row, idea_ids)
    session().flush()
    if release_fact(found, row) == before:
        return before
    row.version += 1
    row.changed_at = clock.now()
    session().flush()
    if row.published_at is not None:
        record(ReleaseChanged(row.space_id, row.id), actor)
    return release_fact(found, row)


@verb
def publish_release(actor: Actor, release_id: str, version: int | None = None) -> ReleaseFact:
    """Let everybody who may see the space read it, and tell those around its ideas, once (product team)."""
    found, row = _locked(actor, release_id, version)
    if row.published_at is None:
        row.published_at = row.changed_at = clock.now()
        row.version += 1
        session().flush()
        ideas = [idea.id for idea in release_fact(found, row).ideas]
        record(ReleasePublished(row.space_id, row.id, ideas), actor)
    return release_fact(found, row)


@verb
def remove_release(actor: Actor, release_id: str) -> None:
    """Take a release away, published or not (product team); the log keeps that there was one."""
    _found, row = _locked(actor, release_id, None)
    session().execute(delete(ReleaseIdea).where(ReleaseIdea.release_id == row.id))
    if row.published_at is not None:
        record(ReleaseChanged(row.space_id, row.id, removed=True), actor)
    session().delete(row)
    session().flush()


def _locked(actor: Actor, release_id: str, version: int | None) -> tuple[Access, Release]:
    found = release_access(actor, release_id, "product")
    query = select(Release).where(Release.id == release_id).with_for_update()
    row = session().scalars(query.execution_options(populate_existing=True)).one()
    if version is not None and version != row.version:
        raise Conflict(_("Somebody else changed this release while you were writing."), version=row.version)
    return found, row


def _link(found: Access, row: Release, idea_ids: Sequence[str]) -> None:
    """Let a release bring these ideas, in this order: public ones of its space."""
    wanted = list(dict.fromkeys(idea_ids))
    if len(wanted) > MOST_IDEAS:
        raise Invalid.field("idea_ids", _("A release brings at most %(most)s ideas.", most=MOST_IDEAS), "too_many")
    known = get_ideas(found, wanted) if wanted else {}
    if any(idea_id not in known or known[idea_id].state != PUBLISHED for idea_id in wanted):
        raise Invalid.field("idea_ids", _("This space has no such public idea."), "unknown")
    session().execute(delete(ReleaseIdea).where(ReleaseIdea.release_id == row.id))
    session().add_all(ReleaseIdea(release_id=row.id, idea_id=each, position=at) for at, each in enumerate(wanted))
    session().flush()


def _title(title: str) -> str:
    return check_text("title", title, 2, LONGEST_TITLE)


def _body(body: str) -> str:
    return check_text("body", body, 0, LONGEST_BODY)
