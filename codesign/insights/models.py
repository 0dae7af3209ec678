"""Tables of what people would take, and of what was worked out from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Choice(Base):
    """Somebody's answer to a card: the configurations ``shown``, in that order, and the one ``chosen`` (None: none of them).

    Both name rows of ``SampledConfiguration`` by their hash. ``number`` is that of the card among the person's: each is
    answered once.
    """

    __tablename__ = "choice"
    __table_args__ = (
        UniqueConstraint("product_version_id", "person_id", "number"),
        Index("ix_choice_person_id_at", "person_id", "at"),
        Index("ix_choice_product_id", "product_id"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"))
    product_version_id: Mapped[str] = mapped_column(ForeignKey("product_version.id"))
    shown: Mapped[list[str]] = mapped_column(JSON)
    chosen: Mapped[str | None] = mapped_column(String(32))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Moment)


class SampledConfiguration(Base):
    """One of the random valid configurations of a version that cards are dealt from; ``options`` are those it has."""

    __tablename__ = "sampled_configuration"

    product_version_id: Mapped[str] = mapped_column(ForeignKey("product_version.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(32), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    place: Mapped[int] = mapped_column(Integer)
    options: Mapped[list[str]] = mapped_column(JSON)


class Insight(Base):
    """What was worked out for a product as of a number of the log; ``with_votes`` is for who may see tallies."""

    __tablename__ = "insight"

    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"), primary_key=True)
    with_votes: Mapped[bool] = mapped_column(primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    product_version_id: Mapped[str] = mapped_column(ForeignKey("product_version.id"))
    as_of_seq: Mapped[int] = mapped_column(BigInteger)
    took_ms: Mapped[int] = mapped_column(Integer, default=0)
    made_at: Mapped[datetime] = mapped_column(Moment)
    findings: Mapped[dict[str, Any]] = mapped_column(JSON)
