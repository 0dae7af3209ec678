"""Whom the team means: by mail address, customer number or name. Who is new is made, without an account, and can claim it."""

from __future__ import annotations

from codesign.accounts.addresses import tidy_address
from codesign.accounts.directory import attach_to_organization, find_or_create_organization
from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import find_by_email, find_by_external_id, get_person
from codesign.accounts.service import LONGEST_NAME, add_people
from codesign.kernel.actor import Actor
from codesign.kernel.errors import Conflict, Invalid
from codesign.kernel.text import _
from codesign.kernel.words import one_line
from codesign.spaces.facts import Access
from codesign.spaces.people import members_called
from codesign.spaces.queries import get_member

PERSON, NAME = "person", "name"


def person_meant(actor: Actor, found: Access, words: str, name: str = "", organization: str = "") -> tuple[str, str]:
    """The id of the person the team means, and how to call them: as the team did, whatever they are called elsewhere.

    An address nobody has makes a person, called *name*, of *organization*. Needs a verb around it; raises Invalid, Conflict.
    """
    words, name = one_line(words), one_line(name)
    if len(name) > LONGEST_NAME:
        raise Invalid.field(NAME, _("Take at most %(count)s letters.", count=LONGEST_NAME))
    if not words:
        raise Invalid.field(
            PERSON, _("Say whose it is: an address, a customer number, or a member's name."), "required"
        )
    person = _known(found, words)
    person_id = person.id if person else _made(words, name, organization)
    if person_id == actor.person_id:
        raise Invalid.field(PERSON, _("This is you. Vote yourself; what you enter here is for others."))
    member = get_member(found.space.id, person_id)
    if (person and person.banned) or (member and member.banned):
        raise Conflict(_("This person is kept out, so nothing is entered for them."))
    return person_id, name or words


def _known(found: Access, words: str) -> PersonFact | None:
    """Somebody by address or customer number on this server, by name or id among the members alone."""
    if "@" in words:
        return find_by_email(tidy_address(words))
    if person := find_by_external_id(words):
        return person
    if get_member(found.space.id, words) is not None:
        return get_person(words)
    called = members_called(found, words)
    if len(called) > 1:
        raise Invalid.field(PERSON, _("Several members are called so. Give an address or customer number."), "several")
    if not called:
        sentence = _("No member is called so. Give a mail address: by it somebody new can be told from others.")
        raise Invalid.field(PERSON, sentence, "unknown")
    return get_person(called[0].id)


def _made(address: str, name: str, organization: str) -> str:
    (person_id,) = add_people([{"name": name, "email": address}])
    if organization.strip():
        attach_to_organization(person_id, find_or_create_organization(organization))
    return person_id
