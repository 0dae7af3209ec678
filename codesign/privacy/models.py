"""Table of erasures that plugins have still to follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Erasure(Base):
    """A person who was forgotten here; open until every plugin has forgotten them too."""

    __tablename__ = "erasure"

    person_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    asked_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
