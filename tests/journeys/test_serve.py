"""`codesign serve` as an operator knows it: it gets ready, survives a kill, and leaves nothing running."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import httpx
import pytest

from tests.support.server import Server

Serve = Callable[..., Server]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_everything_it_started(serve: Serve, how: int) -> None:
    """Server and worker are up; one signal to the server ends both, quickly and without a complaint."""
    server = serve()
    until = time.monotonic() + 20
    while len(server.left_running()) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert len(server.left_running()) == 2, "the server and its worker"
    started = time.monotonic()
    assert server.process is not None
    server.process.send_signal(how)
    assert server.process.wait(15) == 0, server.output()
    assert time.monotonic() - started < 8
    assert server.left_running() == []


def test_the_worker_ends_when_the_server_is_killed(serve: Serve) -> None:
    """SIGKILL gives the server no time to say goodbye; its worker must notice by itself."""
    server = serve()
    until = time.monotonic() + 20
    while len(server.left_running()) < 2 and time.monotonic() < until:
        time.sleep(0.1)
    server.kill(worker_too=False)
    until = time.monotonic() + 15
    while server.left_running() and time.monotonic() < until:
        time.sleep(0.1)
    assert server.left_running() == []


@pytest.mark.full
def test_it_starts_again_on_the_same_data_after_a_kill(serve: Serve) -> None:
    """The port and the data are free at once."""
    server = serve()
    server.kill()
    server.start()
    assert httpx.get(f"{server.url}/health/live").status_code == 200
