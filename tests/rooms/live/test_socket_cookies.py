"""A cookie opens a socket only together with a sign that a page of ours asks for it (threat X28)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.kernel.actor import ANONYMOUS
from codesign.web.identity import EXTENSION, actor_for_socket

HOST = "http://localhost"


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ({"Origin": HOST}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Referer": f"{HOST}/spaces/bikes"}, True),
        ({}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site", "Referer": f"{HOST}/"}, False),
        ({"Referer": "http://localhost.evil.example/"}, False),
        ({"Referer": "http://[broken"}, False),
    ],
)
def test_cookies_count_only_where_our_page_asks(
    app: Flask, make_person: Callable[..., Any], headers: dict[str, str], known: bool
) -> None:
    guest, ours = make_person(guest=True), app.extensions[EXTENSION]
    cookie = f"{ours.guest_cookie}={ours.signer.dumps(guest.id)}"
    with app.test_request_context("/socket.io/", headers={"Cookie": cookie, **headers}):
        actor, _sign_in, _expires_at = actor_for_socket(None)
    assert actor.person_id == (guest.id if known else None)
    assert known or actor == ANONYMOUS
