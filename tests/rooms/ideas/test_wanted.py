"""An idea that misses an option is tied to its part of a product, and whoever supports it hears when it is one."""

from __future__ import annotations

import importlib.util

import pytest
from flask import Flask
from sqlalchemy import text

from codesign.ideas import service
from codesign.ideas.lists import list_ideas
from codesign.ideas.queries import get_idea
from codesign.ideas.wanted import named_ideas, wanted_options
from codesign.kernel import db, paths
from codesign.kernel.errors import Invalid
from codesign.merging.service import merge_idea
from codesign.notifications.queries import list_notices
from codesign.notifications.service import deliver
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import ProductFact
from codesign.voting.service import cast_vote
from tests.support.bikes import NEXT, SMALL
from tests.support.doors import Door, problem
from tests.support.world import World


@pytest.fixture
def bike(world: World) -> ProductFact:
    product = products.create_product(world.owner, world.space.id, "City, bike")
    publish(world, product, SMALL)
    return product


def publish(world: World, product: ProductFact, words: str) -> None:
    products.write_draft(world.owner, product.id, engine.parse(words), words)
    products.publish(world.owner, product.id)


def test_the_team_sees_what_is_missing_by_part_the_most_wanted_first(world: World, bike: ProductFact) -> None:
    bell, lamp = (world.idea(title=f"I miss a {what}", for_part=(bike.id, "extras")) for what in ("bell", "lamp"))
    blue = world.idea(title="A blue frame", for_part=(bike.id, "frame"))
    other = world.idea(title="Something else")
    cast_vote(world.ben, lamp.id, 1)
    found = wanted_options(world.access(world.owner), bike.id)
    assert {group: [idea.id for idea in ideas] for group, ideas in found.items()} == {
        "extras": [lamp.id, bell.id], "frame": [blue.id],
    }  # fmt: skip
    merge_idea(world.moderator, bell.id, other.id)
    merge_idea(world.moderator, blue.id, lamp.id)
    found = wanted_options(world.access(world.owner), bike.id)
    assert {group: {idea.id for idea in ideas} for group, ideas in found.items()} == {
        "extras": {lamp.id, other.id}, "frame": {lamp.id},
    }  # fmt: skip
    service.hide_idea(world.moderator, lamp.id, "because")
    assert list(wanted_options(world.access(world.owner), bike.id)) == ["extras"]
    listed = list_ideas(world.access(world.ann), for_product=bike.id).items
    assert listed == ()


@pytest.mark.parametrize("before", [True, False])
def test_supporters_of_a_merged_idea_hear_of_its_option(world: World, bike: ProductFact, before: bool) -> None:
    """Whether the model names the idea that was merged, or the one it is part of now; nobody is told twice."""
    missed = world.idea(world.ann, "I miss a trailer", for_part=(bike.id, "extras"))
    survivor = world.idea(world.ben, "Something to pull")
    cast_vote(world.moderator, missed.id, 1)
    merge_idea(world.moderator, missed.id, survivor.id)
    named = missed.id if before else survivor.id
    for one in (named, survivor.id):
        publish(world, bike, NEXT.replace("since: 2}", f'since: 2, idea: "{one}"}}'))
    told = [fact for fact in world.names() if fact == "option.added"]
    assert len(told) == 1 and named_ideas(world.space.id, [missed.id, "01", "x" * 40]) == {missed.id: survivor.id}
    deliver(world.space.id)
    for person in (world.ann, world.ben, world.moderator):
        assert "option.added" in [notice.name for notice in list_notices(person)], person


def test_an_option_that_names_no_idea_of_the_space_is_told_to_nobody(world: World, bike: ProductFact) -> None:
    hidden = world.idea(title="Not for everybody")
    service.hide_idea(world.moderator, hidden.id, "because")
    for named in ("01", hidden.id, world.space.id):
        publish(world, bike, NEXT.replace("since: 2}", f'since: 2, idea: "{named}"}}'))
    assert "option.added" not in world.names()


@pytest.mark.doors
def test_programs_say_which_part_and_change_their_mind(app: Flask, world: World, bike: ProductFact) -> None:
    door, address = Door(app), f"/spaces/{world.space.slug}/ideas"
    part = {"for_product_id": bike.id, "for_group": "extras"}
    made = door.ask(world.ann, "POST", address, {"title": "A bell for it", **part}).json
    assert (made["for_product_id"], made["for_group"]) == (bike.id, "extras")
    listed = door.ask(world.ann, "GET", address, None, for_product=bike.id).json["items"]
    assert [idea["id"] for idea in listed] == [made["id"]]
    assert door.ask(world.ann, "GET", address, None, composed=1).json["items"] == []
    for wrong in ({**part, "for_group": "wings"}, {"for_product_id": bike.id}, {"for_group": "extras"},
                  {**part, "for_product_id": world.space.id}):  # fmt: skip
        answer = door.ask(world.ann, "POST", address, {"title": "A bell for it", **wrong})
        assert answer.status_code == 422 and problem(answer)["errors"][0]["field"].startswith("for_")
    moved = door.ask(world.ann, "PATCH", f"/ideas/{made['id']}", {"for_group": "motor"}).json
    assert moved["for_group"] == "motor" and moved["version"] == 2
    assert door.ask(world.ann, "PATCH", f"/ideas/{made['id']}", {"for_group": None}).status_code == 422
    gone = door.ask(world.ann, "PATCH", f"/ideas/{made['id']}", {"for_group": None, "for_product_id": None}).json
    assert gone["for_product_id"] is None
    with pytest.raises(Invalid):
        world.idea(for_part=(None, "extras"))


def test_ideas_that_said_it_by_tags_are_carried_over(world: World, bike: ProductFact) -> None:
    """What the migration does with rows of before: the product's name as a tag, the part's right behind it."""
    tied = world.idea(tags=["city bike", "extras"])
    later = world.idea(tags=["fast", "city bike", "motor"])
    others = [world.idea(tags=tags) for tags in (["extras", "city bike"], ["city bike", "fast", "motor"], ["motor"])]
    (file,) = (paths.find("migrations") / "versions").glob("0002_*.py")
    spec = importlib.util.spec_from_file_location("carried", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with db.current().offline.begin() as connection:
        connection.execute(text("UPDATE idea SET for_group = NULL"))
        module.tie_by_tags(connection)
    groups = {idea.id: get_idea(world.ann, idea.id).for_group for idea in (tied, later, *others)}
    assert groups == {tied.id: "extras", later.id: "motor", **dict.fromkeys(one.id for one in others)}
    assert get_idea(world.ann, tied.id).for_product_id == bike.id
