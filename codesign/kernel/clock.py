"""The only place that asks for the time, so that tests can stop it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The current moment, aware, in UTC, cut to milliseconds (what the public API shows)."""
    moment = _source()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def use(source: Callable[[], datetime] | None) -> None:
    """Replace the source of time (tests); None restores the system clock."""
    global _source
    _source = source or _system_time


def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, e.g. ``2026-11-21T09:30:00.000Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
