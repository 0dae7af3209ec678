"""Table of import runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class ImportRun(Base):
    """How far the import that fills a space has come; a killed one goes on from here."""

    __tablename__ = "import_run"

    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
