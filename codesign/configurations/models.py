"""Table of configurations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Configuration(Base):
    """What somebody decided in one version of a product.

    ``decisions`` maps options to yes or no, oldest first; ``wishes`` are options kept although they are ruled out.
    ``totals`` is a snapshot for lists, by attribute: what it comes to now, at least and at most. ``limits`` are budgets by
    attribute. ``past`` and ``future`` are the steps that undo and redo lead to. ``share_key`` opens a draft to whom its
    owner gives the link.
    """

    __tablename__ = "configuration"
    __table_args__ = (
        Index("ix_configuration_space_id_state", "space_id", "state", "published_at"),
        Index("ix_configuration_product_id_state", "product_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"))
    product_version_id: Mapped[str] = mapped_column(ForeignKey("product_version.id"))
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(140))
    state: Mapped[str] = mapped_column(String(16))
    forked_from: Mapped[str | None] = mapped_column(String(26), index=True)
    decisions: Mapped[dict[str, bool]] = mapped_column(JSON, default=dict)
    wishes: Mapped[list[str]] = mapped_column(JSON, default=list)
    limits: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    totals: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    past: Mapped[list[Any]] = mapped_column(JSON, default=list)
    future: Mapped[list[Any]] = mapped_column(JSON, default=list)
    share_key: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
