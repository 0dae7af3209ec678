"""Tables of flags, claims, appeals and canned replies. Held texts need none: the state of a text row says it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Flag(Base):
    """A member's report of an idea or comment."""

    __tablename__ = "flag"
    __table_args__ = (
        UniqueConstraint("kind", "target_id", "person_id"),
        Index("ix_flag_open", "space_id", "settled_at"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    kind: Mapped[str] = mapped_column(String(16))  # idea comment
    target_id: Mapped[str] = mapped_column(String(26))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by: Mapped[str | None] = mapped_column(String(26))
    outcome: Mapped[str | None] = mapped_column(String(16))  # upheld rejected


class Claim(Base):
    """A moderator reads a text now; others leave it alone until then."""

    __tablename__ = "moderation_claim"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    target_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    until: Mapped[datetime] = mapped_column(Moment)


class Appeal(Base):
    """An author asks another moderator to look again. ``against`` decided before; one appeal per decision."""

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_open", "space_id", "settled_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    kind: Mapped[str] = mapped_column(String(16))
    target_id: Mapped[str] = mapped_column(String(26), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    against: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by: Mapped[str | None] = mapped_column(String(26))
    outcome: Mapped[str | None] = mapped_column(String(16))  # upheld rejected


class CannedReply(Base):
    """A reason that moderators of a space give often."""

    __tablename__ = "canned_reply"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
