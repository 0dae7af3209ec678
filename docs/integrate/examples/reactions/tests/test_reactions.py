"""Reactions, as people and programs meet them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.testing import Plugins, check_plugin, only_plugin

FOLDER = Path(__file__).parents[1]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The app with this plugin alone, its table made."""
    app = make_app(**only_plugin(FOLDER))
    Plugins(app).host.upgrade_tables()
    return app


@pytest.fixture
def react(
    client: FlaskClient, make_person: Callable[..., Any], make_token: Callable[..., str]
) -> Callable[..., tuple[Any, Any]]:
    """Let somebody new react to an idea: the person, and what the server says."""

    def reacting(idea: Any, emoji: str = "🎉", person: Any = None) -> tuple[Any, Any]:
        person = person or make_person()
        address = f"/spaces/{idea.space_slug}/-/reactions/{idea.id}"
        bearer = {"Authorization": f"Bearer {make_token(person)}"}
        return person, client.post(address, data={"emoji": emoji}, headers=bearer)

    return reacting


def figures(client: FlaskClient, space: Any) -> list[tuple[str, int]]:
    answer = client.get(f"/api/v1/spaces/{space.slug}/-/reactions/")
    return [(item["emoji"], item["count"]) for item in answer.json["items"]]


def test_a_reaction_is_counted_told_and_taken_back(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, react: Any
) -> None:
    space = make_space()
    idea = make_idea(space)
    plugins.enable("reactions", space)
    ann, answer = react(idea)
    assert answer.status_code in (302, 303) and idea.id in answer.headers["Location"]
    react(idea)
    assert figures(client, space) == [("🎉", 2)]
    told = client.get(f"/api/v1/spaces/{space.slug}/events?after=0").json["items"][-1]
    assert (told["name"], told["payload"]["count"], told["actor_id"]) == ("reactions.changed", 2, None)
    page = client.get(f"/spaces/{space.slug}/ideas/{idea.id}", follow_redirects=True).text
    assert 'data-emoji="🎉"' in page and "reactions/main.js" in page and "reactions/main.css" in page
    assert "🎉" in client.get(f"/spaces/{space.slug}/-/reactions/").text
    react(idea, person=ann)
    assert figures(client, space) == [("🎉", 1)]


def test_what_is_not_offered_is_refused(plugins: Plugins, make_space: Any, make_idea: Any, react: Any) -> None:
    space = make_space()
    plugins.enable("reactions", space, emojis=["👍"])
    assert react(make_idea(space))[1].status_code == 422
    assert react(make_idea(space), "👍")[1].status_code in (302, 303)


def test_hidden_results_hide_reactions(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, react: Any
) -> None:
    space = make_space(results="at_close")
    plugins.enable("reactions", space)
    idea = make_idea(space)
    react(idea)
    assert figures(client, space) == []
    events = client.get(f"/api/v1/spaces/{space.slug}/events?after=0").json["items"]
    assert [each for each in events if each["name"].startswith("reactions.")] == []
    assert (
        'data-emoji="🎉">🎉</button>' in client.get(f"/spaces/{space.slug}/ideas/{idea.id}", follow_redirects=True).text
    )


def test_where_it_is_off_no_page_loads_it(client: FlaskClient, make_space: Any, make_idea: Any) -> None:
    idea = make_idea(make_space())
    page = client.get(f"/spaces/{idea.space_slug}/ideas/{idea.id}", follow_redirects=True).text
    assert 'src="/-/static/reactions' not in page and "data-emoji" not in page


def test_it_conforms() -> None:
    assert check_plugin(FOLDER) == []
