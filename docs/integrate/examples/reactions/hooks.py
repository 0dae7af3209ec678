"""What it does at the moments it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from codesign.sdk import Actor, IdeaFact, hookimpl

from . import store


@hookimpl
def fill_slot(actor: Actor, slot: str, facts: Sequence[Any], settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """The row of emoji below an idea. Where the tally is hidden from the viewer, so are these counts."""
    if slot != "idea.below" or not facts:
        return None
    idea: IdeaFact = facts[0]
    shown = store.counts(idea.id) if idea.tally else {}
    mine = store.given_by(idea.id, actor.person_id)
    rows = [{"emoji": each, "count": shown.get(each, 0), "mine": each in mine} for each in settings["emojis"]]
    return {"idea_id": idea.id, "rows": rows, "hidden": idea.tally is None}


@hookimpl
def erase_person(person_id: str) -> None:
    """A person is to be forgotten."""
    store.forget(person_id)
