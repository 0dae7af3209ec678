"""Who edits says which version they saw."""

from __future__ import annotations

from codesign.kernel.errors import Conflict, FieldError, Invalid
from codesign.kernel.text import _


def require_version(current: int, seen: int | None) -> None:
    """Raise Conflict where somebody edited after the version *seen*, Invalid for a version that never was."""
    if seen is None or seen == current:
        return
    if seen > current:
        said = _("There is no version %(seen)s of this yet; the newest is %(current)s.", seen=seen, current=current)
        raise Invalid.field("version", said)
    said = _("You edited version %(seen)s; version %(current)s is newer.", seen=seen, current=current)
    raise Conflict(said, errors=[FieldError("version", "stale", said)], yours=seen, current=current)
