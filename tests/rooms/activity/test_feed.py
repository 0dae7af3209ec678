"""The feed, what happens now, and the log for the team."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from codesign.activity.pages.telling import read_feed
from codesign.activity.phrases import phrases
from codesign.events import log
from codesign.events.base import NONE, catalogue
from codesign.ideas.events import ScoresChanged
from codesign.ideas.service import answer_idea, hide_idea, set_status
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM
from codesign.spaces import queries, service
from codesign.testing import actor_of
from codesign.voting.service import cast_vote
from tests.support.visitor import Visitor

pytestmark = pytest.mark.doors

Make = Callable[..., Any]


@pytest.fixture
def owner(make_person: Make) -> Any:
    return make_person("Olga")


@pytest.fixture
def space(make_space: Make, owner: Any) -> Any:
    return make_space(owner=owner, name="City bike", slug="city-bike")


def test_the_feed_tells_what_happened_in_sentences(
    enter: Any, space: Any, owner: Any, make_person: Make, make_idea: Make
) -> None:
    mira = make_person("Mira")
    idea = make_idea(space, "Belt <drive>", author=mira)
    cast_vote(actor_of(make_person("Secret Voter")), idea.id, 1)
    status = queries.list_statuses(space.id)[2]
    set_status(actor_of(owner), idea.id, status.id)
    answer_idea(actor_of(owner), idea.id, "We will.")
    service.set_phase(actor_of(owner), space.id, "vote")
    words = enter(None).words("/spaces/city-bike/activity")
    for sentence in ("Mira proposed Belt <drive>", "Olga moved Belt <drive> to Planned", "Olga answered Belt <drive>",
                     "The phase Vote began"):  # fmt: skip
        assert sentence in words, sentence
    assert "Secret Voter" not in words and "joined as" not in words
    assert "Olga joined as Owner" in enter(owner).words("/spaces/city-bike/activity")
    page = enter(None).get("/spaces/city-bike/activity").get_data(as_text=True)
    assert 'data-live="1"' in page and "Belt &lt;drive&gt;</a>" in page


def test_hidden_ideas_leave_the_feed_of_others(enter: Any, space: Any, owner: Any, make_idea: Make) -> None:
    idea = make_idea(space, "Rude words")
    assert "Rude words" in enter(None).words("/spaces/city-bike/activity")
    hide_idea(actor_of(owner), idea.id, "rude")
    words = enter(None).words("/spaces/city-bike/activity")
    assert "Rude words" not in words and "A moderator hid an idea" in words
    assert "Rude words" in enter(owner).words("/spaces/city-bike/activity")


def test_a_name_somebody_hides_is_for_the_team(
    enter: Any, space: Any, owner: Any, make_person: Make, make_idea: Make
) -> None:
    from codesign.accounts.service import change_profile

    shy = make_person("Sharon")
    change_profile(actor_of(shy), name="Sharon", show_name=False)
    make_idea(space, "Quiet motor", author=shy)
    words = enter(None).words("/spaces/city-bike/activity")
    assert "Somebody proposed Quiet motor" in words and "Sharon" not in words
    assert "Sharon proposed Quiet motor" in enter(owner).words("/spaces/city-bike/activity")


def test_the_feed_goes_on_page_by_page(enter: Any, space: Any, make_idea: Make) -> None:
    for number in range(45):
        make_idea(space, f"Numbered {number:02}")
    first = enter(None).get("/spaces/city-bike/activity").get_data(as_text=True)
    assert "Numbered 44" in first and "Numbered 04" not in first and 'rel="next"' in first
    before = first.split("activity?before=")[1].split('"')[0]
    rest = enter(None).get(f"/spaces/city-bike/activity?before={before}").get_data(as_text=True)
    assert "Numbered 04" in rest and "Numbered 44" not in rest and 'rel="next"' not in rest
    assert enter(None).get("/spaces/city-bike/activity?before=x").status_code == 422


def test_a_quiet_space_says_so(enter: Any, space: Any) -> None:
    assert "Quiet so far" in enter(None).words("/spaces/city-bike/activity")


def test_the_board_shows_what_happens_now(enter: Any, space: Any, make_idea: Make) -> None:
    make_idea(space, "Bell that sounds like a bell")
    assert "Happening now" in enter(None).words("/spaces/city-bike")


def test_private_spaces_tell_strangers_nothing(enter: Any, make_space: Make, make_person: Make) -> None:
    make_space(slug="inside", visibility="private")
    for path in ("/spaces/inside/activity", "/spaces/inside/audit", "/spaces/inside/about"):
        assert enter(make_person()).get(path).status_code == 404, path
    admin = enter(make_person(is_admin=True))
    assert admin.get("/spaces/inside/activity").status_code == 200


def test_the_feed_asks_the_database_seldom(space: Any, make_idea: Make, make_person: Make, count_queries: Make) -> None:
    for number in range(12):
        make_idea(space, f"Idea {number}", author=make_person())
    with count_queries() as statements:
        read_feed(SYSTEM, space.id, 40)
    assert len(statements) <= 6, statements


def test_every_event_the_public_sees_has_a_sentence_or_is_quiet_on_purpose(app: Any) -> None:
    told_elsewhere = {
        "scores.changed", "idea.rescored", "comment.edited", "comment.revised", "idea.revised", "note.edited", "note.removed",
        "space.deleted",
    }  # fmt: skip
    core = {
        name for name, kind in catalogue.items() if kind.audience != NONE and kind.__module__.startswith("codesign.")
    }
    assert core - set(phrases) == told_elsewhere
    assert set(phrases) <= set(catalogue)


# --- The log for the team ---------------------------------------------------------------------------------------------


def test_the_log_is_for_the_team(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    moderator, contributor = make_person("Mo"), make_person()
    service.add_member(SYSTEM, space.id, moderator.id, "moderator")
    service.add_member(SYSTEM, space.id, contributor.id)
    assert enter(None).get("/spaces/city-bike/audit").location.startswith("/sign-in")
    assert enter(contributor).get("/spaces/city-bike/audit").status_code == 403
    for person in (moderator, owner):
        words = enter(person).words("/spaces/city-bike/audit")
        assert "Mo joined as Moderator" in words and "member.added" in words


def test_the_log_shows_no_single_vote(enter: Any, space: Any, owner: Any, make_person: Make, make_idea: Make) -> None:
    idea = make_idea(space)
    voter = make_person("Secret Voter")
    cast_vote(actor_of(voter), idea.id, 1)
    page = enter(owner).get("/spaces/city-bike/audit").get_data(as_text=True)
    assert "vote.cast" not in page and voter.id not in page and "Secret" not in page
    assert enter(owner).get("/spaces/city-bike/audit?event=vote.cast").status_code == 422


def test_the_log_is_filtered_by_event_and_person(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    other = make_person("Jonas")
    service.add_member(SYSTEM, space.id, other.id, "owner")
    service.set_phase(actor_of(other), space.id, "vote")
    service.add_status(actor_of(owner), space.id, "In test")
    visitor = enter(owner)
    words = visitor.words("/spaces/city-bike/audit?person=jonas")
    assert "space.phase_changed" in words and "Olga changed the list of statuses" not in words
    words = visitor.words("/spaces/city-bike/audit?event=status.changed")
    assert "Olga changed the list of statuses" in words and "The phase Vote began" not in words
    assert "Nothing fits" in visitor.words("/spaces/city-bike/audit?person=nobody")
    assert visitor.get("/spaces/city-bike/audit?person=" + "x" * 101).status_code == 422


def test_the_log_leaves_out_what_machines_work_out_unless_asked(
    enter: Any, space: Any, owner: Any, make_idea: Make
) -> None:
    idea = make_idea(space)
    db.verb(lambda: log.record(ScoresChanged(space.id, rules=["hot"], idea_ids=[idea.id])))()
    visitor, path = enter(owner), "/spaces/city-bike/audit"
    assert "scores.changed" not in lines_of(visitor, path) and "idea.published" in lines_of(visitor, path)
    assert {"scores.changed", "idea.published"} <= lines_of(visitor, f"{path}?event=all")
    assert lines_of(visitor, f"{path}?event=scores.changed") == {"scores.changed"}


def lines_of(visitor: Visitor, path: str) -> set[str]:
    """The names of the events in the table of the log."""
    return set(re.findall(r'<summary class="small quiet">([^<]+)</summary>', visitor.get(path).text))


def test_owners_check_the_chain(enter: Any, space: Any, owner: Any, make_person: Make) -> None:
    moderator = make_person()
    service.add_member(SYSTEM, space.id, moderator.id, "moderator")
    assert "The chain is whole: 3 facts" in enter(owner).words("/spaces/city-bike/audit?check=1")
    assert enter(moderator).get("/spaces/city-bike/audit?check=1").status_code == 403
    database = db.current()
    with database.writer.begin() as connection:
        connection.execute(text("update event set payload = '{}' where seq = 2 and space_id = :id"), {"id": space.id})
    assert "The chain breaks at number 2" in enter(owner).words("/spaces/city-bike/audit?check=1")
