"""Votes by form and by API are counted against the same limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.visitor import Visitor

Make = Callable[..., Any]


def test_a_person_who_votes_too_fast_is_told_so_at_every_door(
    make_app: Make, make_space: Make, make_idea: Make
) -> None:
    app = make_app(votes_per_minute=1, votes_burst=2)
    space = make_space()
    ideas = [make_idea(space) for _ in range(4)]
    visitor = Visitor(app)
    visitor.get(f"/spaces/{space.slug}")
    form = f"/spaces/{space.slug}/ideas/{ideas[0].id}/vote"
    assert visitor.send(form, value="1").status_code == 303
    assert visitor.put(f"/api/v1/ideas/{ideas[1].id}/vote", {"value": 1}).status_code == 200
    refused = visitor.put(f"/api/v1/ideas/{ideas[2].id}/vote", {"value": 1})
    assert (refused.status_code, refused.json["code"]) == (429, "too_many")
    assert int(refused.headers["Retry-After"]) > 1
    assert visitor.send(f"/spaces/{space.slug}/ideas/{ideas[3].id}/vote", value="1").status_code == 429
    other = Visitor(app)
    other.get(f"/spaces/{space.slug}")
    assert other.send(form, value="1").status_code == 303


def test_what_comes_with_a_token_counts_against_the_token_alone(
    make_app: Make, make_person: Make, make_token: Make, make_space: Make, make_idea: Make
) -> None:
    client = make_app(votes_per_minute=1, votes_burst=1, token_votes_per_second=3).test_client()
    idea = make_idea(make_space())
    headers = {"Authorization": f"Bearer {make_token(make_person())}"}
    answers = [client.put(f"/api/v1/ideas/{idea.id}/vote", json={"value": 1}, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
