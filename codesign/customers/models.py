"""Tables of the customer's voice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class EnteredVote(Base):
    """A customer's vote that the team entered. It stands as it was entered while the vote's time is ``cast_at``."""

    __tablename__ = "entered_vote"
    __table_args__ = (UniqueConstraint("idea_id", "person_id"), Index("ix_entered_vote_person_id", "person_id"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    called: Mapped[str] = mapped_column(String(254))
    value: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(String(16))  # call mail meeting other
    note: Mapped[str] = mapped_column(Text, default="")
    entered_by: Mapped[str | None] = mapped_column(String(26))
    entered_at: Mapped[datetime] = mapped_column(Moment)
    cast_at: Mapped[datetime | None] = mapped_column(Moment)


class Evidence(Base):
    """What a customer said elsewhere. ``person_id`` is whose words these are, where the team said so."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_idea_id", "idea_id"), Index("ix_evidence_person_id", "person_id"))

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    called: Mapped[str] = mapped_column(String(254), default="")
    quote: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    organization: Mapped[str] = mapped_column(String(120), default="")
    added_by: Mapped[str | None] = mapped_column(String(26))
    added_at: Mapped[datetime] = mapped_column(Moment)


class SegmentWeights(Base):
    """One version of how much votes of segments weigh in a space."""

    __tablename__ = "segment_weights"

    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    weights: Mapped[dict[str, float]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(200), default="")
    set_by: Mapped[str | None] = mapped_column(String(26))
    set_at: Mapped[datetime] = mapped_column(Moment)
