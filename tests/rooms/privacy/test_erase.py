"""Being forgotten, and taking one's data out."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text

from codesign.accounts import queries as accounts
from codesign.accounts import service
from codesign.accounts.models import ApiToken, Person, SingleUseLink
from codesign.comments.models import Comment
from codesign.comments.service import add_comment
from codesign.events import log
from codesign.ideas.models import Follow, Idea
from codesign.ideas.queries import get_idea, tallies_of
from codesign.ideas.service import submit_idea
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, SYSTEM, Actor
from codesign.kernel.errors import Conflict, Forbidden, NotFound, Unauthenticated
from codesign.moderation.service import raise_flag
from codesign.notifications.models import Letter
from codesign.notifications.service import deliver
from codesign.privacy import queries
from codesign.privacy import service as privacy
from codesign.spaces.access import access
from codesign.spaces.models import Member
from codesign.spaces.queries import list_invitations
from codesign.spaces.service import accept_invitation, add_member, invite, issue_invitation_secret
from codesign.testing import actor_of
from codesign.voting.service import cast_vote
from codesign.web import identity
from tests.support.visitor import PASSWORD, Visitor

Make = Callable[..., Any]


INVITED = ("mira.kovac@example.org", "mira.kovac+bikes@example.org")


@pytest.fixture
def life(make_space: Make, make_idea: Make, make_token: Make) -> Any:
    """Mira has left traces everywhere; Teo is somebody else."""
    space = make_space()
    mira = service.register("Mira Kovač", "mira.kovac@example.org", PASSWORD)
    teo = service.register("Teo", "teo@example.org", PASSWORD)
    add_member(SYSTEM, space.id, mira.id, "moderator")
    own = submit_idea(actor_of(mira), space.id, "A saddle from Mira", "Written by Mira herself.", ["saddle"])
    other = make_idea(space)
    said = add_comment(actor_of(mira), other.id, "I like it, says Mira.")
    add_comment(actor_of(teo), other.id, "So do I.", parent_id=said.id)
    cast_vote(actor_of(mira), other.id, 1)
    cast_vote(actor_of(teo), own.id, 1)
    raise_flag(actor_of(mira), "idea", other.id, "Mira finds this odd")
    make_token(mira, "read")
    service.make_link(mira.id, "signin")
    service.ask_reset("mira.kovac@example.org")
    deliver("server")
    return SimpleNamespace(space=space, mira=mira, teo=teo, own=own, other=other, said=said, me=actor_of(mira))


def whole_database() -> str:
    """Every value in every table, as one text."""
    with db.read() as work:
        tables = inspect(work.get_bind()).get_table_names()
        return "\n".join(str(tuple(row)) for table in tables for row in work.execute(text(f'SELECT * FROM "{table}"')))


def test_forgetting_takes_the_address_out_of_invitations_and_their_letters(life: Any) -> None:
    _by_mail, taken = (invite(SYSTEM, life.space.id, email=email)[0] for email in INVITED)
    other, _secret = invite(SYSTEM, life.space.id, email="teo@example.org")
    accept_invitation(life.me, issue_invitation_secret(taken.id))
    deliver(life.space.id)
    assert all(email in whole_database() for email in INVITED)
    privacy.erase_person(life.me, life.mira.id)
    assert not any(email in whole_database() for email in INVITED)
    still_open = [invitation.id for invitation in list_invitations(access(SYSTEM, life.space.id))]
    assert still_open == [other.id], "an invitation without its address would let anybody in"
    assert "teo@example.org" in whole_database()


def test_forgetting_leaves_counts_and_texts_but_no_person(life: Any) -> None:
    assert "mira.kovac@example.org" in whole_database()
    privacy.erase_person(life.me, life.mira.id)
    everything = whole_database()
    assert "mira.kovac@example.org" not in everything and "Kovač" not in everything
    with db.read() as work:
        for table in (ApiToken, SingleUseLink, Letter, Follow, Member):
            assert work.scalars(select(table).where(table.person_id == life.mira.id)).all() == []
        assert tallies_of(life.space.id, [life.other.id])[life.other.id].up == 1
        assert log.check_chain(life.space.id) is None and log.check_chain("server") is None
    idea = get_idea(SYSTEM, life.own.id)
    assert (idea.title, idea.author_id, idea.author_name) == ("A saddle from Mira", None, None)
    person = accounts.get_person(life.mira.id)
    assert person and person.erased and person.display_name == "Somebody who left"
    with pytest.raises(Unauthenticated):
        service.sign_in("mira.kovac@example.org", PASSWORD)
    assert service.sign_in("teo@example.org", PASSWORD)


def test_texts_become_tombstones_when_asked(life: Any) -> None:
    privacy.erase_person(life.me, life.mira.id, remove_texts=True)
    everything = whole_database()
    for word in ("saddle", "Mira", "says"):
        assert word not in everything, word
    idea = get_idea(SYSTEM, life.own.id)
    assert (idea.title, idea.body, idea.tags, idea.state) == ("Removed by its author", "", (), "published")
    with db.read() as work:
        assert work.get(Comment, life.said.id).state == "removed"  # type: ignore[union-attr]
        other = work.get(Idea, life.other.id)
        assert other and other.comment_count == 1
        assert tallies_of(life.space.id, [life.own.id])[life.own.id].up == 1


def test_who_may_forget_whom(life: Any, make_person: Make) -> None:
    by_token = Actor(person_id=life.mira.id, scopes=frozenset({"write", "admin"}), token_id="T")
    for actor in (actor_of(life.teo), ANONYMOUS, by_token):
        with pytest.raises(Forbidden):
            privacy.erase_person(actor, life.mira.id)
    assert "mira.kovac@example.org" in whole_database()
    privacy.erase_person(actor_of(make_person(is_admin=True)), life.mira.id)
    with pytest.raises(NotFound):
        privacy.erase_person(SYSTEM, life.mira.id)
    privacy.erase_person(actor_of(life.teo), life.teo.id)


def test_the_last_administrator_stays(app: Flask, make_person: Make) -> None:
    first, second = make_person(is_admin=True), make_person(is_admin=True)
    privacy.erase_person(actor_of(first), first.id)
    with pytest.raises(Conflict):
        privacy.erase_person(actor_of(second), second.id)


def test_plugins_are_asked_until_all_have_forgotten(life: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fails(person_id: str) -> None:
        asked.append(person_id)
        if len(asked) == 1:
            raise RuntimeError("the CRM does not answer")

    monkeypatch.setattr(privacy, "on_erase", [fails])
    privacy.erase_person(life.me, life.mira.id)
    assert privacy.finish_erasures() == 1
    still_open = queries.open_erasures()
    assert [(erasure.person_id, erasure.tries) for erasure in still_open] == [(life.mira.id, 1)]
    assert "does not answer" in (still_open[0].last_error or "")
    assert privacy.finish_erasures() == 0
    assert privacy.finish_erasures() == 0
    assert asked == [life.mira.id, life.mira.id]


def test_my_data_holds_everything_but_hashes(life: Any) -> None:
    data = queries.my_data(life.mira.id)
    assert data["profile"]["email"] == "mira.kovac@example.org"
    assert [idea["title"] for idea in data["ideas"]] == ["A saddle from Mira"]
    assert data["ideas"][0]["tags"] == ["saddle"]
    assert [vote["idea_id"] for vote in data["votes"]] == [life.other.id]
    assert [comment["body"] for comment in data["comments"]] == ["I like it, says Mira."]
    assert [flag["reason"] for flag in data["flags"]] == ["Mira finds this odd"]
    assert [space["role"] for space in data["spaces"]] == ["moderator"]
    assert [token["name"] for token in data["tokens"]] == ["tests"]
    assert len(data["letters"]) == 2 and data["follows"]
    with db.read() as work:
        person = work.get(Person, life.mira.id)
        hashes = [person and person.password_hash, *work.scalars(select(ApiToken.hash))]
    told = json.dumps(data)
    assert not any(hashed in told for hashed in hashes if hashed)
    assert "Teo" not in told and "teo@" not in told


# --- The pages --------------------------------------------------------------------------------------------------------


def test_deleting_my_account_by_page(app: Flask) -> None:
    visitor, other = Visitor(app), Visitor(app)
    visitor.register()
    other.sign_in()
    person_id = str(visitor.me())
    visitor.get("/me/delete")
    assert visitor.send("/me/delete", password=PASSWORD).status_code == 422
    assert visitor.send("/me/delete", sure="1", password="wrong wrong wrong").status_code == 422
    assert visitor.me() == other.me() == person_id
    assert visitor.send("/me/delete", sure="1", password=PASSWORD).status_code == 302
    assert visitor.me() is None and other.me() is None
    person = accounts.get_person(person_id)
    assert person and person.erased


def test_downloading_my_data_by_page(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.register()
    response = visitor.get("/me/data")
    assert response.json["profile"]["name"] == "Mira"
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["Cache-Control"] == "no-store"


# --- Guests at pages --------------------------------------------------------------------------------------------------


@pytest.fixture
def open_space(make_space: Make, make_idea: Make) -> Any:
    """A space where guests vote, with one idea."""
    space = make_space(who_votes="everyone")
    return SimpleNamespace(space=space, idea=make_idea(space))


def up(open_space: Any) -> int:
    """How many votes the idea has."""
    with db.read():
        return tallies_of(open_space.space.id, [open_space.idea.id])[open_space.idea.id].up


def test_a_guest_votes_by_cookie_and_keeps_the_vote_on_registering(app: Flask, open_space: Any) -> None:
    visitor = Visitor(app)
    path = f"/api/v1/ideas/{open_space.idea.id}/vote"
    for _ in range(2):
        assert visitor.put(path, {"value": 1}).status_code == 200
    guest_id = visitor.me()
    assert guest_id and up(open_space) == 1
    assert visitor.client.get("/api/v1/me").json["guest"] is True
    visitor.register()
    assert visitor.me() == guest_id
    assert visitor.client.get("/api/v1/me").json["guest"] is False
    assert up(open_space) == 1
    assert visitor.client.get_cookie("guest") is None


def test_a_guest_who_signs_in_is_joined(app: Flask, open_space: Any) -> None:
    mira = service.register("Mira", "mira@example.org", PASSWORD)
    cast_vote(actor_of(mira), open_space.idea.id, 1)
    visitor = Visitor(app)
    visitor.put(f"/api/v1/ideas/{open_space.idea.id}/vote", {"value": 1})
    stale = visitor.client.get_cookie("guest")
    assert up(open_space) == 2 and stale
    guest_id, told = visitor.me(), list[str]()
    identity.on_identity_change(lambda person_id, session_id: told.append(person_id))
    visitor.sign_in()
    assert visitor.me() == mira.id and up(open_space) == 1
    assert guest_id in told  # its sockets are closed
    # The guest's cookie, kept by somebody, is nobody now.
    again = Visitor(app)
    again.client.set_cookie("guest", stale.value)
    assert again.me() is None


def test_nobody_becomes_a_guest_where_guests_may_not_vote(app: Flask, make_space: Make, make_idea: Make) -> None:
    idea = make_idea(make_space(who_votes="registered"))
    visitor = Visitor(app)
    response = visitor.put(f"/api/v1/ideas/{idea.id}/vote", {"value": 1})
    assert response.status_code == 401
    assert visitor.client.get_cookie("guest") is None
    visitor.get("/")
    assert visitor.client.get_cookie("guest") is None
    visitor.register()
    assert visitor.put(f"/api/v1/ideas/{idea.id}/vote", {"value": 1}).status_code == 200


@pytest.mark.parametrize("forged", ["01ARZ3NDEKTSV4RRFFQ69G5FAV", "IjAxQVJaIg.x", ""])
def test_a_forged_guest_cookie_is_nobody(app: Flask, forged: str) -> None:
    visitor = Visitor(app)
    visitor.client.set_cookie("guest", forged)
    assert visitor.me() is None


def test_administrators_see_which_plugin_did_not_forget(
    app: Flask, life: Any, make_person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(person_id: str) -> None:
        raise RuntimeError("the CRM does not answer")

    monkeypatch.setattr(privacy, "on_erase", [fails])
    privacy.erase_person(life.me, life.mira.id)
    privacy.finish_erasures()
    visitor = Visitor(app)
    visitor.sign_in("teo@example.org")
    assert visitor.get("/server/forgotten").status_code == 404
    visitor.send("/sign-out")
    visitor.send(f"/sign-in/link/{service.make_link(make_person(is_admin=True).id, 'signin')}")
    assert "the CRM does not answer" in visitor.words("/server/forgotten")
    monkeypatch.setattr(privacy, "on_erase", [])
    privacy.finish_erasures()
    assert "Nothing open" in visitor.words("/server/forgotten")
