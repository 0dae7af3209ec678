"""What programs may rely on: REST and Socket.IO, pinned field by field.

Meant to change something? ``python -m tests.contracts.test_public_contract`` writes both files anew; the diff shows
what programs will notice, and CHANGELOG.md tells them.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
import tempfile
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields

from codesign.app import create_app, create_socketio
from codesign.configurations import live as drafts
from codesign.kernel import config, db, schema
from codesign.kernel.actor import ANONYMOUS
from codesign.kernel.errors import NotFound
from codesign.live import sockets
from codesign.live.broadcast import NAMESPACE
from codesign.live.drafts import Circle, DraftSources, Seat
from codesign.live.frames import Sources, Step, frame
from codesign.live.server import Live
from codesign.voting import live as votes
from codesign.voting.schemas import SocketUnvote, SocketVote
from codesign.web.api import PREFIX, Truth, Whole
from codesign.web.errors import failures_of
from tests.contracts.source import ROOT

HERE = ROOT / "tests/contracts"
AGAIN = "If programs are meant to notice this: python -m tests.contracts.test_public_contract"
#: What the socket takes, by message.
MESSAGES = {
    "watch": sockets.Watch, "unwatch": sockets.Unwatch, "vote": SocketVote, "unvote": SocketUnvote, **drafts.MESSAGES,
}  # fmt: skip


# --- REST -------------------------------------------------------------------------------------------------------------


def kind(schema: dict[str, Any]) -> str:
    """A JSON schema in a word or two: ``string|null``, ``[Idea]``, ``integer 1..100``, ``ranked or shuffled``."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if parts := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return "|".join(kind(part) for part in parts)
    types = schema.get("type", "anything")
    names = types if isinstance(types, list) else [types]
    return "|".join(_named(name, schema) for name in names)


def _named(name: str, schema: dict[str, Any]) -> str:
    if name == "array":
        return f"[{kind(schema['items'])}]" + _range(schema, "Items")
    if name == "object":
        return "{" + kind(schema.get("additionalProperties") or {}) + "}"
    if name == "null":
        return name
    if choices := [choice for choice in schema.get("enum", ()) if choice is not None]:
        return f"{name} " + " ".join(str(choice) for choice in choices)
    words = f"{name} {schema['format']}" if "format" in schema else name
    return words + (_range(schema, "Length") if name == "string" else _range(schema, "imum"))


def _range(schema: dict[str, Any], what: str) -> str:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    return (
        "" if least is None and most is None else f" {'' if least is None else least}..{'' if most is None else most}"
    )


def shape(schema: dict[str, Any]) -> dict[str, str]:
    """The fields of an object; ``!`` marks those that must be sent, or are always there."""
    required = schema.get("required", [])
    named = schema.get("properties", {})
    return {f"{name}!" if name in required else name: kind(value) for name, value in sorted(named.items())}


def operation(described: dict[str, Any]) -> dict[str, Any]:
    """What one method at one address takes and answers."""
    found: dict[str, Any] = {}
    if query := {
        each["name"]: kind(each["schema"]) + _default(each["schema"])
        for each in described.get("parameters", ())
        if each["in"] == "query"
    }:
        found["query"] = dict(sorted(query.items()))
    if "requestBody" in described:
        content = described["requestBody"]["content"]
        of_json = content.get("application/json")
        found["body"] = kind(of_json["schema"]) if of_json else " or ".join(content)
    found["answers"] = {
        status: _answer(answer) for status, answer in sorted(described["responses"].items()) if status[0] == "2"
    }
    return found


def _default(schema: dict[str, Any]) -> str:
    return "" if schema.get("default") in (None, False) else f" = {schema['default']}"


def _answer(answer: dict[str, Any]) -> str:
    content = answer.get("content", {})
    return kind(content["application/json"]["schema"]) if content else "nothing"


def public_api(described: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI description as what programs depend on, without words and without what cannot change by itself."""
    methods = {"get", "post", "put", "patch", "delete"}
    doors = {
        f"{method.upper()} {path.removeprefix(PREFIX)}": operation(item[method])
        for path, item in described["paths"].items()
        for method in item
        if method in methods
    }
    shapes = described["components"]["schemas"]
    used = set(re.findall(r"[A-Z]\w+", json.dumps([doors, [*map(shape, shapes.values())]]))) | {"Problem"}
    named = {name: shape(value) for name, value in sorted(shapes.items()) if name in used}
    return {"doors": dict(sorted(doors.items())), "shapes": named}


# --- Sockets ----------------------------------------------------------------------------------------------------------


class Wire:
    """A broadcast that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}

    def send(self, _room: str, name: str, content: dict[str, Any]) -> None:
        self.sent[name] = sorted(content)

    tell = send

    def enter(self, _sid: str, _room: str) -> None:
        """Rooms do not matter here."""

    leave = enter


def public_sockets(app: Flask) -> dict[str, Any]:
    """What goes over the socket: messages taken, what is answered, messages sent."""
    server, wire = create_socketio(app, []), Wire()
    sources = Sources(
        identify=lambda auth: (ANONYMOUS, None, None),
        look=lambda actor, reference: SimpleNamespace(space=SimpleNamespace(id=reference)),
        audience_of=lambda access: "open",
        audiences=lambda space_id, actors: dict.fromkeys(actors, "open"),
        tallies=lambda audience, ids: {},
        sees_idea=lambda access, idea_id: True,
        voters=lambda space_id: 0,
        public_event=lambda recorded, audience: {},
        wrote_in=lambda space_id, person_id: False,
    )
    opened = DraftSources(
        seat=lambda actor, draft, key: Seat(draft, "space", 1, may_edit=True),
        versions=lambda ids: dict.fromkeys(ids, 2),
        circle=lambda draft: (
            Circle(frozenset(), frozenset()) if draft == "gone" else Circle(frozenset({None}), frozenset())
        ),  # type: ignore[arg-type]
        news=lambda draft, after: {"edits": []},
        names=lambda ids: [],
    )
    live = Live(wire, sources, opened)  # type: ignore[arg-type]
    sockets.install(server, live, failures_of(app))
    votes.install(app, server, live)
    drafts.install(app, server, live)
    taken = sorted(set(server.server.handlers[NAMESPACE]) - {"connect", "disconnect"})
    return {
        "namespace": NAMESPACE,
        "taken": {name: _fields(MESSAGES[name]) for name in taken},
        "refused": sorted(sockets.refusal(NotFound(), failures_of(app))),
        **_scene(live, wire),
    }


def _fields(schema: Any) -> dict[str, str]:
    words = {
        fields.String: "string", fields.Integer: "integer", Whole: "integer", Truth: "boolean", fields.List: "list",
    }  # fmt: skip
    named = schema().fields.items()
    return {f"{name}!" if each.required else name: words[type(each)] for name, each in sorted(named)}


def _scene(live: Live, wire: Wire) -> dict[str, Any]:
    """Somebody watches a space; each message that screens are sent happens once. Its fields are what is pinned."""
    live.told["space"] = 0
    live.connect("somebody", None, None)
    watched = sorted(live.watch("somebody", "space", "idea"))
    live.tell_presence()
    live._tell("space", 10_000)  # so far ahead that a frame would be too long
    opened = sorted(live.drafts.enter(live.client("somebody"), "gone"))
    live.drafts.tick()
    live.drafts.enter(live.client("somebody"), "draft")
    live.drafts.tick()
    step = Step("space", 1, 2, [])
    frames = {f"frame to {audience}": sorted(frame(step, audience, live.sources)) for audience in ("open", "veiled")}
    return {"watched": watched, "opened": opened, "sent": dict(sorted({**frames, **wire.sent}.items()))}


# --- The test ---------------------------------------------------------------------------------------------------------


def now() -> dict[str, dict[str, Any]]:
    """Both contracts as they are, by file. No plugin has a say in it."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(config.load({}, instance=folder, plugins="none"))
        described = app.test_client().get(f"{PREFIX}/openapi.json").json
        assert described is not None
        schema.ensure(db.current())
        found = {"public_api.json": public_api(described), "socket.json": public_sockets(app)}
        db.current().dispose()
        db.use(None)
    return found


def written(contract: dict[str, Any]) -> str:
    """A contract as its file holds it."""
    return json.dumps(contract, indent=1, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def contracts() -> dict[str, dict[str, Any]]:
    return now()


@pytest.mark.parametrize("name", ["public_api.json", "socket.json"])
def test_programs_find_what_was_promised(contracts: dict[str, dict[str, Any]], name: str) -> None:
    is_now = written(contracts[name])
    pinned = (HERE / name).read_text(encoding="utf-8")
    difference = "\n".join(difflib.unified_diff(pinned.splitlines(), is_now.splitlines(), "promised", "now", n=3))
    assert not difference, f"{difference}\n\n{AGAIN}"


def main() -> None:
    """Write both files anew."""
    for name, contract in now().items():
        (HERE / name).write_text(written(contract), encoding="utf-8")
        sys.stdout.write(f"tests/contracts/{name}\n")


if __name__ == "__main__":
    main()
