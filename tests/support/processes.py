"""Child processes that end with the tests, however those end, and ports nobody else listens on."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_LOW, _HIGH = 20001, 32767  # below the range that outgoing connections take their ports from


def free_port() -> int:
    """A port of 127.0.0.1 that is free right now."""
    for _ in range(200):
        port = random.randrange(_LOW, _HIGH)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port between 20001 and 32767")


def die_with_parent(how: int = signal.SIGTERM) -> None:
    """For ``preexec_fn``: on Linux the child gets the signal *how* when pytest is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)


def group_members(group: int) -> list[int]:
    """The living processes of a process group (Linux; elsewhere an empty list)."""
    members = []
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                state, _parent, its_group = file.read().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                members.append(int(entry))
    return members


def end(process: subprocess.Popen[bytes], *, patience: float = 10, how: int = signal.SIGTERM) -> int:
    """Ask *process* to end, wait, and kill its whole group if it does not. Returns its exit code."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    kill_group(process.pid)
    return process.wait(patience)


def kill_group(group: int, within: float = 5) -> None:
    """SIGKILL whatever is left of a process group and wait until it is gone."""
    until = time.monotonic() + within
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        if not group_members(group) or time.monotonic() > until:
            return
        time.sleep(0.02)
