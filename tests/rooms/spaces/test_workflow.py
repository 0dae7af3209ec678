"""Rules for moves: what a change of status needs, as owners say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codesign.ideas import service as ideas
from codesign.kernel.actor import ANONYMOUS, SYSTEM, Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from codesign.spaces.queries import list_statuses
from codesign.spaces.service import workflow
from tests.journeys.conftest import browser_of
from tests.support.pages import Browser
from tests.support.world import World, token

Make = Callable[..., World]

__all__ = ["browser_of"]


@pytest.fixture
def kinds(world: World) -> dict[str, str]:
    """The ids of the usual statuses by kind."""
    return {each.kind: each.id for each in list_statuses(world.space.id)}


def test_without_rules_every_move_is_free(world: World, kinds: dict[str, str]) -> None:
    idea = world.idea()
    for kind in ("declined", "shipped", "open"):
        assert ideas.set_status(world.moderator, idea.id, kinds[kind]).status_id == kinds[kind]


def test_a_move_may_need_an_answer(world: World, kinds: dict[str, str]) -> None:
    """Refused with what it needs; answered, it goes; other moves are free (the control)."""
    idea = world.idea()
    workflow.add_rule(world.owner, world.space.id, to_id=kinds["declined"], needs_answer=True)
    with pytest.raises(Conflict, match="Answer this idea before you move it to “Declined”"):
        ideas.set_status(world.owner, idea.id, kinds["declined"])
    assert ideas.set_status(world.moderator, idea.id, kinds["planned"]).status_id == kinds["planned"]
    ideas.answer_idea(world.moderator, idea.id, "Not with this frame.")
    assert ideas.set_status(world.moderator, idea.id, kinds["declined"]).status_id == kinds["declined"]


def test_a_move_may_need_a_role(world: World, kinds: dict[str, str]) -> None:
    """Each role, also with another verb that changes the status, and with a token."""
    idea = world.idea()
    workflow.add_rule(world.owner, world.space.id, to_id=kinds["planned"], role="product")
    workflow.add_rule(world.owner, world.space.id, from_id=kinds["planned"], to_id=kinds["shipped"], role="owner")
    product = world.member("product")
    for actor in (world.moderator, token(world.moderator, "moderate")):
        with pytest.raises(Forbidden, match="Only product people and owners"):
            ideas.set_status(actor, idea.id, kinds["planned"])
    with pytest.raises(Forbidden):
        ideas.edit_idea(world.moderator, idea.id, status=kinds["planned"])
    ideas.set_status(product, idea.id, kinds["planned"])
    with pytest.raises(Forbidden, match="Only owners"):
        ideas.set_status(product, idea.id, kinds["shipped"])
    ideas.set_status(product, idea.id, kinds["building"])
    ideas.set_status(product, idea.id, kinds["shipped"])
    ideas.set_status(world.owner, idea.id, kinds["planned"])
    ideas.set_status(SYSTEM, idea.id, kinds["shipped"])


def test_a_move_may_be_ruled_out_and_all_rules_hold(world: World, kinds: dict[str, str]) -> None:
    idea = world.idea()
    ideas.set_status(world.owner, idea.id, kinds["shipped"])
    workflow.add_rule(world.owner, world.space.id, from_id=kinds["shipped"], role="nobody")
    rule = workflow.add_rule(
        world.owner, world.space.id, from_id=kinds["shipped"], to_id=kinds["open"], needs_answer=True
    )
    with pytest.raises(Conflict, match="no idea goes to"):
        ideas.set_status(world.owner, idea.id, kinds["open"])
    workflow.remove_rule(world.owner, world.space.id, workflow.list_rules(world.space.id)[0].id)
    with pytest.raises(Conflict, match="Answer this idea"):
        ideas.set_status(world.owner, idea.id, kinds["open"])
    workflow.remove_rule(world.owner, world.space.id, rule.id)
    assert ideas.set_status(world.moderator, idea.id, kinds["open"]).status_id == kinds["open"]


def test_odd_rules_are_refused(world: World, make_world: Make, kinds: dict[str, str]) -> None:
    theirs = list_statuses(make_world(slug="elsewhere").space.id)[0].id
    for wrong in ({"to_id": theirs}, {"from_id": "nothing"}, {"role": "king"}, {"role": "moderator"}):
        with pytest.raises(Invalid):
            workflow.add_rule(world.owner, world.space.id, **wrong)  # type: ignore[arg-type]
    workflow.add_rule(world.owner, world.space.id, to_id=kinds["open"], role="owner")
    with pytest.raises(Conflict):
        workflow.add_rule(world.owner, world.space.id, to_id=kinds["open"], needs_answer=True)
    with pytest.raises(NotFound):
        workflow.remove_rule(world.owner, world.space.id, "nothing")


VERBS: dict[str, Callable[[Actor, Any, str], Any]] = {
    "add": lambda actor, space, rule: workflow.add_rule(actor, space.id, role="owner", needs_answer=True),
    "remove": lambda actor, space, rule: workflow.remove_rule(actor, space.id, rule),
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_only_owners_keep_rules(verb: str, world: World, make_world: Make, kinds: dict[str, str]) -> None:
    """Each role, here and elsewhere; the owner may (the control)."""
    rule = workflow.add_rule(world.owner, world.space.id, to_id=kinds["open"], role="owner").id
    other = make_world(slug="elsewhere")
    with pytest.raises(Unauthenticated):
        VERBS[verb](ANONYMOUS, world.space, rule)
    strangers = (world.stranger, world.ann, world.moderator, world.member("product"), other.owner)
    for actor in (*strangers, token(world.owner, "product")):
        with pytest.raises(Forbidden):
            VERBS[verb](actor, world.space, rule)
    assert world.names().count("workflow.changed") == 1
    VERBS[verb](world.owner, world.space, rule)
    assert world.names().count("workflow.changed") == 2


@pytest.mark.doors
def test_owners_keep_them_without_a_script(
    world: World, browser_of: Callable[[Actor | None], Browser], kinds: dict[str, str]
) -> None:
    idea = world.idea()
    page = browser_of(world.owner).open(f"/spaces/{world.space.slug}/settings/statuses").follow("Which moves need what")
    assert "every move is free" in page
    assert page.press("Add rule", to_id=kinds["declined"]).status == 422
    page = page.press("Add rule", to_id=kinds["declined"], role="product", needs_answer="1")
    assert "Product people and owners" in page and "Needs an answer" in page
    shown = browser_of(world.owner).open(idea.path).press("Set status", status=kinds["declined"])
    assert shown.status == 409 and "Answer this idea before you move it" in shown
    assert "every move is free" in page.press("Remove")
    address = f"/spaces/{world.space.slug}/settings/statuses/moves"
    assert browser_of(world.member("product")).open(address).status == 403
    product = browser_of(world.member("product")).open(f"/spaces/{world.space.slug}/settings/statuses")
    assert "Which moves need what" not in product
