"""Tables of votes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Vote(Base):
    """The current vote of a person on an idea. ``merge_id`` is set while it stands here because of a merge."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("ballot_id", "idea_id", "person_id"),
        Index("ix_vote_by_person", "ballot_id", "person_id", "idea_id"),
        Index("ix_vote_by_time", "ballot_id", "cast_at", "idea_id"),
    )

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    ballot_id: Mapped[str] = mapped_column(ForeignKey("ballot.id"))
    value: Mapped[int] = mapped_column(SmallInteger)
    cast_at: Mapped[datetime] = mapped_column(Moment)
    merge_id: Mapped[str | None] = mapped_column(String(26))


class BallotVoter(Base):
    """How many votes of a person stand in a ballot: the first one lifts the veil, taking back the last one lowers it."""

    __tablename__ = "ballot_voter"

    ballot_id: Mapped[str] = mapped_column(ForeignKey("ballot.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    standing: Mapped[int] = mapped_column(Integer, default=0)
