"""Tables of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Mark(Base):
    """Who looks after an idea, and since when the team has read it."""

    __tablename__ = "triage_mark"
    __table_args__ = (Index("ix_triage_mark_space_id_owner_id", "space_id", "owner_id"),)

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))
    owner_id: Mapped[str | None] = mapped_column(String(26))
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class Twin(Base):
    """Two ideas that look alike, each once as the one and once as the other."""

    __tablename__ = "triage_twin"
    __table_args__ = (Index("ix_triage_twin_space_id", "space_id"), Index("ix_triage_twin_other_id", "other_id"))

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))


class Field(Base):
    """Something the team keeps for each idea of a space. ``choices`` are those of a choice."""

    __tablename__ = "triage_field"

    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # number choice text date switch
    title: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str] = mapped_column(String(16), default="")
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    position: Mapped[int] = mapped_column(Integer, default=0)
    retired: Mapped[bool] = mapped_column(Boolean, default=False)


class Value(Base):
    """What a field says of an idea: ``number`` for what is compared and ordered by (a date counts days), ``text`` for words."""

    __tablename__ = "triage_value"
    __table_args__ = (Index("ix_triage_value_order", "space_id", "key", "number", "idea_id"),)

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))
    number: Mapped[float | None] = mapped_column(Float)
    text: Mapped[str | None] = mapped_column(Text)


class View(Base):
    """A saved filter with columns and order: of one person, or of the team (no ``owner_id``)."""

    __tablename__ = "triage_view"
    __table_args__ = (Index("ix_triage_view_space_id", "space_id", "owner_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    owner_id: Mapped[str | None] = mapped_column(String(26))
    made_by: Mapped[str | None] = mapped_column(String(26))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)


class Deed(Base):
    """One change at the desk, however many ideas it touched: ``count``. While it runs, or is taken back, it has ``reached`` so
    many of ``total``, and moved on at ``moved_at`` last."""

    __tablename__ = "triage_deed"
    __table_args__ = (Index("ix_triage_deed_space_id_actor_id", "space_id", "actor_id", "id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    actor_id: Mapped[str | None] = mapped_column(String(26))
    verb: Mapped[str] = mapped_column(String(16))
    wish: Mapped[Any] = mapped_column(JSON)
    count: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    reached: Mapped[int] = mapped_column(Integer, default=0)
    moved_at: Mapped[datetime | None] = mapped_column(Moment)
    at: Mapped[datetime] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str | None] = mapped_column(String(26))


class DeedRow(Base):
    """What one idea was before a deed and after it."""

    __tablename__ = "triage_deed_row"

    deed_id: Mapped[str] = mapped_column(ForeignKey("triage_deed.id"), primary_key=True)
    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    before: Mapped[Any] = mapped_column(JSON)
    after: Mapped[Any] = mapped_column(JSON)
