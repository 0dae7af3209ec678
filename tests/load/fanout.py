"""Fan-out: N sockets watch one space while votes come in, beside a bare websocket broadcast of the same bytes.

The server, the bare peer and the one who votes run in processes of their own; this process is every screen. "shown" is the
time from sending the oldest vote of a frame until the last of the N sockets has that frame. A missing delivery or a refused
vote prints FAILED.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from tests.load.stage import Stage, cpu_seconds, percentile, row, stage
from tests.load.voter import Outcome, VoterProcess
from tests.load.wire import PATH, Crowd, Listener, watcher

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "1000"))
VOTES_PER_SECOND = int(os.environ.get("BENCH_VOTES", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
PEOPLE, IDEAS = 200, 50


class Shown:
    """When the last of the sockets had each frame."""

    def __init__(self) -> None:
        self.arrivals: dict[int, list[float]] = {}
        self.size = 0

    def heard(self, line: Listener, payload: bytes) -> None:
        seq = line.note_seq(payload)
        if seq is not None:
            self.size = max(self.size, len(payload))
            known = self.arrivals.setdefault(seq, [0, 0.0])
            known[0] += 1
            known[1] = time.monotonic()

    def times(self, outcome: Outcome) -> tuple[list[float], int]:
        """Milliseconds from the oldest vote of each frame to its last delivery; how many frames missed a socket."""
        times, missing, before = [], 0, None
        for seq in sorted(self.arrivals):
            count, last = self.arrivals[seq]
            missing += count != SOCKETS
            if before is not None:
                numbers = map(str, range(before + 1, seq + 1))
                started = [outcome.sent_at[number] for number in numbers if number in outcome.sent_at]
                if started:
                    times.append((last - min(started)) * 1000)
            before = seq
        return times, missing


def one_run(ready: Stage) -> dict[str, float] | None:
    crowd, shown = Crowd(), Shown()
    for _number in range(SOCKETS):
        crowd.add(watcher(ready.server.url, "load", shown.heard))
    crowd.settle()
    voter = VoterProcess(ready, VOTES_PER_SECOND, SECONDS)
    assert ready.server.process is not None
    cpu, started = cpu_seconds(ready.server.process.pid), time.perf_counter()
    voter.begin()
    while time.perf_counter() - started < SECONDS:
        crowd.pump(0.05)
    cpu = (cpu_seconds(ready.server.process.pid) - cpu) / SECONDS
    crowd.pump(3)
    outcome = voter.outcome()
    crowd.pump(1)
    times, missing = shown.times(outcome)
    last = max(shown.arrivals, default=0)
    behind = sum(line.last_seq != last for line in crowd.listeners[:SOCKETS])
    crowd.close()
    if missing or behind or outcome.refused or outcome.unanswered:
        row("codesign", FAILED=f"{missing} frames missed a socket, {behind} sockets behind, {outcome.refused} votes refused, "
            f"{outcome.unanswered} unanswered")  # fmt: skip
        return None
    return {
        "shown_p50_ms": percentile(times, 0.5), "shown_p99_ms": percentile(times, 0.99),
        "ack_p50_ms": percentile(outcome.acks, 0.5), "ack_p99_ms": percentile(outcome.acks, 0.99),
        "votes_per_second": len(outcome.acks) / SECONDS, "frames_per_second": len(shown.arrivals) / SECONDS,
        "cpu": cpu, "bytes": float(shown.size),
    }  # fmt: skip


def bare_run(size: int, rate: float) -> dict[str, float] | None:
    """A bare gevent-websocket server sends *size* bytes to everybody *rate* times a second."""
    peer = subprocess.Popen(
        [sys.executable, "-m", "tests.load.bare", str(size), str(rate)], stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    try:
        assert peer.stdout is not None
        port = int(peer.stdout.readline())
        crowd, arrivals = Crowd(), dict[int, list[float]]()

        def heard(line: Listener, payload: bytes) -> None:
            number, sent, _rest = payload.split(b" ", 2)
            known = arrivals.setdefault(int(number), [0, 0.0, float(sent)])
            known[0] += 1
            known[1] = time.monotonic()

        for _number in range(SOCKETS):
            crowd.add(Listener(f"http://127.0.0.1:{port}", PATH, heard))
        crowd.pump(1)
        first = max(arrivals, default=0) + 2
        cpu, started = cpu_seconds(peer.pid), time.perf_counter()
        while time.perf_counter() - started < SECONDS:
            crowd.pump(0.05)
        cpu = (cpu_seconds(peer.pid) - cpu) / SECONDS
        crowd.close()
        whole = [known for number, known in arrivals.items() if first <= number < max(arrivals)]
        if any(known[0] != SOCKETS for known in whole):
            row("bare broadcast", FAILED="deliveries are missing")
            return None
        times = [(known[1] - known[2]) * 1000 for known in whole]
        return {"shown_p50_ms": percentile(times, 0.5), "shown_p99_ms": percentile(times, 0.99), "cpu": cpu}
    finally:
        peer.terminate()
        peer.wait(10)


def summary(name: str, runs: list[dict[str, float]]) -> dict[str, float]:
    """Print the median of the runs and their spread; returns the medians."""
    medians = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    spread = f"p99 {min(run['shown_p99_ms'] for run in runs):.0f}–{max(run['shown_p99_ms'] for run in runs):.0f} ms"
    row(name, **medians, spread=spread)
    return medians


def main() -> None:
    print(f"fan-out: {SOCKETS} sockets, {VOTES_PER_SECOND} votes/s, {SECONDS:.0f} s, {RUNS} runs, tick 50 ms")
    with stage(ideas=IDEAS, people=PEOPLE) as ready:
        runs = [run for _number in range(RUNS) if (run := one_run(ready))]
    if len(runs) < RUNS:
        return
    ours = summary("codesign (vote → all screens)", runs)
    bare = [run for _number in range(RUNS) if (run := bare_run(int(ours["bytes"]), ours["frames_per_second"]))]
    if len(bare) < RUNS:
        return
    peer = summary("bare websocket broadcast", bare)
    row(
        "ratio ours/bare",
        cpu=ours["cpu"] / max(peer["cpu"], 0.001),
        shown_p99=ours["shown_p99_ms"] / peer["shown_p99_ms"],
    )
    print("  (ours includes waiting for the commit and up to one tick; the bare peer only sends)")


if __name__ == "__main__":
    main()
