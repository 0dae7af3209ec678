"""The desk at 10,000 ideas: opening it, changing the filter, a change of 1,000 ideas at once, and taking it back."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.load.lists import IDEAS, fill, timed
from tests.load.stage import row
from tests.support.pages import Browser

BULK = 1_000


def once(name: str, work: Callable[[], Any]) -> Any:
    """How long something takes that is not done twice."""
    started = time.perf_counter()
    result = work()
    row(name, ms=(time.perf_counter() - started) * 1000)
    return result


def main() -> None:
    """Print what the team waits for."""
    from codesign.accounts.service import create_person
    from codesign.kernel import db
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.access import standing
    from codesign.spaces.queries import list_statuses
    from codesign.testing import actor_of
    from codesign.triage.filters import DeskFilter
    from codesign.triage.queries import filtered_ids
    from codesign.triage.service import change_ideas, undo_deed

    print(f"desk: {IDEAS:,} ideas, in one process without a network")
    with tempfile.TemporaryDirectory() as folder:
        app, slug = fill(Path(folder))
        person = create_person(SYSTEM, name="Mira", email="mira@example.org", is_admin=True)
        actor, client = actor_of(person), Browser.of(app, person.id).client
        with db.read():
            access = standing(actor, slug)
            planned = next(s.id for s in list_statuses(access.space.id) if s.kind == "planned")
            ids = filtered_ids(access, DeskFilter(inbox="all"), BULK)
        timed("page, new", lambda: client.get(f"/spaces/{slug}/desk"))
        timed("page, all by votes", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&sort=top"))
        timed("page, surging", lambda: client.get(f"/spaces/{slug}/desk?inbox=surging"))
        timed("page, two words", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&q=lamp+42"))
        timed("page, an idea open", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&idea={ids[0]}"))
        done = once(f"status of {BULK:,}", lambda: change_ideas(actor, slug, "status", planned, ids))
        timed("page, all of a status", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&status={planned}"))
        once(f"undo of {BULK:,}", lambda: undo_deed(actor, slug, done.deed.id))
        once(f"tag on {BULK:,}", lambda: change_ideas(actor, slug, "tag", "light", ids))


if __name__ == "__main__":
    main()
