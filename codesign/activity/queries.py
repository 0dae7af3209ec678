"""What happened in a space, as each audience may know it. The live line, the catch-up door and the feed ask here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from codesign.accounts.directory import people_named
from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import get_people
from codesign.events import log
from codesign.events.base import EVERYONE, NONE, OPEN, TEAM, Recorded, catalogue
from codesign.ideas.facts import IdeaFact, Tally
from codesign.ideas.reading import plain_ideas
from codesign.ideas.tallies import read_tallies
from codesign.kernel import clock
from codesign.kernel.db import reading, session
from codesign.spaces.facts import Access, StatusFact
from codesign.spaces.queries import list_statuses

#: So many people at most are looked for by a name typed into the log's filter.
MOST_PEOPLE = 200

#: What machines work out after nearly every vote. The log's page leaves it out unless somebody asks.
MACHINES = frozenset({"scores.changed", "idea.rescored"})
#: Asks the log's page for every event, machines' too.
ALL = "all"

#: Which events each audience of a space is shown. Single votes are shown to nobody.
SEES = {
    "veiled": frozenset({EVERYONE}),
    "open": frozenset({EVERYONE, OPEN}),
    "team": frozenset({EVERYONE, OPEN, TEAM}),
}
#: Fields of payloads that name people. Outside the team they are empty: names on texts come with the texts.
_PEOPLE = ("author_id", "person_id", "by")
#: Fields of payloads that name an idea whose tally may have moved.
_IDEAS = ("idea_id", "into", "from_id")


@dataclass(frozen=True)
class Catchup:
    """What happened after a number: events, today's tallies of ideas that changed, the number reached."""

    items: list[dict[str, Any]]
    tallies: dict[str, Tally]
    seq: int
    next: int | None
    reset: bool = False


def visible(recorded: Recorded, audience: str) -> bool:
    """Whether *audience* (``open``, ``veiled``, ``team``) may be shown a fact of the log."""
    return recorded.audience in SEES[audience]


def public_event(recorded: Recorded, audience: str) -> dict[str, Any] | None:
    """``Event`` of the contract as *audience* may see it; None where it may not be shown at all."""
    if not visible(recorded, audience):
        return None
    payload = recorded.payload
    if audience != "team":
        payload = {name: None if name in _PEOPLE else value for name, value in payload.items()}
    return {
        "seq": recorded.seq,
        "name": recorded.name,
        "version": recorded.version,
        "at": clock.rfc3339(recorded.occurred_at),
        "actor_id": recorded.actor_id if audience == "team" else None,
        "payload": payload,
    }


@reading
def tallies_for(audience: str, idea_ids: Iterable[str]) -> dict[str, Tally]:
    """Today's tallies of ideas as *audience* may know them: outside the team nothing of ideas that only the team sees."""
    if audience == "veiled":
        return {}
    return read_tallies(session(), idea_ids, published_only=audience != "team")


@reading
def events_after(access: Access, audience: str, after: int, limit: int) -> Catchup:
    """At most *limit* events after a number, as *audience* may see them, with the tallies that moved meanwhile."""
    space_id = access.space.id
    head = log.head(space_id)
    if after > head or head - after > log.MOST_BEHIND:
        return Catchup([], {}, head, None, reset=True)
    facts = log.since(space_id, after, log.MOST_BEHIND)
    items: list[dict[str, Any]] = []
    seq = head
    for place, fact in enumerate(facts):
        event = public_event(fact, audience)
        if event is not None and len(items) == limit:
            facts, seq = facts[:place], facts[place - 1].seq
            break
        if event is not None:
            items.append(event)
    tallies = tallies_for(audience, _ideas_of(facts))
    return Catchup(items, tallies, seq, seq if seq < head else None)


def _ideas_of(facts: Iterable[Recorded]) -> set[str]:
    return {fact.payload[name] for fact in facts for name in _IDEAS if fact.payload.get(name)}


@dataclass(frozen=True)
class Story:
    """Facts of a space, newest first, with the people and ideas they speak of as this viewer may know them."""

    facts: list[Recorded]
    people: dict[str, PersonFact]
    ideas: dict[str, IdeaFact]
    statuses: dict[str, StatusFact]
    seq: int
    next: int | None


@reading
def story(access: Access, names: Iterable[str], limit: int, before: int | None = None) -> Story:
    """The newest facts of these *names* before a number. The caller names only what the viewer may be shown."""
    facts = log.latest(access.space.id, limit + 1, before, names)
    return _tell(access, facts, limit)


def _tell(access: Access, facts: list[Recorded], limit: int) -> Story:
    more = facts[limit - 1].seq if len(facts) > limit else None
    facts = facts[:limit]
    people = {fact.actor_id for fact in facts} | {fact.payload.get(name) for fact in facts for name in _PEOPLE}
    named = get_people(person_id for person_id in people if person_id)
    ideas = plain_ideas(access, _ideas_of(facts))
    moved = any(fact.name == "idea.status_changed" for fact in facts)
    statuses = {status.id: status for status in list_statuses(access.space.id, retired=True)} if moved else {}
    return Story(facts, named, ideas, statuses, log.head(access.space.id), more)


def names_of_events() -> list[str]:
    """Every event the team may look at in the log, by name: all but single votes."""
    return sorted(name for name, kind in catalogue.items() if kind.audience != NONE)


@reading
def audit(access: Access, name: str, person: str, limit: int, before: int | None) -> Story:
    """The log as the team reads it, newest first: one kind of event or ALL, by anybody or one person."""
    actors = list(session().scalars(people_named(person).limit(MOST_PEOPLE))) if person else None
    names = names_of_events() if name in {"", ALL} else [name]
    if not name:
        names = [each for each in names if each not in MACHINES]
    return _tell(access, log.latest(access.space.id, limit + 1, before, names, actors), limit)
