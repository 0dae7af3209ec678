"""Tables of people, their tokens and single-use links, organizations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class Organization(Base):
    """The company a person belongs to; ``attributes`` carries segment, revenue and what a CRM adds."""

    __tablename__ = "organization"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Person(Base):
    """One human or guest. An erased person stays as an empty row, so that counts stay right."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(80), default="")
    email: Mapped[str | None] = mapped_column(String(254), index=True)  # where letters go
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)  # one person however they write it
    password_hash: Mapped[str | None] = mapped_column(String(200))
    guest: Mapped[bool] = mapped_column(Boolean, default=False)
    is_admin: Mapped[bool] = mapped_column(Boolean, default=False)
    demo_role: Mapped[str | None] = mapped_column(String(16), index=True)  # one-click people of the demo
    organization_id: Mapped[str | None] = mapped_column(ForeignKey("organization.id"))
    locale: Mapped[str | None] = mapped_column(String(12))
    show_name: Mapped[bool] = mapped_column(Boolean, default=True)
    sign_in_epoch: Mapped[int] = mapped_column(Integer, default=0)  # raised: every cookie of before is void
    joined_into: Mapped[str | None] = mapped_column(String(26))
    banned_at: Mapped[datetime | None] = mapped_column(Moment)
    erased_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class ApiToken(Base):
    """A key for programs: shown once, kept as a hash."""

    __tablename__ = "api_token"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class SingleUseLink(Base):
    """A link that works once: password reset, sign-in, first setup. Kept as a hash."""

    __tablename__ = "single_use_link"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class EndedSession(Base):
    """A browser that signed out: its cookie is void, and every copy of it. Kept as long as a cookie could live."""

    __tablename__ = "ended_session"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(Moment, index=True)


class PendingAction(Base):
    """A vote or text begun before signing in; done right after it. Found again by a key whose hash is the id."""

    __tablename__ = "pending_action"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    content: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
