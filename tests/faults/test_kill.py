"""The power fails under load: what was acknowledged is there, and the books agree."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import socketio
from sqlalchemy import select

from codesign.accounts.queries import ids_of_externals
from codesign.app import create_app
from codesign.events import log
from codesign.kernel import db
from codesign.spaces.queries import find_space
from codesign.testing import Database, settings_for
from codesign.voting.models import Vote
from tests.support.books import check_books
from tests.support.programs import NAMESPACE, Admin
from tests.support.server import Server

RATE = 500
PEOPLE, IDEAS = 60, 20
KILLS = 3
UNDER_WAY = 400  # votes without an answer yet


@dataclass
class Crowd:
    """Sends votes at a steady rate, whatever becomes of the server, and remembers what was acknowledged.

    ``possible`` is what may stand for a person and an idea: the last acknowledged value, or one sent after it.
    """

    admin: Admin
    people: list[str]
    ideas: list[str]
    acknowledged: int = 0
    sent: int = 0
    possible: dict[tuple[str, str], list[int | None]] = field(default_factory=lambda: defaultdict(lambda: [None]))
    log_numbers: set[int] = field(default_factory=set)
    refused: list[Any] = field(default_factory=list)
    _under_way: int = 0
    _client: socketio.Client | None = None

    def __post_init__(self) -> None:
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Stop sending, and wait a moment for the last answers."""
        self._ended.set()
        self._thread.join(20)
        time.sleep(0.5)

    def _run(self) -> None:
        chance, due = random.Random(3), time.monotonic()
        while not self._ended.is_set():
            due = max(due + 1 / RATE, time.monotonic() - 0.1)
            time.sleep(max(0.0, due - time.monotonic()))
            if self._under_way >= UNDER_WAY:
                continue
            try:
                self._vote(
                    self._line(), chance.choice(self.people), chance.choice(self.ideas), chance.choice((1, 0, -1))
                )
            except socketio.exceptions.SocketIOError:
                time.sleep(0.1)

    def _line(self) -> socketio.Client:
        if self._client is None or not self._client.connected:
            client = socketio.Client(reconnection=False, websocket_extra_options={"suppress_origin": True})
            auth = {"token": self.admin.token}
            client.connect(self.admin.server.url, namespaces=[NAMESPACE], auth=auth, transports=["websocket"])
            self._client, self._under_way = client, 0
        return self._client

    def _vote(self, line: socketio.Client, person: str, idea: str, value: int) -> None:
        with self._lock:
            self.sent += 1
            self._under_way += 1
            # A number of its own tells this sending from an equal one before it.
            place = len(self.possible[person, idea])
            self.possible[person, idea].append(value)
        message = {"idea": idea, "value": value, "person": person}
        line.emit("vote", message, NAMESPACE, callback=lambda answer: self._answered(person, idea, place, answer))

    def _answered(self, person: str, idea: str, place: int, answer: dict[str, Any]) -> None:
        with self._lock:
            self._under_way -= 1
            if not answer["ok"]:
                self.refused.append(answer)
                return
            self.acknowledged += 1
            before = self.possible[person, idea]
            for earlier in range(place):
                before[earlier] = before[place]
            if answer["receipt"]["changed"]:
                self.log_numbers.add(answer["receipt"]["seq"])


@pytest.mark.full
@pytest.mark.timeout(300)
def test_every_acknowledged_vote_survives_a_kill(
    database: Database, serve: Callable[..., Server], tmp_path: Path
) -> None:
    admin = Admin(serve(database_url=database.url, token_votes_per_second="5000"))
    admin.make_space("storm", ballot={"kind": "updown"})
    ideas = [admin.make_idea("storm", f"Idea number {number}") for number in range(IDEAS)]
    crowd = Crowd(admin, admin.make_people("storm", PEOPLE), ideas)
    crowd.start()
    for kill in range(1, KILLS + 1):
        wanted, until = crowd.acknowledged + RATE, time.monotonic() + 60
        while crowd.acknowledged < wanted:
            assert time.monotonic() < until, f"only {crowd.acknowledged} votes got through"
            time.sleep(0.01)
        admin.server.kill()
        if kill < KILLS:
            admin.server.start()
    crowd.end()
    assert not crowd.refused, crowd.refused[:3]
    # The last kill is looked at before anything else has started.
    create_app(settings_for(database, tmp_path / "look"))
    assert check_books("storm") > 0
    assert crowd.acknowledged >= KILLS * RATE
    _check_rows(crowd)
    _check_log(crowd)
    admin.server.start()
    tallies = [idea["tally"] for idea in admin.ask("GET", "/spaces/storm/ideas", params={"limit": 100})["items"]]
    assert sum(tally["up"] + tally["down"] + tally["pass"] for tally in tallies) == check_books("storm")
    db.current().dispose()
    db.use(None)


def _check_rows(crowd: Crowd) -> None:
    """What stands is what was acknowledged last, or a later vote whose acknowledgement was lost."""
    people = ids_of_externals(crowd.people)
    with db.read() as work:
        rows = {(vote.person_id, vote.idea_id): vote.value for vote in work.scalars(select(Vote))}
    for (person, idea), possible in crowd.possible.items():
        value = rows.get((people[person], idea))
        assert value in possible, f"{value} stands where only {possible} can"


def _check_log(crowd: Crowd) -> None:
    """Every number a receipt gave is that of a vote in the log: no number was given twice, none was lost."""
    space = find_space("storm")
    assert space is not None
    with db.read():
        cast = {fact.seq for fact in log.since(space.id, 0, 1_000_000, names=["vote.cast"])}
    assert crowd.log_numbers <= cast, sorted(crowd.log_numbers - cast)[:5]
