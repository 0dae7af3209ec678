"""Fields in scores: set one and the idea is scored anew, miss one and it says which; the team alone sees such orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from flask import Flask

from codesign.events import log
from codesign.events.base import TEAM
from codesign.hooks.host import host_of
from codesign.ideas.lists import list_ideas
from codesign.ideas.scores import scores_of
from codesign.kernel import db
from codesign.kernel.errors import Invalid
from codesign.testing import Plugins
from codesign.triage.fields import keep_field, keep_ready_fields, retire_field
from codesign.triage.filters import DeskFilter
from codesign.triage.queries import desk_rows
from codesign.triage.service import change_ideas
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World

PLAN = {"reach": "500", "impact": "2", "confidence": "80", "effort": "3"}


@pytest.fixture
def plugins(app: Flask, world: World) -> Plugins:
    plugins = Plugins(app)
    plugins.enable("scoring", world.space)
    keep_ready_fields(world.owner, world.space.id)
    plugins.work()
    return plugins


def say(world: World, idea: Any, **values: str) -> None:
    for key, value in values.items():
        change_ideas(world.moderator, world.space.id, "field", {"key": key, "value": value}, [idea.id])


def score(idea: Any, rule: str = "rice") -> float | None:
    return next((round(each.value, 1) for each in scores_of([idea.id]).get(idea.id, []) if each.rule == rule), None)


def offers(app: Flask, world: World) -> set[str]:
    with db.read():
        return {rule.name for rule, _, _ in host_of(app).score_rules(world.space.id, world.space.ballot.kind)}


def test_a_field_scores_its_idea_anew(world: World, plugins: Plugins) -> None:
    idea, other = world.idea(), world.idea(title="Another one")
    say(world, idea, **PLAN)
    plugins.work()
    assert score(idea) == 266.7 and score(other) is None
    say(world, idea, effort="1")
    plugins.work()
    assert score(idea) == 800
    say(world, idea, reach="")
    cast_vote(world.ben, idea.id, 1)
    plugins.work()
    assert score(idea) == 1.6, "one person voted"
    say(world, idea, effort="")
    plugins.work()
    assert score(idea) is None, "a needed field is gone, and so is the score"


def test_what_is_said_of_fields_is_not_announced_to_everybody(world: World, plugins: Plugins) -> None:
    idea = world.idea()
    plugins.work()
    with db.read():
        before = log.head(world.space.id)
    say(world, idea, **PLAN)
    plugins.work()
    with db.read():
        told = [fact.payload["rules"] for fact in log.since(world.space.id, before, 100, ["scores.changed"])]
        (heard,) = log.since(world.space.id, before, 100, ["idea.rescored"])
    assert score(idea) == 266.7 and told == []
    assert heard.audience == TEAM and heard.payload == {"rules": ["rice"], "idea_ids": [idea.id]}


def test_the_team_alone_orders_by_fields(app: Flask, world: World, plugins: Plugins) -> None:
    first, second = world.idea(title="First by effort"), world.idea(title="Second by effort")
    for idea, effort in ((first, "1"), (second, "9")):
        say(world, idea, **{**PLAN, "effort": effort})
    plugins.work()
    with db.read():
        seen = list_ideas(world.access(world.moderator), "rice").items
        assert [each.title for each in seen] == [first.title, second.title]
        for actor in (world.ann, world.stranger):
            with pytest.raises(Invalid):
                list_ideas(world.access(actor), "rice")
    board = f"/spaces/{world.space.slug}"
    assert "RICE" in Browser.of(app, world.moderator.person_id).open(board)
    assert "RICE" not in Browser.of(app, world.ann.person_id).open(board)
    page = f"{board}/ideas/{first.id}-{first.slug}"
    assert "Divided by effort" in Browser.of(app, world.moderator.person_id).open(page)
    for person in (world.ann.person_id, None):
        shown = (Browser.of(app, person) if person else Browser(app)).open(page)
        assert shown.status == 200 and "Divided by effort" not in shown and "RICE" not in shown


def test_what_is_missing_is_named_and_stands_last(app: Flask, world: World, plugins: Plugins) -> None:
    bare, whole = world.idea(title="Nothing said"), world.idea(title="All said")
    say(world, whole, **PLAN)
    say(world, bare, impact="2", confidence="50")
    plugins.work()
    rows = desk_rows(world.access(world.moderator), DeskFilter(inbox="all", sort="score:rice")).rows
    assert [row.idea.title for row in rows] == ["All said", "Nothing said"]
    desk = Browser.of(app, world.moderator.person_id)
    page = desk.open(f"/spaces/{world.space.slug}/desk?inbox=all&cols=score:rice&idea={bare.id}")
    assert "needs Effort" in page and "needs Reach" not in page and "266.67" in page


def test_rules_come_and_go_with_the_fields(app: Flask, world: World, plugins: Plugins) -> None:
    idea = world.idea()
    say(world, idea, **PLAN)
    plugins.work()
    assert "rice" in offers(app, world) and "wsjf" not in offers(app, world)
    retire_field(world.owner, world.space.id, "effort")
    plugins.work()
    assert "rice" not in offers(app, world)
    say(world, idea, impact="4")
    keep_field(world.owner, world.space.id, "effort", "Effort", unit="weeks")
    plugins.work()
    assert score(idea) == 533.3, "scored anew with what happened meanwhile"
    keep_ready_fields(world.owner, world.space.id, "wsjf")
    say(world, idea, value="8", urgency="5", risk="3", size="5")
    plugins.work()
    assert score(idea, "wsjf") == 3.2
    keep_field(world.owner, world.space.id, "confidence", "Confidence")
    plugins.work()
    assert score(idea) == 53333.3, "80 is 80 where the unit is no per cent"


def test_a_formula_counts_with_fields(app: Flask, world: World, plugins: Plugins) -> None:
    idea = world.idea()
    say(world, idea, **PLAN)
    assert "formula" not in offers(app, world)
    plugins.enable("scoring", world.space, formula="impact * 10 / effort")
    plugins.work()
    assert score(idea, "formula") == 6.7
    plugins.enable("scoring", world.space, formula="impact / (effort - 3)")
    plugins.work()
    assert score(idea, "formula") is None, "nothing is divided by zero"
    for formula, field in (("impact * magic", "magic"), ("impact *", "")):
        with pytest.raises(Invalid) as refusal:
            plugins.enable("scoring", world.space, formula=formula)
        assert field in str(refusal.value.errors[0].message)


def test_the_number_of_queries_does_not_grow_with_ideas(
    world: World, plugins: Plugins, count_queries: Callable[[], Any]
) -> None:
    counted = []
    for number in (2, 30):
        for place in range(number):
            say(world, world.idea(title=f"Lamp {number} and {place}"), effort=str(place))
        with count_queries() as statements, db.read():
            desk_rows(world.access(world.moderator), DeskFilter(inbox="all", sort="score:rice"))
        counted.append(len(statements))
    assert counted[0] == counted[1]


# --- What if ----------------------------------------------------------------------------------------------------------


def sit(app: Flask, actor: Any, world: World, query: str = "") -> Any:
    return Browser.of(app, actor.person_id).open(f"/spaces/{world.space.slug}/desk/what-if{query}")


def order(page: Any) -> list[str]:
    return [words for address, words in page.links if "#panel" in address]


@pytest.fixture
def pair(world: World, plugins: Plugins) -> tuple[Any, Any]:
    """Two ideas: one far-reaching and laborious, one small and quick. The first stands first."""
    wide, quick = world.idea(title="Reaches many"), world.idea(title="Done quickly")
    say(world, wide, **{**PLAN, "reach": "5000", "effort": "9"})
    say(world, quick, **{**PLAN, "effort": "1"})
    plugins.work()
    return wide, quick


def test_other_weights_give_another_order_and_keep_nothing(app: Flask, world: World, pair: Any) -> None:
    with db.read():
        before = log.head(world.space.id)
    page = sit(app, world.moderator, world, "?rule=rice")
    assert order(page) == ["Reaches many", "Done quickly"] and "places up" not in page
    page = sit(app, world.moderator, world, "?rule=rice&set.weight_reach=0")
    assert order(page) == ["Done quickly", "Reaches many"] and "places up" in page and "places down" in page
    page = page.press("Show the order", **{"set.weight_reach": "1", "set.weight_effort": "3"})
    assert order(page) == ["Done quickly", "Reaches many"]
    with db.read():
        assert log.head(world.space.id) == before
    assert score(pair[0]) == 888.9 and score(pair[1]) == 800


def test_what_if_for_programs(app: Flask, world: World, pair: Any) -> None:
    """The same order as on the page; nothing is kept, and what makes no sense is refused."""
    wide, quick = pair

    def ask(actor: Any = world.moderator, **query: str) -> Any:
        address = f"/api/v1/spaces/{world.space.slug}/desk/what-if?{urlencode(query)}"
        return Browser.of(app, actor.person_id).open(address)

    found = orjson.loads(ask(rule="rice", settings='{"weight_reach": 0}').html)
    assert [each["idea_id"] for each in found["items"]] == [quick.id, wide.id] and found["looked_at"] == 2
    assert [each["place_now"] for each in found["items"]] == [2, 1] and found["items"][0]["value_now"] == score(quick)
    assert found["rule"] == "rice" and "weight_reach" in {each["name"] for each in found["settings"]}
    found = orjson.loads(ask(rule="rice", idea=quick.id, fields='{"confidence": 100}').html)
    assert found["items"][0]["idea_id"] == quick.id and "confidence" in found["fields"]
    assert score(pair[0]) == 888.9 and score(pair[1]) == 800
    for wrong in ({"settings": "no"}, {"settings": "[]"}, {"fields": '{"effort": "many"}'}, {"other": "1"}):
        assert ask(**wrong).status == 422
    for field, wrong in (
        ("rule", {"rule": "ricee"}),
        ("idea", {"idea": "nobody"}),
        ("fields", {"fields": '{"efort": 3}'}),
    ):
        answer = ask(**wrong)
        assert answer.status == 422 and field in answer.html
    assert ask(rule="formula", settings='{"formula": "effort * (2"}').status == 422
    assert [ask(actor).status for actor in (world.stranger, world.ann, world.owner)] == [403, 403, 200]


def test_other_fields_of_one_idea(app: Flask, world: World, pair: Any) -> None:
    _wide, quick = pair
    page = sit(app, world.moderator, world, "?rule=rice").follow("Try its fields: Done quickly")
    assert "Fields of “Done quickly”" in page and order(page)[0] == "Reaches many"
    page = page.press("Show the order", **{"field.confidence": "100"})
    assert order(page)[0] == "Done quickly" and score(quick) == 800


def test_a_formula_is_tried_before_it_is_kept(app: Flask, world: World, pair: Any) -> None:
    page = sit(app, world.moderator, world, "?rule=formula&set.formula=0-effort")
    assert order(page) == ["Done quickly", "Reaches many"] and "formula" not in offers(app, world)
    page = page.press("Show the order", **{"set.formula": "effort * (2"})
    assert page.status == 200 and "is no formula" in page and order(page) == []
    page = page.press("Show the order", **{"set.formula": "effrt"})
    assert "“effrt” is neither known of every idea nor a number field of this space." in page


def test_what_if_is_for_the_team(app: Flask, world: World, plugins: Plugins, make_world: Any) -> None:
    for actor in (world.stranger, world.ann, world.member("viewer"), make_world().owner):
        assert sit(app, actor, world).status == 403
    for actor in (world.moderator, world.owner):
        assert sit(app, actor, world).status == 200
    assert "settings of the plugin" in sit(app, world.owner, world)
    assert "settings of the plugin" not in sit(app, world.moderator, world)
    assert sit(app, world.owner, world, "?rule=hot&set.hot_hours=nonsense&set.other=1&field.x=y&idea=z").status == 200
    plugins.enable("scoring", world.space, on=False)
    assert "There is nothing to try." in sit(app, world.owner, world)


def test_what_if_asks_as_often_for_many_ideas(
    app: Flask, world: World, plugins: Plugins, count_queries: Callable[[], Any]
) -> None:
    counted = []
    for number in (2, 30):
        for place in range(number):
            say(world, world.idea(title=f"Lamp {number} and {place}"), **{**PLAN, "effort": str(1 + place)})
        plugins.work()
        sit(app, world.moderator, world)
        with count_queries() as statements:
            assert sit(app, world.moderator, world, "?rule=rice&set.weight_effort=2").status == 200
        counted.append(len(statements))
    assert counted[0] == counted[1]
