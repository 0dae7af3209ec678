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
    html: Mapped[str | None] = mapped_column(Text)  # the same once more, for programs that show it
    stop: Mapped[str | None] = mapped_column(Text)  # the path that ends letters of its kind
    created_at: Mapped[datetime] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(Text)


class Delivery(Base):
    """One person is told of one event on one further channel once: beside the bell there are letters.

    ``due_at`` says when a letter is to be written; from ``settled_at`` on it is (``letter_id``), or nobody wants it any more.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_due", "settled_at", "due_at"),)

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    idea_id: Mapped[str | None] = mapped_column(String(26))
    text_id: Mapped[str | None] = mapped_column(String(26))
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    letter_id: Mapped[str | None] = mapped_column(String(26))


class LetterWish(Base):
    """How soon a person wants a kind of letter, where it is not the usual way."""

    __tablename__ = "letter_wish"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    rhythm: Mapped[str] = mapped_column(String(8))


class ConfirmedAddress(Base):
    """The address that a person showed to be theirs. Letters about ideas go to no other.

    ``told_until`` is the end of the last period their team's digest has told of.
    """

    __tablename__ = "confirmed_address"

    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    confirmed_at: Mapped[datetime] = mapped_column(Moment)
    told_until: Mapped[datetime] = mapped_column(Moment)
