"""Replays a recorded conversation into a running server, as a client like any other: HTTP for texts, the socket for votes.

Order is kept per voter: the next vote of a person goes out when the one before was acknowledged. What was not acknowledged
when the connection broke is sent again; applying a vote twice changes nothing.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import socketio

from codesign.exchange.polis_export import PolisExport, TimedVote, person_external_id
from codesign.exchange.statements import title_and_body
from codesign.kernel.errors import Forbidden, Invalid, NotFound, Problem, Unavailable
from codesign.kernel.text import _

NAMESPACE = "/live"
WINDOW = 400  # votes under way at once
PATIENCE = 20.0  # seconds until an unacknowledged vote is sent again
LONGEST_OUTAGE = 120.0  # seconds without a server until the replay gives up


@dataclass(frozen=True)
class Pace:
    """How fast: *speed* times the recorded one (None: as fast as it goes), pauses cut to *max_gap* s, at most *rate* votes/s."""

    speed: float | None = None
    max_gap: float | None = None
    rate: float | None = None

    def moments(self, votes: Iterator[TimedVote]) -> Iterator[tuple[float, TimedVote]]:
        """Each vote with the second after the start at which it is due."""
        due, last = 0.0, None
        for vote in votes:
            if self.speed is not None and last is not None:
                gap = (vote.at - last).total_seconds() / self.speed
                due += min(gap, self.max_gap) if self.max_gap is not None else gap
            elif self.rate is not None and last is not None:
                due += 1 / self.rate
            last = vote.at
            yield due, vote


@dataclass
class Report:
    """What became of the votes; ``refused`` tells line and reason of those the server did not take."""

    sent: int = 0
    acknowledged: int = 0
    resent: int = 0
    reconnected: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


class Http:
    """The REST door, patient while the server restarts."""

    def __init__(self, server: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.client = httpx.Client(base_url=server.rstrip("/") + "/api/v1", headers=headers, timeout=30)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The JSON answer; 429, 503 and a missing server are waited out; other refusals are raised."""
        give_up = time.monotonic() + LONGEST_OUTAGE
        while True:
            try:
                answer = self.client.request(method, path, **options)
                if answer.status_code not in (429, 502, 503):
                    return self._content(answer)
                wait = float(answer.headers.get("Retry-After", 1))
            except httpx.TransportError:
                wait = 0.3
            if time.monotonic() + wait > give_up:
                raise Unavailable(_("The server does not answer."))
            time.sleep(wait)

    @staticmethod
    def _content(answer: httpx.Response) -> Any:
        if answer.is_success:
            return answer.json() if answer.content else None
        try:
            detail = answer.json()
        except ValueError:
            detail = {}
        kinds: dict[int, type[Problem]] = {401: Forbidden, 403: Forbidden, 404: NotFound, 422: Invalid}
        sentence = detail.get("detail") or f"{answer.request.url}: HTTP {answer.status_code}"
        raise kinds.get(answer.status_code, Unavailable)(sentence, **{"answer": detail})


class Replay:
    """One replay of *export* into the space *slug* of *server* with an ``act_as`` token."""

    def __init__(
        self, export: PolisExport, server: str, token: str, slug: str, advance: Callable[[int, int], None]
    ) -> None:
        self.export, self.server, self.token, self.slug, self.advance = export, server, token, slug, advance
        self.http, self.report = Http(server, token), Report()
        self.ideas: dict[int, str] = {}
        self._lock = threading.Condition()
        self._under_way: dict[int, tuple[TimedVote, float]] = {}
        self._backlog: dict[int, deque[TimedVote]] = {}
        self._socket = socketio.Client(reconnection=False)
        self._online = threading.Event()
        self._socket.on("disconnect", self._online.clear, namespace=NAMESPACE)

    def run(self, pace: Pace) -> Report:
        """Statements first, then the votes, rejections last; comes back when everything is acknowledged."""
        space = self.http.ask("GET", f"/spaces/{self.slug}")
        if space["ballot"]["kind"] != "updown":
            raise Invalid.field(
                "space", _("A Polis conversation needs a space whose ballot takes agree and disagree (updown).")
            )
        self.open_statements()
        self.invite_people()
        self.send_votes(pace)
        self.apply_rejections()
        return self.report

    def open_statements(self) -> None:
        """Make an idea of every statement that is not there yet."""
        for statement in self.export.statements:
            found = self.http.ask("GET", f"/spaces/{self.slug}/ideas", params={"external_id": statement.external_id})[
                "items"
            ]
            if found:
                self.ideas[statement.comment_id] = found[0]["id"]
                continue
            title, body = title_and_body(statement.text)
            content = {"title": title, "body": body, "external_id": statement.external_id}
            self.ideas[statement.comment_id] = self.http.ask("POST", f"/spaces/{self.slug}/ideas", json=content)["id"]

    def invite_people(self) -> None:
        """Make a member of every voter."""
        for voter in sorted({vote.voter_id for vote in self.export.votes()}):
            self.http.ask("POST", f"/spaces/{self.slug}/members", json={"external_id": person_external_id(voter)})

    def apply_rejections(self) -> None:
        """Hide what the moderators rejected; the votes on it count all the same."""
        for statement in self.export.statements:
            if not statement.rejected:
                continue
            idea = self.http.ask("GET", f"/ideas/{self.ideas[statement.comment_id]}")
            if idea["state"] != "hidden":
                self.http.ask(
                    "POST", f"/ideas/{idea['id']}/hide", json={"reason": "rejected in the recorded conversation"}
                )

    # --- votes ------------------------------------------------------------------------------------------------------

    def send_votes(self, pace: Pace) -> None:
        """Send every vote at its moment and wait until all are acknowledged."""
        total = sum(1 for _vote in self.export.votes())
        started = time.monotonic()
        for due, vote in pace.moments(self.export.votes()):
            self._keep_online()
            while (ahead := started + due - time.monotonic()) > 0:
                time.sleep(min(ahead, 0.2))
                self._keep_online()
            self._wait_for_room()
            self._take(vote)
            self.advance(self.report.acknowledged, total)
        while self._under_way:
            self._keep_online()
            with self._lock:
                self._lock.wait(0.2)
            self.advance(self.report.acknowledged, total)
        self._socket.disconnect()

    def _take(self, vote: TimedVote) -> None:
        with self._lock:
            if vote.voter_id in self._under_way:
                self._backlog.setdefault(vote.voter_id, deque()).append(vote)
                return
            self._under_way[vote.voter_id] = (vote, time.monotonic())
        self.report.sent += 1
        self._emit(vote)

    def _emit(self, vote: TimedVote) -> None:
        message = {
            "idea": self.ideas[vote.comment_id],
            "value": vote.value,
            "person": person_external_id(vote.voter_id),
        }
        try:
            self._socket.emit(
                "vote", message, namespace=NAMESPACE, callback=lambda answer: self._answered(vote, answer)
            )
        except socketio.exceptions.SocketIOError:
            self._online.clear()  # it stays under way and is sent again after the reconnect

    def _answered(self, vote: TimedVote, answer: dict[str, Any]) -> None:
        if not answer.get("ok") and answer["problem"]["code"] in ("too_many", "unavailable"):
            threading.Timer(1.0, self._emit, [vote]).start()
            return
        with self._lock:
            if self._under_way.get(vote.voter_id, (None,))[0] is not vote:
                return  # the answer to an earlier sending of the same vote
            self.report.acknowledged += 1
            if not answer.get("ok"):
                self.report.refused.append((vote.line, answer["problem"]["detail"]))
            following = self._next_of(vote.voter_id)
            self._lock.notify_all()
        if following is not None:
            self.report.sent += 1
            self._emit(following)

    def _next_of(self, voter: int) -> TimedVote | None:
        waiting = self._backlog.get(voter)
        if not waiting:
            del self._under_way[voter]
            return None
        following = waiting.popleft()
        self._under_way[voter] = (following, time.monotonic())
        return following

    def _wait_for_room(self) -> None:
        while True:
            with self._lock:
                backlog = sum(len(waiting) for waiting in self._backlog.values())
                if len(self._under_way) < WINDOW and backlog < WINDOW:
                    return
                self._lock.wait(0.5)
            self._keep_online()

    def _keep_online(self) -> None:
        """Reconnect if the line broke, and send again whatever was not acknowledged in time."""
        if not self._online.is_set():
            self._connect()
            self._resend(0.0)
        else:
            self._resend(PATIENCE)

    def _resend(self, older_than: float) -> None:
        moment = time.monotonic()
        with self._lock:
            late = [vote for vote, since in self._under_way.values() if moment - since >= older_than]
            for vote in late:
                self._under_way[vote.voter_id] = (vote, moment)
        for vote in late:
            self.report.resent += 1
            self._emit(vote)

    def _connect(self) -> None:
        give_up, pause = time.monotonic() + LONGEST_OUTAGE, 0.1
        while True:
            try:
                self._socket.disconnect()
                self._socket.connect(
                    self.server,
                    namespaces=[NAMESPACE],
                    auth={"token": self.token},
                    transports=["websocket"],
                    wait_timeout=5,
                )
                break
            except socketio.exceptions.SocketIOError as error:
                if time.monotonic() > give_up:
                    raise Unavailable(_("The server does not take sockets: %(reason)s", reason=str(error))) from error
                time.sleep(pause)
                pause = min(pause * 2, 2.0)
        self._online.set()
        self.report.reconnected += 1
