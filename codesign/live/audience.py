"""Who is connected, what they watch, and in which of the three audiences of a space they sit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from codesign.kernel.actor import Actor

K = TypeVar("K")


@dataclass
class Client:
    """One socket: whose it is, by which sign-in, its audience in each space it watches, and the idea it reads."""

    sid: str
    actor: Actor
    sign_in: str | None = None
    address: str | None = None
    watches: dict[str, str] = field(default_factory=dict)
    busy: int = 0
    reads: tuple[str, str] | None = None


class Clients:
    """All sockets of this process, found by id, by person, by space and by the idea of a space."""

    def __init__(self) -> None:
        self._by_sid: dict[str, Client] = {}
        self._by_person: dict[str, set[str]] = defaultdict(set)
        self._by_space: dict[str, set[str]] = defaultdict(set)
        self._by_idea: dict[tuple[str, str], set[str]] = defaultdict(set)

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
            self._forget(self._by_space, space_id, sid)
        self.read(client, None)
        if client.actor.person_id:
            self._forget(self._by_person, client.actor.person_id, sid)
        return client

    def watch(self, client: Client, space_id: str, audience: str) -> None:
        client.watches[space_id] = audience
        self._by_space[space_id].add(client.sid)

    def unwatch(self, client: Client, space_id: str) -> None:
        client.watches.pop(space_id, None)
        self._forget(self._by_space, space_id, client.sid)
        if client.reads and client.reads[0] == space_id:
            self.read(client, None)

    def read(self, client: Client, idea: tuple[str, str] | None) -> None:
        """Note which *idea*, if any, a socket has open; ideas are named together with their space."""
        if client.reads:
            self._forget(self._by_idea, client.reads, client.sid)
        if idea:
            self._by_idea[idea].add(client.sid)
        client.reads = idea

    def readings(self) -> list[tuple[str, str]]:
        """The ideas somebody has open."""
        return list(self._by_idea)

    def reading(self, idea: tuple[str, str]) -> int:
        """How many people have an idea open."""
        return self._people(self._by_idea.get(idea, ()))

    def of_person(self, person_id: str) -> list[Client]:
        return [self._by_sid[sid] for sid in self._by_person.get(person_id, ())]

    def in_space(self, space_id: str) -> list[Client]:
        return [self._by_sid[sid] for sid in self._by_space.get(space_id, ())]

    def watched(self) -> list[str]:
        """The spaces somebody watches."""
        return list(self._by_space)

    def audiences(self, space_id: str) -> set[str]:
        """The audiences of a space in which somebody sits."""
        return {client.watches[space_id] for client in self.in_space(space_id)}

    def present(self, space_id: str) -> int:
        """How many people have a space open: a person with three windows counts once."""
        return self._people(self._by_space.get(space_id, ()))

    def in_spaces_of(self, people: Iterable[str], space_id: str) -> list[Client]:
        """The sockets of *people* that watch a space."""
        return [client for person in people for client in self.of_person(person) if space_id in client.watches]

    def _people(self, sids: Iterable[str]) -> int:
        return len({self._by_sid[sid].actor.person_id or sid for sid in sids})

    @staticmethod
    def _forget(index: dict[K, set[str]], key: K, sid: str) -> None:
        index[key].discard(sid)
        if not index[key]:
            del index[key]
