"""The demo is built through the verbs of the rooms: whole or out of sight, and with believable times."""

from __future__ import annotations

import pytest
from flask import Flask

from codesign.accounts.queries import list_demo_people
from codesign.exchange.demo import build
from codesign.exchange.demo.content import DemoContent
from codesign.exchange.demo.plan import ProposeIdea, SayComment, plan_demo
from codesign.exchange.demo.planning import SPACE
from codesign.exchange.demo.voices import EnteredText
from codesign.hooks.host import host_of
from codesign.kernel import clock as house_clock
from codesign.kernel.actor import ANONYMOUS, SYSTEM
from codesign.kernel.errors import Conflict
from codesign.spaces.queries import list_spaces
from codesign.spaces.service import create_space
from tests.rooms.exchange.conftest import SPACES, count_rows, rows_of


@pytest.fixture
def demo(make_app, little_demo: DemoContent) -> Flask:
    """An app in demo mode with the little demo in it."""
    app = make_app(demo=True)
    assert build.build(host=host_of(app), content=little_demo)
    return app


def test_all_that_was_planned_is_there(demo: Flask, little_demo: DemoContent) -> None:
    """Ideas, comments, answers, merges, flags; counters are what rows say; one-click people have no password."""
    planned = plan_demo(house_clock.now(), content=little_demo)
    rows = count_rows()
    callers = {text.person for text in little_demo.voices if isinstance(text, EnteredText)}
    assert rows["person"] == len(planned.people) + len(callers)
    assert rows["member"] == sum(len(space.members) for space in planned.spaces)
    assert rows["idea"] == sum(isinstance(step, ProposeIdea) for step in planned.steps)
    assert rows["comment"] == sum(isinstance(step, SayComment) for step in planned.steps)
    assert rows["merge"] >= 1 and rows["flag"] >= 1
    assert {person.demo_role for person in list_demo_people()} == {"owner", "product", "moderator", "customer", "guest"}
    assert not any(person.has_password or person.is_admin for person in list_demo_people())
    states = [row[0] for row in rows_of("idea", "state")]
    assert states.count("held") == 1 and states.count("published") == len(states) - 1
    counted = dict.fromkeys((row[0] for row in rows_of("idea", "id")), (0, 0, 0))
    for idea_id, value in rows_of("vote", "idea_id", "value"):
        up, down, passed = counted[idea_id]
        counted[idea_id] = (up + (value == 1), down + (value == -1), passed + (value == 0))
    assert {row[0]: row[1:] for row in rows_of("idea", "id", "up", "down", "pass")} == counted
    for space in list_spaces(SYSTEM).items:
        assert space.space.state == "open" and host_of(demo).is_enabled("scoring", space.space.id)


@pytest.mark.full
def test_the_team_has_plans_to_score(demo: Flask) -> None:
    """Fields of ideas, of which two miss one; by them the plugin offers RICE to the team."""
    said = rows_of("triage_value", "idea_id", "key", "number")
    made = {row[0] for row in rows_of("idea", "id")}
    assert {row[0] for row in said} <= made and {row[1] for row in said} == {"impact", "confidence", "effort"}
    space = next(line.space for line in list_spaces(SYSTEM).items if line.space.slug == SPACE)
    assert "rice" in {rule.name for rule, _, _ in host_of(demo).score_rules(space.id, space.ballot.kind)}


def test_people_have_composed_and_answered_cards(demo: Flask) -> None:
    """Ideas carry configurations, one goes on from another; somebody keeps a draft; insights know of all of it."""
    made = rows_of("configuration", "id", "state", "forked_from")
    carried = {row[0] for row in rows_of("idea", "configuration_id") if row[0]}
    assert {id for id, state, _parent in made if state == "published"} == carried
    assert [state for _id, state, _parent in made].count("draft") == 2
    assert {parent for _id, _state, parent in made if parent} <= carried and len(carried) >= 2
    choices = rows_of("choice", "person_id", "chosen")
    assert len(choices) == 8 and len({person for person, _chosen in choices}) == 2
    (findings,) = [row[0] for row in rows_of("insight", "findings")]
    assert findings["signals"]["cards"] == 8 and findings["wishes"] and findings["forked"]


@pytest.mark.full
def test_the_team_entered_what_customers_said(demo: Flask) -> None:
    """Votes with a source and a note, evidence, versions of weights; companies have a segment and what they are worth."""
    entered = rows_of("entered_vote", "source", "note", "cast_at")
    assert entered and all(source and note and cast_at for source, note, cast_at in entered)
    assert rows_of("evidence", "quote") and [row[0] for row in rows_of("segment_weights", "number")] == [1, 2]
    known = [row[0] for row in rows_of("organization", "attributes")]
    assert {"fleet", "dealer"} <= {each["segment"] for each in known} and any(each.get("revenue") for each in known)


@pytest.mark.full
def test_two_compose_a_draft_and_two_choices_wait_for_them(demo: Flask) -> None:
    """Mira and Jonas: what they chose at the same moment and does not go together is kept for them to settle."""
    (shared,) = [row for row in rows_of("configuration", "id", "contested", "edit_key") if row[2]]
    assert shared[1] == {"hitch": True}
    assert len(rows_of("draft_partner", "person_id")) == 1
    assert (
        len({person for person, of in rows_of("draft_edit", "person_id", "configuration_id") if of == shared[0]}) == 2
    )


@pytest.mark.full
def test_an_interrupted_build_is_out_of_sight_and_the_next_one_is_whole(app: Flask, little_demo: DemoContent) -> None:
    """Wherever it was stopped; people who were made already are taken as they are."""
    started = house_clock.now()
    for share in (0.2, 0.7):

        def stop(done: int, total: int, share: float = share) -> None:
            if done > share * total:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            build.build(stop, content=little_demo)
        assert list_spaces(ANONYMOUS).items == () and not build.is_built()
        assert house_clock.now() >= started
    assert build.build(content=little_demo)
    planned = plan_demo(house_clock.now(), content=little_demo)
    callers = {text.person for text in little_demo.voices if isinstance(text, EnteredText)}
    assert count_rows()["person"] == len(planned.people) + len(callers)
    assert sorted(line.space.slug for line in list_spaces(SYSTEM).items) == sorted(SPACES)
    assert list_spaces(ANONYMOUS).items != ()


def test_a_space_of_somebody_else_is_left_alone(app: Flask, little_demo: DemoContent) -> None:
    """The demo wants an instance of its own."""
    create_space(SYSTEM, name="Ours", slug="city-and-bikes")
    before = count_rows()
    with pytest.raises(Conflict, match="city-and-bikes"):
        build.build(content=little_demo)
    assert count_rows() == before
