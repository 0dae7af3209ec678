"""Tables of the index. Words are kept as their stems; the texts themselves stay where they are, in core."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.sdk import Base, Moment


class Document(Base):
    """One published idea or comment. A comment has the status of its idea, so that both are narrowed alike."""

    __tablename__ = "search_document"
    __table_args__ = (
        Index("ix_search_document_space_id_published_at", "space_id", "published_at"),
        Index("ix_search_document_idea_id", "idea_id"),
    )

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(26), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    space_id: Mapped[str] = mapped_column(String(26))
    idea_id: Mapped[str] = mapped_column(String(26))
    status_id: Mapped[str | None] = mapped_column(String(26))
    author_id: Mapped[str | None] = mapped_column(String(26), index=True)
    published_at: Mapped[datetime] = mapped_column(Moment)
    answered: Mapped[bool] = mapped_column(Boolean, default=False)
    language: Mapped[str] = mapped_column(String(8))
    title_words: Mapped[str] = mapped_column(Text)
    body_words: Mapped[str] = mapped_column(Text)
    vocabulary: Mapped[str] = mapped_column(Text)  # its different words as people write them
    length: Mapped[int] = mapped_column(Integer)


class DocumentTag(Base):
    """One topic of an idea."""

    __tablename__ = "search_tag"
    __table_args__ = (Index("ix_search_tag_space_id_tag", "space_id", "tag"),)

    idea_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    tag: Mapped[str] = mapped_column(String(40), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))


class Vocabulary(Base):
    """One word of a space as people write it there, its stem, and in how many documents it stands."""

    __tablename__ = "search_word"
    __table_args__ = (Index("ix_search_word_space_id_stem", "space_id", "stem"),)

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    word: Mapped[str] = mapped_column(String(80), primary_key=True)
    stem: Mapped[str] = mapped_column(String(80), primary_key=True)
    documents: Mapped[int] = mapped_column(Integer)


class IndexState(Base):
    """How far the index of a space is. ``complete``: it has caught up once, so its answers can be trusted."""

    __tablename__ = "search_space"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    complete: Mapped[bool] = mapped_column(Boolean, default=False)
    documents: Mapped[int] = mapped_column(Integer, default=0)
    length: Mapped[int] = mapped_column(Integer, default=0)
    languages: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
