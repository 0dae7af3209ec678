"""Watching, telling, letting go."""

from __future__ import annotations

import logging
from typing import Any

from codesign.events import log
from codesign.events.base import SERVER, TEAM, Recorded
from codesign.kernel import db
from codesign.kernel.errors import NotFound, Unauthenticated
from codesign.live.audience import Client, Clients
from codesign.live.broadcast import Broadcast
from codesign.live.drafts import Drafts, DraftSources
from codesign.live.frames import Sources, Step, frame

_log = logging.getLogger(__name__)

#: Facts after which everybody in the space is looked at again.
_MOVES_ALL = (
    "ballot.closed",
    "ballot.opened",
    "space.deleted",
    "space.changed",
    "space.archived",
    "space.reopened",
    "space.phase_changed",
)
_MOVES_ONE = ("vote.cast", "vote.withdrawn", "member.added", "member.changed", "member.removed", "person.joined")
_ENDS_SIGN_IN = (
    "password.changed",
    "person.erased",
    "person.signed_out",
    "person.banned",
    "person.joined",
    "token.revoked",
)
#: Facts of the server's log after which somebody's texts carry another name, or none.
_RENAMES = ("person.erased", "person.joined")
_NAMES = {"name", "show_name"}
PRESENCE_PAUSE = 2.0  # seconds between two presence messages of a space
#: How often a snapshot is taken anew because a tick went past it meanwhile. A tick comes every 50 ms, so twice is rare.
LOOKS = 5


def room(space_id: str, audience: str) -> str:
    """The room of one audience of a space."""
    return f"{space_id}:{audience}"


def _reading_room(idea: tuple[str, str]) -> str:
    """The room of those who have one idea of a space open."""
    return ":".join(("reading", *idea))


def _is_rename(fact: Recorded) -> bool:
    """Whether texts carry another name after a fact of the server's log, or a name at last (a guest registered)."""
    if fact.name == "person.changed":
        return bool(_NAMES & set(fact.payload["fields"]))
    if fact.name == "person.registered":
        return fact.actor_id is not None and fact.actor_id == fact.payload["person_id"]
    return fact.name in _RENAMES


class Live:
    """The state of the live server of one process: who watches what, and how far each space has been told."""

    def __init__(self, broadcast: Broadcast, sources: Sources, drafts: DraftSources) -> None:
        self.broadcast, self.sources = broadcast, sources
        self.clients = Clients()
        self.drafts = Drafts(broadcast, self.clients, drafts)
        self.told: dict[str, int] = {}
        self._presence: dict[str, int] = {}
        self._readers: dict[tuple[str, str], int] = {}
        self._looking: dict[str, dict[str, tuple[str, ...]]] = {}
        self._server_seq: int | None = None

    # --- what sockets ask -------------------------------------------------------------------------------------------

    def connect(self, sid: str, auth: dict[str, Any] | None, address: str | None, language: str = "") -> None:
        """A socket opened from a network *address* by a page in a *language*; raises the Problem that refuses it."""
        actor, sign_in, expires_at = self.sources.identify(auth)
        self.clients.add(Client(sid, actor, sign_in, address, expires_at, language))

    def disconnect(self, sid: str) -> None:
        """A socket closed."""
        if client := self.clients.remove(sid):
            self.drafts.leave_all(client)

    def watch(self, sid: str, reference: str, idea: str | None = None) -> dict[str, Any]:
        """Put a socket into its audience of a space; answers where the frames will go on from.

        Whoever names the *idea* that is open, and may see it, hears how many others read it.
        """
        client = self.client(sid)
        for _look in range(LOOKS):
            with db.read():
                access = self.sources.look(client.actor, reference)
                audience, space_id = self.sources.audience_of(access), access.space.id
                reads = idea if idea and self.sources.sees_idea(access, idea) else None
                head = log.head(space_id)
            # Ticks go on while the database answers. One that went past this snapshot may have moved people elsewhere.
            if self.told.setdefault(space_id, head) <= head:
                break
        self.unwatch(sid, space_id)
        self.clients.watch(client, space_id, audience)
        self.broadcast.enter(sid, room(space_id, audience))
        answer = {"ok": True, "seq": self.told[space_id], "audience": audience}
        answer["present"] = self.clients.present(space_id)
        if reads:
            here = (space_id, reads)
            self.clients.read(client, here)
            self.broadcast.enter(sid, _reading_room(here))
            answer["reading"] = self.clients.reading(here)
        if audience == TEAM:
            answer["looking"] = self._named(self.clients.looking(space_id, TEAM))
        return answer

    def unwatch(self, sid: str, space_id: str) -> None:
        """Take a socket out of a space."""
        client = self.client(sid)
        self.drafts.leave_all(client, space_id)
        if audience := client.watches.get(space_id):
            self.broadcast.leave(sid, room(space_id, audience))
            if client.reads and client.reads[0] == space_id:
                self.broadcast.leave(sid, _reading_room(client.reads))
            self.clients.unwatch(client, space_id)

    def client(self, sid: str) -> Client:
        """The client behind a socket. Raises NotFound when it is gone, Unauthenticated when its token has ended."""
        client = self.clients.get(sid)
        if client is None:
            raise NotFound
        if client.has_ended:
            raise Unauthenticated
        return client

    def sign_out(self, person_id: str, sign_in: str | None = None) -> None:
        """Close the sockets of a person, or only those of one sign-in."""
        for client in self.clients.of_person(person_id):
            if sign_in is None or client.sign_in == sign_in:
                self.broadcast.drop(client.sid)

    # --- one tick ---------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Tell every watched space what happened since the last tick."""
        with db.read():
            self._follow_server()
            watched = self.clients.watched()
            for space_id in [known for known in self.told if known not in watched]:
                del self.told[space_id]
            for space_id, seq in log.heads(watched).items():
                if seq > self.told.get(space_id, seq):
                    self._tell(space_id, seq)
            self.drafts.tick()

    def _tell(self, space_id: str, seq: int) -> None:
        after = self.told[space_id]
        if seq - after > log.MOST_BEHIND:
            self.told[space_id] = seq
            self._reset(space_id)
            return
        step = Step(space_id, after, seq, log.since(space_id, after, limit=log.MOST_BEHIND))
        self._move(step)
        for audience in sorted(self.clients.audiences(space_id)):
            self.broadcast.send(room(space_id, audience), "frame", frame(step, audience, self.sources))
        self.told[space_id] = seq

    def _reset(self, space_id: str) -> None:
        """Tell everybody in a space to take a new snapshot."""
        for audience in self.clients.audiences(space_id):
            self.broadcast.send(room(space_id, audience), "reset", {"space": space_id})

    def _move(self, step: Step) -> None:
        """People whose audience or rights changed are moved and told to look again."""
        if step.has(*_MOVES_ALL):
            concerned = self.clients.in_space(step.space_id)
        else:
            concerned = self.clients.in_spaces_of(step.people_of(_MOVES_ONE), step.space_id)
        joined = step.people_of(("member.added",))  # they may do more now, even where they see no more
        actors = dict.fromkeys(client.actor for client in concerned)
        audiences = self.sources.audiences(step.space_id, actors) if actors else {}
        for client in concerned:
            audience = audiences.get(client.actor)
            if audience is None:
                self.broadcast.drop(client.sid)
                continue
            if self.clients.get(client.sid) is not client or step.space_id not in client.watches:
                continue  # it left while the database answered
            if audience != client.watches[step.space_id]:
                self.broadcast.leave(client.sid, room(step.space_id, client.watches[step.space_id]))
                self.clients.watch(client, step.space_id, audience)
                self.broadcast.enter(client.sid, room(step.space_id, audience))
            elif client.actor.person_id not in joined:
                continue
            self.broadcast.tell(client.sid, "reset", {"space": step.space_id})
        # A changed role or a ban ends the sockets that were opened under the old one.
        for client in self.clients.in_spaces_of(step.people_of(("member.changed", "member.removed")), step.space_id):
            self.broadcast.drop(client.sid)

    def _follow_server(self) -> None:
        """Close the sockets of people whose sign-in ended, wherever that was done."""
        seq = log.head(SERVER)
        if self._server_seq is None:
            self._server_seq = seq
        while self._server_seq < seq:  # none of these may be passed over, however many there are
            reached = min(seq, self._server_seq + log.MOST_BEHIND)
            step = Step(SERVER, self._server_seq, reached, log.since(SERVER, self._server_seq, limit=log.MOST_BEHIND))
            for person_id in step.people_of(_ENDS_SIGN_IN):
                self.sign_out(person_id)
            self._tell_renamed(step)
            self._server_seq = reached

    def _tell_renamed(self, step: Step) -> None:
        """Names on texts stand in no log of a space: whoever looks at texts of somebody renamed takes them anew."""
        renamed = {str(fact.payload["person_id"]) for fact in step.facts if _is_rename(fact)}
        for space_id in self.clients.watched() if renamed else ():
            if any(self.sources.wrote_in(space_id, person_id) for person_id in renamed):
                self._reset(space_id)

    def tell_presence(self) -> None:
        """Tell every watched space how many people are there, where that changed. Whose token has ended is let go first."""
        for client in self.clients.ended():
            self.broadcast.drop(client.sid)
        for space_id in self.clients.watched():
            present = self.clients.present(space_id)
            if self._presence.get(space_id) != present:
                self._presence[space_id] = present
                for audience in self.clients.audiences(space_id):
                    self.broadcast.send(room(space_id, audience), "presence", {"space": space_id, "count": present})
        self._presence = {space_id: count for space_id, count in self._presence.items() if space_id in self.told}
        self._tell_readers()
        self._tell_looking()
        self.drafts.tell_presence()

    def _tell_looking(self) -> None:
        """Tell the team of every watched space who of them has which idea open, where that changed."""
        now = {space_id: self.clients.looking(space_id, TEAM) for space_id in self.clients.watched()}
        for space_id, looking in now.items():
            if self._looking.get(space_id, {}) != looking:
                told = {"space": space_id, "ideas": self._named(looking)}
                self.broadcast.send(room(space_id, TEAM), "looking", told)
        self._looking = {space_id: looking for space_id, looking in now.items() if looking}

    def _named(self, looking: dict[str, tuple[str, ...]]) -> dict[str, list[dict[str, Any]]]:
        """The people who look at each idea, by name."""
        everybody = tuple(sorted({person_id for people in looking.values() for person_id in people}))
        names = {each["id"]: each for each in self.drafts.sources.names(everybody)} if everybody else {}
        return {idea: [names[each] for each in people if each in names] for idea, people in looking.items()}

    def _tell_readers(self) -> None:
        """Tell everybody who has an idea open how many do, where that changed."""
        readers = {here: self.clients.reading(here) for here in self.clients.readings()}
        for here, count in readers.items():
            if self._readers.get(here) != count:
                told = {"space": here[0], "idea": here[1], "count": count}
                self.broadcast.send(_reading_room(here), "reading", told)
        self._readers = readers
