"""The orders as people get them: through the API, in a space where the plugin is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from codesign.testing import Clock, Plugins


def titles(client: FlaskClient, space: Any, sort: str) -> list[str]:
    answer = client.get(f"/api/v1/spaces/{space.slug}/ideas?sort={sort}")
    assert answer.status_code == 200, answer.json
    return [item["title"] for item in answer.json["items"]]


def test_wilson_trusts_many_votes_more_than_a_perfect_few(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, cast_votes: Callable[..., None]
) -> None:
    space = make_space(kind="updown")
    few, many, none = (
        make_idea(space, "Few and perfect"),
        make_idea(space, "Many and good"),
        make_idea(space, "No votes"),
    )
    cast_votes(few, 1)
    cast_votes(many, 8, 2)
    plugins.enable("scoring", space)
    plugins.work()
    assert titles(client, space, "wilson") == [many.title, few.title, none.title]


def test_ties_go_to_more_ups_then_to_the_older(
    client: FlaskClient,
    plugins: Plugins,
    make_space: Any,
    make_idea: Any,
    cast_votes: Callable[..., None],
    clock: Clock,
) -> None:
    space = make_space(kind="updown")
    older, newer, loved = (make_idea(space, title) for title in ("Older one", "Newer one", "Fought over"))
    cast_votes(loved, 2, 2)  # the same balance as the others, at the same time, but more ups
    plugins.enable("scoring", space)
    plugins.work()
    assert titles(client, space, "hot") == [loved.title, older.title, newer.title]


def test_hot_lets_the_new_overtake(
    client: FlaskClient,
    plugins: Plugins,
    make_space: Any,
    make_idea: Any,
    cast_votes: Callable[..., None],
    clock: Clock,
) -> None:
    space = make_space(kind="upvote")
    old = make_idea(space, "Old and wanted")
    cast_votes(old, 9)
    clock.advance(hours=13)  # more than 45,000 s: worth ten times the votes
    new = make_idea(space, "New and barely seen")
    plugins.enable("scoring", space)
    plugins.work()
    assert titles(client, space, "hot") == [new.title, old.title] and titles(client, space, "top") == [
        old.title,
        new.title,
    ]


def test_no_wilson_on_pure_upvotes_and_nothing_where_it_is_off(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any
) -> None:
    plain, both = make_space(kind="upvote"), make_space(kind="updown")
    plugins.enable("scoring", plain)
    plugins.work()
    assert client.get(f"/api/v1/spaces/{plain.slug}/ideas?sort=wilson").status_code == 422
    assert client.get(f"/api/v1/spaces/{both.slug}/ideas?sort=hot").status_code == 422
    assert client.get(f"/api/v1/spaces/{plain.slug}/ideas?sort=hot").status_code == 200
    plugins.enable("scoring", plain, on=False)
    assert client.get(f"/api/v1/spaces/{plain.slug}/ideas?sort=hot").status_code == 422


def test_hidden_results_hide_these_orders_too(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, cast_votes: Callable[..., None]
) -> None:
    """While tallies are hidden, an order that tells of votes is replaced, so it tells nothing."""
    space = make_space(kind="updown", results="at_close")
    first, second = make_idea(space, "First idea"), make_idea(space, "Second idea")
    cast_votes(first, 5)
    plugins.enable("scoring", space)
    plugins.work()
    assert titles(client, space, "hot") == titles(client, space, "new") == [second.title, first.title]
