"""Releases: written, published once, told once to those around their ideas, and read by everybody who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from codesign.accounts.service import make_token
from codesign.comments.service import add_comment
from codesign.ideas import service as ideas
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from codesign.merging.service import merge_idea
from codesign.notifications import queries as notices
from codesign.notifications import service as notifications
from codesign.roadmap import changelog, releases
from codesign.spaces.access import look
from codesign.spaces.queries import list_statuses
from codesign.testing import Clock
from codesign.voting.service import cast_vote
from tests.support.pages import Browser
from tests.support.world import World, token

Make = Callable[..., World]
BrowserOf = Callable[[Actor | None], Browser]


def written(world: World, *titles: str, **values: Any) -> Any:
    """A draft that brings shipped ideas of these titles."""
    shipped = next(each.id for each in list_statuses(world.space.id) if each.kind == "shipped")
    brought = [ideas.set_status(world.moderator, world.idea(title=title).id, shipped).id for title in titles]
    return releases.write_release(world.owner, world.space.id, "Spring", "The **belt** is here.", brought, **values)


def told(world: World, actor: Actor) -> list[str]:
    notifications.deliver(world.space.id)
    return [notice.idea_title for notice in notices.list_notices(actor) if notice.name == "release.published"]


def titles(world: World, actor: Actor = ANONYMOUS) -> list[str]:
    return [each.title for each in changelog.list_releases(look(actor, world.space.id)).items]


def test_a_release_is_published_once_and_tells_everybody_around_its_ideas_once(world: World) -> None:
    """A voter of two of its ideas and of a merged twin, a commenter, the author; a later edit tells nobody."""
    draft = written(world, "Belt drive for all", "A bell that rings")
    first, second = draft.ideas
    twin = world.idea(title="A belt, please")
    for idea in (first, second, twin):
        cast_vote(world.ben, idea.id, 1)
    merge_idea(world.moderator, twin.id, first.id)
    talker, passer = world.member(), world.member()
    add_comment(talker, second.id, "At last")
    assert told(world, world.ben) == [] and titles(world) == []
    releases.publish_release(world.owner, draft.id)
    releases.publish_release(world.owner, draft.id)
    releases.change_release(world.owner, draft.id, body="The **belt** is really here.")
    assert world.names().count("release.published") == 1 and world.names().count("release.changed") == 1
    assert told(world, world.ben) == ["Belt drive for all"] == told(world, world.ben)
    assert told(world, world.ann) == ["Belt drive for all"] and told(world, talker) == ["A bell that rings"]
    assert told(world, passer) == [] and titles(world) == ["Spring"]


def test_a_draft_is_the_product_teams_alone(world: World) -> None:
    draft = written(world, "Belt drive for all")
    for stranger in (ANONYMOUS, world.stranger, world.ann, world.moderator):
        with pytest.raises(NotFound):
            changelog.get_release(stranger, draft.id)
        assert changelog.list_drafts(look(stranger, world.space.id)) == []
    assert [each.id for each in changelog.list_drafts(look(world.owner, world.space.id))] == [draft.id]
    releases.publish_release(world.owner, draft.id)
    assert changelog.get_release(ANONYMOUS, draft.id).title == "Spring"


def test_words_and_ideas_are_changed_with_care(world: World) -> None:
    """A stale version changes nothing; what is hidden later is not listed; odd input is refused."""
    draft = written(world, "Belt drive for all", "A bell that rings")
    kept = releases.change_release(world.owner, draft.id, 1, title="Spring 2027")
    assert (kept.title, kept.version) == ("Spring 2027", 2)
    with pytest.raises(Conflict):
        releases.change_release(world.owner, draft.id, 1, title="Mine")
    assert releases.change_release(world.owner, draft.id, 2, title="Spring 2027").version == 2
    turned = releases.change_release(world.owner, draft.id, idea_ids=[idea.id for idea in draft.ideas[::-1]])
    assert [idea.title for idea in turned.ideas] == ["A bell that rings", "Belt drive for all"]
    for wrong in ({"title": "x"}, {"title": "x" * 121}, {"body": "x" * 20_001}, {"idea_ids": ["nothing"]}):
        with pytest.raises(Invalid):
            releases.change_release(world.owner, draft.id, **wrong)  # type: ignore[arg-type]
    releases.publish_release(world.owner, draft.id)
    ideas.hide_idea(world.moderator, draft.ideas[0].id, "Twice")
    assert [idea.title for idea in changelog.get_release(ANONYMOUS, draft.id).ideas] == ["A bell that rings"]
    releases.remove_release(world.owner, draft.id)
    with pytest.raises(NotFound):
        changelog.get_release(world.owner, draft.id)
    assert titles(world) == [] and world.names()[-1] == "release.changed"


def test_what_may_be_brought(world: World) -> None:
    """Shipped ideas that no release has brought, and those of the release itself."""
    draft = written(world, "Belt drive for all")
    world.idea(title="Only begun with")
    access = look(world.owner, world.space.id)
    assert [idea.title for idea in changelog.ideas_to_bring(access, draft)] == ["Belt drive for all"]
    assert changelog.ideas_to_bring(access) == []


def test_pages_of_the_changelog(world: World, clock: Clock) -> None:
    """Newest first, with a cursor that stays right."""
    for number in range(5):
        clock.advance(days=1)
        releases.publish_release(
            world.owner, releases.write_release(world.owner, world.space.id, f"Number {number}").id
        )
    access, seen, cursor = look(ANONYMOUS, world.space.id), [], None
    while True:
        page = changelog.list_releases(access, 2, cursor)
        seen += [each.title for each in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == [f"Number {number}" for number in (4, 3, 2, 1, 0)]


VERBS: dict[str, Callable[[Actor, Any, str], Any]] = {
    "write": lambda actor, space, _release: releases.write_release(actor, space.id, "Spring"),
    "change": lambda actor, _space, release: releases.change_release(actor, release, title="Mine"),
    "publish": lambda actor, _space, release: releases.publish_release(actor, release),
    "remove": lambda actor, _space, release: releases.remove_release(actor, release),
}


@pytest.mark.parametrize("verb", list(VERBS))
def test_only_the_product_team_writes_releases(verb: str, world: World, make_world: Make) -> None:
    """Each role, here and elsewhere; product people and owners may (the control)."""
    elsewhere = make_world(slug="elsewhere", visibility="private")
    refused: dict[Actor, type[Problem] | tuple[type[Problem], ...]] = {
        ANONYMOUS: (Unauthenticated, NotFound), world.stranger: (Forbidden, NotFound), world.ann: (Forbidden, NotFound),
        world.moderator: (Forbidden, NotFound), token(world.owner, "write"): Forbidden,
        elsewhere.owner: (Forbidden, NotFound),
    }  # fmt: skip
    for published in (False, True):
        draft = written(world)
        if published:
            releases.publish_release(world.owner, draft.id)
        for actor, problem in refused.items():
            with pytest.raises(problem):
                VERBS[verb](actor, world.space, draft.id)
    theirs = releases.write_release(elsewhere.owner, elsewhere.space.id, "Theirs")
    with pytest.raises(NotFound):
        VERBS[verb](world.owner, elsewhere.space, theirs.id)
    for actor in (world.member("product"), token(world.owner, "product"), world.owner):
        VERBS[verb](actor, world.space, written(world).id)


# --- Doors ------------------------------------------------------------------------------------------------------------


@pytest.mark.doors
def test_a_release_is_written_without_a_script(world: World, browser_of: BrowserOf) -> None:
    """Kept as a draft, edited, published; everybody reads it, and its notice leads there."""
    written(world, "Belt drive for all")  # brought already
    shipped = next(each.id for each in list_statuses(world.space.id) if each.kind == "shipped")
    idea = ideas.set_status(world.moderator, world.idea(title="A bell that rings").id, shipped)
    browser = browser_of(world.owner)
    page = browser.open(f"/spaces/{world.space.slug}/roadmap").follow("What is new").follow("Write a release")
    assert "A bell that rings" in page and "Belt drive for all" not in page
    page = page.press("Keep as a draft", title="x")
    assert page.status == 422
    page = browser.open(f"/spaces/{world.space.slug}/changelog/new")
    page = page.press("Keep as a draft", title="Bells", body="They **ring**.", idea_ids=idea.id)
    assert "only the product team sees it" in page and "<strong>ring</strong>" in page.html
    assert "Bells" not in browser_of(world.ann).open(f"/spaces/{world.space.slug}/changelog")
    page = page.follow("Edit").press("Publish")
    assert "Everybody around its ideas hears of it once." in page
    page = browser_of(None).open(f"/spaces/{world.space.slug}/changelog")
    assert "Bells" in page and "A bell that rings" in page and "Write a release" not in page
    notifications.deliver(world.space.id)
    mine = browser_of(world.ann).open("/me/notices")
    assert "It came with a release" in mine
    assert mine.follow("A bell that rings").address.startswith(f"/spaces/{world.space.slug}/changelog/")
    page = browser.open(f"/spaces/{world.space.slug}/changelog").follow("Bells").press("Delete release")
    assert "The release is gone." in page


@pytest.mark.doors
def test_a_release_is_at_home_in_its_space(world: World, make_world: Make, browser_of: BrowserOf) -> None:
    other = make_world(slug="elsewhere")
    release = releases.publish_release(world.owner, written(world).id)
    assert browser_of(None).open(f"/spaces/{other.space.slug}/changelog/{release.id}").status == 404
    assert browser_of(None).open(release.path).status == 200


@pytest.mark.doors
def test_programs_write_and_read_releases(world: World, client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {make_token(world.owner, str(world.owner.person_id), 'tests', ('all',))[1]}"}
    base = f"/api/v1/spaces/{world.space.slug}/releases"
    assert client.post(base, json={"title": "Spring"}).status_code == 401
    made = client.post(base, json={"title": "Spring", "body": "*New*"}, headers=headers)
    assert made.status_code == 201 and made.json["published_at"] is None and "<em>" in made.json["body_html"]
    one = f"/api/v1/releases/{made.json['id']}"
    assert client.get(one).status_code == 404 and client.get(base).json["items"] == []
    assert client.patch(one, json={"version": 7, "title": "No"}, headers=headers).status_code == 409
    assert client.patch(one, json={"title": "Spring 2027"}, headers=headers).json["title"] == "Spring 2027"
    assert client.post(f"{one}/publish", json={}, headers=headers).json["published_at"]
    assert [each["title"] for each in client.get(base).json["items"]] == ["Spring 2027"]
    assert client.delete(one, headers=headers).status_code == 204 and client.get(one).status_code == 404


# --- Feeds ------------------------------------------------------------------------------------------------------------


@pytest.mark.doors
def test_public_spaces_have_feeds(world: World, app: Flask, client: FlaskClient) -> None:
    """Well formed, alike for all, with a mark that says whether anything is new."""
    from xml.etree import ElementTree as Xml

    world.idea(title="A <b>bold</b> & odd idea", body="With **words**")
    releases.publish_release(world.owner, written(world, "Belt drive for all").id)
    atom = "{http://www.w3.org/2005/Atom}"
    wanted = {"ideas": "A <b>bold</b> & odd idea", "roadmap": "Belt drive for all: Shipped", "changelog": "Spring"}
    for name, title in wanted.items():
        answer = client.get(f"/spaces/{world.space.slug}/{name}.atom")
        assert answer.status_code == 200 and answer.mimetype == "application/atom+xml"
        feed = Xml.fromstring(answer.get_data())
        assert {f"{atom}id", f"{atom}title", f"{atom}updated", f"{atom}author"} <= {node.tag for node in feed}
        entries = feed.findall(f"{atom}entry")
        assert title in [entry.findtext(f"{atom}title") for entry in entries]
        ids = [entry.findtext(f"{atom}id") for entry in entries]
        assert len(set(ids)) == len(ids) and all(str(each).startswith("urn:uuid:") for each in ids)
        again = client.get(f"/spaces/{world.space.slug}/{name}.atom", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert f"/{name}.atom" in client.get(f"/spaces/{world.space.slug}").get_data(as_text=True)
    assert client.get(f"/spaces/{world.space.slug}/votes.atom").status_code == 404


@pytest.mark.doors
@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_other_spaces_have_none(visibility: str, make_world: Make, browser_of: BrowserOf) -> None:
    """Not even for their members: whoever gets hold of the address of a feed must learn nothing."""
    world = make_world(visibility=visibility)
    for who in (None, world.ann, world.owner):
        for name in ("ideas", "roadmap", "changelog"):
            assert browser_of(who).open(f"/spaces/{world.space.slug}/{name}.atom").status == 404
    assert ".atom" not in browser_of(world.ann).open(f"/spaces/{world.space.slug}").html


@pytest.mark.doors
def test_a_column_of_the_team_is_in_no_feed(world: World, client: FlaskClient) -> None:
    from codesign.roadmap.queries import list_columns
    from codesign.roadmap.service import change_column

    ideas.set_status(world.moderator, world.idea(title="Secretly looked at").id, list_statuses(world.space.id)[1].id)
    assert b"Secretly looked at" in client.get(f"/spaces/{world.space.slug}/roadmap.atom").get_data()
    change_column(world.owner, world.space.id, list_columns(world.space.id)[0].id, public=False)
    assert b"Secretly looked at" not in client.get(f"/spaces/{world.space.slug}/roadmap.atom").get_data()
