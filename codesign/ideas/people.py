"""How authors are named to others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from codesign.accounts.queries import get_people
from codesign.spaces.facts import Access


@dataclass(frozen=True)
class Author:
    """Who wrote something, as a viewer may know them."""

    id: str | None = None
    name: str | None = None
    guest: bool = False


UNNAMED = Author()


def authors(access: Access, person_ids: Iterable[str | None]) -> dict[str | None, Author]:
    """Authors by id. Who is gone has no name; who does not want to be named is named to the team and to themselves."""
    found: dict[str | None, Author] = {}
    for person_id, person in get_people({person_id for person_id in person_ids if person_id}).items():
        named = person.show_name or access.is_team or person_id == access.person_id
        if named and not person.erased:
            found[person_id] = Author(person.id, person.name, person.guest)
    return found
