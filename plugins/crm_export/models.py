"""Tables. What is exported stays in core; here lie consents, connections, what was sent last and what is still to send.

Rows that concern a person carry ``person_id``; after an erasure it is empty and only the opaque external id is left, until the
other system was told to delete, too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.sdk import Base, Moment

#: The states of a row in the outbox: to be sent, or given up with a reason.
WAITING, DEAD = "waiting", "dead"


class Consent(Base):
    """That somebody allowed their data to leave a space for a purpose: when, and to which text they said yes.

    ``refill``: it was given or taken back, and what it concerns is not in the outbox yet.
    """

    __tablename__ = "crm_export_consent"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(26), primary_key=True, index=True)
    purpose: Mapped[str] = mapped_column(String(200))
    text_version: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    refill: Mapped[bool] = mapped_column(Boolean, default=False)


class ConsentText(Base):
    """A text people said yes to, kept as it was."""

    __tablename__ = "crm_export_text"

    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(Text)
    first_used_at: Mapped[datetime] = mapped_column(Moment)


class Connection(Base):
    """A way out of a space: a connector, where it leads, what it may send, and how it does.

    ``refill``: everything has to be looked at, since it is new or sends other fields. ``checked_at``: it was tried then, and
    answered. ``pulls``: an administrator lets it
    change what is known of organizations here.
    """

    __tablename__ = "crm_export_connection"

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    connector: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(500), default="")
    secret: Mapped[str] = mapped_column(Text, default="")  # sealed
    preset: Mapped[str] = mapped_column(String(40), default="")
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    mapping_version: Mapped[int] = mapped_column(Integer, default=1)
    state: Mapped[str] = mapped_column(String(32), default="on")
    reason: Mapped[str] = mapped_column(String(60), default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[datetime | None] = mapped_column(Moment)
    open_until: Mapped[datetime | None] = mapped_column(Moment)
    tokens: Mapped[float] = mapped_column(Float, default=0.0)
    tokens_at: Mapped[datetime | None] = mapped_column(Moment)
    sent: Mapped[int] = mapped_column(Integer, default=0)
    unchanged: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    last_sent_at: Mapped[datetime | None] = mapped_column(Moment)
    refill: Mapped[bool] = mapped_column(Boolean, default=False)
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    pulls: Mapped[bool] = mapped_column(Boolean, default=False)
    pulled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)


class Link(Base):
    """One thing of ours and what the other system has of it. ``doubt``: a call was under way and its answer is not known."""

    __tablename__ = "crm_export_link"
    __table_args__ = (Index("ix_crm_export_link_entity", "space_id", "kind", "entity_id"),)

    connection_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26))
    kind: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[str | None] = mapped_column(String(60))
    person_id: Mapped[str | None] = mapped_column(String(26), index=True)
    remote_id: Mapped[str] = mapped_column(String(200), default="")
    sent_hash: Mapped[str] = mapped_column(String(32), default="")
    sent: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(Integer, default=0)
    doubt: Mapped[bool] = mapped_column(Boolean, default=False)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)


class Outbox(Base):
    """That something of ours may have changed for a connection: one row a thing, so its order is kept by itself.

    What is sent is read when it is sent.
    """

    __tablename__ = "crm_export_outbox"
    __table_args__ = (Index("ix_crm_export_outbox_due", "connection_id", "state", "due_at"),)

    connection_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    entity_id: Mapped[str | None] = mapped_column(String(60))
    person_id: Mapped[str | None] = mapped_column(String(26), index=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    due_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(32), default=WAITING)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    first_failed_at: Mapped[datetime | None] = mapped_column(Moment)
    code: Mapped[str] = mapped_column(String(40), default="")
    forced: Mapped[bool] = mapped_column(Boolean, default=False)


class Delivery(Base):
    """One try to send one thing: the log of a connection. No names and no answers of the other side are kept."""

    __tablename__ = "crm_export_delivery"
    __table_args__ = (Index("ix_crm_export_delivery_connection", "connection_id", "at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True)
    connection_id: Mapped[str] = mapped_column(String(26))
    space_id: Mapped[str] = mapped_column(String(26))
    external_id: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Moment)
    fine: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(40), default="")
