"""The demo stands: it is not built twice, and its people go on living until somebody switches the pulse off."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from codesign.accounts.queries import list_demo_people
from codesign.comments.queries import ids_of_externals
from codesign.events import log
from codesign.exchange import pulse
from codesign.exchange.archive.contents import table_of
from codesign.exchange.demo import build, switches
from codesign.exchange.demo.content import DemoContent
from codesign.exchange.demo.pulse import PulseComment, PulseVote
from codesign.hooks.host import host_of
from codesign.ideas.queries import list_ideas
from codesign.kernel import clock as house_clock
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.spaces.access import standing
from codesign.spaces.queries import find_space
from codesign.spaces.service import close_ballot, delete_space
from codesign.testing import Database
from tests.rooms.exchange.conftest import SPACES, count_rows, instance, rows_of
from tests.support.visitor import Visitor


@pytest.fixture(scope="module")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, little_demo: DemoContent) -> Path:
    """A database with the little demo in it, built once."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    with instance(sqlite_template, folder, demo=True) as app:
        assert build.build(host=host_of(app), content=little_demo)
    return folder / "codesign.db"


@pytest.fixture
def database(built: Path, tmp_path: Path) -> Database:
    """A copy of it for one test; building is tried on both databases, living on is the same verbs as everywhere."""
    shutil.copy(built, tmp_path / "demo.db")
    return Database("sqlite", f"sqlite:///{tmp_path / 'demo.db'}")


@pytest.fixture
def demo(make_app: Any) -> Flask:
    """An app in demo mode with the little demo in it."""
    app: Flask = make_app(demo=True)
    return app


def test_times_are_believable_and_the_log_is_whole(demo: Flask) -> None:
    """Half a year in the right order, no hash wrong, nothing in the future; the clock goes on from now."""
    now = house_clock.now()
    for slug in SPACES:
        space = find_space(slug)
        with db.read():
            assert space is not None and log.check_chain(space.id) is None
            facts = log.since(space.id, 0, 5000)
        times = [fact.occurred_at for fact in facts]
        assert times == sorted(times) and times[-1] <= now
        assert times[0] == space.created_at < now - timedelta(days=30)
        assert facts[-1].name in {"space.opened", "plugin.enabled"}
    for name, column in (
        ("idea", "created_at"),
        ("comment", "created_at"),
        ("vote", "cast_at"),
        ("member", "created_at"),
    ):
        moments = {row[0] for row in rows_of(name, column)}
        assert len(moments) > 3 and max(moments) <= now


def test_bells_ring_for_the_last_days_only(demo: Flask) -> None:
    """Nobody wants to find half a year of notices."""
    for slug in SPACES:
        space = find_space(slug)
        with db.read():
            assert space is not None
            after = log.bookmark("notifications", space.id)
            facts = log.since(space.id, 0, 5000)
        recent = house_clock.now() - build.BELLS_FOR
        assert all(fact.occurred_at < recent for fact in facts[:after])
        assert all(fact.occurred_at >= recent for fact in facts[after:])


def test_a_second_time_changes_nothing(demo: Flask, little_demo: DemoContent) -> None:
    """Also when a visitor has deleted one of its spaces."""
    delete_space(SYSTEM, "dealer-council", None)
    before = count_rows()
    assert build.build(host=host_of(demo), content=little_demo) is False
    assert count_rows() == before


def beats(app: Flask, count: int) -> list[object]:
    """What *count* beats of a pulse do, without the pauses between them."""
    heart = pulse.Pulse()
    heart.chance.seed(5)
    deeds = []
    for _number in range(count):
        heart.next_at = 0.0
        deeds.append(heart.beat(app.extensions["codesign"]))
    return deeds


def test_demo_people_go_on_living(demo: Flask) -> None:
    """Each deed is one fact of somebody who is nobody's one click away; what was said is not said twice."""
    before = count_rows()["event"]
    deeds = beats(demo, 60)
    done = [deed for deed in deeds if deed is not None]
    comments = [deed for deed in done if isinstance(deed, PulseComment)]
    assert len(done) >= 30 and comments and any(isinstance(deed, PulseVote) for deed in done)
    assert count_rows()["event"] == before + len(done)
    assert len({deed.external_id for deed in comments}) == len(comments)
    said = {key for slug in SPACES for key in ids_of_externals(find_space(slug).id, [c.external_id for c in comments])}
    assert said == {deed.external_id for deed in comments}
    visible = {person.id for person in list_demo_people()}
    assert not visible & {deed.person_id for deed in done}


def test_the_pulse_pauses_between_deeds(demo: Flask) -> None:
    """The worker asks every second; something happens every two to six."""
    heart = pulse.Pulse()
    assert heart.beat(demo.extensions["codesign"]) is not None
    assert heart.beat(demo.extensions["codesign"]) is None


def test_the_pulse_rests_when_it_should(demo: Flask, make_app) -> None:
    """Switched off; outside demo mode; where voting is closed or the space is gone."""
    switches.turn(switches.PULSE, False)
    assert beats(demo, 5) == [None] * 5
    switches.turn(switches.PULSE, True)
    assert any(beats(demo, 5))
    for slug in SPACES[:2]:
        close_ballot(SYSTEM, slug)
    delete_space(SYSTEM, SPACES[2], None)
    assert beats(demo, 8) == [None] * 8
    assert beats(make_app(demo=False), 3) == [None] * 3


def test_the_pulse_counts_what_visitors_propose(demo: Flask) -> None:
    """Facts for the next deed come from the space as it is now."""
    with db.read():
        facts = pulse.Pulse().facts_of(next(s for s in build.plan.load_content().spaces if s.slug == "tarn-bikes"))
        ideas = list_ideas(standing(SYSTEM, "tarn-bikes"), "new", limit=100).items
    assert facts is not None and {idea.idea_id for idea in facts.ideas} == {idea.id for idea in ideas}
    assert any(idea.votes for idea in facts.ideas)
    someone = next(person for person in facts.people if not person.demo_role)
    with db.read() as work:
        table = table_of("vote")
        query = select(func.count()).where(
            table.c.person_id == someone.person_id, table.c.idea_id.in_(i.id for i in ideas)
        )
        assert len(facts.standing(someone.person_id)) == work.scalar(query)


def test_the_switch_is_seen_and_pressed_on_every_page(demo: Flask) -> None:
    """By anybody, on one's own machine; it leads back to where it was pressed."""
    visitor = Visitor(demo)
    assert "Demo pulse: on" in visitor.words("/spaces/tarn-bikes")
    assert visitor.send("/demo/pulse", on="0", next="/spaces/tarn-bikes").location == "/spaces/tarn-bikes"
    assert "Demo pulse: off" in visitor.words("/spaces/tarn-bikes")
    assert visitor.send("/demo/pulse", on="maybe").status_code == 422
    assert visitor.send("/demo/pulse", on="1", next="//elsewhere.example").location == "/"
    assert switches.is_on(switches.PULSE)
    assert visitor.client.post("/demo/pulse", data={"on": "0"}).status_code == 403


def test_the_switch_is_not_for_strangers(make_app) -> None:
    """Where the demo is shown to others only administrators press it; outside demo mode there is none."""
    for settings in ({"demo": True, "demo_public": True}, {"demo": False}):
        visitor = Visitor(make_app(**settings))
        assert "Demo pulse" not in visitor.words("/")
        assert visitor.send("/demo/pulse", on="0").status_code == 404
