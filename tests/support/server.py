"""A real ``codesign serve`` in its own process, with its own instance folder, on its own port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.processes import die_with_parent, end, free_port, group_members, kill_group

ROOT = Path(__file__).resolve().parents[2]

#: Runs the command line of this checkout, whether or not its script is installed.
COMMAND = [sys.executable, "-m", "codesign"]

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of the product, so that a developer's own do not leak into tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CODESIGN_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": ""}


def run_codesign(
    *arguments: str, instance: Path, settings: dict[str, str] | None = None, stdin: str = "", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run one ``codesign`` command on an instance folder and return what it printed."""
    named = {f"CODESIGN_{name.upper()}": value for name, value in (settings or {}).items()}
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**clean_environment(), "CODESIGN_INSTANCE": str(instance), **named},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        cwd=instance.parent,
    )


class Server:
    """One ``codesign serve``. It can be stopped, killed and started again on the same port and data."""

    def __init__(
        self,
        instance: Path,
        settings: dict[str, str],
        arguments: tuple[str, ...] = (),
        command: list[str] | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        self.instance, self.settings, self.arguments = instance, settings, arguments
        self.command, self.environ = command or COMMAND, environ or {}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = instance.parent / f"{instance.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 40) -> Server:
        """Start and wait until ``/health/ready`` answers 200."""
        self.instance.mkdir(parents=True, exist_ok=True)
        named = {f"CODESIGN_{name.upper()}": value for name, value in self.settings.items()}
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "serve", "--host", "127.0.0.1", "--port", str(self.port), *self.arguments],
                env={**clean_environment(), **self.environ, "CODESIGN_INSTANCE": str(self.instance), **named},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.instance.parent,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        until = time.monotonic() + patience
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                kill_group(self.process.pid)
                raise RuntimeError(f"the server did not get ready:\n{self.output()[-4000:]}")
            time.sleep(0.05)
        return self

    def is_ready(self) -> bool:
        """Whether ``/health/ready`` answers 200 now."""
        try:
            with _direct.open(f"{self.url}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def output(self) -> str:
        """Everything it has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def left_running(self) -> list[int]:
        """Processes of it (server and worker) that still live."""
        return group_members(self.process.pid) if self.process else []

    def stop(self, how: int = signal.SIGTERM) -> int:
        """End it politely; whatever is left after ten seconds is killed. Returns the exit code."""
        assert self.process is not None
        return end(self.process, how=how)

    def kill(self, *, worker_too: bool = True) -> None:
        """SIGKILL, as when the power fails; without *worker_too* only the serving process."""
        assert self.process is not None
        if worker_too:
            kill_group(self.process.pid)
        else:
            self.process.kill()
        self.process.wait(10)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start servers: ``serve(database_url=…, demo="1", arguments=("--no-worker",))``; settings by lower-case name."""
    servers: list[Server] = []

    def begin(*, arguments: tuple[str, ...] = (), instance: Path | None = None, **settings: str) -> Server:
        folder = instance or tmp_path / f"instance-{len(servers)}"
        servers.append(Server(folder, settings, arguments))
        return servers[-1].start()

    yield begin
    for server in servers:
        if server.process is not None:
            server.stop()
