"""Pictures: whoever may read a text that shows one may see it, and nobody else."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from codesign.accounts.tokens import make_token
from codesign.comments.service import edit_comment, hide_comment, remove_comment
from codesign.ideas.service import answer_idea, edit_idea, hide_idea, publish_idea, remove_answer, withdraw_idea
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import Closed, Conflict, Forbidden, NotFound, Unauthenticated
from codesign.kernel.pictured import reference
from codesign.merging.splitting import split_idea
from codesign.pictures import queries, service
from codesign.pictures.facts import PictureFact
from codesign.pictures.service import add_picture, forget_unused
from codesign.privacy.queries import my_data
from codesign.privacy.service import erase_person
from codesign.spaces.service import archive_space, delete_space, finish_deletions, set_phase
from codesign.testing import Clock
from tests.support.pictures import picture
from tests.support.world import Make, World, token

SMALL = picture()


@pytest.fixture
def shown(world: World) -> PictureFact:
    """A picture of ann's."""
    return add_picture(world.ann, world.space.id, SMALL)


def sees(actor: Actor, one: PictureFact) -> bool:
    """Whether somebody may see a picture, by both ways in."""
    try:
        known = queries.get_picture(actor, one.id).name == one.name
    except NotFound:
        with pytest.raises(NotFound):
            queries.get_file(actor, one.name)
        return False
    return known and queries.get_file(actor, one.name)[:4] == b"RIFF"


def test_a_picture_is_its_owners_until_a_text_shows_it(world: World, shown: PictureFact) -> None:
    assert [sees(each, shown) for each in (world.ann, world.ben, world.owner, ANONYMOUS)] == [True, False, False, False]
    idea = world.idea(world.ann, body=reference(shown.address, "A lamp"))
    assert all(sees(each, shown) for each in (world.ann, world.ben, world.owner, ANONYMOUS))
    edit_idea(world.ann, idea.id, body="No picture any more")
    assert sees(world.ann, shown) and not sees(world.ben, shown)


def test_it_is_hidden_with_its_text_and_comes_back_with_it(world: World, shown: PictureFact) -> None:
    idea = world.idea(world.ann, body=reference(shown.address, "A lamp"))
    hide_idea(world.moderator, idea.id, "Rude")
    assert [sees(each, shown) for each in (world.ann, world.moderator, world.ben, ANONYMOUS)] == [
        True,
        True,
        False,
        False,
    ]
    publish_idea(world.moderator, idea.id)
    assert sees(ANONYMOUS, shown)
    withdraw_idea(world.ann, idea.id)
    assert not sees(world.ben, shown)


def test_comments_and_notes_show_it_to_their_readers(world: World, shown: PictureFact) -> None:
    idea = world.idea(world.ben)
    comment = world.comment(idea, world.ann, f"Look: {reference(shown.address, 'A lamp')}")
    assert sees(ANONYMOUS, shown)
    hide_comment(world.moderator, comment.id, "Rude")
    assert not sees(world.ben, shown) and sees(world.ann, shown)
    remove_comment(world.ann, comment.id)
    other = add_picture(world.moderator, world.space.id, SMALL)
    note = world.comment(idea, world.moderator, reference(other.address, "Secret"), internal=True)
    assert sees(world.owner, other) and not sees(world.ben, other)
    edit_comment(world.moderator, note.id, body="Nothing")
    assert not sees(world.owner, other)


def test_the_official_answer_shows_it_too(world: World) -> None:
    idea, one = world.idea(world.ann), add_picture(world.moderator, world.space.id, SMALL)
    answer_idea(world.moderator, idea.id, reference(one.address, "Like this"))
    assert sees(ANONYMOUS, one)
    remove_answer(world.moderator, idea.id)
    assert not sees(ANONYMOUS, one)


def test_naming_somebody_elses_picture_opens_it_to_nobody(world: World, shown: PictureFact) -> None:
    world.idea(world.ben, body=reference(shown.address, "Not mine"))
    assert not sees(world.ben, shown) and not sees(ANONYMOUS, shown)


def test_a_picture_stays_in_its_space(world: World, shown: PictureFact, make_world: Make) -> None:
    other = make_world(slug="other", visibility="private")
    inside = add_picture(other.ann, other.space.id, SMALL)
    other.idea(other.ann, body=reference(inside.address, "Inside"))
    assert sees(other.ben, inside) and not sees(world.ann, inside) and not sees(ANONYMOUS, inside)
    world.idea(world.ann, body=reference(inside.address, "From elsewhere"))
    assert not sees(world.ann, inside)


def test_only_who_may_write_here_sends_pictures(world: World, make_person: Make) -> None:
    for actor, refusal in (
        (ANONYMOUS, Unauthenticated), (token(world.ann, "read"), Forbidden), (world.member("viewer"), Forbidden)
    ):  # fmt: skip
        with pytest.raises(refusal):
            add_picture(actor, world.space.id, SMALL)
    assert add_picture(token(world.ann, "write", "read"), world.space.id, SMALL).owner_id == world.ann.person_id


def test_nobody_keeps_more_than_their_share(world: World, shown: PictureFact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "QUOTA", shown.size + 1)
    with pytest.raises(Conflict):
        add_picture(world.ann, world.space.id, SMALL)
    assert add_picture(world.ben, world.space.id, SMALL)


def test_what_no_text_shows_is_gone_after_a_day(clock: Clock, world: World, shown: PictureFact) -> None:
    kept = add_picture(world.ann, world.space.id, SMALL)
    world.idea(world.ann, body=reference(kept.address, "Kept"))
    clock.advance(hours=23)
    assert forget_unused() == 0 and sees(world.ann, shown)
    clock.advance(hours=2)
    fresh = add_picture(world.ann, world.space.id, SMALL)
    assert forget_unused() == 1
    assert [sees(world.ann, one) for one in (shown, kept, fresh)] == [False, True, True]


def test_an_old_picture_waits_a_day_from_when_its_last_text_dropped_it(clock: Clock, world: World) -> None:
    one = add_picture(world.ann, world.space.id, SMALL)
    idea = world.idea(world.ann, body=(shows := reference(one.address, "A lamp")))
    clock.advance(hours=72)
    edit_idea(world.ann, idea.id, body="Without it")
    clock.advance(hours=2)
    assert forget_unused() == 0
    edit_idea(world.ann, idea.id, body=shows)
    assert sees(ANONYMOUS, one)
    edit_idea(world.ann, idea.id, body="Without it, for good")
    clock.advance(hours=23)
    assert forget_unused() == 0
    clock.advance(hours=2)
    assert forget_unused() == 1 and not sees(world.ann, one)


def test_who_changes_a_text_may_put_back_pictures_of_its_author_alone(world: World, shown: PictureFact) -> None:
    shows, bens = reference(shown.address, "A lamp"), add_picture(world.ben, world.space.id, SMALL)
    idea, comment = world.idea(world.ann, body=shows), world.comment(world.idea(world.ben), world.ann, shows)
    edit_idea(world.moderator, idea.id, body="Dropped by mistake")
    edit_comment(world.moderator, comment.id, body="Dropped by mistake")
    assert not sees(ANONYMOUS, shown)
    edit_comment(world.moderator, comment.id, body=shows + reference(bens.address, "A third person's"))
    assert sees(ANONYMOUS, shown)
    remove_comment(world.ann, comment.id)
    edit_idea(world.moderator, idea.id, body=shows + reference(bens.address, "A third person's"))
    assert sees(ANONYMOUS, shown) and not sees(world.ann, bens)
    edit_idea(world.moderator, idea.id, body="Dropped once more")
    answer_idea(world.moderator, idea.id, f"The team's own words are not Ann's: {shows}")
    assert not sees(ANONYMOUS, shown)


def test_an_idea_that_is_split_off_shows_its_authors_pictures(world: World, shown: PictureFact) -> None:
    whole = world.idea(world.ann, body=(shows := reference(shown.address, "A lamp")))
    split_idea(world.moderator, whole.id, "A lamp by itself", shows)
    edit_idea(world.ann, whole.id, body="Only words")
    assert sees(ANONYMOUS, shown)


def test_a_space_that_is_read_only_takes_pictures_of_its_team_alone(world: World) -> None:
    set_phase(world.owner, world.space.id, "vote")  # comments are open
    assert add_picture(world.ann, world.space.id, SMALL)
    set_phase(world.owner, world.space.id, "decided")
    with pytest.raises(Closed):
        add_picture(world.ann, world.space.id, SMALL)
    archive_space(world.owner, world.space.id)
    with pytest.raises(Closed):
        add_picture(world.ann, world.space.id, SMALL)
    assert add_picture(world.moderator, world.space.id, SMALL)


@pytest.mark.parametrize("remove_texts", [False, True])
def test_whoever_is_forgotten_leaves_only_what_texts_show(world: World, shown: PictureFact, remove_texts: bool) -> None:
    world.idea(world.ann, body=reference(shown.address, "A lamp"))
    loose = add_picture(world.ann, world.space.id, SMALL)
    mine = my_data(str(world.ann.person_id))["pictures"]
    assert [one["address"] for one in mine] == [shown.address, loose.address]
    erase_person(world.ann, str(world.ann.person_id), remove_texts)
    assert sees(ANONYMOUS, shown) is not remove_texts
    if not remove_texts:
        assert queries.get_picture(ANONYMOUS, shown.id).owner_id is None
    assert not my_data(str(world.ann.person_id))["pictures"]


def test_pictures_go_with_their_space(world: World, shown: PictureFact) -> None:
    world.idea(world.ann, body=reference(shown.address, "A lamp"))
    delete_space(world.owner, world.space.id, world.space.slug)
    assert finish_deletions() == 0 and not sees(world.ann, shown)
    assert not my_data(str(world.ann.person_id))["pictures"]


def test_a_name_that_says_another_size_names_nothing(world: World, shown: PictureFact) -> None:
    assert timedelta(days=1) == service.WAITS
    for name in (
        shown.name.replace("40x20", "40x21"),
        shown.name[:-5],
        shown.id,
        "",
        f"../{shown.name}",
        shown.name + "\n",
    ):
        with pytest.raises(NotFound):
            queries.get_file(world.ann, name)


def test_the_file_is_shown_as_nothing_but_a_picture(world: World, shown: PictureFact, enter: Any) -> None:
    assert enter(None).get(shown.address).status_code == enter(world.ben).get(shown.address).status_code == 404
    answer = enter(world.ann).client.get(shown.address)
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (
        headers["Content-Disposition"].startswith("attachment")
        and headers["Cross-Origin-Resource-Policy"] == "same-origin"
    )
    assert "private" in headers["Cache-Control"] and "immutable" in headers["Cache-Control"]


def test_a_form_brings_a_picture_without_any_script(world: World, enter: Any) -> None:
    visitor, base = enter(world.ann), f"/spaces/{world.space.slug}/ideas"
    page = visitor.get(f"{base}/new").text
    assert 'type="file"' in page and 'name="picture_words"' in page and "multipart/form-data" in page
    assert 'type="file"' not in enter(None).get(f"{base}/new").text  # a stranger's file would not come along
    words = {"title": "A lamp for the night", "body": "Like this:"}

    def send(content: bytes, **more: str) -> Any:
        return visitor.send(f"{base}/new", **words, picture=(io.BytesIO(content), "lamp.png"), **more)

    wordless = send(SMALL)
    assert wordless.status_code == 422 and "those who cannot see it" in wordless.text and "Like this:" in wordless.text
    broken = send(b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture_words="My lamp")
    assert broken.status_code == 422 and 'value="My lamp"' in broken.text and "no picture we can show" in broken.text
    large = send(bytes(service.MOST_BYTES + 1), picture_words="My lamp")
    assert large.status_code == 422 and "at most 5 MB" in large.text
    sent = send(SMALL, picture_words="My [old] lamp")
    assert sent.status_code == 303
    shown = enter(None).get(sent.location).text
    assert 'alt="My [old] lamp" width="40" height="20" loading="lazy"' in shown
    said = visitor.send(f"{base}/{sent.location.rsplit('/', 1)[1].split('-')[0]}/comments", body="Here:",
                        picture=(io.BytesIO(SMALL), "x.png"), picture_words="Another lamp")  # fmt: skip
    assert said.status_code == 303 and 'alt="Another lamp"' in enter(None).get(sent.location).text


def test_a_form_that_lost_its_session_keeps_the_text_without_the_picture(world: World, enter: Any) -> None:
    base, file = f"/spaces/{world.space.slug}", (io.BytesIO(SMALL), "lamp.png")
    words = {"title": "A lamp for the night", "body": "Like this:", "picture_words": "My lamp"}
    sent = enter(None).send(f"{base}/ideas/new", **words, picture=file)
    assert sent.status_code == 303 and "sign-in" in sent.location


class _Unread(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("The body was read.")


def test_nothing_is_read_of_what_will_be_refused(world: World, app: Flask) -> None:
    client, address = app.test_client(), f"/api/v1/spaces/{world.space.slug}/pictures"

    def send(size: int, actor: Actor | None) -> int:
        headers = {}
        if actor is not None:
            made = make_token(actor, str(actor.person_id), "app", ["read", "write"])
            headers = {"Authorization": f"Bearer {made[1]}"}
        said = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": "image/png", "wsgi.input": _Unread()}
        return client.post(address, headers=headers, environ_overrides=said).status_code

    assert send(3_000_000, None) == 401 and send(30_000_000, None) == 401
    assert send(3_000_000, world.member("viewer")) == 403
    assert send(service.MOST_BYTES + 1, world.ann) == 413


def test_programs_send_the_file_itself(world: World, app: Flask) -> None:
    bearer = {"Authorization": "Bearer " + make_token(world.ann, str(world.ann.person_id), "app", ["read", "write"])[1]}
    client, address = app.test_client(), f"/api/v1/spaces/{world.space.slug}/pictures"
    sent = client.post(address, data=SMALL, content_type="image/png", headers=bearer)
    assert sent.status_code == 201 and sent.json["url"].startswith("/pictures/")
    assert (sent.json["width"], sent.json["height"], sent.json["media_type"]) == (40, 20, "image/webp")
    assert client.get(f"/api/v1/pictures/{sent.json['id']}", headers=bearer).json == sent.json
    assert client.get(sent.json["url"], headers=bearer).data[:4] == b"RIFF"
    assert client.get(f"/api/v1/pictures/{sent.json['id']}").status_code == 404
    for kind, status in {"application/json": 422, "multipart/form-data": 422, "image/gif": 201}.items():
        assert client.post(address, data=SMALL, content_type=kind, headers=bearer).status_code == status, kind
    assert client.post(address, data=b"<svg/>", content_type="image/svg+xml", headers=bearer).status_code == 422
    assert (
        client.post(address, data=bytes(service.MOST_BYTES + 1), content_type="image/png", headers=bearer).status_code
        == 413
    )
    for _number in range(12):
        last = client.post(address, data=SMALL, content_type="image/png", headers=bearer)
    assert last.status_code == 429
