"""What happens in the live server while the database answers: sockets come and go, ticks overtake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from codesign import app as factory
from codesign.accounts import service as accounts
from codesign.activity.queries import tallies_for
from codesign.configurations import live as drafts
from codesign.events import log
from codesign.ideas.queries import sees_idea
from codesign.ideas.service import hide_idea
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Forbidden, Unauthenticated
from codesign.live import server
from codesign.live.audience import Client
from codesign.live.frames import Sources, Step, frame
from codesign.live.server import Live
from codesign.spaces.access import look
from codesign.spaces.service import close_ballot, open_ballot
from codesign.voting.queries import audience_of, audiences_in
from codesign.web import identity
from tests.support.world import World, token

Make = Callable[..., Any]


class Air:
    """What was sent, instead of sockets. A dropped socket is gone at once."""

    def __init__(self) -> None:
        self.live: Live | None = None
        self.dropped: list[str] = []

    def send(self, room: str, name: str, content: dict[str, Any]) -> None: ...

    def tell(self, sid: str, name: str, content: dict[str, Any]) -> None: ...

    def enter(self, sid: str, room: str) -> None: ...

    def leave(self, sid: str, room: str) -> None: ...

    def drop(self, sid: str) -> None:
        self.dropped.append(sid)
        assert self.live is not None
        self.live.disconnect(sid)


@pytest.fixture
def asked() -> list[Callable[[], str]]:
    """What the next questions for an audience answer, one after another; "open" when nothing is left."""
    return []


@pytest.fixture
def live(app: Any, asked: list[Callable[[], str]]) -> Live:
    """A live server whose people are named by the ids they connect with."""
    sources = Sources(
        identify=lambda auth: (Actor(person_id=(auth or {})["id"]), None, None),
        look=lambda actor, reference: SimpleNamespace(space=SimpleNamespace(id=reference), at=log.head(reference)),
        audience_of=lambda access: asked.pop(0)() if asked else "open",
        audiences=lambda space_id, actors: {actor: asked.pop(0)() if asked else "open" for actor in actors},
        tallies=lambda audience, ids: {},
        sees_idea=lambda access, idea_id: True,
        voters=lambda space_id: 0,
        public_event=lambda fact, audience: None,
        wrote_in=lambda space_id, person_id: False,
    )
    air = Air()
    made = air.live = Live(air, sources, drafts.sources())  # type: ignore[arg-type]
    return made


def meanwhile(*steps: Callable[[], object]) -> None:
    """Run *steps* as another greenlet would: outside whatever transaction is open here."""
    for step in steps:
        Context().run(step)


def test_who_leaves_while_their_audience_is_looked_up_stays_gone(
    live: Live, asked: list[Callable[[], str]], make_space: Make
) -> None:
    """A socket that came back into the books after it had closed made every later tick fail."""
    space_id = make_space().id
    for sid in ("leaves", "stays"):
        live.connect(sid, {"id": sid}, None)
        live.watch(sid, space_id)
    live.tick()
    close_ballot(SYSTEM, space_id)

    def veiled() -> str:
        live.disconnect("leaves")
        return "veiled"

    asked += [veiled, veiled]
    live.tick()
    assert [(client.sid, client.watches) for client in live.clients.in_space(space_id)] == [
        ("stays", {space_id: "veiled"})
    ]


def test_a_tick_between_looking_and_watching_forgets_nothing(
    live: Live, make_space: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one to watch a space is not watching it yet while the database lets go of the snapshot."""
    space_id, read = make_space().id, db.read

    @contextmanager
    def slowly() -> Iterator[None]:
        with read():
            yield
        monkeypatch.setattr(server.db, "read", read)
        live.tick()

    live.connect("a", {"id": "a"}, None)
    monkeypatch.setattr(server.db, "read", slowly)
    answer = live.watch("a", space_id)
    assert answer["ok"] and answer["seq"] == live.told[space_id] > 0


def test_who_is_overtaken_by_a_tick_is_looked_at_again(
    live: Live, asked: list[Callable[[], str]], make_space: Make
) -> None:
    """What a person may see is not taken from a snapshot older than what was told already."""
    space_id = make_space().id
    live.connect("early", {"id": "early"}, None)
    live.watch("early", space_id)
    live.tick()

    def overtaken() -> str:
        asked.clear()
        meanwhile(lambda: close_ballot(SYSTEM, space_id), live.tick)
        asked.append(lambda: "veiled")
        return "open"

    asked.append(overtaken)
    live.connect("late", {"id": "late"}, None)
    assert live.watch("late", space_id)["audience"] == "veiled"


def test_no_end_of_a_sign_in_is_passed_over(live: Live, make_person: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much the server's log has grown since the last tick, who was banned is out after the next one."""
    monkeypatch.setattr(log, "MOST_BEHIND", 2)
    people = [make_person() for _number in range(5)]
    for person in people:
        live.connect(person.id, {"id": person.id}, None)
    live.tick()
    for person in people:
        accounts.ban(SYSTEM, person.id)
    live.tick()
    assert not any(live.clients.get(person.id) for person in people)


@pytest.mark.parametrize("results", ["after_vote", "live"])
def test_however_many_watch_a_move_asks_the_database_the_same(
    live: Live, results: str, make_person: Make, make_space: Make, count_queries: Make
) -> None:
    space_id = make_space(results=results).id
    live.sources = replace(live.sources, look=look, audience_of=audience_of, audiences=audiences_in)

    def statements() -> int:
        live.tick()
        close_ballot(SYSTEM, space_id)
        with count_queries() as asked_for:
            live.tick()
        open_ballot(SYSTEM, space_id)
        live.tick()
        return len(asked_for)

    def more(count: int) -> None:
        for person in (make_person() for _number in range(count)):
            live.connect(person.id, {"id": person.id}, None)
            live.watch(person.id, space_id)

    more(1)
    before = statements()
    more(11)
    assert statements() == before
    assert {client.watches[space_id] for client in live.clients.in_space(space_id)} == {
        "open" if results == "live" else "veiled"
    }


def test_readers_are_counted_of_ideas_one_may_see(live: Live, world: World, make_space: Make, make_idea: Make) -> None:
    live.sources = replace(live.sources, look=look, sees_idea=sees_idea)
    shown, hidden, elsewhere = world.idea(), world.idea(title="A bell nobody hears"), make_idea(make_space())
    hide_idea(world.moderator, hidden.id, "a test")

    def counted(actor: Actor, idea_id: str) -> bool:
        live.connect("socket", {"id": actor.person_id}, None)
        answer = live.watch("socket", world.space.id, idea_id)
        live.disconnect("socket")
        return "reading" in answer

    stranger = [counted(world.stranger, idea_id) for idea_id in (shown.id, hidden.id, elsewhere.id, "NO-SUCH", "\0")]
    assert stranger == [True, False, False, False, False]
    assert counted(world.moderator, hidden.id)


def test_a_token_that_may_not_read_hears_nothing(app: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "_listeners", [])
    nothing: Any = lambda *arguments, **options: lambda door: door  # noqa: E731
    wires = SimpleNamespace(on=nothing, enter_room=nothing, leave_room=nothing)
    live = factory.start_live(app, SimpleNamespace(on=nothing, server=wires, start_background_task=nothing))
    for scope in ("write", "read"):
        live.clients.add(Client(scope, token(world.owner, scope)))
    with pytest.raises(Forbidden):
        live.watch("write", world.space.slug)
    assert live.watch("read", world.space.slug)["audience"] == "team"


def test_a_socket_ends_when_its_token_does(live: Live, make_space: Make, clock: Any) -> None:
    space_id, expires_at = make_space().id, clock.advance(hours=1)
    live.sources = replace(live.sources, identify=lambda auth: (SYSTEM, None, expires_at if auth else None))
    live.connect("token", {"token": "T"}, None)
    live.connect("page", None, None)
    clock.advance(minutes=-1)
    for sid in ("token", "page"):
        live.watch(sid, space_id)
    live.tell_presence()
    clock.advance(minutes=1)
    with pytest.raises(Unauthenticated):
        live.client("token")
    assert live.client("page")
    live.tell_presence()
    assert live.clients.get("token") is None and live.clients.get("page") is not None


def test_frames_tell_the_tallies_their_audience_may_know(live: Live, world: World) -> None:
    idea = world.idea()
    live.sources = replace(live.sources, tallies=tallies_for)  # type: ignore[arg-type]
    hide_idea(world.moderator, idea.id, "a test")
    with db.read():
        step = Step(world.space.id, 0, 9, log.since(world.space.id, 0))
        told = {audience: set(frame(step, audience, live.sources)["tallies"]) for audience in ("open", "team")}
    assert told == {"open": set(), "team": {idea.id}}


def test_the_team_hears_by_name_who_of_it_has_an_idea_open(
    live: Live, asked: list[Callable[[], str]], make_space: Make, make_person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names go to the team alone, and only those of the team."""
    space_id, idea = make_space().id, "0" * 26
    jonas, lena, ann = (make_person(name).id for name in ("Jonas", "Lena", "Ann"))
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(live.broadcast, "send", lambda room, name, content: sent.append((room, name, content)))
    answers = {}
    for person, audience in ((jonas, "team"), (ann, "open"), (lena, "team")):
        asked.append(lambda audience=audience: audience)
        live.connect(person, {"id": person}, None)
        answers[person] = live.watch(person, space_id, idea if person != lena else None)
    live.tell_presence()
    live.tell_presence()
    told = [(room, content) for room, name, content in sent if name == "looking"]
    known = {idea: [{"id": jonas, "name": "Jonas", "guest": False}]}
    assert told == [(f"{space_id}:team", {"space": space_id, "ideas": known})]
    assert answers[lena]["looking"] == known and "looking" not in answers[ann]
    live.disconnect(jonas)
    live.tell_presence()
    assert [content["ideas"] for _room, name, content in sent if name == "looking"] == [known, {}]
