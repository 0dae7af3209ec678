"""Tables of products and the versions of their models."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Product(Base):
    """Something people compose. ``published_version_id`` names the version they compose now; None: it is not shown yet.

    Since ``withdrawn_at`` nothing new is composed of it; what was stays readable.
    """

    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("space_id", "slug"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    published_version_id: Mapped[str | None] = mapped_column(String(26))
    version: Mapped[int] = mapped_column(Integer, default=1)  # of this row: a stale change is refused
    created_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)


class ProductVersion(Base):
    """One version of a product's model: the draft (at most one), or a published one, which never changes.

    ``document`` is the model as JSON, ``source`` the text as its author wrote it, comments and all (empty: none was
    written), ``analysis`` what the publish gate found out.
    """

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "number"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16), default="draft")  # draft published
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[str] = mapped_column(Text, default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    analysis: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime] = mapped_column(Moment)
    published_at: Mapped[datetime | None] = mapped_column(Moment)


class ProductPicture(Base):
    """A picture that options of a product name. ``content`` is the file in base64, so that an archive can hold it."""

    __tablename__ = "product_picture"

    product_id: Mapped[str] = mapped_column(ForeignKey("product.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
