"""Tables of notices and letters."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Notice(Base):
    """One person hears of one event once."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person_id_read_at", "person_id", "read_at"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64))
    idea_id: Mapped[str | None] = mapped_column(String(26))
    text_id: Mapped[str | None] = mapped_column(String(26))  # the idea or comment that mentions them
    actor_id: Mapped[str | None] = mapped_column(String(64))
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class Letter(Base):
    """A mail that waits or was sent. ``cause`` makes it unique: one letter per event and person."""

    __tablename__ = "letter"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    cause: Mapped[str] = mapped_column(String(120), unique=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(Text)
