"""Tables of spaces, members, statuses, ballots, invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Space(Base):
    """A place where people design together."""

    __tablename__ = "space"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(Text, default="")
    goal: Mapped[str] = mapped_column(Text, default="")
    use_of_input: Mapped[str] = mapped_column(Text, default="")  # "what we will do with your input"
    promise_days: Mapped[int | None] = mapped_column(Integer)
    responsible: Mapped[str] = mapped_column(Text, default="")
    cover: Mapped[str] = mapped_column(String(16), default="c1")
    visibility: Mapped[str] = mapped_column(String(16), default="public")  # public unlisted private
    who_proposes: Mapped[str] = mapped_column(String(16), default="registered")  # everyone registered members
    who_votes: Mapped[str] = mapped_column(String(16), default="everyone")
    who_comments: Mapped[str] = mapped_column(String(16), default="registered")
    order: Mapped[str] = mapped_column("list_order", String(16), default="ranked")  # ranked shuffled
    phase: Mapped[str] = mapped_column(String(16), default="collect")
    phases: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # cells that differ from the defaults
    next_phase: Mapped[str | None] = mapped_column(String(16))
    next_phase_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(16), default="open")  # importing open archived deleting
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # when_down of reviewers and the like
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Ballot(Base):
    """The question people vote on: its kind, when results show, whether it is closed, how many have voted."""

    __tablename__ = "ballot"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(32), default="upvote")
    results: Mapped[str] = mapped_column(String(16), default="live")  # live after_vote at_close
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    voters: Mapped[int] = mapped_column(Integer, default=0)


class Status(Base):
    """The team's state of an idea. ``kind`` picks its chip (open review planned building shipped declined)."""

    __tablename__ = "status"
    __table_args__ = (Index("ix_status_space_id_position", "space_id", "position"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    name: Mapped[str] = mapped_column(String(40))
    color: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16), default="open")
    position: Mapped[int] = mapped_column(Integer, default=0)
    retired: Mapped[bool] = mapped_column(Boolean, default=False)


class MoveRule(Base):
    """What a move of an idea from one status to another needs; None as status means any. A move meets all that fit it."""

    __tablename__ = "move_rule"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    from_id: Mapped[str | None] = mapped_column(ForeignKey("status.id"))
    to_id: Mapped[str | None] = mapped_column(ForeignKey("status.id"))
    role: Mapped[str] = mapped_column(String(16))  # the least role: moderator product owner; nobody
    needs_answer: Mapped[bool] = mapped_column(Boolean, default=False)


class Member(Base):
    """A person in a space."""

    __tablename__ = "member"

    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(16), default="contributor")
    stakeholder_type: Mapped[str] = mapped_column(String(32), default="customer")
    banned: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)


class StakeholderType(Base):
    """What a member is to the company; seeded, extensible."""

    __tablename__ = "stakeholder_type"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    position: Mapped[int] = mapped_column(Integer, default=0)


class Invitation(Base):
    """A link that makes people members; kept as a hash."""

    __tablename__ = "invitation"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    stakeholder_type: Mapped[str] = mapped_column(String(32))
    email: Mapped[str | None] = mapped_column(String(254))
    made_by: Mapped[str | None] = mapped_column(String(26))
    most_uses: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
