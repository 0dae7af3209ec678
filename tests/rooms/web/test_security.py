"""Pages keep to themselves; changing requests must come from them."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.web.assets import EXTENSION, Assets
from codesign.web.preferences import local_path


def token(client: FlaskClient) -> str:
    """The form token of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/page").text)
    assert found
    return found[1]


def test_a_page_allows_only_its_own_scripts(client: FlaskClient) -> None:
    response = client.get("/page")
    policy = response.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce and "unsafe" not in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
    for script in re.findall(r"<script (?!type=\"application/json\")[^>]*>", response.text):
        assert f'nonce="{nonce[1]}"' in script
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert " style=" not in response.text and not re.search(r" on\w+=\"", response.text)
    assert client.get("/page").headers["Content-Security-Policy"] != policy


def test_a_form_of_our_page_is_taken(client: FlaskClient) -> None:
    assert client.post("/page", data={"csrf_token": token(client)}).text == "saved"


def test_a_script_of_our_page_is_taken(client: FlaskClient) -> None:
    assert client.post("/api/v1/thing", json={}, headers={"X-CSRF-Token": token(client)}).text == "saved"


@pytest.mark.parametrize("sent", ["", "wrong", "AAAA", "é", "A" * 5000])
def test_without_the_token_nothing_is_taken(client: FlaskClient, sent: str) -> None:
    token(client)
    assert client.post("/page", data={"csrf_token": sent}).status_code == 403
    assert client.post("/api/v1/thing", json={}).status_code == 403


def test_a_token_of_another_browser_is_not_taken(app, client: FlaskClient) -> None:
    token(client)
    assert client.post("/page", data={"csrf_token": token(app.test_client())}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_request_from_elsewhere_is_not_taken_even_with_the_token(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    sent = {"csrf_token": token(client)}
    assert client.post("/page", data=sent, headers=headers).status_code == 403
    assert client.post("/page", data=sent, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_bearer_token_needs_no_form_token(client: FlaskClient) -> None:
    assert client.post("/api/v1/thing", json={}, headers={"Authorization": "Bearer abc"}).text == "saved"


def test_tokens_differ_from_page_to_page_but_all_fit(client: FlaskClient) -> None:
    first, second = token(client), token(client)
    assert first != second
    assert client.post("/page", data={"csrf_token": first}).status_code == 200


def test_pages_are_compressed_for_those_who_can(client: FlaskClient) -> None:
    packed = client.get("/page", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"<h1>Hello</h1>" in gzip.decompress(packed.data)
    for taken in ({}, {"Accept-Encoding": "gzip;q=0"}):
        assert "Content-Encoding" not in client.get("/page", headers=taken).headers


def test_built_files_come_packed_for_those_who_take_it(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    for name, content in (("main.css", b"plain"), ("main.css.gz", b"gzip"), ("main.css.br", b"br")):
        (tmp_path / name).write_bytes(content)
    app.extensions[EXTENSION] = Assets(tmp_path)
    for header, content in (("", b"plain"), ("gzip", b"gzip"), ("gzip, br", b"br"), ("br;q=0, gzip;q=0", b"plain")):
        assert client.get("/assets/main.css", headers={"Accept-Encoding": header}).data == content, header


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"]
)
def test_nobody_is_sent_elsewhere(address: str) -> None:
    assert local_path(address) == "/"


def test_a_path_of_ours_is_kept() -> None:
    assert local_path("/spaces/tarn?sort=new") == "/spaces/tarn?sort=new"


def test_preferences_are_remembered(client: FlaskClient) -> None:
    sent = {"csrf_token": token(client), "theme": "dark", "next": "/page"}
    assert client.post("/preferences", data=sent).headers["Location"] == "/page"
    assert 'data-theme="dark"' in client.get("/page").text
    assert client.post("/preferences", data=sent | {"theme": "pink"}).status_code == 422
