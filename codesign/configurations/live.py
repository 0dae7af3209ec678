"""Socket doors of drafts: who has one open hears of it, and may ask and do over the line what the other doors offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from marshmallow import Schema

from codesign.configurations import editors, service
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.history import edits_after
from codesign.configurations.schemas import (
    DraftComplete,
    DraftMessage,
    DraftOpen,
    DraftRepair,
    DraftSet,
    DraftWanted,
    draft_json,
    edit_json,
)
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.live.audience import Client
from codesign.live.drafts import Circle, DraftSources, Seat
from codesign.live.server import Live
from codesign.live.sockets import answer, load
from codesign.products import answers
from codesign.products.facts import VersionFact
from codesign.products.limits import COSTS, EXTENSION
from codesign.products.queries import get_version
from codesign.products.solving import check_options, solve
from codesign.web.errors import failures_of

Content = dict[str, Any]
Door = Callable[[Client, Content], Content]

#: What the socket takes, by message.
MESSAGES: dict[str, type[Schema]] = {
    "draft_open": DraftOpen,
    "draft_close": DraftMessage,
    "draft_set": DraftSet,
    "draft_undo": DraftMessage,
    "draft_redo": DraftMessage,
    "draft_repair": DraftRepair,
    "draft_complete": DraftComplete,
    "draft_propagate": DraftMessage,
    "draft_explain": DraftWanted,
    "draft_repairs": DraftWanted,
}
#: What each costs, as questions about products do. Who closes a draft asks nothing and can always do so.
_COST = {
    "draft_open": "propagate", "draft_propagate": "propagate", "draft_explain": "explain", "draft_complete": "complete",
    "draft_close": "",
}  # fmt: skip


def sources() -> DraftSources:
    """What the live server asks of drafts."""

    def seat(actor: Actor, draft_id: str, key: str) -> Seat:
        fact = editors.open_draft_of(actor, draft_id, key)
        return Seat(fact.id, fact.space_id, fact.version, fact.may_edit, key)

    def circle(draft_id: str) -> Circle | None:
        found = editors.circle_of(draft_id)
        return None if found is None else Circle(*found)

    def news(draft_id: str, after: int) -> Content:
        return {"edits": [spelled(edit_json(edit)) for edit in edits_after(draft_id, after)]}

    return DraftSources(seat, editors.versions_of, circle, news, editors.named)


def spelled(edit: Content) -> Content:
    """An edit as JSON alone."""
    return {**edit, "at": clock.rfc3339(edit["at"])}


def install(app: Flask, socketio: SocketIO, live: Live) -> None:
    """Open the doors."""
    buckets, failures = app.extensions[EXTENSION], failures_of(app)

    def opened(name: str, door: Door) -> None:
        schema = MESSAGES[name]()

        def handle(sid: str, message: Any = None) -> Content:
            content, client = load(schema, message), live.client(sid)
            actor = client.actor
            if kind := _COST.get(name, "repairs"):
                buckets.take(actor.token_id or actor.person_id or client.address or "", COSTS[kind])
            return {"ok": True, **door(client, content)}

        answer(socketio, live, name, handle, failures)

    def enter(client: Client, content: Content) -> Content:
        return live.drafts.enter(client, content["draft"], content["key"])

    def leave(client: Client, content: Content) -> Content:
        live.drafts.leave(client, content["draft"])
        return {}

    opened("draft_open", enter)
    opened("draft_close", leave)
    for name, door in (*CHANGES.items(), *QUESTIONS.items()):
        opened(name, door)


# --- Changing ---------------------------------------------------------------------------------------------------------


def _changes(verb: Callable[[Actor, Content], ConfigurationFact]) -> Door:
    return lambda client, content: {"draft": draft_json(verb(client.actor, content))}


CHANGES: dict[str, Door] = {
    "draft_set": _changes(
        lambda actor, said: service.choose(actor, said["draft"], said["option"], said["value"], said["seen_version"])
    ),
    "draft_undo": _changes(lambda actor, said: service.undo(actor, said["draft"])),
    "draft_redo": _changes(lambda actor, said: service.redo(actor, said["draft"])),
    "draft_repair": _changes(
        lambda actor, said: service.take_repair(
            actor, said["draft"], said["option"], said["value"], tuple(said["gives_up"]), said["seen_version"]
        )
    ),
    "draft_complete": _changes(
        lambda actor, said: service.complete(actor, said["draft"], said["goal"], seen=said["seen_version"])
    ),
}


# --- Asking -----------------------------------------------------------------------------------------------------------


def _asked(client: Client, content: Content) -> tuple[ConfigurationFact, VersionFact]:
    """The draft a question is about, as it is now, for those who may edit it."""
    with read():
        fact = editors.open_draft_of(client.actor, content["draft"], "")
        version = get_version(fact.product_version_id)
    if version is None:
        raise NotFound
    if "option" in content:
        check_options(version, {content["option"]: True}, "option")
    return fact, version


def _propagate(client: Client, content: Content) -> Content:
    fact, version = _asked(client, content)
    found, totals = solve(version, lambda c: (c.propagate(fact.decisions), c.totals(fact.decisions)))
    shown = {"states": found.states, "undetermined": list(found.undetermined), "totals": answers.totals_json(totals)}
    return {"draft": draft_json(fact), **shown}


def _explain(client: Client, content: Content) -> Content:
    fact, version = _asked(client, content)
    found = solve(version, lambda c: c.explain(fact.decisions, content["option"], content["value"]))
    return {"version": fact.version, **answers.explanation_json(found)}


def _repairs(client: Client, content: Content) -> Content:
    fact, version = _asked(client, content)
    found = solve(version, lambda c: c.repairs(fact.decisions, content["option"], content["value"]))
    return {"version": fact.version, "items": [answers.repair_json(one) for one in found]}


QUESTIONS: dict[str, Door] = {"draft_propagate": _propagate, "draft_explain": _explain, "draft_repairs": _repairs}
