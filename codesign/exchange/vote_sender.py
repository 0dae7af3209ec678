"""Sends recorded votes through the socket door until every one of them is acknowledged, over any number of broken lines.

Order is kept per voter: the next vote of a person goes out when the one before was acknowledged. What was not acknowledged
when the line broke is sent again; applying a vote twice changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import socketio

from codesign.exchange.polis_export import TimedVote, person_external_id
from codesign.kernel.errors import Unavailable
from codesign.kernel.text import _

NAMESPACE = "/live"
UNDER_WAY = 400  # voters with a vote on its way
OPEN = 4_000  # votes taken up and not acknowledged
PATIENCE = 20.0  # seconds until an unacknowledged vote is sent again
LONGEST_OUTAGE = 120.0  # seconds without a server until the replay gives up
LOOK_AGAIN = 0.1  # seconds between two looks at what is overdue
BREATHER = 0.25  # seconds to hold back after "too many"
LATE = 0.5  # seconds behind the timetable after which the timetable moves, so that nothing is made up for in a burst


@dataclass
class Report:
    """What became of the votes; ``refused`` tells line and reason of those the server did not take."""

    sent: int = 0
    acknowledged: int = 0
    resent: int = 0
    reconnected: int = 0
    seconds: float = 0.0
    refused: list[tuple[int, str]] = field(default_factory=list)


class VoteSender:
    """One sending of votes on *ideas* (our ids by the number of the statement) to *server*."""

    def __init__(self, server: str, token: str, ideas: dict[int, str]) -> None:
        self.server, self.token, self.ideas = server, token, ideas
        self.report = Report()
        self._lock = threading.Condition()
        self._waiting: dict[int, deque[TimedVote]] = {}  # by voter; the first one is on its way
        self._since: dict[int, float] = {}
        self._open = 0
        self._calm_until = self._looked = 0.0
        self._client: socketio.Client | None = None

    def send(self, timetable: Iterable[tuple[float, TimedVote]], advance: Callable[[int], None]) -> Report:
        """Send every vote at its second after the start, or later; come back when all are acknowledged."""
        began = start = time.monotonic()
        try:
            for due, vote in timetable:
                self._wait(partial(self._may_go, start + due))
                late = time.monotonic() - start - due
                start += late if late > LATE else 0.0
                self._take(vote)
                advance(self.report.acknowledged)
            self._wait(lambda: not self._open, lambda: advance(self.report.acknowledged))
            advance(self.report.acknowledged)
        finally:
            self._hang_up()
        self.report.seconds = time.monotonic() - began
        return self.report

    # --- What waits and what is on its way --------------------------------------------------------------------------

    def _wait(self, ready: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
        while True:
            self._keep_online()
            if ready():
                return
            meanwhile()
            with self._lock:
                self._lock.wait(0.02)

    def _may_go(self, moment: float) -> bool:
        if time.monotonic() < max(moment, self._calm_until):
            return False
        with self._lock:
            return self._open < OPEN and len(self._since) < UNDER_WAY

    def _take(self, vote: TimedVote) -> None:
        with self._lock:
            self._open += 1
            waiting = self._waiting.setdefault(vote.voter_id, deque())
            waiting.append(vote)
            if len(waiting) > 1:
                return
            self._since[vote.voter_id] = time.monotonic()
        self._emit(vote)

    def _emit(self, vote: TimedVote) -> None:
        self.report.sent += 1
        person = person_external_id(vote.voter_id)
        message = {"idea": self.ideas[vote.comment_id], "value": vote.value, "person": person}
        client = self._client
        try:
            if client is not None:
                client.emit("vote", message, NAMESPACE, callback=lambda *answer: self._answered(vote, *answer))
        except socketio.exceptions.SocketIOError:
            self._lost(client)  # it stays on its way and is sent again over the next line

    def _answered(self, vote: TimedVote, answer: Any = None) -> None:
        taken = isinstance(answer, dict) and answer.get("ok") is True
        problem = {} if taken or not isinstance(answer, dict) else answer.get("problem", {})
        with self._lock:
            waiting = self._waiting.get(vote.voter_id)
            if not waiting or waiting[0] is not vote:
                return  # the answer to an earlier sending of the same vote
            if not taken and problem.get("code") in (None, "too_many", "unavailable", "failed"):
                self._calm_until = time.monotonic() + BREATHER
                self._since[vote.voter_id] = self._calm_until - PATIENCE
                return
            self.report.acknowledged += 1
            if not taken:
                self.report.refused.append((vote.line, str(problem.get("detail"))))
            following = self._next(vote.voter_id, waiting)
            self._lock.notify_all()
        if following is not None:
            self._emit(following)

    def _next(self, voter: int, waiting: deque[TimedVote]) -> TimedVote | None:
        waiting.popleft()
        self._open -= 1
        if not waiting:
            del self._waiting[voter], self._since[voter]
            return None
        self._since[voter] = time.monotonic()
        return waiting[0]

    def _send_again(self, older_than: float) -> None:
        moment = self._looked = time.monotonic()
        with self._lock:
            late = [self._waiting[voter][0] for voter, since in self._since.items() if moment - since >= older_than]
            self._since.update((vote.voter_id, moment) for vote in late)
        for vote in late:
            self.report.resent += 1
            self._emit(vote)

    # --- The line ---------------------------------------------------------------------------------------------------

    def _keep_online(self) -> None:
        if self._client is None:
            self._client = self._connect()
            self._send_again(0.0)
        elif time.monotonic() - self._looked > LOOK_AGAIN:
            self._send_again(PATIENCE)

    def _connect(self) -> socketio.Client:
        give_up, pause = time.monotonic() + LONGEST_OUTAGE, 0.1
        while True:
            # A program has no origin; the library would make one up. Every line gets a client of its own.
            client = socketio.Client(reconnection=False, websocket_extra_options={"suppress_origin": True})
            client.on("disconnect", lambda *_reason, client=client: self._lost(client), namespace=NAMESPACE)
            try:
                client.connect(
                    self.server, namespaces=[NAMESPACE], auth={"token": self.token}, transports=["websocket"],
                    wait_timeout=5,
                )  # fmt: skip
            except socketio.exceptions.SocketIOError as error:
                client.disconnect()
                if time.monotonic() > give_up:
                    raise Unavailable(_("The server does not take sockets: %(reason)s", reason=str(error))) from error
                time.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            self.report.reconnected += 1
            return client

    def _lost(self, client: socketio.Client | None) -> None:
        with self._lock:
            if self._client is client:
                self._client = None
            self._lock.notify_all()

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
