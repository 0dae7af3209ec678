"""The demo's content fits together, its timeline is repeatable and believable, its pulse stays within bounds."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from codesign.exchange.demo.content import load_content
from codesign.exchange.demo.plan import (
    AnswerCards,
    CastVote,
    DemoPlan,
    EditTogether,
    EnterVoice,
    FlagComment,
    GiveAnswer,
    KeepDraft,
    MergeIdeas,
    ProposeIdea,
    SayComment,
    SetStatus,
    external_id,
    plan_demo,
)
from codesign.exchange.demo.pulse import (
    PulseComment,
    PulseFacts,
    PulseIdea,
    PulsePerson,
    PulseVote,
    next_deed,
)
from codesign.ideas.pages.board import LONGEST_HEADING

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
MAIN = "tarn-bikes"


@pytest.fixture(scope="module")
def plan() -> DemoPlan:
    """The demo as planned for a fixed moment."""
    return plan_demo(NOW)


def standing_votes(plan: DemoPlan, space: str) -> dict[tuple[str, str], int]:
    """What everybody's vote is in the end, by person and idea."""
    last = {
        (step.person, step.idea): step.value
        for step in plan.steps
        if isinstance(step, CastVote) and step.space == space
    }
    return {pair: value for pair, value in last.items() if value is not None}


@pytest.mark.full
def test_the_same_seed_gives_the_same_plan_and_another_another() -> None:
    assert plan_demo(NOW) == plan_demo(NOW)
    assert plan_demo(NOW, seed=1).steps != plan_demo(NOW).steps
    later = plan_demo(NOW + timedelta(days=3))
    assert [type(step) for step in later.steps if not isinstance(step, CastVote)] == [
        type(step) for step in plan_demo(NOW).steps if not isinstance(step, CastVote)
    ]


def test_there_is_as_much_of_everything_as_a_lively_company_has(plan: DemoPlan) -> None:
    steps = Counter(type(step) for step in plan.steps if step.space == MAIN)
    assert len([person for person in plan.people if not person.guest]) == 300
    assert [(person.name, person.demo_role) for person in plan.people if person.demo_role] == [
        ("Ruth", "owner"), ("Jonas", "product"), ("Lena", "moderator"), ("Mira", "customer"), ("", "guest"),
    ]  # fmt: skip
    assert steps[ProposeIdea] == 69
    assert sum(1 for step in plan.steps if isinstance(step, ProposeIdea) and step.composed) == 13
    assert steps[KeepDraft] == 25 and steps[EditTogether] == 8 and steps[EnterVoice] >= 20 and steps[AnswerCards] == 38
    assert steps[SayComment] >= 180
    assert steps[GiveAnswer] >= 18
    assert steps[MergeIdeas] == 3
    assert steps[FlagComment] == 2
    assert 3000 < steps[CastVote] < 5000
    assert sum(1 for step in plan.steps if isinstance(step, SayComment) and step.internal) >= 5
    assert sum(1 for step in plan.steps if isinstance(step, ProposeIdea) and step.held) == 1
    statuses = Counter(idea.status for idea in load_content().ideas if idea.space == MAIN)
    assert all(statuses[status] >= 4 for status in ("open", "review", "planned", "building", "shipped", "declined"))
    assert [space.text.visibility for space in plan.spaces] == ["public", "private", "public"]


def test_few_ideas_are_wanted_by_many_and_many_by_few(plan: DemoPlan) -> None:
    votes = sorted(Counter(idea for _person, idea in standing_votes(plan, MAIN)).values(), reverse=True)
    assert 150 < votes[0] < 290
    assert sum(votes[:12]) > sum(votes) * 0.38
    assert sum(1 for count in votes if count < 20) >= 8
    per_person = Counter(person for person, _idea in standing_votes(plan, MAIN))
    assert max(per_person.values()) > 2 * sorted(per_person.values())[len(per_person) // 2]
    down = Counter(standing_votes(plan, "city-and-bikes").values())
    assert min(down[-1], down[0]) > 100


def test_nothing_happens_before_it_can(plan: DemoPlan) -> None:
    joined = {person.key: person.joined_at for person in plan.people}
    created = {space.text.slug: space.created_at for space in plan.spaces}
    born: dict[str, datetime] = {}
    merged: set[str] = set()
    said: set[str] = set()
    assert [step.at for step in plan.steps] == sorted(step.at for step in plan.steps)
    for step in plan.steps:
        assert created[step.space] <= step.at <= NOW
        assert step.at.microsecond % 1000 == 0
        assert joined[step.person] <= step.at, step
        match step:
            case ProposeIdea():
                born[step.idea] = step.at
            case SayComment():
                assert step.idea in born and step.idea not in merged, step
                assert step.parent is None or step.parent in said, step
                said.add(step.comment)
            case FlagComment():
                assert step.comment in said
            case MergeIdeas():
                assert {step.idea, step.into} <= set(born)
                merged.add(step.idea)
            case SetStatus() | GiveAnswer() | CastVote():
                assert step.idea in born and step.idea not in merged, step


def test_everybody_keeps_to_the_rules_of_the_space(plan: DemoPlan) -> None:
    people = {person.key: person for person in plan.people}
    members = {space.text.slug: {member.person: member.role for member in space.members} for space in plan.spaces}
    for step in plan.steps:
        role = members[step.space].get(step.person)
        if step.space == "dealer-council":
            assert role is not None, step
        match step:
            case SetStatus() | GiveAnswer() | MergeIdeas():
                assert role in ("product", "owner"), step
            case SayComment() if step.internal:
                assert role in ("moderator", "product", "owner"), step
            case ProposeIdea() | SayComment() | FlagComment():
                assert not people[step.person].guest, step
            case CastVote():
                assert role not in ("moderator", "product", "owner"), step


def test_texts_fit_the_fields_and_hold_words_only(plan: DemoPlan) -> None:
    for idea in load_content().ideas:
        assert 5 <= len(idea.title) <= 140
        assert not idea.title.endswith(".")
        assert 1 <= len(idea.tags) <= 4
    for space in plan.spaces:
        assert space.text.purpose.endswith("?") and len(space.text.purpose) <= LONGEST_HEADING, "a board asks something"
    texts = [step.body for step in plan.steps if isinstance(step, ProposeIdea | SayComment | GiveAnswer)]
    texts += [comment.say for comment in load_content().pulse] + [person.name for person in plan.people]
    for text in texts:
        assert not any(unicodedata.category(letter) in ("So", "Cs", "Co", "Cn") for letter in text), text
    sentences = Counter(text for text in texts if len(text) > 20)
    assert max(sentences.values()) == 1, "nobody repeats what somebody else said"


class Crowd:
    """A space that does what the pulse proposes."""

    def __init__(self, plan: DemoPlan, kind: str = "upvote") -> None:
        self.people = [
            PulsePerson(person.key, person.external_id, person.stakeholder_type, person.guest, person.demo_role)
            for person in plan.people
        ]
        self.ideas = [idea.key for idea in load_content().ideas if idea.space == MAIN and not idea.held]
        self.votes: dict[str, dict[str, int]] = {person.person_id: {} for person in self.people}
        self.said: dict[str, PulseComment] = {}
        self.kind = kind

    def facts(self) -> PulseFacts:
        """How it stands; the last idea is a visitor's."""
        counts = Counter(idea for votes in self.votes.values() for idea in votes)
        ideas = [PulseIdea(key, external_id(key), counts[key]) for key in self.ideas]
        ideas.append(PulseIdea("visitor", None, counts["visitor"]))
        return PulseFacts(self.kind, ideas, self.people, self.votes.__getitem__, set(self.said))

    def do(self, deed: PulseVote | PulseComment | None) -> None:
        """Keep what was done."""
        match deed:
            case PulseVote(person_id=person, idea_id=idea, value=None):
                del self.votes[person][idea]
            case PulseVote(person_id=person, idea_id=idea, value=int() as value):
                assert self.votes[person].get(idea) != value, "a vote that changes nothing"
                self.votes[person][idea] = value
            case PulseComment():
                assert deed.external_id not in self.said
                self.said[deed.external_id] = deed


@pytest.mark.parametrize("kind", ["upvote", "updown"])
def test_the_pulse_goes_on_and_leaves_the_visible_five_alone(plan: DemoPlan, kind: str) -> None:
    crowd, chance = Crowd(plan, kind), random.Random(7)
    for _beat in range(1500):
        deed = next_deed(crowd.facts(), chance)
        assert deed is not None
        crowd.do(deed)
    assert len(crowd.said) == len(load_content().pulse) >= 40, "all prepared comments were made, each once"
    one_click = {person.key for person in plan.people if person.demo_role}
    assert not any(crowd.votes[person] for person in one_click)
    guests = {person.key for person in plan.people if person.guest}
    assert not guests & {comment.person_id for comment in crowd.said.values()}
    assert any("visitor" in votes for votes in crowd.votes.values())
    values = Counter(value for votes in crowd.votes.values() for value in votes.values())
    assert set(values) == ({1} if kind == "upvote" else {1, 0, -1})


def test_the_pulse_never_runs_dry_and_is_repeatable(plan: DemoPlan) -> None:
    crowd = Crowd(plan)
    for votes in crowd.votes.values():
        votes.update(dict.fromkeys([*crowd.ideas, "visitor"], 1))
    crowd.said = dict.fromkeys(external_id(comment.key) for comment in load_content().pulse)  # type: ignore[assignment]
    deed = next_deed(crowd.facts(), random.Random(3))
    assert isinstance(deed, PulseVote) and deed.value is None
    assert deed == next_deed(crowd.facts(), random.Random(3))
    assert next_deed(PulseFacts("upvote", [], crowd.people, crowd.votes.__getitem__, set()), random.Random(3)) is None
