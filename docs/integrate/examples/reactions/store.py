"""The table, and the only functions that touch it."""

from collections import Counter
from datetime import datetime

from sqlalchemy import String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from codesign.sdk import Actor, Base, Moment, new_id, now, read, record, session, verb

from .events import ReactionsChanged


class Reaction(Base):
    """One emoji that one person gave to one idea."""

    __tablename__ = "reactions_given"

    idea_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True, index=True)
    emoji: Mapped[str] = mapped_column(String(12), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    given_at: Mapped[datetime] = mapped_column(Moment)


@verb
def toggle(actor: Actor, space_id: str, idea_id: str, emoji: str) -> int:
    """Give a reaction, or take it back; how many there are now. Screens learn of it with the same commit."""
    work, key = session(), (idea_id, actor.person_id, emoji)
    given = work.get(Reaction, key)
    if given is None:
        work.add(Reaction(idea_id=idea_id, person_id=actor.person_id, emoji=emoji, space_id=space_id, given_at=now()))
    else:
        work.delete(given)
    work.flush()
    wanted = select(func.count()).where(Reaction.idea_id == idea_id, Reaction.emoji == emoji)
    count = work.scalar(wanted) or 0
    record(ReactionsChanged(space_id, idea_id=idea_id, emoji=emoji, count=count), actor=actor)
    return count


def counts(idea_id: str) -> Counter[str]:
    """How often each emoji was given to an idea."""
    with read() as work:
        found = work.execute(
            select(Reaction.emoji, func.count()).where(Reaction.idea_id == idea_id).group_by(Reaction.emoji)
        )
        return Counter({row[0]: row[1] for row in found})


def given_by(idea_id: str, person_id: str | None) -> set[str]:
    """What one person gave to an idea."""
    with read() as work:
        found = work.scalars(select(Reaction.emoji).where(Reaction.idea_id == idea_id, Reaction.person_id == person_id))
        return set(found)


def totals(space_id: str) -> list[tuple[str, str, int]]:
    """Idea, emoji, count in a space; the most given first."""
    number = func.count().label("number")
    query = select(Reaction.idea_id, Reaction.emoji, number).where(Reaction.space_id == space_id)
    query = query.group_by(Reaction.idea_id, Reaction.emoji).order_by(number.desc(), Reaction.idea_id).limit(500)
    with read() as work:
        return [(row.idea_id, row.emoji, row.number) for row in work.execute(query)]


@verb
def forget(person_id: str) -> None:
    """Let nobody be found behind a person's reactions; the counts stay right."""
    work = session()
    for given in work.scalars(select(Reaction).where(Reaction.person_id == person_id)).all():
        mine = (Reaction.idea_id == given.idea_id, Reaction.person_id == person_id, Reaction.emoji == given.emoji)
        work.execute(update(Reaction).where(*mine).values(person_id=new_id()))
