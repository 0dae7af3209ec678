"""What the plugin does: follow the log into the outbox, ask for consent, tell the team when a line is down, forget people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from codesign import sdk
from codesign.sdk import Actor, Recorded, SpaceFact, hookimpl

from . import connections, consent, outbox
from .records import Entity, activity_id

_PEOPLE = ("person_id", "author_id")
_EVERYTHING = {"crm_export.consent_given", "crm_export.consent_withdrawn"}


@hookimpl
def events_recorded(space: SpaceFact, events: Sequence[Recorded], settings: Mapping[str, Any]) -> None:
    """Note for each connection what these facts may have changed, as far as people allowed it. Reads first, writes last."""
    ways = outbox.connection_ids(space.id)
    if not ways:
        return
    noted: dict[Entity, int] = {}
    for entity, seq in _touched(space, events):
        noted[entity] = max(seq, noted.get(entity, 0))
    outbox.refill(
        space.id,
        {person for event in events if event.name in _EVERYTHING for person in _people(event)},
        {event.payload["connection_id"] for event in events if event.name == "crm_export.connection_changed"},
    )
    outbox.put(space.id, ways, noted)


def _touched(space: SpaceFact, events: Sequence[Recorded]) -> Iterable[tuple[Entity, int]]:
    authors = {idea.id: idea.author_id for idea in sdk.idea_texts(space.id, {i for e in events for i in _ideas(e)})}
    known = outbox.known_people(
        space.id, {p for e in events for p in _people(e)} | {author for author in authors.values() if author}
    )
    sent = {entity.id: entity for entity in outbox.linked_ideas(space.id, {i for e in events for i in _ideas(e)})}
    for event in events:
        for person in known.intersection(_people(event)):
            yield Entity("person", person, person), event.seq
            for idea in _ideas(event):
                yield Entity("activity", activity_id(person, idea), person), event.seq
        for idea in _ideas(event):
            author = authors.get(idea)
            if author in known:
                yield Entity("idea", idea, author), event.seq
            elif idea in sent:
                yield sent[idea], event.seq


def _people(event: Recorded) -> set[str]:
    return {event.payload[name] for name in _PEOPLE if event.payload.get(name)}


def _ideas(event: Recorded) -> set[str]:
    return {event.payload[name] for name in ("idea_id", "into_id", "into") if event.payload.get(name)}


@hookimpl
def fill_slot(space: SpaceFact, actor: Actor, slot: str, settings: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Ask once, beside the list; tell the team of a line that stopped by itself."""
    if actor.person_id is None or actor.guest:
        return None
    if slot == "board.aside" and settings["ask_on_board"]:
        ways = outbox.connection_ids(space.id)
        said = consent.find(space.id, [actor.person_id]) if ways else {}
        asked = said.get(actor.person_id)
        open_question = bool(ways) and (
            asked is None or (asked.withdrawn_at is None and asked.purpose != settings["purpose"])
        )
        return {"heading": sdk._("May we contact you?"), "purpose": settings["purpose"]} if open_question else None
    if slot == "space.head" and sdk.is_team(actor, space.id):
        down = [each for each in connections.of_space(space.id) if each.state == "paused" and each.reason != "by_hand"]
        return {"down": [(each.id, each.title) for each in down]} if down else None
    return None


@hookimpl
def erase_person(person_id: str) -> None:
    """Nothing names the person any more; every connection is told to delete what it has of them."""
    outbox.forget(person_id)
