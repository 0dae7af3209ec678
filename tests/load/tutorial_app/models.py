"""Tables."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tests.load.tutorial_app import db


class User(db.Model):  # type: ignore[name-defined, misc]
    """Somebody."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Idea(db.Model):  # type: ignore[name-defined, misc]
    """A proposal."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    status: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    author: Mapped[User] = relationship()
    votes: Mapped[list[Vote]] = relationship(back_populates="idea")
    comments: Mapped[list[Comment]] = relationship(back_populates="idea", order_by="Comment.id")


class Vote(db.Model):  # type: ignore[name-defined, misc]
    """Somebody wants an idea."""

    __table_args__ = (UniqueConstraint("idea_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    idea: Mapped[Idea] = relationship(back_populates="votes")


class Comment(db.Model):  # type: ignore[name-defined, misc]
    """What somebody said."""

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    body: Mapped[str]
    created_at: Mapped[datetime]
    idea: Mapped[Idea] = relationship(back_populates="comments")
    user: Mapped[User] = relationship()


class StatusChange(db.Model):  # type: ignore[name-defined, misc]
    """What an idea was before a bulk change."""

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(index=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id"), index=True)
    old: Mapped[str]
    new: Mapped[str]
