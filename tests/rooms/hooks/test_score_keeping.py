"""Keeping scores: a vote costs one idea, a night what time changes, a parameter the space; a plugin may go at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.ideas import rescoring
from codesign.ideas.rescoring import Rescorer
from codesign.ideas.scores import scores_of, totals_of
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.spaces.service import delete_space, finish_deletions
from codesign.testing import Clock, Plugins

Votes = Callable[..., None]
Make = Callable[..., Any]


@pytest.fixture
def space(make_space: Make) -> Any:
    return make_space(kind="updown")


@pytest.fixture
def rescorer(plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> Rescorer:
    """A worker's, driven by hand: slices of one commit, commits of one idea."""
    monkeypatch.setattr(rescoring, "PAUSE", 0.0)
    monkeypatch.setattr(rescoring, "SLICE", 0.0)
    monkeypatch.setattr(rescoring, "STEP", 1)
    return Rescorer(plugins.host)


@pytest.fixture
def computed(plugins: Plugins, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """Which rule was asked about which idea."""
    calls: list[tuple[str, str]] = []
    for key, (rule, owner) in list(plugins.host.rules._rules.items()):
        if owner == "scoring":

            def counted(statistics: Any, rule: Any = rule, **parameters: Any) -> Any:
                calls.append((rule.name, statistics.idea_id))
                return rule.compute(statistics, **parameters)

            monkeypatch.setitem(plugins.host.rules._rules, key, (replace(rule, compute=counted), owner))
    return calls


def kept(*ideas: Any) -> list[dict[str, float]]:
    found = scores_of([idea.id for idea in ideas])
    return [{score.rule: round(score.value, 4) for score in found.get(idea.id, [])} for idea in ideas]


def waiting(rescorer: Rescorer) -> list[str]:
    with db.read():
        return rescorer.behind()


def test_a_vote_costs_one_idea_however_many_there_are(
    plugins: Plugins, space: Any, make_idea: Make, cast_votes: Votes, computed: list[Any], count_queries: Any
) -> None:
    """The same rules asked, the same number of statements, among 2 ideas and among 30; no sum over the space."""
    ideas = [make_idea(space) for _ in range(2)]
    cast_votes(ideas[1], 3)
    plugins.enable("scoring", space)
    plugins.work()
    counts = []
    for more in (0, 28):
        ideas += [make_idea(space) for _ in range(more)]
        plugins.work()
        cast_votes(ideas[1], 1)
        rescorer = Rescorer(plugins.host)
        rescorer._check_at = float("inf")  # the look for what is owed is not of the vote
        computed.clear()
        with count_queries() as statements:
            assert rescorer.rescore(space.id) == [ideas[1].id]
        assert sorted(computed) == sorted(
            (rule.name, ideas[1].id) for rule in plugins.host.card("scoring").rules if not rule.for_team
        )
        assert not any("sum(idea." in statement.lower() for statement in statements)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 25, counts


def test_a_night_asks_only_the_rules_that_time_changes(
    plugins: Plugins, space: Any, make_idea: Make, cast_votes: Votes, computed: list[Any], clock: Clock
) -> None:
    idea, other = make_idea(space), make_idea(space)
    cast_votes(idea, 4)
    plugins.enable("scoring", space)
    plugins.work()
    before = kept(idea)[0]
    assert before["trending"] > 0 and before["bayes"] == 1.0, "the space likes everything so far"
    cast_votes(other, 0, 4)
    plugins.work()
    assert kept(idea)[0] == before, "a vote on another idea changes nothing here, until the night"
    clock.advance(hours=23)
    computed.clear()
    plugins.work()
    assert computed == []
    clock.advance(hours=2)
    plugins.work()
    assert {rule for rule, _idea in computed} == {"bayes", "trending"} and len(computed) == 4
    after = kept(idea)[0]
    assert "trending" not in after, "its votes are no longer of the last day"
    assert after["bayes"] == round((0.5 * 10 + 4) / 14, 4) and after["hot"] == before["hot"]
    assert (totals_of(space.id).up, totals_of(space.id).down, totals_of(space.id).ideas) == (4, 4, 2)


def test_a_parameter_scores_the_space_anew_in_the_worker(
    plugins: Plugins, space: Any, make_idea: Make, cast_votes: Votes
) -> None:
    ideas = [make_idea(space) for _ in range(3)]
    cast_votes(ideas[0], 3)
    plugins.enable("scoring", space)
    plugins.work()
    before = kept(*ideas)
    plugins.enable("scoring", space, hot_hours=100.0, trending_least=4)
    assert kept(*ideas) == before, "not in the request"
    plugins.work()
    after = kept(*ideas)
    assert all(new["hot"] < old["hot"] for new, old in zip(after, before, strict=True))
    assert "trending" in before[0] and "trending" not in after[0] and after[0]["wilson"] == before[0]["wilson"]


def test_a_new_version_goes_over_the_spaces_it_is_on_in(
    plugins: Plugins, space: Any, make_idea: Make, computed: list[Any]
) -> None:
    make_idea(space)
    plugins.enable("scoring", space)
    plugins.work()
    computed.clear()
    plugins.work()
    assert computed == []
    loaded = plugins.host.plugins["scoring"]
    plugins.host.plugins["scoring"] = replace(loaded, card=replace(loaded.card, version="1.0.1"))
    try:
        plugins.work()
    finally:
        plugins.host.plugins["scoring"] = loaded
    assert {rule for rule, _idea in computed} == {"hot", "wilson", "bayes", "trending", "controversial"}


def test_a_pass_that_was_cut_off_is_taken_up_again(
    plugins: Plugins, rescorer: Rescorer, space: Any, make_idea: Make
) -> None:
    ideas = [make_idea(space) for _ in range(3)]
    plugins.enable("scoring", space)
    for _slice in range(2):
        rescorer.rescore(space.id)
    assert [bool(scores) for scores in kept(*ideas)] == [True, False, False] and rescorer.progress(space.id) == 1
    fresh = Rescorer(plugins.host)  # the worker was killed and starts again
    assert waiting(fresh) == [space.id]
    for _slice in range(20):
        fresh.rescore(space.id)
    assert all(kept(*ideas)) and waiting(fresh) == []


def test_votes_are_scored_while_a_pass_is_under_way(
    plugins: Plugins, rescorer: Rescorer, space: Any, make_idea: Make, cast_votes: Votes
) -> None:
    ideas = [make_idea(space) for _ in range(3)]
    plugins.enable("scoring", space)
    for _slice in range(2):
        rescorer.rescore(space.id)
    cast_votes(ideas[2], 1)
    rescorer.rescore(space.id)
    assert kept(ideas[2])[0]["wilson"] == 0.2065 and rescorer.progress(space.id) is not None


def test_switched_off_in_the_middle_of_a_pass(
    plugins: Plugins, rescorer: Rescorer, space: Any, make_idea: Make, client: FlaskClient
) -> None:
    ideas = [make_idea(space) for _ in range(3)]
    plugins.enable("scoring", space)
    for _slice in range(3):
        rescorer.rescore(space.id)
    plugins.enable("scoring", space, on=False)
    for _slice in range(20):
        rescorer.rescore(space.id)
    assert kept(*ideas) == [{}, {}, {}] and rescorer.progress(space.id) is None
    page = client.get(f"/spaces/{space.slug}?sort=hot", follow_redirects=True)
    assert page.status_code == 200 and "not on offer here any more" in page.text and ideas[0].title in page.text
    refused = client.get(f"/api/v1/spaces/{space.slug}/ideas?sort=hot")
    assert refused.status_code == 422 and refused.json["errors"][0]["field"] == "sort"


def test_a_space_deleted_in_the_middle_of_a_pass_leaves_nothing(
    plugins: Plugins, rescorer: Rescorer, space: Any, make_idea: Make
) -> None:
    for _ in range(3):
        make_idea(space)
    plugins.enable("scoring", space)
    rescorer.rescore(space.id)
    rescorer.rescore(space.id)
    assert rescorer.progress(space.id) == 1
    delete_space(SYSTEM, space.id, None)
    while finish_deletions():
        pass
    rescorer.rescore(space.id)
    assert rescorer.progress(space.id) is None and totals_of(space.id).counted_at is None


def test_what_a_resting_plugin_missed_is_made_up_for(
    plugins: Plugins, space: Any, make_idea: Make, cast_votes: Votes, clock: Clock
) -> None:
    idea = make_idea(space)
    plugins.enable("scoring", space)
    plugins.work()
    for _failure in range(5):
        plugins.host.runner.blame("scoring", "rule hot", "it broke")
    cast_votes(idea, 3)
    plugins.work()
    assert "wilson" not in kept(idea)[0], "it rests"
    clock.advance(minutes=11)
    plugins.work()
    plugins.work()
    assert kept(idea)[0]["wilson"] == 0.4385


def test_a_removed_plugin_leaves_a_space_that_works_and_comes_back_whole(
    plugins: Plugins, space: Any, make_idea: Make, cast_votes: Votes, make_app: Callable[..., Flask]
) -> None:
    idea = make_idea(space)
    plugins.enable("scoring", space)
    plugins.work()
    bare = make_app(plugins="none")
    without = Plugins(bare)
    cast_votes(idea, 3)
    without.work()
    page = bare.test_client().get(f"/spaces/{space.slug}?sort=wilson", follow_redirects=True)
    assert page.status_code == 200 and "not on offer here any more" in page.text
    assert bare.test_client().get(f"/spaces/{space.slug}/ideas/{idea.id}", follow_redirects=True).status_code == 200
    Plugins(make_app()).work()
    assert kept(idea)[0]["wilson"] == 0.4385
