"""Too many requests from one address are refused; programs with tokens and votes are counted elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_an_address_that_asks_too_fast_is_told_when_to_come_back(
    make_app: Callable[..., Any], make_person: Callable[..., Any], make_token: Callable[..., str]
) -> None:
    client = make_app(requests_per_minute=40).test_client()
    answers = [client.get("/api/v1/spaces").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    refused = client.get("/api/v1/spaces")
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json["code"] == "too_many"
    page = client.get("/")
    assert page.status_code == 429 and "quick" in page.text
    assert client.get("/health/live").status_code == 200
    token = make_token(make_person())
    with_token = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert with_token.status_code == 200
