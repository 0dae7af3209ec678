"""Several people on one draft: who may, who wins, what contradicts, what can be taken back, and what the log keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.configurations import belongings, editors, history, looking, queries, service, together
from codesign.configurations.facts import ConfigurationFact, EditFact
from codesign.configurations.solving import Blocked
from codesign.configurations.steps import Overtaken
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.products.facts import ProductFact
from codesign.products.queries import get_version
from codesign.testing import actor_of
from tests.support.bikes import NEXT
from tests.support.world import World

Draft = ConfigurationFact


def seen(actor: Actor, draft: Draft) -> Draft:
    """The draft as somebody sees it now."""
    return queries.find_configuration(actor, draft.id)[1]


def look(draft: Draft) -> Any:
    """What the engine says of a draft."""
    version = get_version(draft.product_version_id)
    assert version is not None
    return looking.look_at(draft, version)


def log(draft: Draft) -> list[EditFact]:
    """All edits of a draft."""
    return history.edits_after(draft.id, 0)


# --- Who may ----------------------------------------------------------------------------------------------------------


def test_who_was_asked_edits_along_and_nobody_else(world: World, draft: Draft) -> None:
    with pytest.raises(NotFound):
        service.choose(world.ben, draft.id, "city", True)
    opened = service.open_to_others(world.ann, draft.id)
    assert opened.together and opened.edit_key and service.open_to_others(world.ann, draft.id) == opened
    with pytest.raises(NotFound):
        service.join_draft(world.ben, draft.id, "no such key")
    with pytest.raises(NotFound):  # the link to look at it does not let anybody in
        service.join_draft(world.ben, draft.id, draft.share_key)
    with pytest.raises(Forbidden):
        service.join_draft(world.member("viewer"), draft.id, opened.edit_key)
    with pytest.raises(Unauthenticated):
        service.join_draft(ANONYMOUS, draft.id, opened.edit_key)
    joined = service.join_draft(world.ben, draft.id, opened.edit_key)
    assert joined.may_edit and not joined.is_mine and not joined.edit_key and not joined.share_key
    assert service.join_draft(world.ben, draft.id, opened.edit_key) == joined
    assert service.choose(world.ben, draft.id, "city", True).decisions == {"city": True}
    assert [each.id for each in queries.list_edited_along(world.access(world.ben))] == [draft.id]
    for actor in (world.moderator, world.stranger):
        with pytest.raises(NotFound):
            service.choose(actor, draft.id, "trail", True)
    with pytest.raises(NotFound):
        queries.find_configuration(world.moderator, draft.id)


def test_who_may_only_look_changes_nothing(world: World, shared: Draft) -> None:
    _access, fact = queries.find_configuration(world.moderator, shared.id, shared.share_key)
    assert not fact.may_edit
    with pytest.raises(NotFound):
        service.choose(world.moderator, shared.id, "city", True)
    with pytest.raises(NotFound):
        editors.log_of(world.moderator, shared.id, 0, 10)
    assert editors.log_of(world.ben, shared.id, 0, 10).edits == ()


def test_only_its_owner_names_moves_publishes_and_throws_away(
    world: World, shared: Draft, publish_next: Callable[[str], None]
) -> None:
    publish_next(NEXT)
    for refused in (
        lambda: service.rename(world.ben, shared.id, "Ours"),
        lambda: service.migrate(world.ben, shared.id),
        lambda: service.discard(world.ben, shared.id),
        lambda: service.open_to_others(world.ben, shared.id),
        lambda: service.close_to_others(world.ben, shared.id),
        lambda: service.remove_partner(world.ben, shared.id, str(world.ben.person_id)),
        lambda: service.replace_choices(
            world.ben, shared.id, version=shared.version, decisions={"city": True}, name="Ours"
        ),
    ):
        with pytest.raises(Forbidden):
            refused()
    with pytest.raises(Invalid):
        world.idea(world.ben, configuration_id=shared.id)
    assert service.set_limit(world.ben, shared.id, "price", 200000).limits == {"price": 200000}
    assert service.rename(world.ann, shared.id, "Ours").name == "Ours"
    service.choose(world.ben, shared.id, "rack", True)
    service.discard(world.ann, shared.id)
    with pytest.raises(NotFound):
        queries.find_configuration(world.ben, shared.id)


def test_what_was_allowed_can_be_taken_back(world: World, shared: Draft) -> None:
    ben = str(world.ben.person_id)
    service.choose(world.ben, shared.id, "city", True)
    removed = service.remove_partner(world.ann, shared.id, ben)
    assert removed.edit_key not in {"", shared.edit_key} and removed.decisions == {"city": True}
    with pytest.raises(NotFound):
        service.choose(world.ben, shared.id, "trail", True)
    with pytest.raises(NotFound):
        service.join_draft(world.ben, shared.id, shared.edit_key)
    service.join_draft(world.ben, shared.id, removed.edit_key)
    service.leave_draft(world.ben, shared.id)
    with pytest.raises(NotFound):
        queries.find_configuration(world.ben, shared.id)
    service.join_draft(world.ben, shared.id, removed.edit_key)
    closed = service.close_to_others(world.ann, shared.id)
    assert not closed.together and queries.partners_of(shared.id) == []
    with pytest.raises(NotFound):
        service.choose(world.ben, shared.id, "trail", True)
    assert service.choose(world.ann, shared.id, "trail", True).decisions == {"trail": True}


def test_there_is_room_for_so_many(world: World, shared: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST_PARTNERS", 1)
    with pytest.raises(Conflict):
        service.join_draft(world.moderator, shared.id, shared.edit_key)
    monkeypatch.setattr(together, "MOST_PARTNERS", 2)
    assert service.join_draft(world.moderator, shared.id, shared.edit_key).may_edit


# --- Who wins ---------------------------------------------------------------------------------------------------------


def test_the_last_one_decides_and_the_log_says_who(world: World, shared: Draft) -> None:
    start = shared.version
    service.choose(world.ann, shared.id, "b625", True, start)
    last = service.choose(world.ben, shared.id, "b800", True, start)
    assert last.decisions == {"b800": True} and not last.contested
    first, second = log(shared)
    assert (first.person_id, first.changes) == (world.ann.person_id, {"b625": (None, True)})
    assert (second.person_id, second.changes) == (world.ben.person_id, {"b625": (True, None), "b800": (None, True)})
    assert last.marks == {"b625": second.number, "b800": second.number} and second.number == last.version
    service.choose(world.ann, shared.id, "rack", True, start)
    assert service.choose(world.ben, shared.id, "rack", False, start).decisions == {"b800": True, "rack": False}


def test_a_contradiction_of_two_people_is_kept_until_somebody_settles_it(world: World, shared: Draft) -> None:
    start = shared.version
    service.choose(world.ann, shared.id, "m500", True, start)
    both = service.choose(world.ben, shared.id, "b400", True, start)
    assert both.decisions == {"m500": True} and both.contested == {"b400": True}
    assert seen(world.ann, shared).contested == {"b400": True}
    found = look(both)
    assert found.states["b400"] == "contested"
    (dispute,) = found.disputes
    assert (dispute.option, dispute.value, dispute.reason.decisions) == ("b400", True, ("m500",))
    assert [way.gives_up for way in dispute.repair.ways] == [("m500",)]
    with pytest.raises(Invalid):
        world.idea(configuration_id=shared.id)
    # Other choices go on beside it; it is settled by a repair, by leaving it out, or by a wish.
    assert service.choose(world.ann, shared.id, "rack", True).contested == {"b400": True}
    mended = service.take_repair(world.ann, shared.id, "b400", True, ("m500",), both.version + 1)
    assert mended.decisions == {"rack": True, "b400": True} and not mended.contested
    again = service.undo(world.ann, shared.id)
    assert (again.decisions.get("m500"), again.contested) == (True, {"b400": True})
    assert service.choose(world.ben, shared.id, "b400", None).contested == {}
    service.undo(world.ben, shared.id)
    wished = service.wish(world.ann, shared.id, "b400")
    assert (wished.contested, wished.wishes) == ({}, ("b400",))


def test_what_was_seen_is_refused_with_its_reason_as_ever(world: World, shared: Draft) -> None:
    now = service.choose(world.ann, shared.id, "m500", True)
    for version in (now.version, None):
        with pytest.raises(Blocked):
            service.choose(world.ben, shared.id, "b400", True, version)
    # My own contradictions are no dispute, however old the page is.
    with pytest.raises(Blocked):
        service.choose(world.ann, shared.id, "b400", True, shared.version)
    assert not seen(world.ann, shared).contested


def test_a_dispute_is_over_when_its_cause_is_gone(world: World, shared: Draft) -> None:
    start = shared.version
    service.choose(world.ann, shared.id, "m500", True, start)
    service.choose(world.ben, shared.id, "b400", True, start)
    freed = service.choose(world.ann, shared.id, "m500", None)
    assert freed.decisions == {"b400": True} and not freed.contested
    # Another one of the same group takes its place, contested or not.
    service.choose(world.ben, shared.id, "b400", None)
    start = service.choose(world.ann, shared.id, "rack", True).version
    service.choose(world.ann, shared.id, "m500", True, start)
    service.choose(world.ben, shared.id, "b400", True, start)
    settled = service.choose(world.ann, shared.id, "b800", True)
    assert settled.contested == {} and settled.decisions["b800"]


def test_several_at_once_from_an_old_page(world: World, shared: Draft) -> None:
    start = shared.version
    service.choose(world.ann, shared.id, "m500", True, start)
    posted = service.choose_many(world.ben, shared.id, {"b400": True, "rack": True, "lights": False}, start)
    assert posted.decisions == {"m500": True, "rack": True, "lights": False} and posted.contested == {"b400": True}


def test_many_at_once_never_change_what_somebody_else_changed_meanwhile(world: World, shared: Draft) -> None:
    service.choose(world.ann, shared.id, "city", True)
    start = service.choose(world.ann, shared.id, "m500", True).version
    service.choose(world.ben, shared.id, "m500", None)
    now = service.choose(world.ben, shared.id, "rack", True)
    ann, draft = world.ann, shared.id
    unseen: tuple[Callable[[int], Draft], ...] = (
        lambda version: service.replace_choices(ann, draft, version, decisions={"city": True}),
        lambda version: service.reset(ann, draft, version),
        lambda version: service.take_repair(ann, draft, "rack", False, (), version),
        lambda version: service.take_repair(ann, draft, "b400", True, ("rack",), version),
        lambda version: service.complete(ann, draft, "dearest", seen=version),
    )
    for change in unseen:
        with pytest.raises(Conflict) as refused:
            change(start)
        assert [error.code for error in refused.value.errors] == ["stale"] and not isinstance(refused.value, Blocked)
        with pytest.raises(Invalid) as unsaid:
            change(None)  # type: ignore[arg-type]
        assert unsaid.value.errors[0].code == "required" and seen(ann, shared) == seen(ann, now)
    # What they did not touch may be changed all the same, and my own steps are no news to me.
    done = service.take_repair(ann, draft, "b400", True, (), start)
    assert done.decisions == {"city": True, "rack": True, "b400": True}
    service.wish(world.ben, draft, "trail")
    with pytest.raises(Conflict):
        service.reset(ann, draft, done.version)
    assert service.reset(ann, draft, done.version + 1).decisions == {}


def test_who_edits_alone_need_not_say_what_they_saw(world: World, draft: Draft) -> None:
    service.replace_choices(world.ann, draft.id, decisions={"city": True}, limits={"price": 200000})
    assert service.reset(world.ann, draft.id).decisions == {}


# --- Undo -------------------------------------------------------------------------------------------------------------


def test_undo_takes_back_my_own_edits_only(world: World, shared: Draft) -> None:
    service.choose(world.ann, shared.id, "city", True)
    service.choose(world.ben, shared.id, "rack", True)
    service.choose(world.ann, shared.id, "lights", True)
    assert service.undo(world.ann, shared.id).decisions == {"city": True, "rack": True}
    assert service.undo(world.ann, shared.id).decisions == {"rack": True}
    assert service.undo(world.ann, shared.id).decisions == {"rack": True}
    assert service.redo(world.ann, shared.id).decisions == {"rack": True, "city": True}
    assert service.undo(world.ben, shared.id).decisions == {"city": True}
    assert service.redo(world.ben, shared.id).decisions == {"city": True, "rack": True}


def test_what_somebody_changed_since_is_not_taken_back(world: World, shared: Draft) -> None:
    service.choose(world.ann, shared.id, "rack", True)
    service.choose(world.ann, shared.id, "b625", True)
    service.choose(world.ben, shared.id, "b800", True)
    with pytest.raises(Overtaken) as refused:
        service.undo(world.ann, shared.id)
    assert (refused.value.option, refused.value.by.person_id) == ("b625", world.ben.person_id)
    assert seen(world.ann, shared).decisions == {"rack": True, "b800": True}
    # It is passed over: the next undo is about the edit before it.
    assert service.undo(world.ann, shared.id).decisions == {"b800": True}
    service.choose(world.ben, shared.id, "rack", False)
    with pytest.raises(Overtaken):
        service.redo(world.ann, shared.id)


def test_what_somebody_changed_and_took_back_can_be_taken_back(world: World, shared: Draft) -> None:
    service.choose(world.ann, shared.id, "b625", True)
    service.choose(world.ben, shared.id, "b800", True)
    assert service.undo(world.ben, shared.id).decisions == {"b625": True}
    assert service.undo(world.ann, shared.id).decisions == {}


def steps(world: World, draft: Draft, *deeds: str) -> Draft:
    """What *ann* and *ben* do to the rack, one after another, as ``ben on`` or ``ann undo``."""
    for deed in deeds:
        name, word = deed.split()
        actor = {"ann": world.ann, "ben": world.ben}[name]
        if word in {"undo", "redo"}:
            {"undo": service.undo, "redo": service.redo}[word](actor, draft.id)
        else:
            service.choose(actor, draft.id, "rack", {"on": True, "off": False, "open": None}[word])
    return seen(world.ann, draft)


@pytest.mark.parametrize(
    ("before", "refused", "kept"),
    [
        (("ben on", "ben undo", "ann off", "ann undo", "ben redo"), "ann redo", True),
        (("ben on", "ann off", "ann undo", "ben undo"), "ann redo", None),
        (("ann on", "ann undo", "ben off", "ben undo", "ben redo"), "ann redo", False),
        (("ben on", "ann off", "ann undo", "ben undo", "ben redo"), "ann redo", True),
    ],
)
def test_a_step_that_somebody_took_back_or_did_again_is_theirs_too(
    world: World, shared: Draft, before: tuple[str, ...], refused: str, kept: bool | None
) -> None:
    steps(world, shared, *before)
    with pytest.raises(Overtaken):
        steps(world, shared, refused)
    assert seen(world.ann, shared).decisions.get("rack") is kept


def test_a_step_back_that_contradicts_what_came_since_is_refused(world: World, shared: Draft) -> None:
    service.choose(world.ann, shared.id, "trail", True)
    service.choose(world.ann, shared.id, "trail", None)
    service.choose(world.ben, shared.id, "child-seat", True)
    with pytest.raises(Blocked) as refused:
        service.undo(world.ann, shared.id)
    assert refused.value.option == "trail"
    assert seen(world.ann, shared).decisions == {"child-seat": True}


def test_nothing_before_a_move_to_a_new_version_is_taken_back(
    world: World, shared: Draft, publish_next: Callable[[str], None]
) -> None:
    service.choose(world.ann, shared.id, "b400", True)
    publish_next(NEXT)
    assert service.migrate(world.ann, shared.id).configuration.decisions == {}
    assert service.undo(world.ann, shared.id).decisions == {}
    assert [edit.did for edit in log(shared)] == ["on", "migrated"]


# --- What is kept of people -------------------------------------------------------------------------------------------


def test_who_is_forgotten_leaves_what_they_chose_for_others(world: World, shared: Draft) -> None:
    ben = str(world.ben.person_id)
    service.choose(world.ben, shared.id, "city", True)
    assert [each["changes"] for each in belongings.edits_of(ben)] == [{"city": [None, True]}]
    assert [each["configuration_id"] for each in belongings.joined_by(ben)] == [shared.id]
    belongings.erase(ben, remove_texts=True)
    assert belongings.edits_of(ben) == [] and belongings.joined_by(ben) == []
    assert seen(world.ann, shared).decisions == {"city": True} and log(shared)[0].person_id is None
    belongings.erase(str(world.ann.person_id), remove_texts=False)
    assert log(shared) == []


def test_a_guest_who_signs_in_edits_along_as_themselves(
    world: World, bike: ProductFact, shared: Draft, make_person: Callable[..., Any]
) -> None:
    guest = actor_of(make_person("Guest"))
    service.join_draft(guest, shared.id, shared.edit_key)
    service.choose(guest, shared.id, "city", True)
    theirs = service.open_to_others(guest, service.start_configuration(guest, bike.id).id)
    service.join_draft(world.ben, theirs.id, theirs.edit_key)
    belongings.join(str(guest.person_id), str(world.ben.person_id))
    assert queries.partners_of(shared.id) == [world.ben.person_id] and queries.partners_of(theirs.id) == []
    assert service.undo(world.ben, shared.id).decisions == {}
    assert seen(world.ben, theirs).is_mine
