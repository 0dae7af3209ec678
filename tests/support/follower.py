"""A program that shows a space: takes a snapshot, follows frames by number, catches up after gaps, comes back after outages."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import socketio

from tests.support.programs import NAMESPACE, Admin

Counts = tuple[int, int, int]


class Follower:
    """The tallies of a space as a screen knows them, by external id; ``moves`` notes when any of them moved."""

    def __init__(self, admin: Admin, space: str) -> None:
        self.admin, self.space = admin, space
        self.names: dict[str, str] = {}
        self.tallies: dict[str, Counts] = {}
        self.moves: list[float] = []
        self.seq = 0
        self.lines = 0
        self._lock = threading.RLock()
        self._gap = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._client: socketio.Client | None = None

    def __enter__(self) -> Follower:
        self._snapshot()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join(30)
        if self._client is not None:
            self._client.disconnect()

    def shown(self) -> dict[str, Counts]:
        """What the screen shows now."""
        with self._lock:
            return {self.names[idea]: counts for idea, counts in self.tallies.items() if idea in self.names}

    def moved_between(self, start: float, end: float) -> bool:
        """Whether anything moved on the screen between two moments (of ``time.monotonic``)."""
        with self._lock:
            return any(start < moment < end for moment in self.moves)

    def wait(self, shown: dict[str, Counts], patience: float = 30) -> None:
        """Wait until the screen shows exactly this."""
        until = time.monotonic() + patience
        while self.shown() != shown:
            assert time.monotonic() < until, {name: (self.shown().get(name), shown[name]) for name in shown
                                              if self.shown().get(name) != shown[name]}  # fmt: skip
            time.sleep(0.05)

    # --- As the contract says ---------------------------------------------------------------------------------------

    def _snapshot(self) -> None:
        query: dict[str, Any] = {"sort": "new", "limit": 100}
        first = True
        while True:
            page = self.admin.ask("GET", f"/spaces/{self.space}/ideas", params=query)
            with self._lock:
                self.seq = page["seq"] if first else min(self.seq, page["seq"])
                for idea in page["items"]:
                    self.names[idea["id"]] = idea["external_id"] or idea["id"]
                    self._take(idea["id"], idea["tally"])
            first = False
            if not page["next"]:
                return
            query["cursor"] = page["next"]

    def _take(self, idea: str, tally: dict[str, int]) -> None:
        counts = (tally["up"], tally["down"], tally["pass"])
        if self.tallies.get(idea) != counts:
            self.tallies[idea] = counts
            self.moves.append(time.monotonic())

    def _frame(self, frame: dict[str, Any]) -> None:
        with self._lock:
            if frame["after"] > self.seq:
                self._gap.set()
                return
            if frame["seq"] > self.seq:
                self._apply(frame["tallies"], frame["seq"])

    def _apply(self, tallies: dict[str, Any], seq: int) -> None:
        for idea, tally in tallies.items():
            self._take(idea, tally)
        self.seq = max(self.seq, seq)

    def _catch_up(self) -> None:
        while True:
            missed = self.admin.ask("GET", f"/spaces/{self.space}/events", params={"after": self.seq, "limit": 500})
            if missed["reset"]:
                return self._snapshot()
            with self._lock:
                self._apply(missed["tallies"], missed["seq"])
            if not missed["next"]:
                return None

    def _learn_names(self) -> None:
        with self._lock:
            unknown = [idea for idea in self.tallies if idea not in self.names]
        for idea in unknown:
            self.names[idea] = self.admin.ask("GET", f"/ideas/{idea}")["external_id"] or idea

    def _follow(self) -> None:
        while not self._ended.is_set():
            try:
                self._watch()
                while self._client and self._client.connected and not self._ended.is_set():
                    if self._gap.wait(0.1):
                        self._gap.clear()
                        self._catch_up()
                    self._learn_names()
            except (socketio.exceptions.SocketIOError, httpx.TransportError, AssertionError):
                time.sleep(0.2)

    def _watch(self) -> None:
        if self._client is not None:
            self._client.disconnect()
        client = self._client = socketio.Client(
            reconnection=False, websocket_extra_options={"suppress_origin": True}
        )  # fmt: skip
        client.on("frame", self._frame, namespace=NAMESPACE)
        client.on("reset", lambda _content: self._gap.set(), namespace=NAMESPACE)
        client.connect(
            self.admin.server.url, namespaces=[NAMESPACE], auth={"token": self.admin.token}, transports=["websocket"]
        )
        answer = client.call("watch", {"space": self.space, "after": self.seq}, namespace=NAMESPACE, timeout=20)
        assert answer["ok"], answer
        self.lines += 1
        if answer["seq"] > self.seq:
            self._catch_up()
