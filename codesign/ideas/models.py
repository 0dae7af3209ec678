"""Tables of ideas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.contribution import ContributionMixin
from codesign.kernel.db import Base, Moment


class Idea(ContributionMixin, Base):
    """A proposal with its tallies. ``up``, ``down``, ``passed`` are only ever raised by ``add_to_tallies``."""

    __tablename__ = "idea"
    __table_args__ = (
        UniqueConstraint("space_id", "external_id"),
        # Read backwards; ties of both are sorted by id, oldest first, group by group.
        Index("ix_idea_by_top", "space_id", "state", "top", "up", "id"),
        Index("ix_idea_by_new", "space_id", "state", "published_at", "id"),
        Index("ix_idea_by_talk", "space_id", "state", "comment_count", "id"),
        Index("ix_idea_by_status", "space_id", "status_id", "top", "up", "id"),
        Index("ix_idea_by_author", "space_id", "author_id", "state", "published_at", "id"),
        # Counts and inboxes are read from this one alone.
        Index("ix_idea_shown", "space_id", "state", "merged_into", "status_id", "answer_at", "published_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(ForeignKey("space.id"))
    external_id: Mapped[str | None] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(140))
    slug: Mapped[str] = mapped_column(String(80))
    status_id: Mapped[str | None] = mapped_column(ForeignKey("status.id"))
    configuration_id: Mapped[str | None] = mapped_column(String(26))
    # What it misses an option in: a product, and the id of a group of its model.
    for_product_id: Mapped[str | None] = mapped_column(String(26), index=True)
    for_group: Mapped[str | None] = mapped_column(String(120))
    merged_into: Mapped[str | None] = mapped_column(String(26), index=True)
    published_at: Mapped[datetime | None] = mapped_column(Moment)
    up: Mapped[int] = mapped_column(Integer, default=0)
    down: Mapped[int] = mapped_column(Integer, default=0)
    passed: Mapped[int] = mapped_column("pass", Integer, default=0)
    imported_up: Mapped[int] = mapped_column(Integer, default=0)
    imported_down: Mapped[int] = mapped_column(Integer, default=0)
    top: Mapped[int] = mapped_column(Integer, Computed("up - down + imported_up - imported_down", persisted=True))
    tally_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    comment_count: Mapped[int] = mapped_column(Integer, default=0)
    search_text: Mapped[str] = mapped_column(Text, default="")  # title and body as the search box compares them
    shuffle_key: Mapped[int] = mapped_column(Integer)  # random; orders differ per person by arithmetic on it
    answer_body: Mapped[str | None] = mapped_column(Text)
    answer_by: Mapped[str | None] = mapped_column(String(26))
    answer_at: Mapped[datetime | None] = mapped_column(Moment)


class IdeaTag(Base):
    """One topic of an idea."""

    __tablename__ = "idea_tag"
    __table_args__ = (Index("ix_idea_tag_space_id_tag", "space_id", "tag"),)

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))
    position: Mapped[int] = mapped_column(Integer, default=0)


class TitleWord(Base):
    """How a word of an idea's title begins: candidates for look-alikes are found by it."""

    __tablename__ = "idea_title_word"
    __table_args__ = ({"sqlite_with_rowid": False},)  # nothing but its key

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    word: Mapped[str] = mapped_column(String(4), primary_key=True)
    idea_id: Mapped[str] = mapped_column(String(26), primary_key=True)


class Follow(Base):
    """A person who wants to hear of an idea. ``active`` is false for one who said no (a comment does not ask again).

    ``merge_id`` is set while they follow only because an idea they followed was merged into this one.
    """

    __tablename__ = "follow"

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    active: Mapped[bool] = mapped_column(default=True)
    merge_id: Mapped[str | None] = mapped_column(String(26), default=None)
    created_at: Mapped[datetime] = mapped_column(Moment)


class ImportedVotes(Base):
    """Counts that came without voters; they add to the tally and the screen says so.

    Counts that came along with a merge stand under ``<source>@<merge>``, so that they can go back.
    """

    __tablename__ = "imported_votes"

    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    up: Mapped[int] = mapped_column(Integer, default=0)
    down: Mapped[int] = mapped_column(Integer, default=0)


class IdeaScore(Base):
    """What a score rule says of an idea, with the parts it is made of, as of a number of the log."""

    __tablename__ = "idea_score"
    __table_args__ = (
        Index("ix_idea_score_order", "space_id", "rule", "value", "up", "idea_id"),
        Index("ix_idea_score_idea_id", "idea_id"),
    )

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    rule: Mapped[str] = mapped_column(String(64), primary_key=True)
    idea_id: Mapped[str] = mapped_column(ForeignKey("idea.id"), primary_key=True)
    value: Mapped[float] = mapped_column(Float)
    up: Mapped[int] = mapped_column(Integer)
    parts: Mapped[list[Any]] = mapped_column(JSON)
    as_of_seq: Mapped[int] = mapped_column(BigInteger)


class ScoreState(Base):
    """What the scores of a space were worked out with: its totals, and each rule with its version and parameters.

    A rule that is not named here, or otherwise than it is offered now, has yet to go over the whole space.
    """

    __tablename__ = "score_state"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    rules: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    ideas: Mapped[int] = mapped_column(Integer, default=0)
    up: Mapped[int] = mapped_column(BigInteger, default=0)
    down: Mapped[int] = mapped_column(BigInteger, default=0)
    passed: Mapped[int] = mapped_column(BigInteger, default=0)
    counted_at: Mapped[datetime] = mapped_column(Moment)
