"""The desk at 10,000 ideas: opening it, changing the filter, a change of 1,000 ideas at once, taking it back, and scoring
what fields say."""

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
    from codesign.ideas.sifting import Sieve, sifted_ids
    from codesign.kernel import db
    from codesign.kernel.actor import SYSTEM
    from codesign.spaces.access import standing
    from codesign.spaces.queries import list_statuses
    from codesign.testing import actor_of
    from codesign.triage.service import change_ideas, undo_deed

    print(f"desk: {IDEAS:,} ideas, in one process without a network")
    with tempfile.TemporaryDirectory() as folder:
        app, slug = fill(Path(folder))
        person = create_person(SYSTEM, name="Mira", email="mira@example.org", is_admin=True)
        actor, client = actor_of(person), Browser.of(app, person.id).client
        with db.read():
            access = standing(actor, slug)
            planned = next(s.id for s in list_statuses(access.space.id) if s.kind == "planned")
            ids = sifted_ids(access, Sieve(), BULK)
        timed("page, new", lambda: client.get(f"/spaces/{slug}/desk"))
        timed("page, all by votes", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&sort=top"))
        timed("page, surging", lambda: client.get(f"/spaces/{slug}/desk?inbox=surging"))
        timed("page, two words", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&q=lamp+42"))
        timed("page, an idea open", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&idea={ids[0]}"))
        done = once(f"status of {BULK:,}", lambda: change_ideas(actor, slug, "status", planned, ids))
        timed("page, all of a status", lambda: client.get(f"/spaces/{slug}/desk?inbox=all&status={planned}"))
        once(f"undo of {BULK:,}", lambda: undo_deed(actor, slug, done.deed.id))
        once(f"tag on {BULK:,}", lambda: change_ideas(actor, slug, "tag", "light", ids))
        score(app, client, actor, access.space, ids)


def score(app: Any, client: Any, actor: Any, space: Any, ids: list[str]) -> None:
    """RICE and a formula over fields of 1,000 ideas, of all, and tried."""
    from codesign.testing import Plugins
    from codesign.triage.fields import keep_ready_fields
    from codesign.triage.service import change_ideas

    plugins = Plugins(app)
    keep_ready_fields(actor, space.id)
    for key, number in (("impact", "2"), ("confidence", "80"), ("effort", "3")):
        change_ideas(actor, space.id, "field", {"key": key, "value": number}, ids)
    plugins.enable("scoring", space, formula="(up - 2 * down) * impact / effort + comments / 10 - age_days / 30")
    once(f"all rules over {IDEAS:,}", plugins.work)
    address = f"/spaces/{space.slug}/desk"
    timed("page, by RICE", lambda: client.get(f"{address}?inbox=all&sort=score:rice&cols=votes,score:rice"))
    timed("what if, RICE", lambda: client.get(f"{address}/what-if?rule=rice&set.weight_effort=2"))
    timed(
        "what if, formula", lambda: client.get(f"{address}/what-if?rule=formula&set.formula=up*impact/effort-age_days")
    )


if __name__ == "__main__":
    main()
