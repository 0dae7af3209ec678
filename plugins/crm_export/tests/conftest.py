"""A space whose plugin tells a webhook of ours what happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from codesign_plugins.crm_export import connections, consent, sending
from codesign_plugins.crm_export.connector import Connector
from sqlalchemy import select

from codesign import sdk
from codesign.sdk import Answer, Request
from codesign.testing import Clock, actor_of

NAME = "crm_export"


class Peer:
    """The other side of a webhook: keeps what came, answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Any] = []

    def __call__(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else Answer(204)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def events(self) -> list[dict[str, Any]]:
        import json

        return [json.loads(request.body) for request in self.requests]

    def told(self) -> list[tuple[str, str]]:
        return [(event["type"], event["data"].get("name") or event["data"].get("title", "")) for event in self.events()]


class World:
    """A space with a webhook; Ann allows the export and Bob does not; both have ideas and votes."""

    mine: Any
    theirs: Any

    def __init__(self, app: Any, plugins: Any, space: Any, people: Any, make_token: Any) -> None:
        self.app, self.plugins, self.space, self.peer = app, plugins, space, Peer()
        self.ann, self.bob, self.root = people
        self.tokens = {person.id: make_token(person) for person in people}
        self.settings = plugins.host.settings(NAME, space.id)
        with app.app_context():
            webhook = sdk.rules(Connector, space.id)["webhook"]
            self.id, self.secret = connections.make(space.id, webhook, "CRM", "https://crm.example/in", "", "")

    def allow(self, person: Any) -> None:
        consent.give(actor_of(person), self.space.id, person.id, self.settings, consent.version_of(self.settings))

    def call(self, method: str, path: str, person: Any, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[person.id]}"}
        answer = self.app.test_client().open(f"/api/v1/{path}", method=method, json=content or None, headers=headers)
        assert answer.status_code < 400, answer.json
        return answer.json

    def vote(self, person: Any, idea: Any) -> None:
        self.call("PUT", f"ideas/{idea.id}/vote", person, value=1)

    def work(self) -> None:
        self.plugins.work()
        with self.app.app_context():
            sending.send_due(self.space.id, self.settings, self.peer)

    @staticmethod
    def rows(table: Any) -> list[Any]:
        with sdk.read() as session:
            return list(session.scalars(select(table)))

    @property
    def connection(self) -> Any:
        return connections.get(self.space.id, self.id)


@pytest.fixture
def world(
    app: Any, plugins: Any, clock: Clock, make_space: Callable[..., Any], make_person: Callable[..., Any],
    make_idea: Callable[..., Any], make_token: Callable[..., str],
) -> Iterator[World]:  # fmt: skip
    space, ann, bob = make_space(kind="updown"), make_person("Ann", external_id="crm-1"), make_person("Bob")
    plugins.enable(NAME, space)
    mine, theirs = make_idea(space, "A belt drive", author=ann), make_idea(space, "A bell", author=bob)
    found = World(app, plugins, space, (ann, bob, make_person("Root", is_admin=True)), make_token)
    found.mine, found.theirs = mine, theirs
    for person in (ann, bob):
        found.vote(person, theirs)
    with app.app_context():
        yield found
