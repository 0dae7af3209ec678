"""The log of a draft: it leads to what is there, whoever reads it when; it is closed and kept; the oldest part is forgotten."""

from __future__ import annotations

import random

import pytest

from codesign.configurations import editors, history, looking, service
from codesign.configurations.facts import ConfigurationFact, EditFact
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, Forbidden
from codesign.products.facts import ProductFact
from codesign.products.queries import get_version
from tests.rooms.configurations.test_together import log, seen
from tests.support.world import World

Draft = ConfigurationFact


class Replica:
    """What somebody knows of a draft who only reads its log."""

    def __init__(self, draft: Draft) -> None:
        self.draft, self.number, self.map, self.wishes = draft, 0, {}, set()  # type: ignore[var-annotated]

    def catch_up(self, actor: Actor, limit: int) -> None:
        part = editors.log_of(actor, self.draft.id, self.number, limit)
        assert not part.reset
        for edit in part.edits:
            for option, (before, after) in edit.changes.items():
                assert self.map.get(option) is before
                self.map.pop(option, None)
                if after is not None:
                    self.map[option] = after
            for option, (_before, after) in edit.wished.items():
                (self.wishes.add if after else self.wishes.discard)(option)
        self.number = part.version


OPTIONS = ("city", "trail", "cargo", "m250", "m500", "b400", "b625", "b800", "child-seat", "rack", "lights")


def act_somehow(dice: random.Random, actor: Actor, draft: Draft, version: int) -> None:
    """One deed of somebody who saw *version*."""
    option, deed = dice.choice(OPTIONS), dice.random()
    try:
        if deed < 0.6:
            service.choose(actor, draft.id, option, dice.choice((True, True, False, None)), version)
        elif deed < 0.75:
            service.undo(actor, draft.id)
        elif deed < 0.82:
            service.redo(actor, draft.id)
        elif deed < 0.9:
            service.wish(actor, draft.id, option, dice.random() < 0.7)
        elif deed < 0.97:
            wanted = {each: dice.choice((True, False, None)) for each in dice.sample(OPTIONS, 3)}
            service.choose_many(actor, draft.id, wanted, version)
        else:
            service.reset(actor, draft.id, seen(actor, draft).version)
    except Conflict:
        pass  # blocked or overtaken: refused, and nothing changed


def test_both_sides_end_with_the_same_and_it_is_what_the_log_says(world: World, bike: ProductFact) -> None:
    """Random deeds of two people who see each other late: the draft always goes together, and the log leads to it."""
    disputes = 0
    for seed in range(4):
        draft = service.open_to_others(world.ann, service.start_configuration(world.ann, bike.id).id)
        service.join_draft(world.ben, draft.id, draft.edit_key)
        disputes += walk(world, seen(world.ann, draft), random.Random(seed))
    assert disputes > 5


def walk(world: World, shared: Draft, dice: random.Random) -> int:
    """Deeds of two people in any order; answers after how many of them something was contested."""
    sides = {world.ann: Replica(shared), world.ben: Replica(shared)}
    disputes = 0
    for _step in range(40):
        actor = dice.choice((world.ann, world.ben))
        act_somehow(dice, actor, shared, dice.choice((shared.version, max(shared.version, sides[actor].number))))
        if dice.random() < 0.5:
            sides[dice.choice((world.ann, world.ben))].catch_up(world.ann, dice.choice((1, 3, 50)))
        now = seen(world.ann, shared)
        disputes += bool(now.contested)
        version = get_version(now.product_version_id)
        assert version is not None and looking.compiled_version(version).possible(now.decisions)
        assert not now.decisions.keys() & now.contested.keys()
    for actor, side in sides.items():
        side.catch_up(actor, 200)
        now = seen(actor, shared)
        assert side.map == {**now.decisions, **now.contested} and side.wishes == set(now.wishes)
        assert side.number == now.version
    assert sides[world.ann].map == sides[world.ben].map
    return disputes


STEPS = (service.undo, service.redo)


def test_no_step_back_or_forth_changes_what_somebody_else_did_since(world: World, bike: ProductFact) -> None:
    """Random deeds of two people on two options. What is checked is told from outside: which edit a step was about, what the
    other one did to its options since, and that the step found there what its edit had left."""
    turned = 0
    for seed in range(4):
        draft = service.open_to_others(world.ann, service.start_configuration(world.ann, bike.id).id)
        service.join_draft(world.ben, draft.id, draft.edit_key)
        turned += wander(world, draft, random.Random(seed))
    assert turned > 20


def wander(world: World, draft: Draft, dice: random.Random) -> int:
    """Deeds of two people; answers how many steps back or forth were made."""
    turns: dict[int, int] = {}
    for _step in range(45):
        actor, option = dice.choice((world.ann, world.ben)), dice.choice(("rack", "lights"))
        if dice.random() < 0.35:
            service.choose(actor, draft.id, option, dice.choice((True, False, None)))
            continue
        step = dice.choice(STEPS)
        edit = history.step_of(draft.id, actor.person_id, back=step is service.undo)
        before = log(draft)
        try:
            step(actor, draft.id)
        except Conflict:
            assert log(draft) == before
            continue
        if edit is not None:
            made = log(draft)[-1]
            turns[made.number] = edit.number
            require_untouched(edit, made, before, turns)
    return len(turns)


def require_untouched(edit: EditFact, made: EditFact, before: list[EditFact], turns: dict[int, int]) -> None:
    """Nobody else had changed an option of *edit* when *made* took it back or did it again."""
    since = edit.undone_at or edit.number
    theirs = [each for each in before if each.number > since and each.person_id != edit.person_id]
    left = {each.number for each in theirs if each.undone_at is not None}
    for each in theirs:
        if each.number not in left and turns.get(each.number) not in left:
            assert not each.options & edit.options
    for option, (found, _then) in made.changes.items():
        last = [each for each in before if option in each.options][-1]
        side = 0 if made.did == history.REDO else 1
        assert last.person_id == edit.person_id or edit.changes[option][side] is found


def test_the_log_is_closed_and_kept_when_it_is_published(world: World, shared: Draft) -> None:
    service.choose(world.ben, shared.id, "city", True)
    world.idea(configuration_id=shared.id)
    for actor in (world.ann, world.ben):
        with pytest.raises(Conflict):
            service.choose(actor, shared.id, "rack", True)
        with pytest.raises(Conflict):
            service.undo(actor, shared.id)
        assert [edit.option for edit in editors.log_of(actor, shared.id, 0, 10).edits] == ["city"]
    with pytest.raises(Forbidden):
        editors.log_of(world.moderator, shared.id, 0, 10)


def test_the_oldest_edits_are_forgotten(world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_KEPT", 8)
    monkeypatch.setattr(history, "SWEEP", 2)
    for value in (True, False) * 4:  # every edit makes an odd version
        service.rename(world.ann, draft.id, f"A bike {value}")
        service.choose(world.ann, draft.id, "lights", value)
    assert draft.version % 2 and len(log(draft)) <= 5
    for value in (True, False) * 4:
        now = service.choose(world.ann, draft.id, "rack", value)
    assert len(log(draft)) <= 5 and log(draft)[-1].number == now.version
    part = editors.log_of(world.ann, draft.id, now.version - 2, 10)
    assert [edit.number for edit in part.edits] == [now.version - 1, now.version] and not part.reset
    page = editors.log_of(world.ann, draft.id, now.version - 2, 1)
    assert (page.version, page.more) == (now.version - 1, True)
    service.choose(world.ann, draft.id, "city", True)
    for value in (True, False) * 4:
        service.choose(world.ann, draft.id, "rack", value)
    assert editors.log_of(world.ann, draft.id, 1, 10).reset
    fork = service.fork_configuration(world.ann, draft.id)
    assert editors.log_of(world.ann, fork.id, 0, 10).reset and not editors.log_of(world.ann, fork.id, 1, 10).reset
