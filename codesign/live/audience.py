"""Who is connected, what they watch, and in which of the three audiences of a space they sit."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from codesign.kernel import clock
from codesign.kernel.actor import Actor


@dataclass
class Client:
    """One socket: whose it is, by which sign-in and until when, in which language it is answered, its audience in each space it
    watches, and the idea it reads.
    """

    sid: str
    actor: Actor
    sign_in: str | None = None
    address: str | None = None
    expires_at: datetime | None = None
    language: str = ""
    watches: dict[str, str] = field(default_factory=dict)
    busy: int = 0
    reads: tuple[str, str] | None = None

    @property
    def whose(self) -> str:
        """The person, or the socket of somebody nobody knows."""
        return self.actor.person_id or self.sid

    @property
    def has_ended(self) -> bool:
        """Whether the token it came with has ended since."""
        return self.expires_at is not None and self.expires_at <= clock.now()


class _Places:
    """The sockets at each place, and the people: who has three windows open is there once."""

    def __init__(self) -> None:
        self._sids: dict[Hashable, set[str]] = defaultdict(set)
        self._people: dict[Hashable, Counter[str]] = defaultdict(Counter)

    def enter(self, place: Hashable, client: Client) -> None:
        if client.sid not in self._sids[place]:
            self._sids[place].add(client.sid)
            self._people[place][client.whose] += 1

    def leave(self, place: Hashable, client: Client) -> None:
        if client.sid not in self._sids.get(place, ()):
            return
        self._sids[place].discard(client.sid)
        self._people[place][client.whose] -= 1
        if not self._people[place][client.whose]:
            del self._people[place][client.whose]
        if not self._sids[place]:
            del self._sids[place], self._people[place]

    def sids(self, place: Hashable) -> Iterable[str]:
        return self._sids.get(place, ())

    def people(self, place: Hashable) -> int:
        return len(self._people.get(place, ()))

    def places(self) -> list[Any]:
        return list(self._sids)


class Clients:
    """All sockets of this process, found by id, by person, by space and by the idea of a space."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Client] = {}
        self._by_person: dict[str, set[str]] = defaultdict(set)
        self._spaces, self._ideas = _Places(), _Places()

    def __len__(self) -> int:
        return len(self._by_sid)

    def add(self, client: Client) -> None:
        self._by_sid[client.sid] = client
        if client.actor.person_id:
            self._by_person[client.actor.person_id].add(client.sid)

    def get(self, sid: str) -> Client | None:
        return self._by_sid.get(sid)

    def remove(self, sid: str) -> Client | None:
        """Forget a socket; returns what was known of it."""
        client = self._by_sid.pop(sid, None)
        if client is None:
            return None
        for space_id in client.watches:
            self._spaces.leave(space_id, client)
        self.read(client, None)
        if person_id := client.actor.person_id:
            self._by_person[person_id].discard(sid)
            if not self._by_person[person_id]:
                del self._by_person[person_id]
        return client

    def watch(self, client: Client, space_id: str, audience: str) -> None:
        client.watches[space_id] = audience
        self._spaces.enter(space_id, client)

    def unwatch(self, client: Client, space_id: str) -> None:
        client.watches.pop(space_id, None)
        self._spaces.leave(space_id, client)
        if client.reads and client.reads[0] == space_id:
            self.read(client, None)

    def read(self, client: Client, idea: tuple[str, str] | None) -> None:
        """Note which *idea*, if any, a socket has open; ideas are named together with their space."""
        if client.reads:
            self._ideas.leave(client.reads, client)
        if idea:
            self._ideas.enter(idea, client)
        client.reads = idea

    def readings(self) -> list[tuple[str, str]]:
        """The ideas somebody has open."""
        return self._ideas.places()

    def reading(self, idea: tuple[str, str]) -> int:
        """How many people have an idea open."""
        return self._ideas.people(idea)

    def looking(self, space_id: str, audience: str) -> dict[str, tuple[str, ...]]:
        """Who of an audience has which idea of a space open: ids of people by idea."""
        found: dict[str, tuple[str, ...]] = {}
        for here in self._ideas.places():
            if here[0] != space_id:
                continue
            clients = [self._by_sid[sid] for sid in self._ideas.sids(here)]
            people = {c.actor.person_id for c in clients if c.watches.get(space_id) == audience and c.actor.person_id}
            if people:
                found[here[1]] = tuple(sorted(people))
        return found

    def ended(self) -> list[Client]:
        """The sockets whose token has ended."""
        return [client for client in self._by_sid.values() if client.has_ended]

    def of_person(self, person_id: str) -> list[Client]:
        return [self._by_sid[sid] for sid in self._by_person.get(person_id, ())]

    def in_space(self, space_id: str) -> list[Client]:
        return [self._by_sid[sid] for sid in self._spaces.sids(space_id)]

    def watched(self) -> list[str]:
        """The spaces somebody watches."""
        return self._spaces.places()

    def audiences(self, space_id: str) -> set[str]:
        """The audiences of a space in which somebody sits."""
        return {client.watches[space_id] for client in self.in_space(space_id)}

    def present(self, space_id: str) -> int:
        """How many people have a space open: a person with three windows counts once."""
        return self._spaces.people(space_id)

    def in_spaces_of(self, people: Iterable[str], space_id: str) -> list[Client]:
        """The sockets of *people* that watch a space."""
        return [client for person in people for client in self.of_person(person) if space_id in client.watches]
