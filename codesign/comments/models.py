"""Table of comments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.contribution import ContributionMixin
from codesign.kernel.db import Base, Moment


class Comment(ContributionMixin, Base):
    """One comment. ``parent_id`` names a comment of the first level; ``internal`` ones are for the team."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_idea_id_id", "idea_id", "id"),
        Index("ix_comment_space_id_state", "space_id", "state"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"))
    parent_id: Mapped[str | None] = mapped_column(String(26))
    internal: Mapped[bool] = mapped_column(Boolean, default=False)
    published_at: Mapped[datetime | None] = mapped_column(Moment)  # when everybody could first read it
    external_id: Mapped[str | None] = mapped_column(String(200))
