"""The plugin at work in a space: verdicts through the doors, what it keeps, reports, erasure, off and on."""

from __future__ import annotations

from typing import Any

import pytest

from codesign import sdk
from codesign.comments.service import add_comment
from codesign.hooks.service import save_settings
from codesign.ideas import service as ideas
from codesign.ideas.queries import get_idea
from codesign.kernel import paths
from codesign.kernel.actor import SYSTEM
from codesign.kernel.contribution import HELD, PUBLISHED
from codesign.kernel.errors import Invalid
from codesign.moderation.service import raise_flag, settle_flags
from codesign.testing import Clock, Plugins, actor_of, load_plugin
from codesign.voting.service import cast_vote, withdraw_vote

load_plugin((paths.find("plugins") / "moderation_rules").resolve())
from codesign_plugins.moderation_rules import store  # noqa: E402

pytestmark = pytest.mark.doors

NAME = "moderation_rules"


@pytest.fixture
def space(plugins: Plugins, make_space: Any, clock: Clock) -> Any:
    made = make_space(kind="updown")
    plugins.enable(NAME, made)
    plugins.work()
    return made


def test_a_flood_is_stopped_and_the_author_reads_why(
    space: Any, plugins: Plugins, make_person: Any, clock: Clock
) -> None:
    ann, ben = (actor_of(make_person(name)) for name in ("Ann", "Ben"))
    first = ideas.submit_idea(ann, space.id, "Test proposal number 1")
    plugins.work()
    second = ideas.submit_idea(ben, space.id, "Test proposal number 2")
    assert (first.state, second.state) == (PUBLISHED, HELD)
    assert second.verdict is not None
    assert second.verdict["reasons"] == ["The same text was written here a short time ago."]
    for number in range(4):
        ideas.submit_idea(ann, space.id, f"Something else, {'abcd'[number] * 9}")
    plugins.work()
    with pytest.raises(Invalid) as refusal:
        ideas.submit_idea(ann, space.id, "One more within a minute")
    assert "5 texts within a minute" in refusal.value.sentence
    clock.advance(minutes=2)
    assert ideas.submit_idea(ann, space.id, "One more within a minute").state == PUBLISHED
    assert ideas.submit_idea(SYSTEM, space.id, "Test proposal number 3").state == PUBLISHED


def test_trust_is_counted_from_the_log_and_a_replay_counts_once(
    space: Any, plugins: Plugins, make_person: Any, make_idea: Any, clock: Clock
) -> None:
    ann = actor_of(make_person("Ann"))
    mine = ideas.submit_idea(ann, space.id, "A bench along the river")
    add_comment(ann, mine.id, "And a lamp beside it")
    for number in range(3):
        cast_vote(ann, make_idea(space, f"Idea {number} of others").id, 1)
    cast_vote(ann, mine.id, 1)
    cast_vote(ann, mine.id, -1)
    withdraw_vote(ann, mine.id)
    plugins.work()

    def seen() -> tuple[int, ...]:
        person = store.person(space.id, ann.person_id)
        return person.ideas, person.comments, person.votes, person.hidden

    assert seen() == (1, 1, 3, 0)
    plugins.replay(NAME, space)
    plugins.work()
    assert seen() == (1, 1, 3, 0)
    settle_flags(SYSTEM, "idea", mine.id, "hide", "Wrong place")
    plugins.work()
    assert seen() == (1, 1, 3, 1)
    settle_flags(SYSTEM, "idea", mine.id, "publish")
    plugins.work()
    plugins.replay(NAME, space)
    plugins.work()
    assert seen() == (1, 1, 3, 0)
    clock.advance(days=2)
    link = "See https://a.example and https://b.example"
    assert ideas.submit_idea(ann, space.id, "Known by now, with links", link).state == PUBLISHED
    ben = actor_of(make_person("Ben"))
    assert ideas.submit_idea(ben, space.id, "Quite new, with links", link).state == HELD


def test_reports_hold_a_text_by_the_accuracy_of_who_reports(
    space: Any, plugins: Plugins, make_person: Any, make_idea: Any
) -> None:
    people = [actor_of(make_person(f"Person {number}")) for number in range(6)]
    idea = make_idea(space, "A disputed idea", author=make_person())
    for person in people[:5]:  # newcomers: 5 times 0.5 times one half is less than 1.5
        raise_flag(person, "idea", idea.id)
    plugins.work()
    assert get_idea(SYSTEM, idea.id).state == PUBLISHED
    raise_flag(people[5], "idea", idea.id)
    plugins.work()
    held = get_idea(SYSTEM, idea.id)
    assert held.state == HELD and held.verdict is not None
    assert [(line["by"], line["reason"]) for line in held.verdict["history"]] == [
        (f"plugin:{NAME}", "Several members reported it.")
    ]
    calm = make_idea(space, "A calm idea", author=make_person())
    save_settings(SYSTEM, plugins.host, space.id, NAME, {"reports_hold_at": 0})
    for person in people:
        raise_flag(person, "idea", calm.id)
    plugins.work()
    assert get_idea(SYSTEM, calm.id).state == PUBLISHED


def test_a_person_is_forgotten_and_old_fingerprints_go(
    space: Any, plugins: Plugins, make_person: Any, clock: Clock
) -> None:
    ann = actor_of(make_person("Ann"))
    ideas.submit_idea(ann, space.id, "A bench along the river")
    plugins.work()
    assert store.recent(space.id, sdk.now(), 7)
    assert all(answer.ok for answer in plugins.host.erase_person(str(ann.person_id)))
    assert store.person(space.id, ann.person_id) == store.Person() and not store.recent(space.id, sdk.now(), 7)
    ideas.submit_idea(actor_of(make_person("Ben")), space.id, "A lamp along the river")
    plugins.work()
    clock.advance(days=91)
    store.tidy(space.id, {})
    assert not store.recent(space.id, sdk.now(), 365)


def test_switched_off_it_says_nothing_and_on_again_it_knows_what_happened(
    space: Any, plugins: Plugins, make_person: Any
) -> None:
    ann = actor_of(make_person("Ann"))
    plugins.enable(NAME, space, False)
    assert ideas.submit_idea(ann, space.id, "What utter shit this is").state == PUBLISHED
    plugins.work()
    plugins.enable(NAME, space)
    plugins.work()
    assert store.person(space.id, ann.person_id).ideas == 1
    assert ideas.submit_idea(ann, space.id, "What utter shit this was").state == HELD
