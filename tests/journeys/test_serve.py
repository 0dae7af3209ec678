"""`codesign serve` as an operator knows it: it gets ready, survives a kill, and leaves nothing running."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.programs import Admin
from tests.support.server import Server, run_codesign

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


def test_a_body_that_comes_slowly_reaches_a_plugin_whole(serve: Serve) -> None:
    """The rest of a request is waited for where its socket lives, not in the thread of the plugin."""
    admin = Admin(serve())
    admin.make_space("slow")
    on = ("plugin", "enable", "crm_export", "--space", "slow")
    assert run_codesign(*on, instance=admin.server.instance, settings=admin.server.settings).returncode == 0
    body = json.dumps({"name": "Noa", "organization": "Velo AG"}).encode()

    def drip() -> Iterator[bytes]:
        time.sleep(0.3)
        yield body[:10]
        time.sleep(0.3)
        yield body[10:]

    for number in range(2):
        headers = {"Content-Length": str(len(body)), "Content-Type": "application/json"}
        admin.ask("PUT", f"/spaces/slow/-/crm_export/people/noa:{number}", content=drip(), headers=headers)
