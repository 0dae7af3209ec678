"""Tables of the roadmap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class RoadmapColumn(Base):
    """A column as the team arranged it; none at all means the usual ones."""

    __tablename__ = "roadmap_column"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(Integer)
    public: Mapped[bool] = mapped_column(Boolean, default=True)


class RoadmapStatus(Base):
    """In which column ideas of a status stand: at most one."""

    __tablename__ = "roadmap_status"

    status_id: Mapped[str] = mapped_column(ForeignKey("status.id"), primary_key=True)
    column_id: Mapped[str] = mapped_column(ForeignKey("roadmap_column.id"), index=True)


class Release(Base):
    """What the team brought out, in its words. A draft is the product team's alone until it is published."""

    __tablename__ = "release"
    __table_args__ = (Index("ix_release_space_id_published_at", "space_id", "published_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)


class ReleaseIdea(Base):
    """An idea that a release brought."""

    __tablename__ = "release_idea"

    release_id: Mapped[str] = mapped_column(ForeignKey("release.id"), primary_key=True)
    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(Integer)
