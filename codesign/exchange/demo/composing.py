"""Lets demo people compose and answer cards, through the verbs everybody uses."""

from __future__ import annotations

import random
from collections.abc import Mapping

from codesign.configurations.service import (
    choose_many,
    complete,
    fork_configuration,
    join_draft,
    open_to_others,
    rename,
    start_configuration,
    take_repair,
    wish,
)
from codesign.exchange.demo.riders import Composed, EditText, take
from codesign.insights.queries import get_card
from codesign.insights.service import make_choice
from codesign.kernel.actor import Actor
from codesign.kernel.db import verb


def compose(actor: Actor, product_id: str, name: str, composed: Composed, parents: Mapping[str, str]) -> str:
    """Make a draft of *composed* and return its id; *parents* are configurations by the idea that carries them."""
    if composed.goes_on_from is None:
        draft = start_configuration(actor, product_id, name, dict.fromkeys(composed.chooses, True), composed.wishes).id
    else:
        draft = fork_configuration(actor, parents[composed.goes_on_from]).id
        left: dict[str, bool | None] = dict.fromkeys(composed.gives_up)
        choose_many(actor, draft, {**left, **dict.fromkeys(composed.chooses, True)})
        rename(actor, draft, name)
        for option in composed.wishes:
            wish(actor, draft, option)
    for option, gives_up in composed.swaps:
        take_repair(actor, draft, option, True, gives_up)
    if composed.completes is not None:
        complete(actor, draft, composed.completes)
    return draft


def edit_together(owner: Actor, actor: Actor, draft: str, edit: EditText) -> None:
    """Let *actor* choose in the *draft* of *owner*, who shares it with them."""
    shared = open_to_others(owner, draft)
    seen = join_draft(actor, draft, shared.edit_key or "").version - edit.unseen
    choose_many(actor, draft, dict.fromkeys(edit.chooses, True), seen)


@verb
def answer_cards(
    actor: Actor, product_id: str, cards: int, worths: Mapping[str, float], nothing: float, seed: str
) -> None:
    """Have somebody answer their next *cards* by their taste; the same luck for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a repeatable play, nothing secret
    for _each in range(cards):
        things = get_card(actor, product_id).things
        taken = take([thing.options for thing in things], worths, nothing, chance)
        shown = [thing.hash for thing in things]
        make_choice(actor, product_id, shown, None if taken is None else shown[taken])
