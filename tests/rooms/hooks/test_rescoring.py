"""Scores follow the log: what was touched is scored anew, a switch goes over the whole space, nothing else moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from codesign.events import log
from codesign.hooks import service
from codesign.hooks.host import PluginHost, host_of
from codesign.hooks.rules import Part, Score
from codesign.ideas import rescoring
from codesign.ideas.rescoring import Rescorer
from codesign.ideas.scores import scores_of
from codesign.ideas.team import hide_idea
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.voting.service import cast_vote


@pytest.fixture
def host(app: Flask) -> PluginHost:
    return host_of(app)


@pytest.fixture
def space(make_space: Callable[..., Any]) -> Any:
    return make_space(kind="updown")


@pytest.fixture
def vote(make_person: Callable[..., Any]) -> Callable[..., None]:
    def cast(idea: Any, *values: int) -> None:
        for value in values:
            person = make_person(guest=True)
            cast_vote(Actor(person_id=person.id, guest=True), idea.id, value)

    return cast


@pytest.fixture
def rescorer(host: PluginHost, monkeypatch: pytest.MonkeyPatch) -> Rescorer:
    monkeypatch.setattr(rescoring, "PAUSE", 0.0)
    return Rescorer(host)


def run(rescorer: Rescorer) -> list[str]:
    """What the worker does until there is nothing left."""
    changed: list[str] = []
    for _ in range(100):
        with db.read():
            spaces = rescorer.behind()
        if not spaces:
            return changed
        for space_id in spaces:
            changed += rescorer.rescore(space_id)
    raise AssertionError("it never comes to rest")


def values(*ideas: Any) -> list[dict[str, float]]:
    found = scores_of([idea.id for idea in ideas])
    return [{score.rule: round(score.value, 4) for score in found.get(idea.id, [])} for idea in ideas]


def facts(space: Any, name: str = "scores.changed") -> list[dict[str, Any]]:
    with db.read():
        return [fact.payload for fact in log.since(space.id, 0, 10_000, [name])]


def on(host: PluginHost, space: Any, enabled: bool = True) -> None:
    service.switch_plugin(SYSTEM, host, space.id, "scoring", enabled)


def test_switching_on_scores_the_whole_space(
    host: PluginHost, rescorer: Rescorer, space: Any, make_idea: Callable[..., Any], vote: Callable[..., None]
) -> None:
    one, two = make_idea(space), make_idea(space)
    vote(one, 1, 1, -1)
    assert run(rescorer) == [] and values(one, two) == [{}, {}]
    on(host, space)
    assert sorted(run(rescorer)) == sorted([one.id, two.id])
    (first, second) = values(one, two)
    assert set(first) == {"bayes", "hot", "trending", "wilson"}
    assert set(second) == {"bayes", "hot"}, "without votes there is nothing to be sure of"
    assert first["wilson"] == 0.2077
    (fact,) = facts(space)
    assert fact["rules"] == ["bayes", "controversial", "hot", "trending", "wilson"]
    assert sorted(fact["idea_ids"]) == sorted([one.id, two.id])


def test_a_vote_scores_one_idea_and_says_so_once(
    host: PluginHost, rescorer: Rescorer, space: Any, make_idea: Callable[..., Any], vote: Callable[..., None]
) -> None:
    one, two = make_idea(space), make_idea(space)
    on(host, space)
    run(rescorer)
    vote(two, 1, 1, 1)
    assert run(rescorer) == [two.id]
    assert values(two)[0]["wilson"] == 0.4385 and values(one)[0].keys() == {"bayes", "hot"}
    assert facts(space)[-1]["idea_ids"] == [two.id] and len(facts(space)) == 2
    assert run(rescorer) == [] and len(facts(space)) == 2, "its own fact moves nothing"


def test_parts_are_kept_with_the_score(
    host: PluginHost, rescorer: Rescorer, space: Any, make_idea: Callable[..., Any], vote: Callable[..., None]
) -> None:
    one = make_idea(space)
    vote(one, 1)
    on(host, space)
    run(rescorer)
    for score in scores_of([one.id])[one.id]:
        assert abs(sum(part["points"] for part in score.parts) - score.value) < 1e-9
        assert all(part["label"] and part["input"] for part in score.parts)


def test_a_setting_scores_the_whole_space_anew(
    host: PluginHost, rescorer: Rescorer, space: Any, make_idea: Callable[..., Any], vote: Callable[..., None]
) -> None:
    one = make_idea(space)
    vote(one, 1, 1, 1)
    on(host, space)
    run(rescorer)
    service.save_settings(SYSTEM, host, space.id, "scoring", {"wilson_z": 1.0})
    assert run(rescorer) == [one.id] and values(one)[0]["wilson"] == 0.75


def test_what_is_hidden_loses_its_score_and_off_drops_them_all(
    host: PluginHost, rescorer: Rescorer, space: Any, make_idea: Callable[..., Any]
) -> None:
    one, two = make_idea(space), make_idea(space)
    on(host, space)
    run(rescorer)
    hide_idea(SYSTEM, one.id, "spam")
    run(rescorer)
    assert values(one) == [{}] and values(two)[0]
    on(host, space, False)
    run(rescorer)
    assert values(two) == [{}]


def test_an_upvote_space_has_no_wilson(
    host: PluginHost, rescorer: Rescorer, make_space: Callable[..., Any], make_idea: Callable[..., Any]
) -> None:
    space = make_space(kind="upvote")
    one = make_idea(space)
    on(host, space)
    run(rescorer)
    assert values(one)[0].keys() == {"hot"}


def test_far_behind_goes_over_the_space_once(
    host: PluginHost,
    rescorer: Rescorer,
    space: Any,
    make_idea: Callable[..., Any],
    vote: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = make_idea(space)
    on(host, space)
    run(rescorer)
    monkeypatch.setattr(rescoring, "FAR", 2)
    monkeypatch.setattr(rescoring, "STEP", 1)
    two = make_idea(space)
    vote(one, 1, 1, 1)
    assert sorted(run(rescorer)) == sorted([one.id, two.id]) and len(facts(space)) == 2
    with db.read():
        assert log.bookmark("scores", space.id) >= log.head(space.id) - 1


@pytest.mark.parametrize(
    "compute",
    [
        lambda *_, **__: 1 / 0,
        lambda *_, **__: Score(1.0, (Part("Votes", "1", Decimal(1)),)),  # type: ignore[arg-type]
        lambda *_, **__: Score(1.0, (Part("Votes", "1", float("nan")),)),
        lambda *_, **__: Score(1.0, (Part("half a pair \ud800", "1", 1.0),)),
    ],
)
def test_a_rule_that_fails_leaves_what_it_said_and_stops_no_other(
    host: PluginHost, rescorer: Rescorer, space: Any, make_idea: Callable[..., Any], vote: Callable[..., None],
    compute: Callable[..., Any],
) -> None:  # fmt: skip
    one = make_idea(space)
    vote(one, 1)
    on(host, space)
    run(rescorer)
    before = values(one)[0]
    rule = next(rule for rule, _, _ in host.score_rules(space.id, "updown") if rule.name == "wilson")
    object.__setattr__(rule, "compute", compute)
    try:
        vote(one, 1)
        run(rescorer)
        after = values(one)[0]
        assert after["wilson"] == before["wilson"] and after["hot"] != before["hot"]
    finally:
        object.__setattr__(rule, "compute", __import__("codesign_plugins.scoring.rules", fromlist=["wilson"]).wilson)


def test_at_most_one_fact_a_second_and_space(
    host: PluginHost, space: Any, make_idea: Callable[..., Any], vote: Callable[..., None]
) -> None:
    one = make_idea(space)
    on(host, space)
    rescorer = Rescorer(host)
    rescorer.rescore(space.id)
    started = time.monotonic()
    vote(one, 1)
    with db.read():
        assert rescorer.behind() == [] or time.monotonic() - started > 0.9
    rescorer._next_at[space.id] -= 1
    with db.read():
        assert rescorer.behind() == [space.id]
