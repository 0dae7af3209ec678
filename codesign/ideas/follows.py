"""Who wants to hear of an idea."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, literal, select
from sqlalchemy.orm import Session

from codesign.ideas.models import Follow
from codesign.ideas.reading import find_idea
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Forbidden, Unauthenticated
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert


@verb
def follow_idea(actor: Actor, idea_id: str) -> bool:
    """Let *actor* hear of an idea; returns whether that changed anything. Raises NotFound, Unauthenticated."""
    return _say(actor, idea_id, True)


@verb
def unfollow_idea(actor: Actor, idea_id: str) -> bool:
    """Let *actor* hear no more of an idea, also when they comment or vote later."""
    return _say(actor, idea_id, False)


def _say(actor: Actor, idea_id: str, active: bool) -> bool:
    find_idea(actor, idea_id)
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in to follow ideas."))
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    work = session()
    key = (Follow.idea_id == idea_id) & (Follow.person_id == actor.person_id)
    before = work.execute(select(Follow.active, Follow.merge_id).where(key)).first()
    if before is not None and (before.active, before.merge_id) == (active, None):
        return False
    row = upsert(work, Follow).values(
        idea_id=idea_id, person_id=actor.person_id, active=active, merge_id=None, created_at=clock.now()
    )
    work.execute(
        row.on_conflict_do_update(index_elements=["idea_id", "person_id"], set_={"active": active, "merge_id": None})
    )
    return bool(before is not None and before.active) != active


def follow_quietly(work: Session, idea_id: str, *person_ids: str) -> None:
    """People who wrote, commented or voted hear of the idea from now on, unless they have said no to it."""
    add_follows(work, [(idea_id, person_id) for person_id in person_ids])


def add_follows(work: Session, pairs: Iterable[tuple[str, str]]) -> None:
    """As ``follow_quietly``, for many pairs of idea and person in one statement."""
    moment = clock.now()
    rows = [
        {"idea_id": idea_id, "person_id": person_id, "active": True, "merge_id": None, "created_at": moment}
        for idea_id, person_id in sorted(set(pairs))
    ]
    if rows:
        # Who followed only because of a merge now follows for their own sake.
        row = upsert(work, Follow)
        work.execute(row.on_conflict_do_update(index_elements=["idea_id", "person_id"], set_={"merge_id": None}), rows)


def share_followers(work: Session, from_id: str, to_id: str, merge_id: str) -> None:
    """The followers of one idea hear of another because of a merge; who has their say about it already keeps it."""
    coming = select(literal(to_id), Follow.person_id, literal(True), literal(merge_id), Follow.created_at)
    coming = coming.where(Follow.idea_id == from_id, Follow.active.is_(True)).order_by(Follow.person_id)
    row = upsert(work, Follow).from_select(["idea_id", "person_id", "active", "merge_id", "created_at"], coming)
    work.execute(row.on_conflict_do_nothing())


def unshare_followers(work: Session, merge_id: str) -> None:
    """Undo of ``share_followers``: who stayed only because of the merge goes."""
    work.execute(delete(Follow).where(Follow.merge_id == merge_id, Follow.active.is_(True)))
