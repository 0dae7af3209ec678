"""What a demo person could do next, so that a newcomer sees life. It proposes; doing it is up to the worker.

Mostly votes, now and then one of the prepared comments, seldom a change of mind. The people who can be entered with one
click are left alone: whoever sits behind them would wonder. Ideas of visitors get votes too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from codesign.exchange.demo.content import DemoContent, IdeaText, PulseText, load_content
from codesign.exchange.demo.crowd import value_for
from codesign.exchange.demo.plan import external_id

_COMMENTS = 0.14
_CHANGES_OF_MIND = 0.05
_WEIGHT_OF_A_STRANGER = 18.0
_EVEN_DIVISION = {"agree": 0.6, "passing": 0.15}


@dataclass(frozen=True)
class PulseIdea:
    """An idea people may vote on now; ``external_id`` is empty for what visitors proposed."""

    idea_id: str
    external_id: str | None
    votes: int


@dataclass(frozen=True)
class PulsePerson:
    """A demo person (``external_id`` begins with ``demo:``)."""

    person_id: str
    external_id: str
    stakeholder_type: str
    guest: bool = False
    demo_role: str | None = None


@dataclass(frozen=True)
class PulseFacts:
    """How one space stands.

    ``standing`` gives the current votes of one person by idea (asked once per deed, so nobody reads all of them);
    ``said`` holds the external ids of the prepared comments that were made already.
    """

    kind: str
    ideas: Sequence[PulseIdea]
    people: Sequence[PulsePerson]
    standing: Callable[[str], Mapping[str, int]]
    said: Set[str]


@dataclass(frozen=True)
class PulseVote:
    """A person votes; None takes the vote back."""

    person_id: str
    idea_id: str
    value: int | None


@dataclass(frozen=True)
class PulseComment:
    """A person says something prepared; keep ``external_id`` with it, so that it is said once."""

    person_id: str
    idea_id: str
    body: str
    external_id: str


def next_deed(
    facts: PulseFacts, chance: random.Random, content: DemoContent | None = None
) -> PulseVote | PulseComment | None:
    """One believable next thing to do, or None when there is nobody or nothing left."""
    content = content or load_content()
    people = [person for person in facts.people if person.demo_role is None]
    if not people or not facts.ideas:
        return None
    if chance.random() < _COMMENTS and (comment := _comment(facts, people, content, chance)):
        return comment
    return _vote(facts, people, content, chance)


def _comment(
    facts: PulseFacts, people: Sequence[PulsePerson], content: DemoContent, chance: random.Random
) -> PulseComment | None:
    by_key = {idea.external_id: idea for idea in facts.ideas}
    left = [
        (prepared, by_key[external_id(prepared.idea)])
        for prepared in content.pulse
        if external_id(prepared.key) not in facts.said and external_id(prepared.idea) in by_key
    ]
    if not left:
        return None
    prepared, idea = chance.choice(left)
    speakers = [person for person in people if _may_say(person, prepared, content)]
    if not speakers:
        return None
    return PulseComment(chance.choice(speakers).person_id, idea.idea_id, prepared.say, external_id(prepared.key))


def _may_say(person: PulsePerson, prepared: PulseText, content: DemoContent) -> bool:
    """Whether the words fit: no guests, the right kind of person, and nobody who already has a say in the story."""
    wanted = prepared.stakeholder_type or "customer"
    spoken = {idea.author for idea in content.ideas} | {entry.by for idea in content.ideas for entry in idea.talk}
    key = person.external_id.removeprefix(external_id(""))
    return not person.guest and person.stakeholder_type == wanted and key not in spoken


def _vote(
    facts: PulseFacts, people: Sequence[PulsePerson], content: DemoContent, chance: random.Random
) -> PulseVote | None:
    person = chance.choice(people)
    texts = {external_id(idea.key): idea for idea in content.ideas}
    standing = facts.standing(person.person_id)
    voted = [idea for idea in facts.ideas if idea.idea_id in standing]
    fresh = [idea for idea in facts.ideas if idea.idea_id not in standing]
    if voted and (not fresh or chance.random() < _CHANGES_OF_MIND):
        idea = chance.choice(voted)
        return PulseVote(person.person_id, idea.idea_id, _other_mind(facts.kind, standing[idea.idea_id], chance))
    if not fresh:
        return None
    weights = [_pull(idea, texts.get(idea.external_id or ""), len(people)) for idea in fresh]
    idea = chance.choices(fresh, weights)[0]
    return PulseVote(person.person_id, idea.idea_id, _opinion(facts, texts.get(idea.external_id or ""), chance))


def _pull(idea: PulseIdea, text: IdeaText | None, people: int) -> float:
    """How strongly an idea draws somebody now: less the more of the crowd have voted already, never nothing."""
    weight = text.weight if text else _WEIGHT_OF_A_STRANGER
    return (weight + 1) * max(0.03, 1 - idea.votes / people) ** 1.5


def _opinion(facts: PulseFacts, text: IdeaText | None, chance: random.Random) -> int:
    if text is not None:
        return value_for(text, facts.kind, chance)
    agree, passing = _EVEN_DIVISION["agree"], _EVEN_DIVISION["passing"]
    return 1 if facts.kind == "upvote" else chance.choices((1, 0, -1), (agree, passing, 1 - agree - passing))[0]


def _other_mind(kind: str, value: int, chance: random.Random) -> int | None:
    return None if kind == "upvote" else chance.choice([other for other in (1, 0, -1) if other != value])
