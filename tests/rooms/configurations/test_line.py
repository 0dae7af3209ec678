"""What the line tells those who have a draft open: who hears of edits, who is there, and who is shown out."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from codesign.configurations import service
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.live import install, sources
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import Conflict, NotFound
from codesign.live import drafts
from codesign.live.audience import Client, Clients
from codesign.live.drafts import Drafts, room
from codesign.products.facts import ProductFact
from codesign.products.limits import COSTS, QUESTIONS
from tests.support.world import World

Draft = ConfigurationFact


class Air:
    """Keeps what is sent, and to whom."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.rooms: dict[str, set[str]] = {}

    def send(self, room: str, name: str, content: dict[str, Any]) -> None:
        if self.rooms.get(room):
            self.sent.append((room, name, content))

    def tell(self, sid: str, name: str, content: dict[str, Any]) -> None:
        self.sent.append((sid, name, content))

    def enter(self, sid: str, room: str) -> None:
        self.rooms.setdefault(room, set()).add(sid)

    def leave(self, sid: str, room: str) -> None:
        self.rooms[room].discard(sid)

    def told(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """What was sent under a name since it was asked last."""
        found = [(room, content) for room, said, content in self.sent if said == name]
        self.sent = [each for each in self.sent if each[1] != name]
        return found


class Line:
    """Open drafts of one process, and the sockets there."""

    def __init__(self, space_id: str) -> None:
        self.air, self.clients, self.space_id = Air(), Clients(), space_id
        self.drafts = Drafts(self.air, self.clients, sources())  # type: ignore[arg-type]

    def open(self, actor: Actor, draft: Draft, key: str = "", sid: str = "") -> tuple[Client, dict[str, Any]]:
        client = Client(sid or f"sid-{len(self.clients)}", actor)
        self.clients.add(client)
        self.clients.watch(client, self.space_id, "open")
        return client, self.drafts.enter(client, draft.id, key)

    def tick(self) -> None:
        with db.read():
            self.drafts.tick()


@pytest.fixture
def line(world: World) -> Line:
    return Line(world.space.id)


def test_everybody_hears_that_it_moved_and_who_edits_hears_how(world: World, shared: Draft, line: Line) -> None:
    line.open(world.ann, shared)
    line.open(world.ben, shared)
    line.open(world.moderator, shared, shared.share_key)
    line.tick()
    assert line.air.told("draft") == []
    made = service.choose(world.ben, shared.id, "city", True)
    line.tick()
    heard = dict(line.air.told("draft"))
    edit, look = heard[room(shared.id, True)], heard[room(shared.id, False)]
    assert (edit["after"], edit["version"]) == (look["after"], look["version"]) == (shared.version, made.version)
    assert (
        edit["edits"][0]["changes"] == {"city": [None, True]} and edit["edits"][0]["person_id"] == world.ben.person_id
    )
    assert "edits" not in look
    line.tick()
    assert line.air.told("draft") == []


def test_who_is_there(world: World, shared: Draft, line: Line) -> None:
    ann, answer = line.open(world.ann, shared)
    assert [each["id"] for each in answer["people"]] == [world.ann.person_id] and answer["may_edit"]
    line.open(world.ben, shared)
    line.open(world.ben, shared)  # two windows are one person
    line.open(ANONYMOUS, shared, shared.share_key)
    told = line.air.told("draft_presence")[-1][1]
    assert len(told["people"]) == 2 and told["looking"] == 1
    line.drafts.tell_presence()
    assert line.air.told("draft_presence") == []
    line.drafts.leave_all(ann, "another space")
    line.drafts.leave(ann, shared.id)
    line.drafts.tell_presence()
    assert [each["id"] for each in line.air.told("draft_presence")[-1][1]["people"]] == [world.ben.person_id]


def test_the_last_one_may_leave_while_names_are_read_for_another_draft(
    world: World, shared: Draft, bike: ProductFact, line: Line
) -> None:
    other = service.start_configuration(world.ann, bike.id, "Another")
    line.open(world.ann, shared)
    last, _answer = line.open(world.ann, other)
    line.clients.remove(line.open(world.ben, shared)[0].sid)  # so that there is something to tell
    names = line.drafts.sources.names

    def leaving(ids: Any) -> Any:
        line.drafts.leave_all(last)
        return names(ids)

    line.drafts.sources = replace(line.drafts.sources, names=leaving)
    line.drafts.tell_presence()
    assert list(line.drafts._open) == [shared.id]


def test_who_may_not_see_it_cannot_open_it(world: World, shared: Draft, line: Line) -> None:
    for key in ("", "no such key"):
        with pytest.raises(NotFound):
            line.open(world.moderator, shared, key)
    client = Client("not watching", world.ann)
    line.clients.add(client)
    with pytest.raises(Conflict):
        line.drafts.enter(client, shared.id)
    assert line.open(world.moderator, shared, shared.share_key)[1]["may_edit"] is False


def test_who_is_removed_is_shown_out(world: World, shared: Draft, line: Line) -> None:
    line.open(world.ann, shared, sid="ann")
    line.open(world.ben, shared, sid="ben")
    line.open(world.moderator, shared, shared.edit_key, sid="asked")
    service.remove_partner(world.ann, shared.id, str(world.ben.person_id))
    line.tick()
    assert {sid for sid, _content in line.air.told("draft_closed")} == {"ben", "asked"}
    service.choose(world.ann, shared.id, "city", True)
    line.tick()
    assert line.air.rooms[room(shared.id, True)] == {"ann"} and len(line.air.told("draft")) == 2


def test_a_draft_that_is_published_or_gone_is_closed(world: World, shared: Draft, line: Line) -> None:
    line.open(world.ann, shared, sid="ann")
    world.idea(configuration_id=shared.id)
    line.tick()
    assert line.air.told("draft_closed") == [("ann", {"draft": shared.id})]
    line.tick()
    assert line.air.sent == [] or line.air.told("draft_closed") == []
    with pytest.raises(NotFound):
        line.open(world.ann, shared)


def test_one_socket_has_so_many_open(world: World, shared: Draft, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_OPEN", 1)
    client, _answer = line.open(world.ann, shared)
    assert line.drafts.enter(client, shared.id)["version"] == shared.version
    other = service.start_configuration(world.ann, shared.product_id)
    with pytest.raises(Conflict):
        line.drafts.enter(client, other.id)


def test_closing_costs_nothing(app: Flask, world: World, shared: Draft, line: Line) -> None:
    doors: dict[str, Any] = {}
    socketio: Any = SimpleNamespace(server=SimpleNamespace(on=lambda name, door, namespace: doors.update({name: door})))
    client, _answer = line.open(world.ann, shared)
    live: Any = SimpleNamespace(clients={client.sid: client}, client=lambda _sid: client, drafts=line.drafts)
    install(app, socketio, live)
    closes = QUESTIONS.burst // COSTS["repairs"] + 1
    assert all(doors["draft_close"](client.sid, {"draft": shared.id})["ok"] for _number in range(closes))
    assert doors["draft_open"](client.sid, {"draft": shared.id})["ok"]
