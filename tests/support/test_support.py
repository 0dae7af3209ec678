"""The ground the tests stand on: our own PostgreSQL, the network guard, the rule about skipped tests, Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from tests.support import postgres
from tests.support.processes import free_port, group_members

ROOT = Path(__file__).resolve().parents[2]


def test_a_database_copies_its_template_and_goes_away(postgres_cluster: postgres.Cluster) -> None:
    """What is in the template is in the copy; a dropped database is gone."""
    postgres_cluster.create("mother")
    with psycopg.connect(postgres_cluster.address("mother"), autocommit=True) as connection:
        connection.execute("CREATE TABLE child (name text)")
    started = time.monotonic()
    postgres_cluster.create("daughter", "mother")
    assert time.monotonic() - started < 5
    with psycopg.connect(postgres_cluster.address("daughter")) as connection:
        assert connection.execute("SELECT count(*) FROM child").fetchone() == (0,)
    postgres_cluster.drop("daughter")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres_cluster.address("daughter"))


def test_the_cluster_ends_with_its_parent() -> None:
    """Killing the test process leaves no PostgreSQL behind."""
    code = (
        "import os, signal\nfrom tests.support.postgres import Cluster\ncluster = Cluster()\n"
        "print(cluster.process.pid, cluster.folder, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    group, folder = done.stdout.split()
    until = time.monotonic() + 10
    while group_members(int(group)) and time.monotonic() < until:
        time.sleep(0.05)
    assert group_members(int(group)) == []
    subprocess.run(["rm", "-rf", folder], check=True)


def test_this_machine_may_be_reached() -> None:
    """The allowed side of the guard: loopback works."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)), socket.create_connection(("localhost", port), timeout=2):
        pass


def run_pytest(folder: Path, text: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run *text* as a test file under our conftest."""
    (folder / "test_inner.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-c",
        str(ROOT / "pyproject.toml"),
        "--rootdir",
        str(ROOT),
        "-p",
        "tests.conftest",
        str(folder / "test_inner.py"),
    ]
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "CODESIGN_DATA"}}
    return subprocess.run(command, cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True, check=False)


@pytest.mark.full
def test_another_machine_is_refused_even_when_the_code_swallows_it(tmp_path: Path) -> None:
    """192.0.2.1 is an address for documentation; the guard stops the connection before a packet leaves."""
    text = """
import contextlib, socket
def test_calls_home():
    with contextlib.suppress(OSError):
        socket.create_connection(("192.0.2.1", 9), timeout=0.1)
"""
    done = run_pytest(tmp_path, text)
    assert done.returncode == 1
    assert "tried to reach 192.0.2.1" in done.stdout


SKIPS = "import pytest\ndef test_one(): pass\n@pytest.mark.skip(reason='not today')\ndef test_two(): pass\n"
LACKS = "import pytest\ndef test_one(): pass\n@pytest.mark.needs_data('no-such-folder')\ndef test_two(): pass\n"


@pytest.mark.parametrize(
    ("text", "environ", "code", "sentence"),
    [
        (SKIPS, {}, 0, "1 skipped"),
        (SKIPS, {"CI": "true"}, 1, "1 tests were skipped: that is a failure"),
        (LACKS, {"CI": "true"}, 0, "1 tests were left out: they need public data"),
    ],
)
def test_a_skipped_test_fails_in_ci(
    tmp_path: Path, text: str, environ: dict[str, str], code: int, sentence: str
) -> None:
    """A skip is a failure in CI, except for public data that is not there."""
    done = run_pytest(tmp_path, text, **environ)
    assert done.returncode == code, done.stdout
    assert sentence in done.stdout


def test_chromium_starts(page: Page) -> None:
    """The installed browser draws a page and runs its script."""
    page.set_content("<title>x</title><p id=p></p><script>document.getElementById('p').textContent = 6 * 7</script>")
    assert page.inner_text("#p") == "42"
