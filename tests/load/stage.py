"""What every benchmark needs: a server with a space, ideas and people; percentiles; CPU time of a process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.programs import Admin
from tests.support.server import Server

LIMITS = {
    "votes_per_minute": "600000",
    "votes_burst": "100000",
    "votes_per_minute_address": "6000000",
    "token_votes_per_second": "100000",
}


@dataclass
class Stage:
    """A running server with a space ``load``."""

    server: Server
    admin: Admin
    ideas: list[str]
    people: list[str]


@contextmanager
def stage(ideas: int, people: int, **settings: str) -> Iterator[Stage]:
    """Start a server with its own data and fill it. Limits are raised by settings, never switched off."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "instance", {**LIMITS, **settings}).start()
        try:
            admin = Admin(server)
            admin.make_space("load")
            made = [admin.make_idea("load", f"Idea number {number}") for number in range(ideas)]
            yield Stage(server, admin, made, admin.make_people("load", people))
        finally:
            server.stop()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which *share* of the *values* lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_seconds(pid: int) -> float:
    """CPU time a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def row(name: str, **figures: Any) -> None:
    """Print one line of a result."""
    shown = "  ".join(
        f"{key} {value:,.2f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items()
    )
    print(f"  {name:34s} {shown}", flush=True)
