"""What plugins cost a page, and that a bad one costs votes nothing: always with and without, side by side, in one run."""

from __future__ import annotations

import json
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.load.stage import LIMITS, percentile, row
from tests.support.programs import Admin
from tests.support.server import Server, run_codesign

SECONDS = 3.0
PAGES = 40
VOTES = 20  # a second, steadily: how long an answer takes says what was in its way
SLOT = "<p>{{ data.n }}</p>"
CARD = """
    import os, time
    from codesign import sdk
    from codesign.sdk import hookimpl

    class hooks:
        @staticmethod
        @hookimpl
        def {hook}({argument}):
            {body}

    plugin = sdk.Plugin(name="{name}", title="{name}", version="1.0.0", hooks=hooks, listens_to={listens})
"""
SERVER = {
    "sleep": "time.sleep(30)",
    "raise": "raise ValueError('every time')",
    "burn": "while True: pass",
}
WORKER = {"exit": "os._exit(3)", "gigabyte": "bytearray(1 << 30)"}


def write(base: Path, name: str, body: str, *, worker: bool = False) -> None:
    """A plugin that does *body* when a page is drawn, or in the worker when somebody votes."""
    hook, argument = ("events_recorded", "events") if worker else ("fill_slot", "slot")
    listens = "(sdk.VoteCast,)" if worker else "()"
    (base / name / "slots").mkdir(parents=True)
    code = CARD.format(name=name, body=body, hook=hook, argument=argument, listens=listens)
    (base / name / "__init__.py").write_text(textwrap.dedent(code))
    if not worker:
        (base / name / "slots/idea.aside.html").write_text(SLOT)


class Place:
    """A server with plugins that are all off, an idea's page, and somebody who votes."""

    def __init__(self, server: Server) -> None:
        self.server, self.admin = server, Admin(server)
        self.admin.make_space("load")
        self.idea = self.admin.make_idea("load", "An idea with a page")
        self.voted = self.admin.make_idea("load", "An idea to vote on")
        (self.person,) = self.admin.make_people("load", 1)
        self.page = httpx.Client(base_url=server.url, timeout=60)

    def switch(self, name: str, on: bool = True) -> None:
        command = ("plugin", "enable" if on else "disable", name, "--space", "load")
        done = run_codesign(*command, instance=self.server.instance, settings=self.server.settings)
        assert done.returncode == 0, done.stderr

    def draw(self) -> float:
        """Milliseconds until the idea's page is there."""
        started = time.perf_counter()
        answer = self.page.get(f"/spaces/load/ideas/{self.idea}", follow_redirects=True)
        assert answer.status_code == 200, answer.text[:300]
        return (time.perf_counter() - started) * 1000

    def pages(self, count: int = PAGES) -> list[float]:
        return [self.draw() for _ in range(count)]

    @contextmanager
    def voting(self) -> Iterator[list[float]]:
        """Vote steadily meanwhile; the list fills with milliseconds to the answer, from when the vote was due."""
        times: list[float] = []
        ended = threading.Event()
        headers = {"Authorization": f"Bearer {self.admin.token}", "X-Act-As": self.person}
        client = httpx.Client(base_url=f"{self.server.url}/api/v1", headers=headers, timeout=30)

        def run() -> None:
            due, value = time.perf_counter(), 0
            while not ended.is_set():
                due, value = due + 1 / VOTES, 1 - value
                time.sleep(max(0.0, due - time.perf_counter()))
                if value:
                    answer = client.put(f"/ideas/{self.voted}/vote", json={"value": 1})
                else:
                    answer = client.delete(f"/ideas/{self.voted}/vote")
                assert answer.status_code == 200, answer.text
                times.append((time.perf_counter() - due) * 1000)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield times
        finally:
            ended.set()
            thread.join(30)
            client.close()


@contextmanager
def place(base: Path, folder: Path) -> Iterator[Place]:
    server = Server(folder, {**LIMITS, "requests_per_minute": "1000000", "plugin_folders": str(base)}).start()
    try:
        yield Place(server)
    finally:
        server.stop()


def cost(here: Place) -> None:
    """An empty hook, and ten plugins that draw."""
    bare = percentile(here.pages(), 0.5)
    row("idea page, no plugin", p50_ms=bare)
    here.switch("empty")
    one = percentile(here.pages(), 0.5)
    row("idea page, one empty hook", p50_ms=one, more_ms=one - bare, times=one / bare)
    here.switch("empty", False)
    for number in range(10):
        here.switch(f"draws_{number}")
    ten = percentile(here.pages(), 0.5)
    row("idea page, ten plugins that draw", p50_ms=ten, more_ms=ten - bare, times=ten / bare)
    for number in range(10):
        here.switch(f"draws_{number}", False)


def harm(here: Place, name: str) -> None:
    """A bad plugin in the server: votes and pages without it, with it until it rests, and afterwards."""
    here.pages(3)
    with here.voting() as calm:
        before = here.pages(10)
        time.sleep(SECONDS / 2)
    here.switch(name)
    with here.voting() as votes:
        meanwhile = here.pages(5)
        time.sleep(SECONDS / 4)
    with here.voting() as later:
        after = here.pages(10)
        time.sleep(SECONDS / 2)
    here.switch(name, False)
    beside(f"votes beside: {name}", calm, votes, later)
    row(
        f"pages with: {name}", p50_before=percentile(before, 0.5), worst_until_it_rests=max(meanwhile),
        p50_after=percentile(after, 0.5), after_to_before=percentile(after, 0.5) / percentile(before, 0.5),
    )  # fmt: skip


def harm_worker(here: Place, name: str) -> None:
    """A bad plugin in the worker: it is told of every vote."""
    with here.voting() as calm:
        time.sleep(SECONDS)
    here.switch(name)
    with here.voting() as votes:
        time.sleep(3 * SECONDS)
    here.switch(name, False)
    beside(f"votes beside, in the worker: {name}", calm, votes, votes[len(votes) // 2 :])


def beside(name: str, calm: list[float], votes: list[float], later: list[float]) -> None:
    row(
        name, p50_without=percentile(calm, 0.5), p50_with=percentile(votes, 0.5), p99_without=percentile(calm, 0.99),
        p99_with=percentile(votes, 0.99), p99_ratio=percentile(votes, 0.99) / percentile(calm, 0.99),
        p99_after=percentile(later, 0.99),
    )  # fmt: skip


def said(here: Place) -> None:
    """What the server itself tells of them afterwards."""
    listed = run_codesign("plugin", "list", "--json", instance=here.server.instance, settings=here.server.settings)
    for plugin in json.loads(listed.stdout):
        if plugin["name"] in {*SERVER, *WORKER}:
            failures: list[Any] = plugin["failures"]
            row(f"afterwards: {plugin['name']}", state=plugin["state"], failures=len(failures),
                last=failures[-1]["error"] if failures else "-")  # fmt: skip


def main() -> None:
    print(f"isolation: idea pages of {PAGES} requests, {VOTES} votes a second beside; milliseconds")
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "plugins"
        write(base, "empty", "return None")
        for number in range(10):
            write(base, f"draws_{number}", "return {'n': 1}")
        for name, body in SERVER.items():
            write(base, name, body)
        for name, body in WORKER.items():
            write(base, name, body, worker=True)
        with place(base, Path(folder) / "instance") as here:
            cost(here)
            for name in SERVER:
                harm(here, name)
            for name in WORKER:
                harm_worker(here, name)
            said(here)


if __name__ == "__main__":
    main()
