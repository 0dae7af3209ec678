"""Tables of configurations, of the edits that made them, and of who edits along."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Configuration(Base):
    """What somebody decided in one version of a product.

    ``decisions`` maps options to yes or no, oldest first; ``wishes`` are options kept although they are ruled out.
    ``totals`` is a snapshot for lists, by attribute: what it comes to now, at least and at most. ``limits`` are budgets by
    attribute. ``share_key`` opens a draft to whom its owner gives the link, ``edit_key`` lets them edit along.

    ``version`` grows with every change; an edit carries the version it made. ``marks`` says for each option which edit set
    it last. ``contested`` are decisions that contradict what somebody else chose at the same moment: they wait until
    somebody settles it, so that ``decisions`` always go together.
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
    contested: Mapped[dict[str, bool]] = mapped_column(JSON, default=dict)
    marks: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    share_key: Mapped[str] = mapped_column(String(32))
    edit_key: Mapped[str | None] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment)
    edited_at: Mapped[datetime | None] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)


class DraftEdit(Base):
    """One edit of a draft. ``changes`` and ``wished`` say for each option what it was and what it is now, ``disputed`` what
    was contested before and after.

    ``undone_at`` is the number of the edit that took it back, ``passed`` says that its author could not any more.
    """

    __tablename__ = "draft_edit"

    configuration_id: Mapped[str] = mapped_column(ForeignKey("configuration.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    did: Mapped[str] = mapped_column(String(16))
    option: Mapped[str] = mapped_column(String(120))
    changes: Mapped[dict[str, list[bool | None]]] = mapped_column(JSON, default=dict)
    wished: Mapped[dict[str, list[bool]]] = mapped_column(JSON, default=dict)
    disputed: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    weight: Mapped[int] = mapped_column(Integer)
    undone_at: Mapped[int | None] = mapped_column(Integer)
    passed: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = mapped_column(Moment)


class DraftPartner(Base):
    """Somebody who edits a draft along with its owner."""

    __tablename__ = "draft_partner"

    configuration_id: Mapped[str] = mapped_column(ForeignKey("configuration.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    joined_at: Mapped[datetime] = mapped_column(Moment)
