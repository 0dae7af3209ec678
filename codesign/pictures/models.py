"""Tables of pictures and of the texts that name them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Picture(Base):
    """A picture as it is shown. It lies in the database, so that it comes, goes and is kept with what shows it."""

    __tablename__ = "picture"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
    owner_id: Mapped[str | None] = mapped_column(String(26), index=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)  # in bytes
    created_at: Mapped[datetime] = mapped_column(Moment)
    #: When a text last stopped naming it: none waits less for a text because it is old.
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)
    # Last, so that a row can be read without it.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PictureUse(Base):
    """A text that names a picture: ``kind`` (idea, comment, product) and the id of what it is the text of."""

    __tablename__ = "picture_use"
    __table_args__ = (Index("ix_picture_use_text_id", "text_id"),)

    picture_id: Mapped[str] = mapped_column(ForeignKey("picture.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    text_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"), index=True)
