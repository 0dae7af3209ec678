"""What there is to tell of a thing right now, read from core: its fields, or None where nothing may leave (any more)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from codesign import sdk
from codesign.sdk import SpaceFact, _

from . import consent
from .connector import KINDS

TYPES = {"text": _("text"), "number": _("number"), "date": _("date"), "yes/no": _("yes or no")}
KIND_NAMES = {
    "organization": _("Organizations"), "person": _("People"), "idea": _("Ideas"), "activity": _("What people did"),
}  # fmt: skip
#: Our fields by kind: words for people, and the type.
FIELDS: dict[str, dict[str, tuple[Any, str]]] = {
    "organization": {
        "name": (_("Name"), "text"), "segment": (_("Segment"), "text"), "revenue": (_("Revenue"), "number"),
        "people": (_("People who take part"), "number"),
    },
    "person": {
        "name": (_("Name"), "text"), "email": (_("E-mail"), "text"), "crm_id": (_("Your id for them"), "text"),
        "organization": (_("Organization"), "text"), "stakeholder_type": (_("Stakeholder type"), "text"),
        "ideas": (_("Number of ideas"), "number"), "votes": (_("Number of votes"), "number"),
        "comments": (_("Number of comments"), "number"), "wanted": (_("Ideas they are for"), "text"),
        "space": (_("Space"), "text"), "consent_purpose": (_("Consent: purpose"), "text"),
        "consent_at": (_("Consent: time"), "date"), "consent_text": (_("Consent: version of the text"), "text"),
    },
    "idea": {
        "title": (_("Title"), "text"), "body": (_("Text"), "text"), "url": (_("Address"), "text"),
        "status": (_("Status"), "text"), "tags": (_("Topics"), "text"), "up": (_("Votes for it"), "number"),
        "down": (_("Votes against it"), "number"), "published_at": (_("Published"), "date"),
        "answered": (_("Answered by the team"), "yes/no"), "space": (_("Space"), "text"),
    },
    "activity": {
        "subject": (_("What they did"), "text"), "idea": (_("Title of the idea"), "text"),
        "url": (_("Address"), "text"), "vote": (_("Their vote"), "text"), "comments": (_("Number of comments"), "number"),
    },
}  # fmt: skip
_VOTES = {1: "for", -1: "against", 0: "pass"}
_MOST_WANTED = 5


class Entity(NamedTuple):
    """A thing of ours: its kind and id, and the person whose consent it takes (None for organizations)."""

    kind: str
    id: str
    person_id: str | None = None

    @property
    def external_id(self) -> str:
        """Its name for other systems: always the same, and telling nothing."""
        return f"{self.kind}-{hashlib.blake2b(f'{self.kind}:{self.id}'.encode(), digest_size=10).hexdigest()}"


@dataclass(frozen=True)
class Record:
    """Our fields with their values, and the things it belongs to."""

    values: Mapping[str, Any]
    refs: Mapping[str, str] = field(default_factory=dict)

    def mapped(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Only what may be sent, by the names it has there; what is empty is sent as empty, so that it is emptied there."""
        return {names[key]: value for key, value in self.values.items() if names.get(key)}


def hash_of(values: Mapping[str, Any], refs: Mapping[str, str]) -> str:
    """A short name of what is sent; the same content has the same."""
    told = json.dumps([sorted(values.items()), sorted(refs.items())], default=str, ensure_ascii=False)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def activity_id(person_id: str, idea_id: str) -> str:
    """The id of what a person did about an idea."""
    return f"{person_id}:{idea_id}"


def entities_of(space: SpaceFact, person_ids: Iterable[str]) -> list[Entity]:
    """Everything there is to export of some people, things others belong to first."""
    people = sdk.participants(space.id, person_ids)
    given = sdk.contributions(space.id, people)
    found: list[Entity] = []
    for key, person in people.items():
        if person.organization:
            found.append(Entity("organization", person.organization.id))
        found.append(Entity("person", key, key))
        found += [Entity("idea", idea, key) for idea in given[key].ideas]
        touched = sorted(given[key].votes.keys() | given[key].comments.keys())
        found += [Entity("activity", activity_id(key, idea), key) for idea in touched]
    return sorted(set(found), key=lambda each: (KINDS.index(each.kind), each.id))


class Reader:
    """Reads records of one space for a moment: what several things share is read once."""

    def __init__(self, space: SpaceFact, settings: Mapping[str, Any]) -> None:
        self.space, self.purpose = space, str(settings["purpose"])

    def read(self, entities: Collection[Entity]) -> dict[Entity, Record | None]:
        """What there is to tell of each; None: nothing may be there any more."""
        with sdk.read():
            owners = {each.person_id for each in entities if each.person_id}
            self._consents = consent.find(self.space.id, owners)
            allowing = [key for key, each in self._consents.items() if each.holds(self.purpose)]
            self._people = {
                key: each for key, each in sdk.participants(self.space.id, allowing).items() if not each.guest
            }
            self._given = sdk.contributions(self.space.id, self._people)
            self._statuses = {each.id: str(each.name) for each in sdk.statuses(self.space.id)}
            wanted = {each.id.partition(":")[2] or each.id for each in entities if each.kind in ("idea", "activity")}
            for given in self._given.values():
                wanted |= set(list(given.votes)[:50])
            self._ideas = {each.id: each for each in sdk.idea_texts(self.space.id, wanted, limit=len(wanted) + 1)}
            self._tallies = sdk.tallies(self.space.id, {each.id for each in entities if each.kind == "idea"})
            self._companies = self._read_companies({each.id for each in entities if each.kind == "organization"})
            return {each: getattr(self, f"_{each.kind}")(each) for each in entities}

    def _read_companies(self, ids: set[str]) -> dict[str, Record]:
        if not ids:
            return {}
        members: dict[str, list[Any]] = {}
        for person in sdk.participants(self.space.id, consent.allowed(self.space.id, self.purpose)).values():
            if person.organization and person.organization.id in ids and not person.guest:
                members.setdefault(person.organization.id, []).append(person.organization)
        return {
            key: Record(
                {
                    "name": found[0].name, "segment": found[0].attributes.get("segment"),
                    "revenue": found[0].attributes.get("revenue"), "people": len(found),
                }
            )
            for key, found in members.items()
        }  # fmt: skip

    def _organization(self, entity: Entity) -> Record | None:
        return self._companies.get(entity.id)

    def _person(self, entity: Entity) -> Record | None:
        person = self._people.get(entity.id)
        if person is None:
            return None
        said, given = self._consents[entity.id], self._given[entity.id]
        liked = [self._ideas[idea].title for idea, value in given.votes.items() if value == 1 and idea in self._ideas]
        values = {
            "name": person.name, "email": person.email, "crm_id": person.external_id,
            "organization": person.organization.name if person.organization else None,
            "stakeholder_type": person.stakeholder_type, "ideas": len(given.ideas), "votes": len(given.votes),
            "comments": sum(given.comments.values()), "wanted": "; ".join(liked[:_MOST_WANTED]),
            "space": self.space.name, "consent_purpose": said.purpose, "consent_at": said.given_at.isoformat(),
            "consent_text": said.text_version,
        }  # fmt: skip
        company = person.organization and Entity("organization", person.organization.id)
        return Record(values, {"organization": company.external_id} if company else {})

    def _idea(self, entity: Entity) -> Record | None:
        idea = self._ideas.get(entity.id)
        if idea is None or idea.author_id not in self._people:
            return None
        tally = self._tallies.get(idea.id)
        values = {
            "title": idea.title, "body": idea.body, "url": self._url(idea.id),
            "status": self._statuses.get(idea.status_id or "", ""), "tags": ", ".join(idea.tags),
            "up": tally.up + tally.imported_up if tally else 0, "down": tally.down + tally.imported_down if tally else 0,
            "published_at": idea.published_at.isoformat(), "answered": idea.answered, "space": self.space.name,
        }  # fmt: skip
        return Record(values, {"person": Entity("person", str(idea.author_id)).external_id})

    def _activity(self, entity: Entity) -> Record | None:
        person_id, _colon, idea_id = entity.id.partition(":")
        idea, given = self._ideas.get(idea_id), self._given.get(person_id)
        if idea is None or given is None or not (idea_id in given.votes or idea_id in given.comments):
            return None
        vote, comments = _VOTES.get(given.votes.get(idea_id, 9), ""), given.comments.get(idea_id, 0)
        did = [f"voted {vote}" if vote in ("for", "against") else "passed"] if vote else []
        did += [f"wrote {comments} comment{'s' if comments > 1 else ''}"] if comments else []
        values = {
            "subject": f"{' and '.join(did).capitalize()}: {idea.title}", "idea": idea.title, "url": self._url(idea_id),
            "vote": vote, "comments": comments,
        }  # fmt: skip
        refs = {"person": Entity("person", person_id).external_id, "idea": Entity("idea", idea_id).external_id}
        return Record(values, refs)

    def _url(self, idea_id: str) -> str:
        return sdk.public_address(f"/spaces/{self.space.slug}/ideas/{idea_id}")
