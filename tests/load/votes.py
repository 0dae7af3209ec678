"""How many votes a second each door takes, and when it says so, beside the raw upsert of the same disk in the same run."""

from __future__ import annotations

import re
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import socketio

from tests.load.stage import Stage, percentile, row, stage
from tests.support.programs import NAMESPACE

SECONDS = 8.0
CLIENTS = 16


def ceiling() -> float:
    """Single upserts a second into SQLite (WAL, FULL), one commit each, no server: what the disk allows one by one."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "raw.db", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE vote (idea TEXT, person TEXT, value INTEGER, PRIMARY KEY (idea, person)) WITHOUT ROWID;"
        )
        count, until = 0, time.perf_counter() + SECONDS / 2
        while time.perf_counter() < until:
            connection.execute(
                "INSERT INTO vote VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET value = 1 - value",
                (f"i{count % 10}", f"p{count % 500}"),
            )
            count += 1
        connection.close()
        return count / (SECONDS / 2)


def drive(vote: Callable[[int, int], bool]) -> tuple[float, list[float], int]:
    """Let CLIENTS vote for SECONDS; votes a second, times to the answer in ms, failures."""
    times: list[float] = []
    failures, until = 0, time.perf_counter() + SECONDS

    def run(client: int) -> int:
        failed, number = 0, 0
        while time.perf_counter() < until:
            started = time.perf_counter()
            failed += not vote(client, number)
            times.append((time.perf_counter() - started) * 1000)
            number += 1
        return failed

    with ThreadPoolExecutor(CLIENTS) as pool:
        failures = sum(pool.map(run, range(CLIENTS)))
    return len(times) / SECONDS, times, failures


def by_api(stage: Stage) -> Callable[[int, int], bool]:
    """PUT and DELETE with a token that acts for one person per client."""
    clients = [
        httpx.Client(
            base_url=f"{stage.server.url}/api/v1",
            headers={"Authorization": f"Bearer {stage.admin.token}", "X-Act-As": stage.people[number]},
        )
        for number in range(CLIENTS)
    ]

    def vote(client: int, number: int) -> bool:
        path = f"/ideas/{stage.ideas[number // 2 % len(stage.ideas)]}/vote"
        if number % 2:
            return clients[client].delete(path).status_code == 200
        return clients[client].put(path, json={"value": 1}).status_code == 200

    return vote


def by_page(stage: Stage) -> Callable[[int, int], bool]:
    """Plain form posts of guests, followed to nowhere: the redirect is the answer."""
    clients, tokens = [], []
    for _number in range(CLIENTS):
        client = httpx.Client(base_url=stage.server.url)
        found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/spaces/load").text)
        clients.append(client)
        tokens.append(found[1] if found else "")

    def vote(client: int, number: int) -> bool:
        path = f"/spaces/load/ideas/{stage.ideas[number // 2 % len(stage.ideas)]}/vote"
        fields = {"csrf_token": tokens[client], "value": "withdraw" if number % 2 else "1"}
        return clients[client].post(path, data=fields).status_code in (302, 303)

    return vote


def by_socket(stage: Stage) -> tuple[Callable[[int, int], bool], Callable[[], None]]:
    """One socket per client."""
    sockets = []
    for number in range(CLIENTS):
        client = socketio.Client(reconnection=False, websocket_extra_options={"suppress_origin": True})
        auth = {"token": stage.admin.token, "act_as": stage.people[number]}
        client.connect(stage.server.url, namespaces=[NAMESPACE], auth=auth, transports=["websocket"])
        sockets.append(client)

    def vote(client: int, number: int) -> bool:
        idea = stage.ideas[number // 2 % len(stage.ideas)]
        message = {"idea": idea} if number % 2 else {"idea": idea, "value": 1}
        done, answers = threading.Event(), []

        def answered(answer: dict[str, object]) -> None:
            answers.append(answer)
            done.set()

        sockets[client].emit("unvote" if number % 2 else "vote", message, namespace=NAMESPACE, callback=answered)
        return done.wait(10) and bool(answers[0]["ok"])

    return vote, lambda: [client.disconnect() for client in sockets] and None


def main() -> None:
    print(
        f"votes: {CLIENTS} clients at once, {SECONDS:.0f} s each door, every answer after the commit (SQLite WAL FULL)"
    )
    raw = ceiling()
    row("raw upsert, one commit each", per_second=raw)
    with stage(ideas=10, people=CLIENTS) as ready:
        socket_vote, hang_up = by_socket(ready)
        for name, vote in (("socket", socket_vote), ("API", by_api(ready)), ("page", by_page(ready))):
            rate, times, failures = drive(vote)
            if failures:
                row(name, FAILED=f"{failures} of {len(times)} votes were refused")
                continue
            row(
                name,
                per_second=rate,
                of_raw=rate / raw,
                ack_p50_ms=percentile(times, 0.5),
                ack_p99_ms=percentile(times, 0.99),
            )
        hang_up()


if __name__ == "__main__":
    main()
