"""How long people wait for ``codesign serve`` and for commands, when everything has been started before."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from tests.load.stage import cpu_seconds, row
from tests.support.server import Server, run_codesign

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
COMMANDS = ("--help", "space list", "product --help")


def first_page(server: Server) -> tuple[float, float]:
    """Seconds until the first page is there, and those of a processor that the server has used then."""
    began = time.perf_counter()
    server.start()
    urlopen(server.url).close()
    assert server.process is not None
    took = time.perf_counter() - began, cpu_seconds(server.process.pid)
    server.stop()
    return took


def command(instance: Path, work: str) -> float:
    """Seconds of a processor that one command needs."""
    before = os.times()
    assert run_codesign(*work.split(), instance=instance).returncode == 0
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    print(f"start: the median of {RUNS} runs")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "instance", {})
        first_page(server)  # builds the database, compiles
        runs = [first_page(server) for _ in range(RUNS)]
        row("serve", until_first_page_s=median(took for took, _cpu in runs), cpu_s=median(cpu for _took, cpu in runs))
        for work in COMMANDS:
            row(f"codesign {work}", cpu_s=median(command(server.instance, work) for _ in range(RUNS)))


if __name__ == "__main__":
    main()
