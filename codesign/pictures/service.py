"""Changing pictures: take one, note which texts show it, throw away what none shows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Closed, Conflict, Forbidden, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.pictured import pictured
from codesign.kernel.text import _
from codesign.pictures.facts import PictureFact
from codesign.pictures.models import Picture, PictureUse
from codesign.pictures.redrawing import MOST_BYTES, Redrawn, redraw
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.spaces.service.deletion import on_deletion

__all__ = ["MOST_BYTES", "add_picture", "forget_unused", "note_uses", "require_writer"]

#: So long a picture waits for a text that shows it.
WAITS = timedelta(hours=24)
#: So much one person may keep in one space.
QUOTA = 100 * 1024 * 1024
#: So many go in one transaction: each is up to some megabytes.
AT_ONCE = 8


def add_picture(actor: Actor, space_ref: str, content: bytes) -> PictureFact:
    """Take a picture for a text that *actor* is going to write in a space; until then only *actor* sees it.

    Raises NotFound, Unauthenticated, Forbidden, Closed; Invalid and TooLarge for the file, Conflict where somebody has too much.
    """
    require_writer(actor, space_ref)  # nobody else makes us read a file
    return _store(actor, space_ref, redraw(content))


def require_writer(actor: Actor, space_ref: str) -> Access:
    """The space, where *actor* may send pictures now; the team always may, for the texts it changes at any time."""
    found = look(actor, space_ref)
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in before you add a picture."))
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    if not (found.may("propose") or found.may("comment")):
        raise Forbidden(_("You may look at this space, but not do that in it."))
    space = found.space
    if not found.is_team and (space.state == "archived" or not (space.allows("propose") or space.allows("comment"))):
        raise Closed(_("This space is read only now, so texts stay as they are."), action="edit")
    return found


@verb
def _store(actor: Actor, space_ref: str, drawn: Redrawn) -> PictureFact:
    found = require_writer(actor, space_ref)
    mine = Picture.owner_id == actor.person_id, Picture.space_id == found.space.id
    kept = session().scalar(select(func.coalesce(func.sum(Picture.size), 0)).where(*mine)) or 0
    if kept + len(drawn.content) > QUOTA:
        raise Conflict(_("Your pictures here take %(most)s MB, and that is all there is.", most=QUOTA // 1024**2))
    fact = PictureFact(
        id=new_id(), space_id=found.space.id, owner_id=actor.person_id, width=drawn.width, height=drawn.height,
        size=len(drawn.content), created_at=clock.now(),
    )  # fmt: skip
    session().add(Picture(**vars(fact), content=drawn.content))
    session().flush()
    return fact


@verb
def note_uses(
    actor: Actor, space_id: str, kind: str, text_id: str, before: str, now: str, *, author_id: str | None = None
) -> None:
    """Note which pictures a text shows after *actor* changed it from *before* to *now*; part of the verb that changes it.

    A text opens pictures to whoever may read it if their owner put them there, or if they are the text's author's
    (*author_id*) and somebody else put them back: naming a third person's shows it to those who may see it anyway.
    """
    was, shown = set(pictured(before)), set(pictured(now))
    if was == shown:
        return
    mine = PictureUse.kind == kind, PictureUse.text_id == text_id
    if gone := sorted(was - shown):
        _drop(gone, *mine)
    owners = {actor.person_id, author_id} - {None}
    if not (new := sorted(shown - was)) or not owners:
        return
    own = select(Picture.id).where(Picture.id.in_(new), Picture.space_id == space_id)
    own = own.where(Picture.owner_id.in_(owners)).with_for_update(read=True, key_share=True)
    noted = set(session().scalars(select(PictureUse.picture_id).where(*mine)))
    rows = [
        {"picture_id": each, "kind": kind, "text_id": text_id, "space_id": space_id}
        for each in session().scalars(own)
        if each not in noted
    ]
    if rows:
        session().execute(insert(PictureUse), rows)


def _drop(ids: list[str], *mine: ColumnElement[bool]) -> None:
    """A text names them no more; from now on they wait for a text that does."""
    noted = list(session().scalars(select(PictureUse.picture_id).where(*mine, PictureUse.picture_id.in_(ids))))
    session().execute(delete(PictureUse).where(*mine, PictureUse.picture_id.in_(noted)))
    session().execute(update(Picture).where(Picture.id.in_(noted)).values(dropped_at=clock.now()))


_UNUSED = Picture.id.not_in(select(PictureUse.picture_id))
_WAITS_SINCE = func.coalesce(Picture.dropped_at, Picture.created_at)


def forget_unused() -> int:
    """Throw away what no text has shown for a day (for the worker); returns how many."""
    gone = 0
    while taken := _forget_some():
        gone += taken
    return gone


@verb
def _forget_some() -> int:
    old = select(Picture.id).where(_UNUSED, clock.now() - WAITS > _WAITS_SINCE)
    ids = list(session().scalars(old.order_by(Picture.id).limit(AT_ONCE).with_for_update(skip_locked=True)))
    session().execute(delete(Picture).where(Picture.id.in_(ids)))
    return len(ids)


@on_deletion
def _delete_with_space(space_id: str, limit: int) -> int:
    """A few pictures of a deleted space at a time; as long as there are more, nothing else goes in that transaction."""
    ids = list(session().scalars(select(Picture.id).where(Picture.space_id == space_id).limit(AT_ONCE)))
    session().execute(delete(PictureUse).where(PictureUse.picture_id.in_(ids)))
    session().execute(delete(Picture).where(Picture.id.in_(ids)))
    return limit if ids else 0
