"""Drafts that several people have open: who is there, and that something changed. A draft has a log of its own, which each
socket catches up with; what is sent here only says it sooner. Every tick asks for the versions of the drafts that are open,
so the commits of other processes are told like our own, and a message that is lost costs nothing but time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict
from codesign.kernel.text import _
from codesign.live.audience import Client, Clients
from codesign.live.broadcast import Broadcast

#: Drafts one socket may have open.
MOST_OPEN = 20
#: Names that one message about who is there holds.
MOST_NAMED = 20


@dataclass(frozen=True)
class Seat:
    """Who opened a draft, by which key if any, and whether they may edit it."""

    draft_id: str
    space_id: str
    version: int
    may_edit: bool
    key: str = ""


@dataclass(frozen=True)
class Circle:
    """Who may see a draft now: by person, or by key."""

    editors: frozenset[str]
    keys: frozenset[str]

    def lets(self, client: Client, seat: Seat) -> bool:
        """Whether somebody who opened it so may have it open still, as what they were."""
        if client.actor.person_id in self.editors:
            return True
        return not seat.may_edit and seat.key in self.keys


@dataclass(frozen=True)
class DraftSources:
    """What the room of drafts tells the live server."""

    seat: Callable[[Actor, str, str], Seat]
    versions: Callable[[Iterable[str]], dict[str, int]]
    circle: Callable[[str], Circle | None]
    news: Callable[[str, int], dict[str, Any]]
    names: Callable[[Iterable[str]], list[dict[str, Any]]]


@dataclass
class _Open:
    """One open draft: how far it has been told, who sits there, and who was told to be there."""

    told: int
    seats: dict[str, Seat] = field(default_factory=dict)
    present: tuple[tuple[str, ...], int] = ((), 0)


def room(draft_id: str, may_edit: bool) -> str:
    """The room of those who edit a draft, or of those who only look at it."""
    return f"draft:{draft_id}:{'edit' if may_edit else 'look'}"


class Drafts:
    """The drafts that sockets of this process have open."""

    def __init__(self, broadcast: Broadcast, clients: Clients, sources: DraftSources) -> None:
        self.broadcast, self.clients, self.sources = broadcast, clients, sources
        self._open: dict[str, _Open] = {}

    # --- what sockets ask -------------------------------------------------------------------------------------------

    def enter(self, client: Client, draft: str, key: str = "") -> dict[str, Any]:
        """Put a socket into the room of a draft; answers at which version its messages go on, and who is there."""
        self.leave(client, draft)  # who opens it again may be let in as somebody else
        seat = self.sources.seat(client.actor, draft, key)
        if seat.space_id not in client.watches:
            raise Conflict(_("Watch the space of a draft before you open it."))
        if sum(client.sid in each.seats for each in self._open.values()) >= MOST_OPEN:
            raise Conflict(_("At most %(most)s drafts can be open at once.", most=MOST_OPEN))
        here = self._open.setdefault(seat.draft_id, _Open(seat.version))
        here.seats[client.sid] = seat
        self.broadcast.enter(client.sid, room(seat.draft_id, seat.may_edit))
        self._tell_presence(seat.draft_id)
        return {"version": here.told, "may_edit": seat.may_edit, **self._presence(self._who(here))}

    def leave(self, client: Client, draft_id: str) -> None:
        """Take a socket out of the room of a draft."""
        here = self._open.get(draft_id)
        seat = here.seats.pop(client.sid, None) if here else None
        if here is None or seat is None:
            return
        if self.clients.get(client.sid) is client:
            self.broadcast.leave(client.sid, room(draft_id, seat.may_edit))
        if not here.seats:
            del self._open[draft_id]

    def leave_all(self, client: Client, space_id: str | None = None) -> None:
        """Take a socket out of all drafts, or those of one space."""
        for draft_id, here in list(self._open.items()):
            seat = here.seats.get(client.sid)
            if seat is not None and space_id in {None, seat.space_id}:
                self.leave(client, draft_id)

    # --- one tick ---------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Tell what changed in open drafts since the last tick. Needs a read block around it."""
        if not self._open:
            return
        versions = self.sources.versions(self._open)
        for draft_id, here in list(self._open.items()):
            version = versions.get(draft_id)
            if version is None or version > here.told:
                self._tell(draft_id, here, version)

    def _tell(self, draft_id: str, here: _Open, version: int | None) -> None:
        circle = self.sources.circle(draft_id) if version is not None else None
        for sid, seat in list(here.seats.items()):
            client = self.clients.get(sid)
            if client is None or (circle is not None and circle.lets(client, seat)):
                continue
            self.broadcast.tell(sid, "draft_closed", {"draft": draft_id})
            self.leave(client, draft_id)
        if version is None or draft_id not in self._open:
            return
        told = {"draft": draft_id, "after": here.told, "version": version}
        # Steps are for those who edit: some were taken back.
        self.broadcast.send(room(draft_id, False), "draft", told)
        self.broadcast.send(room(draft_id, True), "draft", {**told, **self.sources.news(draft_id, here.told)})
        here.told = version

    def tell_presence(self) -> None:
        """Tell who is at each open draft, where that changed."""
        for draft_id in list(self._open):
            self._tell_presence(draft_id)

    def _tell_presence(self, draft_id: str) -> None:
        here = self._open.get(draft_id)
        if here is None:  # the last one left while names were read for another draft
            return
        who = self._who(here)
        if who != here.present:
            here.present = who
            for may_edit in (True, False):
                self.broadcast.send(
                    room(draft_id, may_edit), "draft_presence", {"draft": draft_id, **self._presence(who)}
                )

    def _presence(self, who: tuple[tuple[str, ...], int]) -> dict[str, Any]:
        return {"people": self.sources.names(who[0][:MOST_NAMED]), "looking": who[1]}

    def _who(self, here: _Open) -> tuple[tuple[str, ...], int]:
        """The people who edit, and how many others look."""
        editing: set[str] = set()
        looking: set[str] = set()
        for sid, seat in here.seats.items():
            client = self.clients.get(sid)
            if client is not None:
                (editing if seat.may_edit and client.actor.person_id else looking).add(client.whose)
        return tuple(sorted(editing)), len(looking - editing)
