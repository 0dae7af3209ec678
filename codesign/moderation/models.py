"""Table of flags. Held texts need none: the state of a text row says it."""

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
