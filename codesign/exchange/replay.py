"""Replays a recorded conversation into a running server, as a client like any other: HTTP for texts, the socket for votes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from codesign.exchange.polis_export import PolisExport, TimedVote, person_external_id
from codesign.exchange.statements import title_and_body
from codesign.exchange.vote_sender import LONGEST_OUTAGE, Report, VoteSender
from codesign.kernel.errors import Forbidden, Invalid, NotFound, Problem, Unavailable
from codesign.kernel.text import _

REASON = "rejected in the recorded conversation"
OPENED = "opened for a replay of the recorded conversation"


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
            if last is not None:
                gap = (vote.at - last).total_seconds() / self.speed if self.speed is not None else 0.0
                if self.max_gap is not None:
                    gap = min(gap, self.max_gap)
                due += max(gap, 1 / self.rate if self.rate is not None else 0.0)
            last = vote.at
            yield due, vote


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
        self.http = Http(server, token)
        self.ideas: dict[int, str] = {}

    def run(self, pace: Pace) -> Report:
        """Statements first, then the votes, rejections last; comes back when everything is acknowledged."""
        space = self.http.ask("GET", f"/spaces/{self.slug}")
        if space["ballot"]["kind"] != "updown":
            raise Invalid.field(
                "space", _("A Polis conversation needs a space whose ballot takes agree and disagree (updown).")
            )
        self.open_statements()
        self.invite_people()
        report = self.send_votes(pace)
        self.apply_rejections()
        return report

    def open_statements(self) -> None:
        """Make an idea of every statement that is not there yet; open those an earlier replay has closed."""
        known = {idea["external_id"]: idea for state in ("published", "hidden", "held") for idea in self._listed(state)}
        for statement in self.export.statements:
            idea = known.get(statement.external_id) or self._propose(statement.text, statement.external_id)
            if idea["state"] != "published":
                self.http.ask("POST", f"/ideas/{idea['id']}/publish", json={"reason": OPENED})
            self.ideas[statement.comment_id] = idea["id"]

    def _listed(self, state: str) -> Iterator[dict[str, Any]]:
        query = {"state": state, "sort": "new", "limit": "100"}
        while True:
            page = self.http.ask("GET", f"/spaces/{self.slug}/ideas", params=query)
            yield from page["items"]
            if not page["next"]:
                return
            query["cursor"] = page["next"]

    def _propose(self, text: str, external_id: str) -> dict[str, Any]:
        title, body = title_and_body(text)
        content = {"title": title, "body": body, "external_id": external_id}
        idea: dict[str, Any]
        try:
            idea = self.http.ask("POST", f"/spaces/{self.slug}/ideas", json=content)
        except Problem:
            # The server may have died between storing it and saying so; then it is there.
            found = self.http.ask("GET", f"/spaces/{self.slug}/ideas", params={"external_id": external_id})["items"]
            if not found:
                raise
            (idea,) = found
        return idea

    def invite_people(self) -> None:
        """Make a member of every voter."""
        for voter in sorted({vote.voter_id for vote in self.export.votes()}):
            self.http.ask("POST", f"/spaces/{self.slug}/members", json={"external_id": person_external_id(voter)})

    def send_votes(self, pace: Pace) -> Report:
        """Send every vote at its moment and wait until all are acknowledged."""
        total = self.export.counts.votes
        sender = VoteSender(self.server, self.token, self.ideas)
        return sender.send(pace.moments(self.export.votes()), lambda done: self.advance(done, total))

    def apply_rejections(self) -> None:
        """Hide what the moderators rejected; the votes on it count all the same."""
        for statement in self.export.statements:
            if statement.rejected:
                self.http.ask("POST", f"/ideas/{self.ideas[statement.comment_id]}/hide", json={"reason": REASON})
