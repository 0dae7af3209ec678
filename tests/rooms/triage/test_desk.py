"""The desk as a page, without scripts: inboxes, filter, columns, the open idea, and every change by a button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.ideas.queries import get_idea
from codesign.kernel.actor import Actor
from codesign.notifications.service import deliver
from codesign.spaces import service as spaces
from codesign.testing import Plugins
from codesign.triage.fields import keep_ready_fields
from codesign.triage.service import change_ideas
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.visitor import Visitor
from tests.support.world import World


@pytest.fixture
def sit(app: Flask, world: World) -> Callable[..., Any]:
    """Sit down at the desk as somebody."""

    def open_desk(actor: Actor, query: str = "") -> Any:
        return Browser.of(app, actor.person_id).open(f"/spaces/{world.space.slug}/desk{query}")

    return open_desk


def titles(page: Any) -> list[str]:
    return [
        words for address, words in page.links if "idea=" in address and "#panel" in address and "Next" not in words
    ]


def test_new_ideas_wait_until_they_are_read(world: World, sit: Callable[..., Any]) -> None:
    idea = world.idea()
    page = sit(world.moderator)
    assert page.status == 200 and titles(page) == ["A lamp that lights up"] and "New 1" in page
    page = page.follow("A lamp that lights up").press("Mark as read")
    assert "Marked as read: 1 idea." in page and "All read." in page
    assert get_idea(world.owner, idea.id).version == 1
    page = page.press("Undo: Marked as read")
    assert titles(page) == ["A lamp that lights up"]


def test_inboxes_hold_what_waits(clock: Any, world: World, sit: Callable[..., Any]) -> None:
    me = str(world.moderator.person_id)
    quiet = world.idea(title="Nobody answered this one")
    clock.advance(days=20)
    spaces.change_space(world.owner, world.space.id, promise_days=14)
    named = world.idea(title="Somebody is named here", body=f"What do you think, @[Mod](person:{me})?")
    wanted = world.idea(title="Everybody wants it now")
    for _number in range(5):
        cast_vote(world.member(), wanted.id, 1)
    change_ideas(world.owner, world.space.id, "owner", me, [quiet.id])
    deliver(world.space.id)
    found = {
        name: titles(sit(world.moderator, f"?inbox={name}")) for name in ("unanswered", "surging", "mentioned", "mine")
    }
    assert found == {
        "unanswered": [quiet.title], "surging": [wanted.title], "mentioned": [named.title], "mine": [quiet.title],
    }  # fmt: skip
    assert titles(sit(world.moderator)) == [wanted.title, named.title]


def test_one_idea_by_buttons(world: World, sit: Callable[..., Any]) -> None:
    keep_ready_fields(world.owner, world.space.id)
    idea = world.idea()
    page = sit(world.moderator, f"?inbox=all&idea={idea.id}")
    statuses = {words["value"]: words for words in page.elements("option")}
    planned = next(s for s in statuses if s)
    page = page.press("Set status", status=planned)
    page = page.press("Assign", owner=str(world.owner.person_id))
    page = page.press("Set tags", tags="Light, winter")
    page = page.press("Publish answer", answer="In *May*.")
    page = page.press("Set Effort", value="3")
    now = get_idea(world.owner, idea.id)
    assert now.tags == ("light", "winter") and now.answer_body == "In *May*."
    assert "In May." in page and "Olga" in page
    page = page.press("Undo: Field changed")
    assert "Taken back: 1 idea." in page


def test_several_by_ticking(world: World, sit: Callable[..., Any], app: Flask) -> None:
    ideas = [world.idea(title=f"Lamp number {n}") for n in range(3)]
    page = sit(world.moderator, "?inbox=all")
    assert "Tick the ideas first." in page.press("Tag them", tag="light")
    page = page.press("Tag them", tag="light", every="1")
    assert "Tag added: 3 ideas." in page
    assert [get_idea(world.owner, idea.id).tags for idea in ideas] == [("light",)] * 3
    page = page.press("Undo: Tag added")
    assert get_idea(world.owner, ideas[0].id).tags == ()


def test_a_merge_is_shown_before_it_is_made(world: World, sit: Callable[..., Any]) -> None:
    source, target = world.idea(title="A lamp that lights up while standing"), world.idea()
    for actor, idea in ((world.ben, source), (world.ben, target), (world.ann, target)):
        cast_vote(actor, idea.id, 1)
    page = sit(world.moderator, f"?idea={source.id}")
    page = page.follow("Merge into A lamp that lights up")
    assert "voted on both, counted once 1" in page and "Together 2 voters" in page
    page = page.press("Merge now")
    assert get_idea(world.owner, source.id).merged_into == target.id
    page = page.press("Undo: Merged")
    assert get_idea(world.owner, source.id).merged_into is None


def test_an_idea_is_split_and_made_one_again(world: World, sit: Callable[..., Any]) -> None:
    whole = world.idea(body="And a bell, please")
    talk = world.comment(whole, world.ben, "The bell should be loud")
    cast_vote(world.ben, whole.id, 1)
    page = sit(world.moderator, f"?inbox=all&idea={whole.id}").follow("Split in two")
    assert "And a bell, please" in page and "1 vote counts for both" in page and "The bell should be loud" in page
    refused = page.press("Split", title="Hm", comments=talk.id)
    assert refused.status == 422 and "A title needs at least 5 characters." in refused and 'value="Hm"' in refused.html
    page = refused.press("Split", title="A bell that rings")
    assert "“A bell that rings” stands by itself now" in page and "Came out of" not in page
    made = get_idea(world.owner, page.address.partition("idea=")[2][:26])
    assert made.title == "A bell that rings" and made.comment_count == 1
    page = page.press("Undo: Split")
    assert "Taken back: 1 idea." in page and get_idea(world.owner, made.id).merged_into == whole.id


def test_a_place_in_the_log_that_cannot_be_is_refused(app: Flask, world: World) -> None:
    idea, seen = world.idea(), "9" * 30
    enter, desk = Visitor.of(app, world.moderator), f"/spaces/{world.space.slug}/desk"
    assert enter.send(desk, verb="owner", owner="", seen=seen, idea=idea.id).status_code == 422
    assert enter.send(f"{desk}/ideas/{idea.id}/split", title="A bell that rings", seen=seen).status_code == 422


@pytest.mark.on_both
def test_what_no_database_keeps_is_refused_by_pages_and_forms(app: Flask, world: World) -> None:
    """PostgreSQL cannot even be asked for NUL."""
    here, nobody, team = f"/spaces/{world.space.slug}", Visitor.of(app, None), Visitor.of(app, world.moderator)
    for path in ("products/%00", "changelog/%00", "insights/%00/card"):
        assert nobody.get(f"{here}/{path}").status_code == 404, path
    for path in ("desk/deeds/%00/undo", "desk/notes/%00", "desk/views/%00/drop"):
        assert team.send(f"{here}/{path}").status_code == 404, path
    for query in ("insights?product=%00", "desk?col=%00", "activity?person=%00", "ideas?%00=x"):
        assert team.get(f"{here}/{query}").status_code == 422, query
    assert team.send(f"{here}/desk", verb="read", idea="\0").status_code == 303  # nothing is ticked
    assert Visitor.of(app, world.owner).send(f"{here}/changelog/new", title="May", idea_ids="\0").status_code == 422


def test_a_conflict_shows_both_and_loses_neither(world: World, sit: Callable[..., Any]) -> None:
    idea = world.idea()
    page = sit(world.moderator, f"?idea={idea.id}")
    change_ideas(world.owner, world.space.id, "answer", "Not this year.", [idea.id])
    page = page.press("Publish answer", answer="In May.")
    assert page.status == 409 and "Olga answered while you were writing." in page
    assert "Not this year." in page and "In May." in page
    page = page.press("Use mine")
    assert get_idea(world.owner, idea.id).answer_body == "In May."


def test_filter_columns_and_views(world: World, sit: Callable[..., Any]) -> None:
    keep_ready_fields(world.owner, world.space.id)
    small, large = world.idea(title="A small thing"), world.idea(title="A large thing")
    for idea, effort in ((small, "1"), (large, "20")):
        change_ideas(world.owner, world.space.id, "field", {"key": "effort", "value": effort}, [idea.id])
    page = sit(world.moderator, "?inbox=all&sort=field:effort")
    assert titles(page) == ["A large thing", "A small thing"]
    page = sit(world.moderator, "?inbox=all&where=effort<=3&col=votes&col=field:effort")
    assert titles(page) == ["A small thing"] and "cols=votes" in page.address
    page = page.press("Save view", name="Quick wins", team="1")
    assert "Quick wins" in page and titles(page) == ["A small thing"]
    assert "Quick wins" in sit(world.owner)
    assert "Compare fields like this" in sit(world.owner, "?where=nonsense")


def test_cells_lead_to_the_field_that_changes_them(world: World, sit: Callable[..., Any]) -> None:
    keep_ready_fields(world.owner, world.space.id)
    idea = world.idea(tags=["light"])
    change_ideas(world.owner, world.space.id, "field", {"key": "effort", "value": "3"}, [idea.id])
    page = sit(world.moderator, "?inbox=all&cols=status,owner,tags,field:effort")
    cells = {words["data-edit"]: words for words in page.elements("a") if "data-edit" in words}
    assert {name: words["data-value"] for name, words in cells.items()} == {
        "status": idea.status_id, "owner": "", "tags": "light", "field:effort": "3",
    }  # fmt: skip
    for words in cells.values():  # without scripts the cell is a link to the same thing beside the table
        beside = page.browser.open(words["href"])
        assert any(
            each.get("id") == words["href"].rpartition("#")[2]
            for each in beside.elements("input") + beside.elements("select")
        )
    forms = {words["data-cell"] for words in page.elements("template")}
    assert forms == set(cells)


def test_notes_of_the_team_beside_the_idea(world: World, sit: Callable[..., Any]) -> None:
    idea = world.idea()
    world.comment(idea, world.ben, "For everybody")
    page = sit(world.moderator, f"?inbox=all&idea={idea.id}")
    assert "No notes yet." in page
    page = page.press("Keep note", body="Ask *Olga* first")
    assert "The note is kept." in page and "Ask Olga first" in page and "For everybody" not in page
    assert "Ask Olga first" in sit(world.owner, f"?inbox=all&idea={idea.id}")
    assert get_idea(world.owner, idea.id).comment_count == 1
    refused = page.press("Keep note", body=" ")
    assert refused.status == 422 and "This is still empty." in refused


@pytest.mark.parametrize("role", ["stranger", "viewer", "contributor"])
def test_notes_are_written_by_the_team_alone(app: Flask, world: World, sit: Callable[..., Any], role: str) -> None:
    idea = world.idea()
    actor = world.stranger if role == "stranger" else world.member(role)
    page = sit(world.moderator, f"?inbox=all&idea={idea.id}")
    form = next(form for form in page.forms if f"/desk/notes/{idea.id}" in form.action)
    other = Browser.of(app, actor.person_id).open(f"/spaces/{world.space.slug}")
    token = next(each.fields["csrf_token"] for each in other.forms if "csrf_token" in each.fields)
    sent = other.browser.submit(form, {"body": "I was here", "csrf_token": token}, other.address)
    assert sent.status == 403 and "I was here" not in sit(world.moderator, f"?inbox=all&idea={idea.id}")


@pytest.mark.parametrize("role", ["stranger", "viewer", "contributor"])
def test_the_desk_is_for_the_team(world: World, sit: Callable[..., Any], role: str) -> None:
    actor = world.stranger if role == "stranger" else world.member(role)
    assert sit(actor).status == 403 and sit(actor, "/fields").status == 403
    assert sit(world.moderator).status == 200 and sit(world.moderator, "/fields").status == 403
    assert sit(world.owner, "/fields").status == 200


def test_the_number_of_queries_does_not_grow(world: World, sit: Callable[..., Any], count_queries: Any) -> None:
    keep_ready_fields(world.owner, world.space.id)
    counted = []
    for number in (3, 45):
        for n in range(number):
            idea = world.idea(title=f"Lamp {number} and {n}", tags=["light"], author=world.member())
            cast_vote(world.ben, idea.id, 1)
            change_ideas(world.owner, world.space.id, "owner", world.owner.person_id, [idea.id])
            change_ideas(world.owner, world.space.id, "field", {"key": "reach", "value": str(n)}, [idea.id])
        page = sit(world.moderator, f"?inbox=all&idea={idea.id}")
        with count_queries() as statements:  # what surges is believed for a while
            assert page.browser.open(page.address).status == 200
        counted.append(len(statements))
    assert counted[0] == counted[1] < 75, counted


def test_scores_open_to_their_parts(app: Flask, world: World, sit: Callable[..., Any]) -> None:
    plugins = Plugins(app)
    plugins.enable("scoring", world.space)
    idea = world.idea()
    for _number in range(3):
        cast_vote(world.member(), idea.id, 1)
    plugins.work()
    page = sit(world.moderator, f"?inbox=all&sort=score:hot&cols=votes,trend,comments,score:hot&idea={idea.id}")
    assert page.status == 200 and "Parts of the score" in page and "Rising" in page
    assert any("show its parts" in words.get("aria-label", "") for words in page.elements("summary"))
