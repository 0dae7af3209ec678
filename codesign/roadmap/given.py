"""What a person gave, what came of it, and what still needs them; and who shaped an idea."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from codesign.accounts.facts import PersonFact
from codesign.accounts.queries import get_people
from codesign.comments.published import comments_by
from codesign.comments.queries import commenters_of
from codesign.ideas.belongings import author_of, spaces_written_in
from codesign.ideas.facts import IdeaFact
from codesign.ideas.published import ideas_by
from codesign.ideas.queries import get_ideas
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading
from codesign.kernel.errors import NotFound
from codesign.merging.queries import all_parts
from codesign.notifications.facts import NoticeFact
from codesign.notifications.queries import list_notices
from codesign.spaces.access import standing
from codesign.spaces.facts import Access
from codesign.spaces.queries import roles_of
from codesign.voting.belongings import spaces_voted_in, votes_by

#: So many spaces, and things of each, are told; nobody reads more on one page.
SPACES, THINGS = 30, 300
#: Notices that ask somebody something.
_ASKING = (".change", ".mentioned")
#: What came of ideas, the best first: kinds of statuses.
OUTCOMES = ("shipped", "building", "planned", "review", "open", "declined")


@dataclass(frozen=True)
class Given:
    """An idea somebody gave to: they ``wrote`` it, ``voted`` on it, ``said`` so many comments. It may be another one now."""

    idea: IdeaFact
    wrote: bool
    voted: bool
    said: int
    joined: bool

    @property
    def outcome(self) -> str:
        """The kind of its status."""
        return self.idea.status.kind if self.idea.status else "open"


@dataclass(frozen=True)
class Part:
    """What somebody gave in one space; ``waits`` where a ballot is open in which they have not voted."""

    access: Access
    given: tuple[Given, ...]
    waits: bool

    def count(self, *outcomes: str) -> int:
        """How many of the ideas have come so far."""
        return sum(each.outcome in outcomes for each in self.given)


@dataclass(frozen=True)
class Mine:
    """Everything of a person: by space, and the notices that ask them something."""

    parts: tuple[Part, ...]
    asked: tuple[NoticeFact, ...]


@reading
def what_i_gave(actor: Actor) -> Mine:
    """What *actor* gave in every space they may see, and what came of each; the spaces with most first."""
    person_id = actor.person_id or ""
    voted = spaces_voted_in(person_id)
    spaces = sorted({*roles_of(person_id), *spaces_written_in(person_id), *voted}, reverse=True)
    found = (_part(actor, person_id, space_id, space_id in voted) for space_id in spaces)
    parts = islice((part for part in found if part), SPACES)
    asked = [each for each in list_notices(actor, 100) if each.read_at is None and each.name.endswith(_ASKING)]
    return Mine(tuple(sorted(parts, key=lambda part: -len(part.given))), tuple(asked))


def _part(actor: Actor, person_id: str, space_id: str, has_voted: bool) -> Part | None:
    try:
        access = standing(actor, space_id)
    except NotFound:
        return None
    wrote = set(ideas_by(space_id, [person_id]).get(person_id, ()))
    said = comments_by(space_id, [person_id]).get(person_id, {})
    votes = votes_by(access.space.ballot.id, [person_id]).get(person_id, {})
    ids = sorted({*wrote, *said, *votes}, reverse=True)[:THINGS]
    found = get_ideas(access, ids)
    grown = get_ideas(access, {idea.merged_into for idea in found.values() if idea.merged_into})
    given = {}
    for idea_id in ids:
        idea = found.get(idea_id)
        into = grown.get(idea.merged_into or "") if idea else None
        now = into or idea
        if now is None or now.state != PUBLISHED or now.id in given:
            continue
        given[now.id] = Given(now, idea_id in wrote, idea_id in votes, said.get(idea_id, 0), into is not None)
    order = {name: place for place, name in enumerate(OUTCOMES)}
    ranked = sorted(given.values(), key=lambda each: (order.get(each.outcome, 4), not each.wrote))
    waits = not has_voted and access.space.ballot_open and access.may("vote")
    return Part(access, tuple(ranked), waits) if ranked or waits else None


@dataclass(frozen=True)
class Thanks:
    """Who shaped an idea, by name as far as they may be named, and how many others."""

    names: tuple[str, ...]
    others: int


@reading
def who_shaped(idea_id: str) -> Thanks:
    """Authors of an idea and of all that became part of it, then whoever commented. Who is not named to others is counted."""
    wrote = [author_of(each) for each in (idea_id, *all_parts(idea_id))]
    people = list(dict.fromkeys(each for each in (*wrote, *commenters_of(idea_id)) if each))
    known = get_people(people)
    names = [known[each].name for each in people if each in known and _may_be_named(known[each])]
    return Thanks(tuple(names), len(people) - len(names))


def _may_be_named(person: PersonFact) -> bool:
    return bool(person.show_name and person.name and not person.erased and not person.guest)
