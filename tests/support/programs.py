"""Programs that talk to a real server: an administrator's HTTP client, and sockets that note what they hear."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import socketio

from tests.support.server import Server, run_codesign

NAMESPACE = "/live"
PASSWORD = "a long enough password"


class Admin(httpx.Client):
    """A server administrator with a token of every scope, made at the command line."""

    def __init__(self, server: Server, email: str = "admin@example.org") -> None:
        made = ("user", "create", "--email", email, "--password-stdin", "--admin", "--json")
        run_codesign(*made, instance=server.instance, settings=server.settings, stdin=PASSWORD + "\n")
        asked = ("user", "token", "--email", email, "--scope", "all", "--json")
        answer = run_codesign(*asked, instance=server.instance, settings=server.settings)
        assert answer.returncode == 0, answer.stderr
        self.token: str = json.loads(answer.stdout)["token"]
        self.server = server
        super().__init__(base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {self.token}"}, timeout=30)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """The JSON answer; a refusal fails the test."""
        answer = self.request(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def make_space(self, slug: str, **fields: Any) -> Any:
        """A space, open to everybody."""
        fields = {"name": slug.title(), "slug": slug, **fields}
        return self.ask("POST", "/spaces", json=fields)

    def make_idea(self, space: str, title: str) -> str:
        """The id of a new idea."""
        made: str = self.ask("POST", f"/spaces/{space}/ideas", json={"title": title})["id"]
        return made

    def make_people(self, space: str, count: int) -> list[str]:
        """External ids of new members."""
        names = [f"p:{number}" for number in range(count)]
        for name in names:
            self.ask("POST", f"/spaces/{space}/members", json={"external_id": name})
        return names


class Ear:
    """A socket that keeps everything it hears."""

    def __init__(
        self, server: Server, *, token: str | None = None, origin: str | None = None, act_as: str | None = None
    ) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.moments: list[float] = []
        self._news = threading.Condition()
        # A program sends no Origin; the library would make one up.
        origins = {"origin": origin} if origin else {"suppress_origin": True}
        self.socket = socketio.Client(reconnection=False, websocket_extra_options=origins)
        for name in ("frame", "reset", "presence", "draft", "draft_presence", "draft_closed"):
            self.socket.on(name, self._note(name), namespace=NAMESPACE)
        self.socket.connect(
            server.url, namespaces=[NAMESPACE], transports=["websocket"],
            auth={"token": token, "act_as": act_as} if token else None,
        )  # fmt: skip

    def _note(self, name: str) -> Callable[[Any], None]:
        def note(content: Any) -> None:
            with self._news:
                self.heard.append((name, content))
                self.moments.append(time.monotonic())
                self._news.notify_all()

        return note

    def call(self, name: str, **content: Any) -> Any:
        """Send a message and wait for its acknowledgement."""
        return self.socket.call(name, content, namespace=NAMESPACE, timeout=20)

    def frames(self) -> list[dict[str, Any]]:
        """The frames heard so far."""
        with self._news:
            return [content for name, content in self.heard if name == "frame"]

    def wait(self, what: Callable[[Ear], Any], patience: float = 15) -> Any:
        """Wait until *what* of this ear is true, and return it."""
        until = time.monotonic() + patience
        with self._news:
            while True:
                found = what(self)
                if found:
                    return found
                left = until - time.monotonic()
                assert left > 0, f"not heard in time; heard: {self.heard[-5:]}"
                self._news.wait(min(left, 0.2))

    def close(self) -> None:
        """Hang up."""
        self.socket.disconnect()
