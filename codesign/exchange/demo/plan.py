"""What happened in the demo before its first visitor came: people, ideas, comments, answers, votes, each at its time.

The same content, seed and moment give the same plan, to the millisecond. Nothing is written here: whoever builds the
demo takes the people and spaces and then does the steps, one after the other.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from codesign.exchange.demo.content import (
    DemoContent,
    IdeaText,
    OrganizationText,
    PersonText,
    ProductText,
    ReleaseText,
    SpaceText,
    TalkText,
    load_content,
)
from codesign.exchange.demo.crowd import cast_votes, to_millisecond
from codesign.exchange.demo.riders import Composed, DraftText, EditText, Sitting, sittings
from codesign.exchange.demo.voices import VoiceText

SEED = 2028


@dataclass(frozen=True)
class PlannedPerson:
    """One person to make; guests have no name and no e-mail."""

    key: str
    external_id: str
    name: str
    email: str | None
    stakeholder_type: str
    organization: str | None
    demo_role: str | None
    guest: bool
    joined_at: datetime


@dataclass(frozen=True)
class PlannedMember:
    """One person's place in a space."""

    person: str
    role: str
    stakeholder_type: str


@dataclass(frozen=True)
class PlannedSpace:
    """One space to make: what was written about it, when it began and who belongs to it."""

    text: SpaceText
    created_at: datetime
    next_phase_at: datetime
    members: tuple[PlannedMember, ...]


@dataclass(frozen=True)
class Step:
    """Something somebody did at a moment in a space."""

    at: datetime
    space: str


@dataclass(frozen=True)
class ProposeIdea(Step):
    """An idea is published, or held for a moderator when ``held`` gives a reason; perhaps with what was ``composed``."""

    idea: str
    external_id: str
    person: str
    title: str
    body: str
    tags: tuple[str, ...]
    held: str | None
    composed: Composed | None = None


@dataclass(frozen=True)
class SayComment(Step):
    """A comment, a reply to comment ``parent``, or a note for the team."""

    comment: str
    external_id: str
    idea: str
    person: str
    body: str
    parent: str | None
    internal: bool


@dataclass(frozen=True)
class FlagComment(Step):
    """Somebody reports a comment."""

    comment: str
    person: str
    reason: str


@dataclass(frozen=True)
class SetStatus(Step):
    """The team sets the status of an idea."""

    idea: str
    person: str
    status: str


@dataclass(frozen=True)
class GiveAnswer(Step):
    """The team answers in public."""

    idea: str
    person: str
    body: str


@dataclass(frozen=True)
class MergeIdeas(Step):
    """Idea ``idea`` becomes part of ``into``."""

    idea: str
    into: str
    person: str


@dataclass(frozen=True)
class CastVote(Step):
    """A vote; None takes it back."""

    idea: str
    person: str
    value: int | None


@dataclass(frozen=True)
class PublishProduct(Step):
    """A product with its pictures is begun, written and published."""

    product: ProductText
    person: str


@dataclass(frozen=True)
class PublishRelease(Step):
    """The team brings something out."""

    release: ReleaseText
    person: str


@dataclass(frozen=True)
class KeepDraft(Step):
    """Somebody composes something for themselves."""

    person: str
    draft: DraftText


@dataclass(frozen=True)
class EditTogether(Step):
    """Somebody edits a draft along that ``owner`` shares."""

    person: str
    owner: str
    draft: str
    edit: EditText


@dataclass(frozen=True)
class EnterVoice(Step):
    """The team enters what a customer said elsewhere."""

    person: str
    voice: VoiceText


@dataclass(frozen=True)
class AnswerCards(Step):
    """Somebody answers some cards; ``seed`` is for their luck."""

    person: str
    sitting: Sitting
    seed: str


@dataclass(frozen=True)
class DemoPlan:
    """People and spaces to make, then ``steps`` in the order of time."""

    seed: int
    now: datetime
    organizations: tuple[OrganizationText, ...]
    people: tuple[PlannedPerson, ...]
    spaces: tuple[PlannedSpace, ...]
    steps: tuple[Step, ...]


def external_id(key: str) -> str:
    """The name under which a person, idea or comment of the demo is found again."""
    return f"demo:{key}"


def plan_demo(now: datetime, seed: int = SEED, content: DemoContent | None = None) -> DemoPlan:
    """Plan the demo as it stands at *now*."""
    content = content or load_content()
    steps: list[Step] = []
    for space in content.spaces:
        ideas = tuple(idea for idea in content.ideas if idea.space == space.slug)
        for idea in ideas:
            # A source of chance per idea: a word changed in one idea leaves the times of all others alone.
            steps += _steps_of_idea(idea, space, now, _chance(seed, idea.key))
        voters = tuple(person for person in content.people if person.key not in space.team and may_vote(person, space))
        for cast in cast_votes(space, ideas, voters, now, _chance(seed, space.slug)):
            steps.append(CastVote(cast.at, space.slug, cast.idea, cast.person, cast.value))
    for product in content.products:
        steps.append(PublishProduct(_ago(now, product.days), product.space, product, product.by))
    steps += [PublishRelease(_ago(now, each.days), each.space, each, each.by) for each in content.releases]
    steps += [EnterVoice(_ago(now, each.days), each.space, each.by, each) for each in content.voices]
    for draft in content.drafts:
        steps.append(KeepDraft(_ago(now, draft.days), draft.space, draft.by, draft))
        for edit in draft.edits:
            steps.append(EditTogether(_ago(now, edit.days), draft.space, edit.by, draft.by, draft.name, edit))
    steps += _cards(content, now, seed)
    steps.sort(key=lambda step: (step.at, _rank(step), repr(step)))
    return DemoPlan(
        seed=seed,
        now=now,
        organizations=content.organizations,
        people=tuple(_people(content, steps, now, _chance(seed, "people"))),
        spaces=tuple(_space(space, content, now) for space in content.spaces),
        steps=tuple(steps),
    )


def _cards(content: DemoContent, now: datetime, seed: int) -> Iterator[Step]:
    for taste in content.tastes:
        for one in sittings(taste, _chance(seed, f"cards {taste.people[0]}")):
            yield AnswerCards(_ago(now, one.days), taste.space, one.person, one, f"{seed}/cards {one.person}")


def _chance(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed}/{name}")  # noqa: S311 - a repeatable play, nothing secret


def _rank(step: Step) -> int:
    """What comes first within one millisecond: there must be an idea before anything can be said of it."""
    return 0 if isinstance(step, ProposeIdea) else 1


def _ago(now: datetime, days: float) -> datetime:
    return now - timedelta(milliseconds=round(days * 86_400_000))


def may_vote(person: PersonText, space: SpaceText) -> bool:
    """Whether somebody of the demo votes in one of its spaces."""
    if space.visibility == "private":
        return person.stakeholder_type == space.members and not person.guest
    return space.who_votes == "everyone" or not person.guest


def _steps_of_idea(idea: IdeaText, space: SpaceText, now: datetime, chance: random.Random) -> Iterator[Step]:
    born = _ago(now, idea.days)
    yield ProposeIdea(
        born, space.slug, idea.key, external_id(idea.key), idea.author, idea.title, idea.body, idea.tags, idea.held,
        idea.composed,
    )  # fmt: skip
    decider = idea.answer.by if idea.answer else next(iter(_deciders(space)))
    for status, days in idea.way:
        yield SetStatus(_ago(now, days), space.slug, idea.key, decider, status)
    if idea.answer:
        yield GiveAnswer(_ago(now, idea.answer.days), space.slug, idea.key, idea.answer.by, idea.answer.body)
    if idea.merged_into and idea.merged_days is not None and idea.merged_by:
        yield MergeIdeas(_ago(now, idea.merged_days), space.slug, idea.key, idea.merged_into, idea.merged_by)
    yield from _talk(idea, space, now, chance)


def _deciders(space: SpaceText) -> list[str]:
    """Who sets a status: product people before owners."""
    by_role = sorted((role != "product", person) for person, role in space.team.items() if role != "moderator")
    return [person for _other, person in by_role]


def _talk(idea: IdeaText, space: SpaceText, now: datetime, chance: random.Random) -> Iterator[Step]:
    """Comments in the order in which they were written down: early ones before the answer, the others after it."""
    born, end = _ago(now, idea.days), _ago(now, idea.merged_days) if idea.merged_days is not None else now
    answered = _ago(now, idea.answer.days) if idea.answer else born
    early = [entry for entry in idea.talk if entry.early]
    late = [entry for entry in idea.talk if not entry.early]
    for entries, start, stop in ((early, born, answered), (late, answered, end)):
        for number, (entry, at) in enumerate(zip(entries, _moments(len(entries), start, stop, chance), strict=True), 1):
            key = f"{idea.key}/{'early' if entry.early else 'late'}-{number}"
            yield from _thread(idea, space, key, entry, at, stop, chance)


def _thread(
    idea: IdeaText, space: SpaceText, key: str, entry: TalkText, at: datetime, stop: datetime, chance: random.Random
) -> Iterator[Step]:
    yield SayComment(
        at, space.slug, key, external_id(key), idea.key, entry.by, entry.say, parent=None, internal=entry.internal
    )
    if entry.flag:
        flagged = to_millisecond(at + (stop - at) * chance.uniform(0.05, 0.3))
        yield FlagComment(flagged, space.slug, key, entry.flag.by, entry.flag.reason)
    moment = at
    for number, reply in enumerate(entry.replies, 1):
        # Replies come within a day or two, but never after the moment the talk ended.
        moment += min((stop - moment) / 2, timedelta(minutes=chance.lognormvariate(5.5, 1.1)))
        moment = to_millisecond(moment)
        name = f"{key}.{number}"
        yield SayComment(
            moment, space.slug, name, external_id(name), idea.key, reply.by, reply.say, parent=key, internal=False
        )


def _moments(count: int, start: datetime, stop: datetime, chance: random.Random) -> list[datetime]:
    """*count* moments between the two, most of them soon after the start."""
    shares = sorted(chance.random() ** 1.7 for _each in range(count))
    return [to_millisecond(start + (stop - start) * (0.01 + 0.97 * share)) for share in shares]


def _people(content: DemoContent, steps: list[Step], now: datetime, chance: random.Random) -> Iterator[PlannedPerson]:
    """Everybody, each having joined a little before their first deed, the team before the first space began."""
    first: dict[str, datetime] = {}
    for step in steps:
        person = getattr(step, "person", "")
        first.setdefault(person, step.at)
    beginning = _ago(now, max(space.days for space in content.spaces))
    team = {person for space in content.spaces for person in space.team}
    for person in content.people:
        pause = timedelta(minutes=chance.lognormvariate(2, 1))
        joined = beginning if person.key in team else first.get(person.key, beginning + (now - beginning) / 2) - pause
        yield PlannedPerson(
            key=person.key,
            external_id=external_id(person.key),
            name=person.name,
            email=None if person.guest else f"{person.key}@demo.example",
            stakeholder_type=person.stakeholder_type,
            organization=person.organization,
            demo_role=person.demo_role,
            guest=person.guest,
            joined_at=to_millisecond(max(joined, beginning)),
        )


def _space(space: SpaceText, content: DemoContent, now: datetime) -> PlannedSpace:
    ideas = [idea for idea in content.ideas if idea.space == space.slug]
    speakers = {talk.by for idea in ideas for entry in idea.talk for talk in (entry, *entry.replies)}
    speakers |= {idea.author for idea in ideas}
    members = []
    for person in content.people:
        belongs = {"all": True, "authors": person.key in speakers}.get(
            space.members, person.stakeholder_type == space.members
        )
        if person.key in space.team or (belongs and not person.guest):
            role = space.team.get(person.key, "contributor")
            members.append(PlannedMember(person.key, role, person.stakeholder_type))
    return PlannedSpace(space, _ago(now, space.days), now + timedelta(days=space.next_phase_in), tuple(members))
