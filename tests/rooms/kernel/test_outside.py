"""Calls to addresses people typed: never into private networks, never longer or larger than said; sealed secrets."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from codesign.kernel import outside, sealing
from codesign.kernel.errors import Invalid
from codesign.kernel.outside import Request, Unreachable, checked_address, sender

HERE = ["127.0.0.1"]


class Peer(BaseHTTPRequestHandler):
    """Answers in several bad ways."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/slow-head":
            return self.drip()
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://127.0.0.1:1/secret")
        self.end_headers()
        if self.path == "/long":
            self.wfile.write(b"x" * (outside.MOST_BYTES + 100_000))
        elif self.path == "/slow":
            self.drip()
        else:
            self.wfile.write(self.headers["Host"].encode() + b" " + body)

    def drip(self) -> None:
        """For as long as anybody listens."""
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b"H")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def peer() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "http://127.1/x", "http://2130706433/", "http://0x7f.1/", "http://[::ffff:7f00:1]/", "http://[::1]/",
        "http://169.254.169.254/latest/meta-data", "http://10.1.2.3/", "http://[fe80::1]/", "http://[2002:7f00:1::]/",
        "http://224.0.0.1/", "http://100.64.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://", "https://u:p@127.0.0.1/",
        "http://127.0.0.1:99999/", "http://[::1", "http://[abc]/", "https://example.com\uff03@b.com/", "http://a\0b/", "http://\ud800/",
    ],
)  # fmt: skip
def test_private_and_odd_addresses_are_refused(url: str) -> None:
    with pytest.raises(Unreachable) as refused:
        checked_address(url)
    assert refused.value.forbidden


def test_what_the_server_allows_may_be_called() -> None:
    assert checked_address("http://127.0.0.1:8000/x", ["127.0.0.0/8"]) == ("127.0.0.1", "127.0.0.1")
    assert checked_address("http://127.0.0.1/", ["127.0.0.1"])[1] == "127.0.0.1"
    assert checked_address("https://1.1.1.1/") == ("1.1.1.1", "1.1.1.1")
    with pytest.raises(Unreachable):
        checked_address("http://127.0.0.1/", ["10.0.0.0/8", "nonsense"])


def test_a_name_with_one_private_address_is_refused_and_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [["93.184.216.34", "10.0.0.7"], ["93.184.216.34"], ["127.0.0.1"]]

    def look_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (address, 80)) for address in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(Unreachable):
        checked_address("http://two-faced.example/")
    assert checked_address("http://two-faced.example/")[1] == "93.184.216.34"


def test_an_answer_comes_back_whole_and_redirects_are_not_followed(peer: str) -> None:
    send = sender(HERE)
    answer = send(Request("POST", peer + "/x", {"x-a": "b"}, b"hello"))
    assert answer.status == 200 and answer.body.endswith(b" hello") and answer.body.startswith(b"127.0.0.1:")
    assert send(Request("POST", peer + "/away")).status == 302


def test_what_is_too_long_too_slow_or_not_there_is_no_answer(peer: str) -> None:
    for path, word in (("/long", "megabyte"), ("/slow", "slow"), ("/slow-head", "slow")):
        with pytest.raises(Unreachable, match=word) as refused:
            sender(HERE, deadline=0.5)(Request("POST", peer + path))
        assert not refused.value.forbidden
    with pytest.raises(Unreachable):
        sender(HERE, deadline=0.5)(Request("POST", "http://127.0.0.1:1/"))


def test_a_sealed_secret_opens_with_its_key_and_purpose_alone() -> None:
    sealed = sealing.seal("key", "crm", "tok-é")
    assert "tok" not in sealed and sealing.unseal("key", "crm", sealed) == "tok-é"
    for key, purpose, text in (
        ("other", "crm", sealed),
        ("key", "mail", sealed),
        ("key", "crm", sealed[:-4]),
        ("key", "crm", ""),
    ):
        with pytest.raises(Invalid):
            sealing.unseal(key, purpose, text)
