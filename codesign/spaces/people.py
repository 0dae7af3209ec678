"""Whom people of a space may mention: members, and from outside at most the team."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select

from codesign.accounts.directory import Named, people_called, people_here
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Forbidden, Unauthenticated
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import TEAM_ROLES, Access
from codesign.spaces.models import Member

MOST_SUGGESTIONS = 8


def _joined(space_id: str) -> Select[str]:
    joined = Member.space_id == space_id, Member.role != "", Member.banned.is_(False)
    return select(Member.person_id).where(*joined)


def _within_reach(access: Access) -> Select[str]:
    """The ids of the members somebody may mention."""
    everybody = _joined(access.space.id)
    return everybody if access.role is not None else everybody.where(Member.role.in_(TEAM_ROLES))


@reading
def suggest_people(actor: Actor, reference: str, text: str) -> list[Named]:
    """Members of a space with a word of their name beginning with *text*, for those who may write there.

    Members are shown the others who show their name, the team is shown all, who is no member at most the team.
    Raises NotFound, Unauthenticated, Forbidden.
    """
    access = look(actor, reference)
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in to do this."))
    if not (access.may("propose") or access.may("comment")):
        raise Forbidden(_("Only who may write here can mention people."))
    found = people_called(text, _within_reach(access), hidden_too=access.is_team, limit=MOST_SUGGESTIONS + 1)
    return [person for person in found if person.id != actor.person_id][:MOST_SUGGESTIONS]


@reading
def mentionable(access: Access, person_ids: Iterable[str]) -> set[str]:
    """Those of some people whom this viewer may mention: the ones who could be suggested, and themselves."""
    return people_here(person_ids, _within_reach(access), hidden_too=access.is_team)


@reading
def members_called(access: Access, name: str) -> list[Named]:
    """Members of a space with exactly this name, however it is written; for the team."""
    found = people_called(name, _joined(access.space.id), hidden_too=True, limit=50)
    return [person for person in found if person.name.casefold() == name.casefold()]


@reading
def members_among(space_id: str, person_ids: Iterable[str]) -> set[str]:
    """Those of some people who belong to a space now."""
    wanted = sorted(set(person_ids))
    return set(session().scalars(_joined(space_id).where(Member.person_id.in_(wanted)))) if wanted else set()
