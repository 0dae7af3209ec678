"""Tables of the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class EventRow(Base):
    """One fact. ``payload`` is canonical JSON text, so the bytes under the hash never change."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_space_id_name_seq", "space_id", "name", "seq"),)

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)
    payload: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str | None] = mapped_column(String(64))
    caused_by: Mapped[int | None] = mapped_column(BigInteger)
    depth: Mapped[int] = mapped_column(Integer)
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    hash: Mapped[str] = mapped_column(String(64))


class LogHead(Base):
    """Where a space's log ends. The last row a transaction locks, so numbers follow the order of commits without gaps."""

    __tablename__ = "log_head"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


class LogBookmark(Base):
    """How far a reader of the log (a room or a plugin) has come in a space."""

    __tablename__ = "log_bookmark"

    reader: Mapped[str] = mapped_column(String(64), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
