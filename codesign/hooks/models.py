"""Tables of the host: which plugin is on where, how far it has read, what was set aside, when its tasks ran, how it does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from codesign.kernel.db import Base, Moment


class PluginSpace(Base):
    """A plugin in a space; ``space_id`` "server" holds its settings for the server and the switch of server plugins.

    ``settings`` keeps only what differs. ``told`` is the switch position the plugin has been told of.
    """

    __tablename__ = "plugin_space"

    plugin: Mapped[str] = mapped_column(String(32), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True, index=True)
    enabled: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=0)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    told: Mapped[bool] = mapped_column(Boolean, default=False)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class PluginBookmark(Base):
    """How far a plugin has read a space's log. ``failures`` counts tries at what comes next, ``aside`` events given
    up in a row.

    ``started_at`` stands while a delivery runs that may take the whole process down; found at a start, it counts as
    a failure.
    """

    __tablename__ = "plugin_bookmark"

    plugin: Mapped[str] = mapped_column(String(32), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    aside: Mapped[int] = mapped_column(Integer, default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)


class PluginSetAside(Base):
    """An event a plugin could not take in five tries. ``again``: somebody asked to tell it once more."""

    __tablename__ = "plugin_set_aside"

    plugin: Mapped[str] = mapped_column(String(32), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    error: Mapped[str] = mapped_column(Text)
    again: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment)


class PluginTask(Base):
    """When a timed task of a plugin ran last in a space."""

    __tablename__ = "plugin_task"

    plugin: Mapped[str] = mapped_column(String(32), primary_key=True)
    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    space_id: Mapped[str] = mapped_column(String(26), primary_key=True)
    ran_at: Mapped[datetime] = mapped_column(Moment)
    error: Mapped[str] = mapped_column(Text, default="")


class PluginHealth(Base):
    """How a plugin does in a process (``server``, ``worker``), as that process tells every few seconds.

    ``calling`` stands while a call runs that may take the whole process down; found at a start, it counts as a failure.
    """

    __tablename__ = "plugin_health"

    plugin: Mapped[str] = mapped_column(String(32), primary_key=True)
    process: Mapped[str] = mapped_column(String(16), primary_key=True)
    hooks: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    failures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    recent: Mapped[list[int]] = mapped_column(JSON, default=list)
    late: Mapped[int] = mapped_column(Integer, default=0)
    rests: Mapped[int] = mapped_column(Integer, default=0)
    rests_until: Mapped[datetime | None] = mapped_column(Moment)
    calling: Mapped[str] = mapped_column(String(80), default="")
    reported_at: Mapped[datetime] = mapped_column(Moment)


class PluginHold(Base):
    """What an administrator wished last: that a plugin is left alone (``held``), or asked again. All processes obey."""

    __tablename__ = "plugin_hold"

    plugin: Mapped[str] = mapped_column(String(32), primary_key=True)
    held: Mapped[bool] = mapped_column(Boolean)
    wished_at: Mapped[datetime] = mapped_column(Moment)
