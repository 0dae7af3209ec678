"""Pages of a text answer under the address of its own space alone, whichever room they belong to."""

from __future__ import annotations

from flask import request

from codesign.comments.queries import space_of
from codesign.ideas.queries import find_row
from codesign.ideas.reading import MISSING
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.spaces.access import standing
from codesign.web.identity import current_actor


def refuse_elsewhere() -> None:
    """Raise NotFound where an address names an idea or comment of another space: nothing lies there, whoever asks."""
    given = request.view_args or {}
    named = {f"{given.get('kind')}_id": given.get("target_id"), **given}
    if "space" not in given or not (named.get("idea_id") or named.get("comment_id")):
        return
    with read():
        row = find_row(named["idea_id"]) if named.get("idea_id") else None
        home = row.space_id if row else space_of(named.get("comment_id") or "")
        if home and standing(current_actor(), given["space"]).space.id != home:
            raise NotFound(MISSING)
