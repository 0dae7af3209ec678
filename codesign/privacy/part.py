"""Who took part in a space and with what, across rooms: for plugins that people allowed to know it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from codesign.accounts.directory import OrganizationFact
from codesign.accounts.organizations import organizations
from codesign.accounts.queries import get_people
from codesign.comments.published import comments_by
from codesign.ideas.published import ideas_by
from codesign.kernel.db import reading
from codesign.spaces.queries import get_space, members_among
from codesign.voting.belongings import votes_by


@dataclass(frozen=True)
class Participant:
    """What core knows of a person in a space. ``organization`` carries its attributes (segment, revenue)."""

    id: str
    external_id: str | None
    name: str
    email: str | None
    guest: bool
    stakeholder_type: str
    organization: OrganizationFact | None


@dataclass(frozen=True)
class Contributions:
    """What a person gave in a space: published ideas, the standing vote by idea, the number of comments by idea."""

    ideas: tuple[str, ...] = ()
    votes: dict[str, int] = field(default_factory=dict)
    comments: dict[str, int] = field(default_factory=dict)


@reading
def participants(space_id: str, person_ids: Iterable[str]) -> dict[str, Participant]:
    """People by id as core knows them, with their stakeholder type where they are members; erased ones are left out."""
    people = {key: person for key, person in get_people(person_ids).items() if not person.erased}
    members = members_among(space_id, people)
    companies = organizations(person.organization_id for person in people.values() if person.organization_id)
    return {
        key: Participant(
            key, person.external_id, person.name, person.email, person.guest,
            members[key].stakeholder_type if key in members else "",
            companies.get(person.organization_id or ""),
        )
        for key, person in people.items()
    }  # fmt: skip


@reading
def contributions(space_id: str, person_ids: Iterable[str]) -> dict[str, Contributions]:
    """What people gave in a space, by person; three queries, however many they are."""
    space, ids = get_space(space_id), sorted(set(person_ids))
    if space is None:
        return {}
    ideas, comments = ideas_by(space_id, ids), comments_by(space_id, ids)
    votes = votes_by(space.ballot.id, ids)
    return {
        key: Contributions(tuple(ideas.get(key, ())), votes.get(key, {}), comments.get(key, {})) for key in ids
    }  # fmt: skip
