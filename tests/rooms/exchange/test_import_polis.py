"""A Polis conversation comes in: exact tallies, in small steps that a killed run goes on with, opened in one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from codesign.accounts.queries import ids_of_externals
from codesign.events.models import EventRow
from codesign.exchange import importing
from codesign.exchange.importing import STEPS, discard_import, import_polis
from codesign.ideas.models import Idea
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM
from codesign.kernel.errors import Conflict, NotFound
from codesign.spaces.access import access
from codesign.spaces.queries import find_space
from codesign.testing import actor_of
from codesign.voting.models import Vote
from codesign.voting.service import cast_vote
from tests.rooms.exchange.conftest import count_rows
from tests.support.books import check_books, tallies_by_name
from tests.support.polis import (
    START,
    Conversation,
    made_export,
    small_export,
    write_export,
)

pytestmark = pytest.mark.usefixtures("app")


class PowerCut(Exception):
    """Stands for whatever ends a run in the middle."""


@pytest.fixture
def small(tmp_path: Path) -> Conversation:
    """A small conversation with second thoughts, ties and rejected statements."""
    return small_export(tmp_path / "small")


def states(slug: str) -> dict[str, str]:
    space = find_space(slug)
    assert space is not None
    with db.read() as work:
        rows = work.execute(select(Idea.external_id, Idea.state).where(Idea.space_id == space.id))
        return {str(row[0]): row[1] for row in rows}


def ends_at(monkeypatch: pytest.MonkeyPatch, step: str, after: int = 0) -> None:
    """End the run in the middle of a step's work, after some commits of it; what that commit wrote is undone."""
    method = {"people": "_store_people", "statements": "_store_statements", "votes": "_store_votes",
              "rejections": "_reject", "opening": "_open"}[step]  # fmt: skip
    real, done = getattr(importing._Loader, method), [0]

    def cut(self: Any, *rows: Any) -> None:
        if done[0] >= after and step == "opening":
            raise PowerCut
        real(self, *rows)
        done[0] += 1
        if done[0] > after:
            raise PowerCut

    monkeypatch.setattr(importing._Loader, method, cut)


# --- What comes in ----------------------------------------------------------------------------------------------------


def test_every_statement_has_exactly_its_tally(small: Conversation) -> None:
    import_polis(small.folder, "trams")
    assert tallies_by_name("trams") == small.tallies
    assert check_books("trams") == sum(small.total)
    assert access(ANONYMOUS, "trams").space.ballot.kind == "updown"


def test_rejected_statements_are_hidden_and_their_votes_count(small: Conversation) -> None:
    import_polis(small.folder, "trams")
    assert {name for name, state in states("trams").items() if state == "hidden"} == small.rejected
    assert {name for name, state in states("trams").items() if state == "published"} == {
        *small.tallies
    } - small.rejected
    assert all(sum(tallies_by_name("trams")[name]) > 0 for name in small.rejected)


def test_people_and_ideas_carry_the_names_of_the_other_system(small: Conversation) -> None:
    import_polis(small.folder, "trams")
    people = ids_of_externals(f"polis:{number}" for number in range(12))
    assert set(people) == {f"polis:{number}" for number in range(10)}
    with db.read() as work:
        authors = {row.external_id: row.author_id for row in work.scalars(select(Idea))}
    assert authors == {f"polis:{number}": people[f"polis:{number % 3}"] for number in range(6)}


def test_ideas_and_votes_keep_their_times(small: Conversation) -> None:
    import_polis(small.folder, "trams")
    with db.read() as work:
        idea = work.scalars(select(Idea).where(Idea.external_id == "polis:0")).one()
        person = ids_of_externals(["polis:0"])["polis:0"]
        vote = work.get_one(Vote, (idea.id, person))
    assert idea.published_at == idea.created_at == datetime.fromtimestamp(START / 1000, UTC)
    assert (vote.value, vote.cast_at) == (0, datetime.fromtimestamp((START + 9000) / 1000, UTC))


def test_long_and_short_statements_become_ideas(small: Conversation) -> None:
    import_polis(small.folder, "trams")
    with db.read() as work:
        texts = {row.external_id: (row.title, row.body) for row in work.scalars(select(Idea))}
    assert texts["polis:0"] == ("Trams at night", "")
    assert texts["polis:1"] == ("“Ok” (statement)", "")
    assert (
        len(texts["polis:2"][0]) <= 140
        and texts["polis:2"][1] == "A tunnel under the river " * 8 + "A tunnel under the river"
    )


def test_bad_rows_are_told_and_the_rest_comes_in(tmp_path: Path) -> None:
    made = write_export(tmp_path, [(0, "A", 1), (1, "B", 1)], [(START + 1, 0, 1, 1), (START + 2, 1, 1, -1)])
    with open(tmp_path / "votes.csv", "a", encoding="utf-8") as file:
        file.write("yesterday,0,2,1\n1500000000009,77,2,1\n1500000000010,0,2,5\n1500000000011,0,3,0\n")
    export = import_polis(tmp_path, "some")
    assert [(problem.file, problem.line) for problem in export.problems] == [
        ("votes.csv", 4),
        ("votes.csv", 5),
        ("votes.csv", 6),
    ]
    assert export.counts.rows_skipped == 3
    assert tallies_by_name("some") == {**made.tallies, "polis:0": (1, 0, 1)}


def test_the_owner_is_who_was_named(small: Conversation, make_person: Callable[..., Any]) -> None:
    owner = make_person("Olga")
    import_polis(small.folder, "trams", owner.id)
    assert access(actor_of(owner), "trams", "own").role == "owner"
    assert access(ANONYMOUS, "trams").role is None


# --- Killed, resumed, discarded, repeated -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "after"), [("people", 0), ("statements", 0), ("votes", 0), ("votes", 1), ("rejections", 0), ("opening", 0)]
)
def test_a_killed_import_is_out_of_sight_and_goes_on(
    step: str, after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = made_export(tmp_path / "made", voters=30, statements=12, votes=300)
    with monkeypatch.context() as patch:
        ends_at(patch, step, after)
        with pytest.raises(PowerCut):
            import_polis(made.folder, "cut")
    with pytest.raises(NotFound):
        access(ANONYMOUS, "cut")
    assert access(SYSTEM, "cut").space.state == "importing"
    import_polis(made.folder, "cut")
    assert access(ANONYMOUS, "cut").space.state == "open"
    assert tallies_by_name("cut") == made.tallies
    assert {name for name, state in states("cut").items() if state == "hidden"} == made.rejected
    assert check_books("cut") == sum(made.total)
    assert count_rows()["idea"] == 12
    assert count_rows()["import_arrival"] == 0


def test_a_killed_import_leaves_the_same_log_as_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_export(tmp_path / "made", voters=20, statements=10, votes=150)
    import_polis(made.folder, "whole")
    for step in STEPS:
        with monkeypatch.context() as patch:
            ends_at(patch, step)
            with pytest.raises(PowerCut):
                import_polis(made.folder, "cut")
    import_polis(made.folder, "cut")
    whole, cut = find_space("whole"), find_space("cut")
    assert whole is not None and cut is not None
    with db.read() as work:
        names = [
            list(work.scalars(select(EventRow.name).where(EventRow.space_id == space.id).order_by(EventRow.seq)))
            for space in (whole, cut)
        ]
    assert names[0] == names[1]


def test_run_twice_is_the_same_state_and_no_new_events(small: Conversation) -> None:
    import_polis(small.folder, "trams")
    before = count_rows()
    export = import_polis(small.folder, "trams")
    assert count_rows() == before
    assert export.counts.votes == small.votes
    assert tallies_by_name("trams") == small.tallies


def test_votes_cast_after_the_import_survive_a_second_run(small: Conversation, make_person: Callable[..., Any]) -> None:
    import_polis(small.folder, "trams")
    with db.read() as work:
        idea_id = work.scalars(select(Idea.id).where(Idea.external_id == "polis:4")).one()
    cast_vote(actor_of(make_person()), idea_id, 1)
    import_polis(small.folder, "trams")
    assert tallies_by_name("trams")["polis:4"] == (1, 0, 0)


def test_a_killed_import_can_be_discarded(
    small: Conversation, monkeypatch: pytest.MonkeyPatch, make_person: Callable[..., Any]
) -> None:
    known = make_person("Known before", external_id="polis:3")
    before = count_rows()
    with monkeypatch.context() as patch:
        ends_at(patch, "votes")
        with pytest.raises(PowerCut):
            import_polis(small.folder, "trams")
    assert count_rows()["person"] > before["person"]
    discard_import("trams")
    assert find_space("trams") is None
    after = count_rows()
    logs = ("event", "log_head")  # what happened did happen: the server's own log tells of it
    assert {name: count for name, count in after.items() if name not in logs} == {
        name: count for name, count in before.items() if name not in logs
    }
    import_polis(small.folder, "trams")
    assert tallies_by_name("trams") == small.tallies
    assert ids_of_externals(["polis:3"])["polis:3"] == known.id


def test_what_is_finished_or_foreign_cannot_be_discarded(small: Conversation, make_space: Callable[..., Any]) -> None:
    import_polis(small.folder, "trams")
    make_space(slug="ours")
    for slug in ("trams", "ours", "nothing-here"):
        with pytest.raises(NotFound):
            discard_import(slug)
    assert tallies_by_name("trams") == small.tallies
    assert find_space("ours") is not None


def test_other_data_does_not_go_into_a_filled_space(small: Conversation, tmp_path: Path) -> None:
    import_polis(small.folder, "trams")
    other = write_export(tmp_path / "other", [(0, "Other", 1)], [(START + 1, 0, 1, 1)])
    before = count_rows()
    with pytest.raises(Conflict):
        import_polis(other.folder, "trams")
    assert count_rows() == before


def test_a_space_that_is_no_import_is_left_alone(small: Conversation, make_space: Callable[..., Any]) -> None:
    make_space(slug="ours")
    before = count_rows()
    with pytest.raises(Conflict):
        import_polis(small.folder, "ours")
    assert count_rows() == before


def test_two_runs_at_once_do_not_mix(small: Conversation) -> None:
    """Another run went past this one: the slower one stops, and nothing is counted twice."""
    went = []

    def overtake(done: int, whole: int) -> None:
        if not went:
            went.append(done)
            import_polis(small.folder, "trams")

    with pytest.raises(Conflict):
        import_polis(small.folder, "trams", None, overtake)
    assert tallies_by_name("trams") == small.tallies
    assert check_books("trams") == sum(small.total)


# --- Politeness -------------------------------------------------------------------------------------------------------


def test_steps_shrink_where_commits_are_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_export(tmp_path, voters=100, statements=20, votes=1500)

    def sizes(slug: str, seconds: float) -> list[int]:
        """How many votes each commit took where every look at the clock is *seconds* after the last one."""
        moments = count(0.0, seconds)
        monkeypatch.setattr(importing.time, "monotonic", lambda: next(moments))
        told: list[int] = []
        import_polis(made.folder, slug, None, lambda done, whole: told.append(done))
        assert told[-1] == 100 + 20 + 1500 + 4
        return [later - earlier for earlier, later in pairwise([120, *(done for done in told if 120 < done <= 1620)])]

    slow, quick = sizes("slow", 1.0), sizes("quick", 0.001)
    assert max(slow) == slow[0] and slow[-2] == slow[0] // 2
    assert max(quick) > 3 * quick[0]
