"""A large space: 100,000 ideas and a million votes, beside the app that a tutorial has you write, on SQLite and PostgreSQL.

Every answer is measured in the process that gives it, without a network: milliseconds until it is there (p50, p95, p99), the
processor's milliseconds of this process, the statements it took. ``peer`` is the tutorial's app with the same ideas and votes in
the same kind of database; a ratio above 1 says that it takes so many times as long as we do. ``BENCH_IDEAS=2000`` is a quick
look; ``BENCH_DATABASES=sqlite`` leaves PostgreSQL out.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.load.big import Big, fill
from tests.load.crowd import Crowd
from tests.load.stage import percentile
from tests.load.tutorial_app.fill import fill as fill_peer
from tests.support.pages import Browser
from tests.support.postgres import Cluster, binaries

RUNS = int(os.environ.get("BENCH_RUNS", "60"))
PEER_RUNS = max(3, RUNS // 6)
BULK = 1_000
#: What a read may take at most, at its 95th percentile, on two cores.
GOAL = 150.0

Ask = Callable[[], Any]


@dataclass(frozen=True)
class Measured:
    """What an answer took."""

    times: list[float]
    cpu: float
    statements: int

    def of(self, share: float) -> float:
        return percentile(self.times, share)


@contextmanager
def counting() -> Iterator[list[str]]:
    """The SQL statements that are sent in the block."""
    from sqlalchemy import Engine, event

    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def measure(ask: Ask, runs: int) -> Measured:
    """Ask so many times; the first answer, which fills caches, is not counted."""
    times: list[float] = []
    answer = ask()
    assert answer.status_code == 200, f"{answer.request.path}: {answer.status_code}"
    with counting() as sent:
        ask()
    cpu = time.process_time()
    for _run in range(runs):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return Measured(times, (time.process_time() - cpu) * 1000 / runs, len(sent))


def line(name: str, ours: Measured, peer: Measured | None, *, read: bool = True) -> None:
    """One line of the table; what misses the goal says so."""
    shown = (
        f"  {name:28s} p50 {ours.of(0.5):8.1f}  p95 {ours.of(0.95):8.1f}  p99 {ours.of(0.99):8.1f}"
        f"  cpu {ours.cpu:7.1f}  sql {ours.statements:4d}"
    )
    if peer:
        shown += f"  | peer p50 {peer.of(0.5):9.1f}  p95 {peer.of(0.95):9.1f}  sql {peer.statements:5d}"
        shown += f"  ratio {peer.of(0.5) / ours.of(0.5):6.1f}"
    print(shown + ("  OVER THE GOAL" if read and ours.of(0.95) > GOAL else ""), flush=True)


def reads(big: Big) -> list[tuple[str, str, str, str]]:
    """What is read: its name, who reads, our address, and the peer's where it has such a thing."""
    page, api = f"/spaces/{big.slug}", f"/api/v1/spaces/{big.slug}/ideas?limit=25"
    desk, planned = f"{page}/desk", big.statuses["planned"]
    return [
        ("list, most wanted", "guest", page, "/"),
        ("list, newest", "guest", f"{page}?sort=new", "/?sort=new"),
        ("list, a status", "guest", f"{page}?status={planned}", "/?status=planned"),
        ("list, a topic", "guest", f"{page}?tag=lamp", ""),
        ("list, two words", "guest", f"{page}?q=lamp+42", "/?q=lamp+42"),
        ("list, page 40", "guest", "", "/?page=40"),
        ("API, most wanted", "guest", api, "/api/ideas"),
        ("API, newest", "guest", f"{api}&sort=new", "/api/ideas?sort=new"),
        ("API, a status", "guest", f"{api}&status={planned}", "/api/ideas?status=planned"),
        ("desk, new", "team", desk, "/admin?sort=new"),
        ("desk, all by votes", "team", f"{desk}?inbox=all&sort=top", "/admin"),
        ("desk, a status", "team", f"{desk}?inbox=all&status={planned}", "/admin?status=planned"),
        ("desk, two words", "team", f"{desk}?inbox=all&q=lamp+42", "/admin?q=lamp+42"),
        ("desk, unanswered", "team", f"{desk}?inbox=unanswered", ""),
        ("desk, surging", "team", f"{desk}?inbox=surging", ""),
        ("desk, mine", "team", f"{desk}?inbox=mine", ""),
        ("desk, nobody's", "team", f"{desk}?inbox=all&owner=none", ""),
        ("desk, by a score", "team", f"{desk}?inbox=all&sort=score:hot", ""),
        ("desk as a board", "team", f"{desk}?inbox=all&board=1", ""),
        ("desk, an idea open", "team", f"{desk}?inbox=all&idea={big.idea_ids[len(big.idea_ids) // 2]}", ""),
        ("desk, what if", "team", f"{desk}/what-if?rule=formula", ""),
        ("roadmap", "guest", f"{page}/roadmap", ""),
        ("what came of it", "guest", f"{page}/outcome", ""),
        ("start page", "guest", "/", ""),
    ]


def deep(big: Big) -> str:
    """The address of the list's page 40, by its cursors."""
    from codesign.ideas.lists import list_ideas
    from codesign.kernel import db
    from codesign.spaces.access import standing

    with db.read():
        access = standing(big.owner, big.slug)
        cursor = None
        for _page in range(39):
            cursor = list_ideas(access, "top", cursor=cursor).next or cursor
    return f"/spaces/{big.slug}?sort=top&cursor={cursor}"


def compare(big: Big, peer: Any) -> None:
    """The table of one database."""
    from codesign.live.serving import settle

    settle()  # as the server does once it is up: the crowd would be looked through for garbage again and again
    clients = {"guest": big.app.test_client(), "team": Browser.of(big.app, big.owner.person_id).client}
    theirs = peer.test_client()
    worst = 0.0
    for name, who, path, other in reads(big):
        address = path or deep(big)
        ours = measure(lambda who=who, address=address: clients[who].get(address), RUNS)
        beside = measure(lambda other=other: theirs.get(other), PEER_RUNS) if other else None
        line(name, ours, beside)
        worst = max(worst, ours.of(0.95))
    changes(big, theirs)
    print(f"  the slowest read: p95 {worst:.0f} ms (goal {GOAL:.0f})")


def once(work: Ask) -> Measured:
    """What is not done twice."""
    cpu, started = time.process_time(), time.perf_counter()
    with counting() as sent:
        work()
    return Measured([(time.perf_counter() - started) * 1000], (time.process_time() - cpu) * 1000, len(sent))


def changes(big: Big, theirs: Any) -> None:
    """Single votes, changes of 1,000 ideas, and taking one back."""
    from codesign.accounts.service import find_or_create_externals
    from codesign.kernel.actor import Actor
    from codesign.triage.service import change_ideas, undo_deed
    from codesign.voting.service import cast_vote

    voter = Actor(person_id=find_or_create_externals([("p:0", "")])["p:0"])
    wanted, numbers = big.idea_ids[:BULK], range(1, BULK + 1)
    turns = iter(range(10_000))

    class Voted:
        status_code = 200

    def vote() -> Voted:
        number = next(turns)
        cast_vote(voter, wanted[number // 2 % BULK], None if number % 2 else 1)
        return Voted()

    peers = iter(range(10_000))
    beside = measure(
        lambda: theirs.post(f"/ideas/{numbers[next(peers) // 2 % BULK]}/vote", data={"user_id": 1}), PEER_RUNS
    )
    line("a vote", measure(vote, RUNS), beside, read=False)
    deeds: list[Any] = []
    given = {"id": [str(number) for number in numbers], "status": "review"}
    ours = once(lambda: deeds.append(change_ideas(big.owner, big.slug, "status", big.statuses["review"], wanted)))
    line(f"status of {BULK:,}", ours, once(lambda: theirs.post("/admin/status", data=given)), read=False)
    ours = once(lambda: undo_deed(big.owner, big.slug, deeds[0].deed.id))
    line(f"undo of {BULK:,}", ours, once(lambda: theirs.post("/admin/undo/1")), read=False)
    for name, wish in (("tag", "light"), ("owner", big.owner.person_id)):
        ours = once(lambda name=name, wish=wish: change_ideas(big.owner, big.slug, name, wish, wanted))
        line(f"{name} of {BULK:,}", ours, None, read=False)


def machine() -> str:
    """What this runs on, in a few words."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((each.partition(":")[2].strip() for each in lines if each.startswith("model name")), "processor")
    return f"{os.cpu_count()} cores, {model}, load {os.getloadavg()[0]:.1f} before"


def main() -> None:
    """Fill and measure, database by database."""
    crowd = Crowd(until=int(time.time() * 1000))
    print(
        f"large: {crowd.ideas:,} ideas, {crowd.ideas * crowd.votes_per_idea:,} votes, {crowd.people:,} people; {machine()}"
    )
    chosen = os.environ.get("BENCH_DATABASES", "sqlite postgresql").split()
    with tempfile.TemporaryDirectory() as folder:
        if "sqlite" in chosen:
            print(" SQLite", flush=True)
            place = Path(folder)
            compare(fill(place / "ours", crowd), fill_peer(f"sqlite:///{place / 'peer.db'}", crowd))
        if "postgresql" in chosen and binaries() is not None:
            print(" PostgreSQL (nothing waits for the disk)", flush=True)
            cluster = Cluster()
            try:
                big = fill(Path(folder) / "ours-pg", crowd, cluster.create("ours"))
                compare(big, fill_peer(cluster.create("peer"), crowd))
            finally:
                cluster.remove()


if __name__ == "__main__":
    main()
