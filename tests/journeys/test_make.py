"""`make` speaks to people: what it can do, and what to do when it cannot."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import free_port
from tests.support.server import ROOT


def make(*arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run make in the checkout, outside of any make that runs us."""
    kept = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=ROOT, env=kept | ({"PATH": path} if path else {}),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_help_lists_what_it_can_do() -> None:
    """`make` alone says which words it understands."""
    told = make().stdout
    for word in ("run", "test", "test-full", "bench", "build", "clean", "help"):
        assert f"make {word} " in told


def test_a_taken_port_is_said_with_the_way_out() -> None:
    """Before anything is fetched or built."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        done = make("run", f"PORT={port}")
    assert done.returncode != 0
    assert f"Port {port} is taken by another program. Use another one: make run PORT={port + 1}" in done.stderr


def test_a_free_port_is_no_hindrance() -> None:
    """The control: with a free port the check passes."""
    assert make("port", f"PORT={free_port()}").returncode == 0


OLD = "exit 1"
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [(OLD, "Codesign needs Python 3.11 or newer"), (WITHOUT_VENV, "sudo apt-get install python3-venv")],
)
def test_what_python_lacks_is_said(tmp_path: Path, behaviour: str, sentence: str) -> None:
    """An old Python, and a Debian without python3-venv."""
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{behaviour}\n")
        (tmp_path / name).chmod(0o755)
    venv = tmp_path / "venv"
    done = make(f"{venv}/.made", f"VENV={venv}", path=f"{tmp_path}:/usr/bin:/bin")
    assert done.returncode != 0
    assert sentence in done.stdout
