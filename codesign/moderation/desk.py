"""The desk of moderators: who reads what now, and the reasons they give often."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import delete, select, tuple_

from codesign.accounts.queries import get_people
from codesign.events.log import record
from codesign.ideas.texts import clean_reason
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.kernel.words import one_line
from codesign.moderation.events import TextClaimed
from codesign.moderation.facts import ClaimFact, ReplyFact
from codesign.moderation.models import CannedReply, Claim
from codesign.spaces.access import access

#: So long a moderator has a text to themselves.
CLAIMED_FOR = timedelta(minutes=15)
MOST_REPLIES, MOST_TITLE = 50, 80


@verb
def claim_text(actor: Actor, space_ref: str, kind: str, target_id: str) -> None:
    """Read a text now: others leave it alone for a quarter of an hour. Raises Conflict where somebody reads it already."""
    space_id = access(actor, space_ref, "moderate").space.id
    now, work = clock.now(), session()
    row = upsert(work, Claim).values(
        kind=kind, target_id=target_id, space_id=space_id, person_id=actor.person_id, until=now + CLAIMED_FOR
    )
    mine = (Claim.person_id == actor.person_id) | (Claim.until <= now)
    work.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "target_id"],
            set_={"person_id": actor.person_id, "until": now + CLAIMED_FOR},
            where=mine,
        )
    )
    require_free(actor, kind, target_id)
    record(TextClaimed(space_id, kind, target_id), actor)


@verb
def release_text(actor: Actor, space_ref: str, kind: str, target_id: str) -> None:
    """Leave a text one has claimed to others."""
    space_id = access(actor, space_ref, "moderate").space.id
    here = (Claim.kind == kind) & (Claim.target_id == target_id) & (Claim.person_id == actor.person_id)
    if session().execute(delete(Claim).where(here).returning(Claim.kind)).first():
        record(TextClaimed(space_id, kind, target_id, released=True), actor)


def require_free(actor: Actor, kind: str, target_id: str) -> None:
    """Raise Conflict while another moderator reads a text."""
    found = claims([(kind, target_id)]).get((kind, target_id))
    if found is not None and found.person_id != actor.person_id:
        raise Conflict(_("%(name)s is reading this now. Take another one.", name=found.person_name))


def drop_claim(kind: str, target_id: str) -> None:
    """Nobody reads a text any more: it is decided."""
    session().execute(delete(Claim).where(Claim.kind == kind, Claim.target_id == target_id))


@reading
def claims(targets: Iterable[tuple[str, str]]) -> dict[tuple[str, str], ClaimFact]:
    """Who reads these texts now."""
    wanted = sorted(set(targets))
    query = select(Claim).where(tuple_(Claim.kind, Claim.target_id).in_(wanted), Claim.until > clock.now())
    rows = list(session().scalars(query)) if wanted else []
    people = get_people({row.person_id for row in rows})
    return {
        (row.kind, row.target_id): ClaimFact(
            row.person_id, people[row.person_id].name if row.person_id in people else "", row.until
        )
        for row in rows
    }


# --- Canned replies ---------------------------------------------------------------------------------------------------


@reading
def replies(space_id: str) -> list[ReplyFact]:
    """The canned replies of a space, by title."""
    query = select(CannedReply).where(CannedReply.space_id == space_id).order_by(CannedReply.title, CannedReply.id)
    return [ReplyFact(row.id, row.title, row.body) for row in session().scalars(query)]


@verb
def add_reply(actor: Actor, space_ref: str, title: str, body: str) -> ReplyFact:
    """Keep a reason that is given often."""
    space_id = access(actor, space_ref, "moderate").space.id
    name, words = one_line(title)[:MOST_TITLE], clean_reason(body)
    if not name:
        raise Invalid.field("title", _("This is still empty."), "required")
    if len(replies(space_id)) >= MOST_REPLIES:
        raise Conflict(_("There are %(most)s replies already. Take one away first.", most=MOST_REPLIES))
    row = CannedReply(id=new_id(), space_id=space_id, title=name, body=words)
    session().add(row)
    return ReplyFact(row.id, row.title, row.body)


@verb
def remove_reply(actor: Actor, space_ref: str, reply_id: str) -> None:
    """Take a canned reply away."""
    space_id = access(actor, space_ref, "moderate").space.id
    here = (CannedReply.space_id == space_id) & (CannedReply.id == reply_id)
    if session().execute(delete(CannedReply).where(here).returning(CannedReply.id)).first() is None:
        raise NotFound(_("There is no such reply."))


def reply_body(space_id: str, reply_id: str) -> str:
    """The words of a canned reply; nothing where it is gone."""
    return next((reply.body for reply in replies(space_id) if reply.id == reply_id), "")
