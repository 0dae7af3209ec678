"""Tables of import runs, of what they bring, and of the switches of the demo."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, LargeBinary, String
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


class ImportArrival(Base):
    """Something that belongs to no space and came with an archive: taken away again if the import fails.

    ``kind`` is its table: person, organization or stakeholder_type. ``run_id`` is the id of the space; the column is
    not called so, since it must outlive the rows of the space.
    """

    __tablename__ = "import_arrival"

    run_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)


class IdeaImport(Base):
    """A file of ideas that somebody uploaded to a space, one at a time, and how far it has come in.

    ``state``: draft (being looked at), running, done, failed. ``found`` are counts, ``refused`` rows that failed on the way.
    """

    __tablename__ = "idea_import"

    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), primary_key=True)
    made_by: Mapped[str | None] = mapped_column(String(26))
    name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    format: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(40))
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)
    statuses: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    position: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    found: Mapped[dict[str, int]] = mapped_column(JSON)
    refused: Mapped[list[Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class ImportedIdea(Base):
    """What the system an idea came from said of it last, so that a newer file can be told from what was edited here.

    ``mark`` stands for title and text, ``word`` for the status as the file calls it, ``tags`` and ``answer`` for these (None:
    nobody kept it); ``up`` and ``down`` are votes it only counted.
    """

    __tablename__ = "imported_idea"

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    mark: Mapped[str] = mapped_column(String(24))
    word: Mapped[str] = mapped_column(String(120))
    status_id: Mapped[str | None] = mapped_column(String(26))
    tags: Mapped[str | None] = mapped_column(String(24))
    answer: Mapped[str | None] = mapped_column(String(24))
    up: Mapped[int] = mapped_column(Integer, default=0)
    down: Mapped[int] = mapped_column(Integer, default=0)


class DemoSwitch(Base):
    """What is on in the demo: ``built`` once it stands, ``pulse`` while demo people go on living."""

    __tablename__ = "demo_switch"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    on: Mapped[bool] = mapped_column("is_on", Boolean)
