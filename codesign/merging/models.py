"""Tables that remember what a merge moved, so that it can be undone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Merge(Base):
    """Idea *source* became part of idea *target*."""

    __tablename__ = "merge"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), index=True)
    target_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), index=True)
    merged_by: Mapped[str | None] = mapped_column(String(26))
    merged_at: Mapped[datetime] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class MergedVote(Base):
    """A vote the source had. ``moved`` is false where the person had voted on the target already.

    ``void`` is set once the person has taken the united vote back: an undo gives nothing back then.
    ``earlier_merge_id`` is the merge that had brought the vote to the source, if one had.
    """

    __tablename__ = "merged_vote"

    merge_id: Mapped[str] = mapped_column(ForeignKey("merge.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    value: Mapped[int] = mapped_column(SmallInteger)
    cast_at: Mapped[datetime] = mapped_column(Moment)
    moved: Mapped[bool] = mapped_column(Boolean)
    void: Mapped[bool] = mapped_column(Boolean, default=False)
    earlier_merge_id: Mapped[str | None] = mapped_column(String(26))


class MergedComment(Base):
    """A comment that came along."""

    __tablename__ = "merged_comment"

    merge_id: Mapped[str] = mapped_column(ForeignKey("merge.id"), primary_key=True)
    comment_id: Mapped[str] = mapped_column(ForeignKey("comment.id"), primary_key=True)
