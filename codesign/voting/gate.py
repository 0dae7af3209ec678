"""Who may cast which votes: asked once for all that arrive together, so that a thousand cost no more queries than one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from codesign.accounts.queries import known_by_references
from codesign.ideas.tallies import Place, places_of
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Invalid, NotFound, Problem, Unauthenticated
from codesign.kernel.text import _
from codesign.spaces.access import require, standings
from codesign.spaces.ballots import read_spaces
from codesign.spaces.facts import Access
from codesign.voting.facts import VALUES, Ask


@dataclass(frozen=True)
class Wish:
    """A vote before anybody asked whether it may be cast.

    ``voter`` is the id or external id of the person whom *actor*, with an ``act_as`` token, acts for; ``at`` is a note.
    """

    actor: Actor
    idea_id: str
    value: int | None
    voter: str | None = None
    at: str | None = None


@dataclass(frozen=True)
class Admitted:
    """A vote that may be cast, and how its voter stands to the space."""

    ask: Ask
    access: Access


@reading
def admit(wishes: Sequence[Wish], space_id: str | None = None) -> list[Admitted | Problem]:
    """What each wish asks for, or why it may not: in the order of the wishes, in a number of queries that does not grow.

    Only ideas of the space *space_id* are known, if given. Under lock ``apply_votes`` looks once more.
    """
    places = places_of(session(), {wish.idea_id for wish in wishes})
    spaces = read_spaces(session(), {place.space_id for place in places.values()})
    voters = _voters(wishes)
    near: dict[str, list[Actor]] = {space: [] for space in spaces}
    for wish, voter in zip(wishes, voters, strict=True):
        if isinstance(voter, Actor) and (place := places.get(wish.idea_id)):
            near[place.space_id].append(voter)
    gates = {space: standings(spaces[space], actors) for space, actors in near.items()}
    answers: list[Admitted | Problem] = []
    for wish, voter in zip(wishes, voters, strict=True):
        try:
            answers.append(_admit(wish, voter, places.get(wish.idea_id), gates, space_id))
        except Problem as problem:
            answers.append(problem)
    return answers


def _voters(wishes: Sequence[Wish]) -> list[Actor | Problem]:
    """Whose vote each wish is."""
    references = {wish.voter for wish in wishes if wish.voter is not None}
    known = known_by_references(references) if references else {}
    voters: list[Actor | Problem] = []
    for wish in wishes:
        try:
            if wish.voter is None:
                voters.append(wish.actor)
            else:
                person = known.get(wish.voter)
                voters.append(
                    wish.actor.acting_for(person.person_id if person else None, bool(person and person.guest))
                )
        except Problem as problem:
            voters.append(problem)
    return voters


def _admit(
    wish: Wish,
    voter: Actor | Problem,
    place: Place | None,
    gates: dict[str, dict[Actor, Access]],
    space_id: str | None,
) -> Admitted:
    if isinstance(voter, Problem):
        raise voter
    access = gates[place.space_id].get(voter) if place else None
    if place is None or access is None or place.state != PUBLISHED or space_id not in (None, place.space_id):
        raise NotFound(_("There is no such idea, or you may not see it."))
    require(voter, access, "vote")
    if voter.person_id is None:
        raise Unauthenticated(_("Sign in to vote here."))
    _check_value(access, wish.value)
    return Admitted(Ask(wish.idea_id, voter.person_id, wish.value, by=voter.by, at=wish.at), access)


def _check_value(access: Access, value: int | None) -> None:
    takes = VALUES[access.space.ballot.kind]
    if value is not None and (isinstance(value, bool) or value not in takes):
        raise Invalid.field("value", _("This ballot takes %(values)s.", values=", ".join(map(str, takes))))
