"""Composing: what goes is kept, what does not is refused with a way out; published, forked, moved to a new version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.configurations import belongings, beside, looking, queries, service
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.looking import BLOCKED, FOLLOWS, FREE, MINE, REFUSED, look_at
from codesign.configurations.moving import Migrated
from codesign.configurations.pages import acts
from codesign.configurations.solving import Blocked
from codesign.configurations.wished import wishes_for
from codesign.ideas import service as ideas
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import HELD, Verdict
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from codesign.products import solving
from codesign.products.engine import Compiled
from codesign.products.facts import ProductFact
from codesign.products.queries import get_version
from codesign.testing import actor_of
from tests.support.bikes import NEXT, SMALL
from tests.support.world import World

Draft = ConfigurationFact


def seen(configuration: Draft, ask: str = "") -> Any:
    """How a configuration looks now."""
    version = get_version(configuration.product_version_id)
    assert version is not None
    return look_at(configuration, version, ask)


def chosen(world: World, draft: Draft, *options: str) -> Draft:
    """The draft after these were chosen, one after the other."""
    for option in options:
        draft = service.choose(world.ann, draft.id, option, True)
    return draft


def test_every_option_has_one_of_five_states(world: World, draft: Draft) -> None:
    draft = chosen(world, draft, "city", "child-seat", "m500")
    draft = service.choose(world.ann, draft.id, "lights", False)
    look = seen(draft)
    assert {name: look.states[name] for name in ("city", "child-seat", "m500")} == dict.fromkeys(
        ("city", "child-seat", "m500"), MINE
    )
    assert look.states["rack"] == FOLLOWS and look.states["lights"] == REFUSED
    assert look.states["b400"] == BLOCKED and look.states["b625"] == look.states["b800"] == FREE
    # Beside a choice of mine, the others of its group can be had with one click: all but those that something else forbids.
    assert look.states["m250"] == look.states["cargo"] == FREE and look.states["trail"] == BLOCKED
    assert look.reasons["b400"].decisions == ("m500",)
    assert [rule.id for rule in look.reasons["b400"].rules if rule.kind == "rule"] == ["strong-motor"]
    assert look.reasons["trail"].decisions == ("child-seat",) and look.reasons["rack"].decisions == ("child-seat",)
    assert [group.id for group in look.open] == ["battery"]
    assert look.totals["price"] == {"now": 198000, "least": 223000, "most": 243000}
    assert look.before["price"] == 198000 and look.whole["price"]["least"] == 150000


def test_another_of_the_same_group_takes_the_place_of_the_first(world: World, draft: Draft) -> None:
    draft = chosen(world, draft, "city", "cargo")
    assert draft.decisions == {"cargo": True} and draft.version == 3


def test_several_at_once_are_asked_once_and_the_one_that_does_not_go_is_named(
    world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = Compiled.propagate
    monkeypatch.setattr(Compiled, "propagate", lambda self, told: asked.append(len(told)) or real(self, told))
    draft = service.choose_many(world.ann, draft.id, {"trail": True, "lights": True, "m250": True})
    assert asked == [3] and draft.decisions == {"trail": True, "lights": True, "m250": True}
    with pytest.raises(Blocked) as refused:
        service.choose_many(world.ann, draft.id, {"m500": True, "b400": True, "rack": False, "lights": None})
    assert (refused.value.option, refused.value.value) == ("b400", True)
    draft = service.choose_many(world.ann, draft.id, {"child-seat": True, "trail": None})
    assert draft.decisions == {"lights": True, "m250": True, "child-seat": True}
    monkeypatch.setattr(solving, "MOST_DECISIONS", 3)
    with pytest.raises(Invalid):
        service.choose(world.ann, draft.id, "b625", True)
    with pytest.raises(Invalid):
        service.choose_many(world.ann, draft.id, dict.fromkeys(("city", "trail", "cargo", "rack")))


def test_what_does_not_go_is_refused_and_mended_by_the_smallest_repair(world: World, draft: Draft) -> None:
    draft = chosen(world, draft, "m500", "city")
    with pytest.raises(Blocked) as refused:
        service.choose(world.ann, draft.id, "b400", True)
    assert refused.value.option == "b400"
    repair = seen(draft, "b400").repair
    assert repair.value and [(way.gives_up, way.instead) for way in repair.ways] == [(("m500",), {"m500": "m250"})]
    assert repair.ways[0].changes == {"price": -30000, "weight": 1700}
    with pytest.raises(Blocked):
        service.take_repair(world.ann, draft.id, "b400", True, ("city",))
    draft = service.take_repair(world.ann, draft.id, "b400", True, ("m500",))
    assert draft.decisions == {"city": True, "b400": True}
    assert service.undo(world.ann, draft.id).decisions == {"m500": True, "city": True}
    assert service.redo(world.ann, draft.id).decisions == {"city": True, "b400": True}


def test_what_follows_can_be_ruled_out_by_giving_up_its_cause(world: World, draft: Draft) -> None:
    draft = chosen(world, draft, "child-seat")
    with pytest.raises(Blocked) as refused:
        service.choose(world.ann, draft.id, "rack", False)
    assert refused.value.value is False
    repair = seen(draft, "rack").repair
    assert not repair.value and repair.ways[0].gives_up == ("child-seat",)
    assert service.take_repair(world.ann, draft.id, "rack", False, ("child-seat",)).decisions == {"rack": False}


def test_a_desk_is_never_late(world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: Any) -> Any:
        raise Unavailable()

    draft, version = chosen(world, draft, "city", "m500"), get_version(draft.product_version_id)
    assert version is not None
    monkeypatch.setattr(looking, "moved", late)
    assert look_at(draft, version, newer=[version]).move is None
    monkeypatch.setattr(looking, "SECONDS", -1)
    assert seen(draft).states["trail"] == BLOCKED
    # What is asked for is judged all the same: it can be had with one click.
    states = seen(draft, "trail").states
    assert states["trail"] == FREE and states["m250"] == BLOCKED
    monkeypatch.setattr(Compiled, "repairs", late)
    repair = seen(draft, "b400").repair
    assert repair.late and not repair.ways


def test_a_wish_is_kept_marked_and_counted(world: World, bike: ProductFact, draft: Draft) -> None:
    draft = chosen(world, draft, "m500")
    draft = service.wish(world.ann, draft.id, "b400")
    assert draft.wishes == ("b400",) and queries.count_wishes(bike.id, "b400") == 1
    assert world.names()[-1] == "option.wished"
    other = service.start_configuration(world.ben, bike.id, wishes=("b400",))
    assert queries.count_wishes(bike.id, "b400") == 2
    service.wish(world.ben, other.id, "b400", False)
    assert queries.count_wishes(bike.id, "b400") == 1
    assert [(one.configuration_id, one.wishes) for one in wishes_for(bike.id, 1)] == [(draft.id, ("b400",))]
    with pytest.raises(Invalid):
        service.wish(world.ann, draft.id, "wings")


def test_wishes_are_counted_of_people_and_only_those_asked_for_are_read(
    world: World, bike: ProductFact, make_person: Callable[..., Any]
) -> None:
    for wish in ("b400", "rack", "b400"):
        gone: Actor = actor_of(make_person("Gone"))
        made = service.start_configuration(gone, bike.id, wishes=(wish,))
        world.idea(gone, configuration_id=made.id)
        belongings.erase(gone.person_id or "", remove_texts=False)
    service.start_configuration(world.ann, bike.id, wishes=("b400",))
    service.start_configuration(world.ben, bike.id, wishes=("rack",))
    assert queries.count_wishes(bike.id, "b400", limit=1) == 1, "newer wishes of other options do not hide it"
    assert queries.count_wishes(bike.id, "b400") == 1
    assert queries.count_wishes(bike.id, "b4%") == queries.count_wishes(bike.id, "B400") == 0


def test_limits_that_are_set_at_the_same_moment_are_all_kept(
    world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = beside.settle

    def late(*told: Any) -> Draft:  # somebody else is faster
        monkeypatch.setattr(beside, "settle", settle)
        service.set_limit(world.ann, draft.id, "weight", 25000)
        return settle(*told)

    monkeypatch.setattr(beside, "settle", late)
    assert service.set_limit(world.ann, draft.id, "price", 160000).limits == {"price": 160000, "weight": 25000}


def test_the_rest_is_completed_within_a_limit(world: World, draft: Draft) -> None:
    draft = chosen(world, draft, "trail")
    cheapest = service.complete(world.ann, draft.id, "cheapest")
    assert cheapest.decisions == {"trail": True, "m250": True, "b400": True}
    draft = service.undo(world.ann, draft.id)
    assert draft.decisions == {"trail": True}
    service.set_limit(world.ann, draft.id, "price", 160000)
    with pytest.raises(Conflict):
        service.complete(world.ann, draft.id, "dearest")
    service.set_limit(world.ann, draft.id, "price", 200000)
    assert (service.complete(world.ann, draft.id, "dearest").totals["price"]["now"] or 0) <= 200000
    assert service.set_limit(world.ann, draft.id, "price", None).limits == {}
    with pytest.raises(Invalid):
        service.set_limit(world.ann, draft.id, "colour", 1)


def test_nothing_but_what_the_product_has_and_allows_is_kept(world: World, bike: ProductFact, draft: Draft) -> None:
    with pytest.raises(Invalid) as refused:
        service.start_configuration(world.ann, bike.id, decisions={"wings": True})
    assert refused.value.errors[0].field == "decisions.wings"
    with pytest.raises(Conflict):
        service.start_configuration(world.ann, bike.id, decisions={"m500": True, "b400": True})
    with pytest.raises(Conflict):
        service.replace_choices(world.ann, draft.id, decisions={"trail": True, "child-seat": True})
    with pytest.raises(Invalid) as unknown:
        service.replace_choices(world.ann, draft.id, 7, decisions={"trail": True})
    assert unknown.value.sentence == "There is no version 7 of this yet; the newest is 1."
    with pytest.raises(Invalid):
        service.rename(world.ann, draft.id, "  ")
    changed = service.replace_choices(world.ann, draft.id, 1, decisions={"trail": True}, name="For the woods")
    assert (changed.name, changed.decisions, changed.version) == ("For the woods", {"trail": True}, 2)
    same = service.replace_choices(world.ann, draft.id, 2, decisions={"trail": True}, limits={"price": 200000})
    with pytest.raises(Conflict) as stale:
        service.replace_choices(world.ann, draft.id, 2, decisions={"trail": True})
    assert stale.value.details == {"yours": 2, "current": 3}
    assert (same.limits, same.version) == ({"price": 200000}, 3)
    assert service.undo(world.ann, draft.id).decisions == {}


def test_a_name_may_be_any_that_a_title_may(world: World, draft: Draft) -> None:
    for name in ("A bike for \U0001f469\u200d\U0001f467", "\u062f\u0648\u0686\u0631\u062e\u0647\u200c\u0647\u0627"):
        assert service.rename(world.ann, draft.id, f" {name}\n").name == name
    for name in ("a\x00b", "\ud83d", "\u200d"):
        with pytest.raises(Invalid):
            service.rename(world.ann, draft.id, name)


def test_a_draft_is_its_owners_and_of_whom_they_give_the_link(world: World, draft: Draft) -> None:
    with pytest.raises(NotFound):
        queries.find_configuration(world.ben, draft.id)
    with pytest.raises(NotFound):
        queries.find_configuration(world.owner, draft.id, "no")
    _access, shared = queries.find_configuration(world.ben, draft.id, draft.share_key)
    assert not shared.is_mine and not shared.share_key and not shared.may_edit
    with pytest.raises(NotFound):
        service.choose(world.ben, draft.id, "city", True)
    fork = service.fork_configuration(world.ben, draft.id, draft.share_key)
    assert fork.forked_from == draft.id and "configuration.forked" not in world.names()
    with pytest.raises(Forbidden):
        service.start_configuration(world.member("viewer"), draft.product_id)


def test_it_is_published_with_its_idea_and_stands_still(world: World, draft: Draft) -> None:
    draft = chosen(world, draft, "city")
    with pytest.raises(Invalid):
        world.idea(world.ben, configuration_id=draft.id)
    idea = world.idea(configuration_id=draft.id, title="A plain city bike")
    assert idea.configuration_id == draft.id and "configuration.published" in world.names()
    _access, public = queries.find_configuration(world.ben, draft.id)
    assert (public.state, public.name) == ("published", "A plain city bike")
    assert queries.list_configurations(world.access(world.ben)).items == (public,)
    with pytest.raises(Conflict):
        service.choose(world.ann, draft.id, "m500", True)
    fork = service.fork_configuration(world.ben, draft.id)
    assert fork.decisions == {"city": True} and queries.count_forks([draft.id]) == {draft.id: 1}
    assert "configuration.forked" in world.names()
    ideas.edit_idea(world.ann, idea.id, title="A plain bike for the city")
    assert queries.find_configuration(world.ben, draft.id)[1].name == "A plain bike for the city"


def test_one_idea_alone_carries_it(world: World, bike: ProductFact, draft: Draft) -> None:
    first, second = world.idea(configuration_id=draft.id), world.idea(title="Another idea of mine")
    with pytest.raises(Conflict) as taken:
        world.idea(configuration_id=draft.id)
    assert taken.value.details["idea_id"] == first.id
    with pytest.raises(Conflict):
        ideas.edit_idea(world.ann, second.id, configuration_id=draft.id)
    with pytest.raises(Invalid):
        ideas.edit_idea(world.moderator, second.id, configuration_id=draft.id)
    ideas.edit_idea(world.moderator, first.id, title="The same, said better", configuration_id=draft.id)
    other = service.start_configuration(world.ann, bike.id)
    ideas.edit_idea(world.ann, second.id, configuration_id=other.id)
    assert queries.find_configuration(world.ben, other.id)[1].state == "published"


def test_what_is_thrown_away_meanwhile_is_not_carried(
    world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def review(*_: Any) -> Verdict:
        service.discard(world.ann, draft.id)
        return Verdict()

    monkeypatch.setattr("codesign.ideas.service.ports.review", review)
    with pytest.raises(Conflict):
        world.idea(configuration_id=draft.id)


def test_it_is_hidden_with_its_idea(world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codesign.ideas.service.ports.review", lambda *_: Verdict("hold"))
    idea = world.idea(configuration_id=draft.id)
    assert idea.state == HELD and "configuration.published" not in world.names()
    with pytest.raises(NotFound):
        queries.find_configuration(world.ben, draft.id)
    assert queries.find_configuration(world.moderator, draft.id)[1].state == "held"
    ideas.publish_idea(world.moderator, idea.id)
    assert queries.find_configuration(world.ben, draft.id)[1].state == "published"
    ideas.hide_idea(world.moderator, idea.id, "Said twice")
    with pytest.raises(NotFound):
        queries.find_configuration(world.ben, draft.id)
    assert world.names()[-1] in {"configuration.withdrawn", "idea.hidden"}


def test_a_new_version_offers_to_move_and_never_moves_by_itself(
    world: World, draft: Draft, publish_next: Callable[[str], None]
) -> None:
    draft = chosen(world, draft, "city", "b400")
    publish_next(NEXT)
    still = queries.find_configuration(world.ann, draft.id)[1]
    assert still.product_version_id == draft.product_version_id and still.decisions == draft.decisions
    done = service.migrate(world.ann, draft.id)
    moved = done.configuration
    assert done.moved and done.gave_up == ("b400",)
    assert moved.product_version_id != draft.product_version_id and moved.decisions == {"city": True}
    assert service.migrate(world.ann, draft.id) == Migrated(moved, moved=False)
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(acts, "flash", lambda said: told.append(str(said)))
        acts.act(world.ann, draft.id, {"do": "migrate"})
    assert told == ["Your configuration is of the newest version already."]
    fork = service.fork_configuration(world.ann, moved.id)
    assert fork.product_version_id == moved.product_version_id


def test_a_limit_moves_along_as_long_as_it_means_the_same(
    world: World, draft: Draft, publish_next: Callable[[str], None]
) -> None:
    service.replace_choices(world.ann, draft.id, limits={"price": 200000, "weight": 30000})
    publish_next(SMALL.replace("weight: {unit: g}", "weight: {unit: g, decimals: 1}"))
    assert service.migrate(world.ann, draft.id).configuration.limits == {"price": 200000}


def test_a_replaced_option_keeps_its_decision(world: World, draft: Draft, publish_next: Callable[[str], None]) -> None:
    draft = chosen(world, draft, "rack")
    renamed = SMALL.replace("{id: rack, label: Rack,", "{id: rear-rack, label: Rear rack, replaces: rack,")
    publish_next(renamed.replace("requires: rack", "requires: rear-rack"))
    assert service.migrate(world.ann, draft.id) == Migrated(queries.find_configuration(world.ann, draft.id)[1])
    assert queries.find_configuration(world.ann, draft.id)[1].decisions == {"rear-rack": True}


def test_an_option_that_was_replaced_twice_keeps_decision_and_wish(
    world: World, draft: Draft, publish_next: Callable[[str], None]
) -> None:
    draft = chosen(world, draft, "trail", "rack")
    service.wish(world.ann, draft.id, "child-seat", True)
    text = SMALL
    for number, name in enumerate(["rear-rack", "carrier"]):
        was, seat = ("rack", "child-seat") if not number else ("rear-rack", "seat")
        text = SMALL.replace("{id: rack,", f"{{id: {name}, replaces: {was},").replace(
            "requires: rack", f"requires: {name}"
        )
        text = text.replace("{id: child-seat,", f"{{id: seat{'-2' * number}, replaces: {seat},")
        text = text.replace("option: child-seat", f"option: seat{'-2' * number}")
        publish_next(text.replace("[trail, child-seat]", f"[trail, seat{'-2' * number}]"))
    done = service.migrate(world.ann, draft.id)
    assert done.gave_up == () and done.configuration.wishes == ("seat-2",)
    assert done.configuration.decisions == {"trail": True, "carrier": True}


def test_a_person_who_is_forgotten_leaves_what_they_published(
    world: World, bike: ProductFact, draft: Draft, make_person: Callable[..., Any]
) -> None:
    guest: Actor = actor_of(make_person("Guest"))
    begun = service.start_configuration(guest, bike.id)
    belongings.join(guest.person_id or "", world.ann.person_id or "")
    assert queries.find_configuration(world.ann, begun.id)[1].is_mine
    world.idea(configuration_id=draft.id)
    assert {row["state"] for row in belongings.data_of(world.ann.person_id or "")} == {"draft", "published"}
    belongings.erase(world.ann.person_id or "", remove_texts=True)
    with pytest.raises(NotFound):
        queries.find_configuration(world.ben, begun.id)
    left = queries.find_configuration(world.ben, draft.id)[1]
    assert left.person_id is None and left.name == "Removed by its author"


def test_a_draft_can_be_thrown_away(world: World, draft: Draft) -> None:
    service.discard(world.ann, draft.id)
    with pytest.raises(NotFound):
        queries.find_configuration(world.ann, draft.id)


def test_two_clicks_at_once_follow_one_another(world: World, draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    real, between = service.solve, [True]

    def slow(version: Any, question: Any) -> Any:
        if between.pop() if between else False:
            service.choose(world.ann, draft.id, "rack", True)
        return real(version, question)

    monkeypatch.setattr(service, "solve", slow)
    assert service.choose(world.ann, draft.id, "city", True).decisions == {"rack": True, "city": True}
