"""An idea that comes out of another one: its row and its followers, for the verb that splits. Needs a verb around it."""

from __future__ import annotations

from sqlalchemy import literal, null, select
from sqlalchemy.orm import Session

from codesign.events.log import record
from codesign.ideas.events import IdeaPublished
from codesign.ideas.models import Follow, Idea
from codesign.ideas.rows import add_row, lock, show_pictures, shuffle_key, write_tags, write_text
from codesign.ideas.service import first_status
from codesign.ideas.texts import IdeaText
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.upsert import upsert
from codesign.spaces.facts import Access


def add_offshoot(work: Session, actor: Actor, found: Access, idea_id: str, offshoot_id: str, text: IdeaText) -> None:
    """Publish a new idea beside the locked one it comes out of. It is its author's as well, and begins like any other."""
    source, moment = lock(idea_id), clock.now()
    row = Idea(
        id=offshoot_id,
        space_id=source.space_id,
        state=PUBLISHED,
        author_id=source.author_id,
        status_id=first_status(found.space),
        published_at=moment,
        created_at=moment,
        version=1,
        shuffle_key=shuffle_key(),
    )
    write_text(row, text.title, text.body)
    add_row(work, row)
    write_tags(work, row, text.tags)
    show_pictures(actor, row, author_id=row.author_id)
    copy_follows(work, idea_id, offshoot_id)
    record(IdeaPublished(source.space_id, offshoot_id, source.author_id), actor)


def copy_follows(work: Session, from_id: str, to_id: str) -> None:
    """Who hears of one idea hears of the other; who said no to one has said no to the other."""
    rows = select(literal(to_id), Follow.person_id, Follow.active, null(), Follow.created_at)
    coming = rows.where(Follow.idea_id == from_id).order_by(Follow.person_id)
    columns = ["idea_id", "person_id", "active", "merge_id", "created_at"]
    work.execute(upsert(work, Follow).from_select(columns, coming).on_conflict_do_nothing())
