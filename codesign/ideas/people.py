"""How authors, and people who are mentioned in texts, are named to others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codesign.accounts.queries import get_people
from codesign.kernel.errors import Invalid
from codesign.kernel.mentions import MOST, mentioned, renamed, settled, spoken
from codesign.kernel.text import _
from codesign.spaces.facts import Access
from codesign.spaces.people import mentionable


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


def named_in(text: str, known: Mapping[str | None, Author]) -> str:
    """*text* with the names its viewer may know (*known*, from ``authors``) in place of those it was stored with."""
    if not (ids := mentioned(text)):
        return text
    return renamed(text, {each: known[each].name or "" for each in ids if each in known and not known[each].guest})


def settle_mentions(access: Access, text: str, before: str = "") -> str:
    """*text* as it is stored: who may not be mentioned by its writer becomes plain words; *before* is what stood there.

    Names are stored as everybody may read them. Raises Invalid where too many people are mentioned.
    """
    if not (ids := mentioned(text)):
        return text
    if len(ids) > MOST:
        raise Invalid.field("body", _("A text can mention at most %(most)s people.", most=MOST), "too_many")
    found, kept = mentionable(access, ids), set(mentioned(before))
    people = get_people(found | kept)
    names = {each.id: each.name for each in people.values() if each.show_name and not each.erased and not each.guest}
    return settled(text, names, found | kept)


def public_texts(texts: Iterable[str]) -> list[str]:
    """Texts for those who index them: ``@Name`` where everybody may know that name, ``@`` where not."""
    texts = list(texts)
    people = get_people({each for text in texts for each in mentioned(text)})
    names = {each.id: each.name for each in people.values() if each.show_name and not each.erased and not each.guest}
    return [spoken(renamed(text, names)) for text in texts]
