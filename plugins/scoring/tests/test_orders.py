"""The orders as people get them: through the API, in a space where the plugin is on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.hooks import service
from codesign.hooks.host import host_of
from codesign.ideas.rescoring import Rescorer
from codesign.kernel.actor import SYSTEM, Actor
from codesign.testing import Clock
from codesign.voting.service import cast_vote


@pytest.fixture
def vote(make_person: Callable[..., Any]) -> Callable[..., None]:
    people: list[Any] = []

    def cast(idea: Any, ups: int = 0, downs: int = 0) -> None:
        while len(people) < ups + downs:
            people.append(make_person(guest=True))
        for number, value in enumerate([1] * ups + [-1] * downs):
            cast_vote(Actor(person_id=people[number].id, guest=True), idea.id, value)

    return cast


def switch(app: Flask, space: Any, on: bool = True) -> None:
    service.switch_plugin(SYSTEM, host_of(app), space.id, "scoring", on)
    Rescorer(host_of(app)).rescore(space.id)


def titles(client: FlaskClient, space: Any, sort: str) -> list[str]:
    answer = client.get(f"/api/v1/spaces/{space.slug}/ideas?sort={sort}")
    assert answer.status_code == 200, answer.json
    return [item["title"] for item in answer.json["items"]]


def test_wilson_trusts_many_votes_more_than_a_perfect_few(
    app: Flask, client: FlaskClient, make_space: Any, make_idea: Any, vote: Callable[..., None]
) -> None:
    space = make_space(kind="updown")
    few, many, none = (
        make_idea(space, "Few and perfect"),
        make_idea(space, "Many and good"),
        make_idea(space, "No votes"),
    )
    vote(few, 1)
    vote(many, 8, 2)
    switch(app, space)
    assert titles(client, space, "wilson") == [many.title, few.title, none.title]


def test_ties_go_to_more_ups_then_to_the_older(
    app: Flask, client: FlaskClient, make_space: Any, make_idea: Any, vote: Callable[..., None], clock: Clock
) -> None:
    space = make_space(kind="updown")
    older, newer, loved = (make_idea(space, title) for title in ("Older one", "Newer one", "Fought over"))
    vote(loved, 2, 2)  # the same balance as the others, at the same time, but more ups
    switch(app, space)
    assert titles(client, space, "hot") == [loved.title, older.title, newer.title]


def test_hot_lets_the_new_overtake(
    app: Flask, client: FlaskClient, make_space: Any, make_idea: Any, vote: Callable[..., None], clock: Clock
) -> None:
    space = make_space(kind="upvote")
    old = make_idea(space, "Old and wanted")
    vote(old, 9)
    clock.advance(hours=13)  # more than 45,000 s: worth ten times the votes
    new = make_idea(space, "New and barely seen")
    switch(app, space)
    assert titles(client, space, "hot") == [new.title, old.title] and titles(client, space, "top") == [
        old.title,
        new.title,
    ]
    assert timedelta(hours=13).total_seconds() > 45_000


def test_no_wilson_on_pure_upvotes_and_nothing_where_it_is_off(
    app: Flask, client: FlaskClient, make_space: Any, make_idea: Any
) -> None:
    plain, both = make_space(kind="upvote"), make_space(kind="updown")
    switch(app, plain)
    assert client.get(f"/api/v1/spaces/{plain.slug}/ideas?sort=wilson").status_code == 422
    assert client.get(f"/api/v1/spaces/{both.slug}/ideas?sort=hot").status_code == 422
    assert client.get(f"/api/v1/spaces/{plain.slug}/ideas?sort=hot").status_code == 200
    switch(app, plain, False)
    assert client.get(f"/api/v1/spaces/{plain.slug}/ideas?sort=hot").status_code == 422


def test_hidden_results_hide_these_orders_too(
    app: Flask, client: FlaskClient, make_space: Any, make_idea: Any, vote: Callable[..., None]
) -> None:
    """While tallies are hidden, an order that tells of votes is replaced, so it tells nothing."""
    space = make_space(kind="updown", results="at_close")
    first, second = make_idea(space, "First idea"), make_idea(space, "Second idea")
    vote(first, 5)
    switch(app, space)
    assert titles(client, space, "hot") == titles(client, space, "new") == [second.title, first.title]
