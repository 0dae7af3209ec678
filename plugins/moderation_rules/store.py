"""What the plugin keeps: how much people have taken part, and fingerprints of recent texts. No texts, no names.

Filled from the log. A row of a person remembers up to which event it counts, so hearing one twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from codesign import sdk

from .trust import Person

#: So many recent texts of a space are compared with a new one.
MOST_TWINS = 2_000
KEPT_FOR = timedelta(days=90)


class PersonRow(sdk.Base):
    """Somebody in a space. ``seq`` is the last event that is counted."""

    __tablename__ = "moderation_rules_person"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True, index=True)
    ideas: Mapped[int] = mapped_column(Integer, default=0)
    comments: Mapped[int] = mapped_column(Integer, default=0)
    votes: Mapped[int] = mapped_column(Integer, default=0)
    hidden: Mapped[int] = mapped_column(Integer, default=0)
    first_at: Mapped[datetime] = mapped_column(sdk.Moment)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)


class TextRow(sdk.Base):
    """A recent text: who wrote it when, and 64 bits of what it says. ``counted`` once it was public, ``out`` while it is
    taken out of sight."""

    __tablename__ = "moderation_rules_text"
    __table_args__ = (Index("ix_moderation_rules_text_recent", "space_id", "written_at"),)

    text_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))
    person_id: Mapped[str | None] = mapped_column(String(26), index=True)
    fingerprint: Mapped[int | None] = mapped_column(BigInteger)
    written_at: Mapped[datetime] = mapped_column(sdk.Moment)
    counted: Mapped[bool] = mapped_column(Boolean, default=False)
    out: Mapped[bool] = mapped_column(Boolean, default=False)


def person(space_id: str, person_id: str | None) -> Person:
    """What the space has seen of somebody."""
    with sdk.read() as session:
        row = session.get(PersonRow, (space_id, person_id)) if person_id else None
        return _person(row) if row else Person()


def people(space_id: str, person_ids: Iterable[str]) -> dict[str, Person]:
    """The same for several people; strangers are left out."""
    query = select(PersonRow).where(PersonRow.space_id == space_id, PersonRow.person_id.in_(sorted(set(person_ids))))
    with sdk.read() as session:
        return {row.person_id: _person(row) for row in session.scalars(query)}


def _person(row: PersonRow) -> Person:
    return Person(row.ideas, row.comments, row.votes, row.hidden, row.first_at)


def recent(space_id: str, now: datetime, days: int) -> frozenset[int]:
    """The fingerprints of the last texts of a space."""
    query = select(TextRow.fingerprint).where(TextRow.space_id == space_id, TextRow.fingerprint.is_not(None))
    query = query.where(TextRow.written_at >= now - timedelta(days=days))
    with sdk.read() as session:
        found = session.scalars(query.order_by(TextRow.written_at.desc()).limit(MOST_TWINS))
        return frozenset(value for value in found if value is not None)


def written_since(space_id: str, person_id: str | None, moment: datetime) -> int:
    """How many texts somebody has written in a space since a moment."""
    query = select(func.count()).select_from(TextRow).where(TextRow.person_id == person_id)
    with sdk.read() as session:
        return session.scalar(query.where(TextRow.space_id == space_id, TextRow.written_at > moment)) or 0


def count(space_id: str, person_id: str, seq: int, at: datetime, **more: int) -> None:
    """Add to what somebody has done, once per event; inside ``events_recorded``."""
    session = sdk.session()
    row = session.get(PersonRow, (space_id, person_id))
    if row is None:
        row = PersonRow(
            space_id=space_id, person_id=person_id, ideas=0, comments=0, votes=0, hidden=0, first_at=at, seq=0
        )
        session.add(row)
    if seq > row.seq:
        row.seq = seq
        for name, number in more.items():
            setattr(row, name, max(0, getattr(row, name) + number))


def note_text(**values: Any) -> None:
    """Keep the fingerprint of a text; of an edited one the newest. Inside ``events_recorded``."""
    sdk.session().merge(TextRow(**values))


def went_out(text_id: str) -> tuple[str | None, dict[str, int]]:
    """A text was taken out of sight: its author, and what to add to what is known of them."""
    row = sdk.session().get(TextRow, text_id)
    if row is None or row.out:
        return None, {}
    row.out = True
    return row.person_id, {"hidden": 1}


def came_in(text_id: str, counts_as: str) -> dict[str, int]:
    """A text became public, for the first time or again: what to add to what is known of its author."""
    row = sdk.session().get(TextRow, text_id)
    if row is None:
        return {counts_as: 1}
    more = {"hidden": -1} if row.out else {} if row.counted else {counts_as: 1}
    row.out, row.counted = False, True
    return more


@sdk.verb
def forget(person_id: str) -> None:
    """Forget a person in every space. What a text of theirs said goes with its fingerprint."""
    sdk.session().execute(delete(PersonRow).where(PersonRow.person_id == person_id))
    sdk.session().execute(delete(TextRow).where(TextRow.person_id == person_id))


@sdk.verb
def tidy(space_id: str, settings: Any) -> None:
    """Forget fingerprints that no rule can ask for any more, some at a time."""
    old = select(TextRow.text_id).where(TextRow.space_id == space_id, TextRow.written_at < sdk.now() - KEPT_FOR)
    sdk.session().execute(delete(TextRow).where(TextRow.text_id.in_(old.limit(2_000).scalar_subquery())))
