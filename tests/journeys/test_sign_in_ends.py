"""Sockets end with the sign-in they hang on, within a second (threat X29), wherever it was ended."""

from __future__ import annotations

import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import socketio

from tests.support.programs import NAMESPACE
from tests.support.server import Server, run_codesign
from tests.support.visitor import PASSWORD

WITHIN = 1.0  # seconds


class Reader:
    """A browser: pages with cookies, and sockets that hang on them."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, follow_redirects=False, timeout=30)

    def send(self, action: str, **fields: str) -> httpx.Response:
        """Post a form."""
        page = self.http.get("/sign-in").text
        token = html.unescape(re.findall(r'<meta name="csrf-token" content="([^"]+)"', page)[0])
        return self.http.post(action, data={"csrf_token": token, **fields})

    def listen(self) -> Line:
        """Open a socket as this browser."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        return Line(self.server, {"Cookie": cookies, "Origin": self.server.url}, None)


class Line:
    """A socket that knows when it was closed by the other side."""

    def __init__(self, server: Server, headers: dict[str, str], auth: dict[str, str] | None) -> None:
        self.closed = threading.Event()
        origins = {"suppress_origin": True}
        self.socket = socketio.Client(reconnection=False, websocket_extra_options=origins)
        self.socket.on("disconnect", lambda *_: self.closed.set(), namespace=NAMESPACE)
        self.socket.connect(server.url, headers=headers, auth=auth, namespaces=[NAMESPACE], transports=["websocket"])

    def alive(self) -> bool:
        """Whether it still answers."""
        if self.closed.is_set():
            return False
        return bool(self.socket.call("unwatch", {"space": "x"}, namespace=NAMESPACE, timeout=5)["ok"])

    def ended(self) -> bool:
        """Whether it is closed in time."""
        return self.closed.wait(WITHIN + 0.5)  # the half second is for this busy machine, not for the server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server."""
    folder: Path = tmp_path_factory.mktemp("sign-in")
    running = Server(folder / "instance", {"logins_per_minute": "1000"}).start()
    yield running
    running.stop()


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    """Sockets to hang up after the test."""
    opened: list[Line] = []
    yield opened
    for line in opened:
        line.socket.disconnect()


def command(server: Server, *arguments: str) -> str:
    """Another process on the same instance."""
    done = run_codesign(*arguments, instance=server.instance, settings=server.settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


ENDS: dict[str, Callable[[Reader, Server, str], object]] = {
    "sign out": lambda reader, server, email: reader.send("/sign-out"),
    "sign in anew": lambda reader, server, email: reader.send("/sign-in", email=email, password=PASSWORD),
    "password": lambda reader, server, email: reader.send(
        "/me/password", old_password=PASSWORD, new_password="another calm green bike"
    ),
    "deleted": lambda reader, server, email: reader.send("/me/delete", sure="1", password=PASSWORD),
    "banned elsewhere": lambda reader, server, email: command(server, "user", "ban", email),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_socket_ends_with_its_sign_in(how: str, server: Server, lines: list[Line]) -> None:
    """The one whose sign-in ended is closed; a bystander's stays."""
    reader, bystander = Reader(server), Reader(server)
    for name, person in (("reader", reader), ("bystander", bystander)):
        email = f"{name}-{how.replace(' ', '-')}@example.org"
        assert person.send("/register", name=name, email=email, password=PASSWORD).status_code == 302
    lines += [reader.listen(), bystander.listen()]
    mine, other = lines
    assert mine.alive() and other.alive()
    ENDS[how](reader, server, f"reader-{how.replace(' ', '-')}@example.org")
    assert mine.ended()
    assert other.alive()


def test_signing_out_leaves_my_other_browser_alone(server: Server, lines: list[Line]) -> None:
    """One browser's session, not the person."""
    here, there = Reader(server), Reader(server)
    here.send("/register", name="Two", email="two@example.org", password=PASSWORD)
    there.send("/sign-in", email="two@example.org", password=PASSWORD)
    lines += [here.listen(), there.listen()]
    here.send("/sign-out")
    assert lines[0].ended()
    assert lines[1].alive()


def test_a_socket_ends_with_its_token(server: Server, lines: list[Line]) -> None:
    """A revoked token closes what was opened with it."""
    reader = Reader(server)
    reader.send("/register", name="Program", email="program@example.org", password=PASSWORD)
    asked = ("user", "token", "--email", "program@example.org", "--scope", "read", "--json")
    token = json.loads(command(server, *asked))
    lines.append(Line(server, {}, {"token": token["token"]}))
    assert lines[0].alive()
    reader.send(f"/me/tokens/{token['id']}/revoke")
    assert lines[0].ended()
    with pytest.raises(socketio.exceptions.ConnectionError):
        Line(server, {}, {"token": token["token"]})
