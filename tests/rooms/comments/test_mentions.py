"""People named in texts: who may be suggested, what is stored, what others read, who is told, what forgetting leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from codesign.accounts import service as accounts
from codesign.comments.published import comment_texts
from codesign.comments.queries import list_comments
from codesign.comments.service import edit_comment, hide_comment, publish_comment
from codesign.ideas.ports import ports
from codesign.ideas.published import idea_texts
from codesign.ideas.queries import get_idea, list_ideas
from codesign.ideas.service import edit_idea, unfollow_idea
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.contribution import HOLD, Verdict
from codesign.kernel.errors import Forbidden, Invalid, NotFound, Unauthenticated
from codesign.kernel.mentions import MOST, mark
from codesign.notifications import queries as notices
from codesign.notifications.service import deliver
from codesign.privacy.service import erase_person
from codesign.spaces.people import suggest_people
from codesign.spaces.service import add_member, remove_member
from codesign.testing import actor_of
from codesign.web.markdown import plain, render
from tests.support.visitor import Visitor
from tests.support.world import World, token

Make = Callable[..., Any]


class Room(World):
    """People with names, each in another relation to the space."""

    def __init__(self, make_person: Make, make_space: Make) -> None:
        super().__init__(make_person, make_space)
        self.mira, self.max = self.named("Mira Kovač"), self.named("Max Émile")
        self.hidden = self.named("Minna Hidden", show_name=False)
        self.lead = self.named("Milo Lead", "moderator")
        self.viewer = self.named("Mila Viewer", "viewer")
        self.outsider = actor_of(make_person("Mick Outside"))

    def named(self, name: str, role: str = "contributor", **values: Any) -> Actor:
        """A member called so."""
        person = self.make_person(name)
        if values:
            accounts.change_profile(actor_of(person), name=name, **values)
        add_member(self.owner, self.space.id, person_id=person.id, role=role)
        return actor_of(person)

    def suggested(self, actor: Actor, text: str = "mi") -> list[str]:
        """The names somebody is offered."""
        return [person.name for person in suggest_people(actor, self.space.id, text)]

    def heard(self, actor: Actor) -> list[str]:
        """What rang somebody's bell, oldest first."""
        deliver(self.space.id)
        return [notice.name for notice in reversed(notices.list_notices(actor))]

    def read(self, actor: Actor, idea: Any) -> list[str]:
        """The comments of an idea as somebody reads them."""
        return [comment.body for comment in list_comments(self.access(actor), idea.id).items]


@pytest.fixture
def room(make_person: Make, make_space: Make) -> Room:
    return Room(make_person, make_space)


def of(actor: Actor, name: str = "Whatever") -> str:
    return mark(name, str(actor.person_id))


# --- Suggestions ------------------------------------------------------------------------------------------------------


def test_members_are_offered_those_who_show_their_name_and_the_team_everybody(room: Room) -> None:
    assert room.suggested(room.ann) == ["Mila Viewer", "Milo Lead", "Mira Kovač"]
    assert room.suggested(room.mira) == ["Mila Viewer", "Milo Lead"]
    assert room.suggested(room.lead) == ["Mila Viewer", "Minna Hidden", "Mira Kovač"]
    assert room.suggested(room.outsider) == ["Milo Lead"]
    assert room.suggested(token(room.ann, "read")) == room.suggested(room.ann)


def test_whom_nobody_may_ask_is_refused(room: Room, make_person: Make, make_space: Make) -> None:
    with pytest.raises(Unauthenticated):
        room.suggested(ANONYMOUS)
    with pytest.raises(Forbidden):
        room.suggested(room.viewer)
    with pytest.raises(Forbidden):
        room.suggested(token(room.ann, "vote"))
    private = make_space(visibility="private")
    with pytest.raises(NotFound):
        suggest_people(room.ann, private.id, "mi")


def test_names_are_found_by_the_beginning_of_their_words(room: Room, make_person: Make) -> None:
    for text, names in {
        "kov": ["Mira Kovač"], "MIRA k": ["Mira Kovač"], "é": ["Max Émile"], "ira": [], "%": [], "_": [], "ov": [],
    }.items():  # fmt: skip
        assert room.suggested(room.ann, text) == names, text
    for number in range(12):
        room.named(f"Zoe {number:02}")
    room.named("Anna Zoe")
    assert room.suggested(room.ann, "zo") == [f"Zoe {number:02}" for number in range(8)]
    guest = actor_of(make_person("Mitja", guest=True))
    add_member(room.owner, room.space.id, person_id=guest.person_id)
    assert "Mitja" not in room.suggested(room.lead)


def test_the_door_is_strict_and_tires(room: Room, app: Flask, make_token: Make) -> None:
    client = app.test_client()
    person = room.make_person("Asker")
    headers = {"Authorization": f"Bearer {make_token(person, 'read')}"}
    path = f"/api/v1/spaces/{room.space.slug}/people"
    found = client.get(f"{path}?q=mil", headers=headers)
    assert found.json == {"items": [{"id": room.lead.person_id, "name": "Milo Lead"}]}
    assert [client.get(path + query, headers=headers).status_code for query in ("", "?q=", "?q=a&x=1")] == [422] * 3
    assert client.get(f"{path}?q=mil").status_code == 401
    assert {client.get(f"{path}?q=mil", headers=headers).status_code for _ in range(40)} == {200, 429}


# --- What is stored and read ------------------------------------------------------------------------------------------


def test_names_are_those_of_today_as_the_reader_may_know_them(room: Room) -> None:
    said = f"Ask {of(room.mira, 'The Boss')} or {of(room.hidden)}, @Mira and {mark('Nobody', '0' * 26)}."
    idea = room.idea(author=room.lead, body=said)
    room.comment(idea, room.lead, said)
    mira, hidden = of(room.mira, "Mira Kovač"), str(room.hidden.person_id)
    for_all = f"Ask {mira} or {mark('', hidden)}, @Mira and @Nobody."
    for_team = for_all.replace(mark("", hidden), mark("Minna Hidden", hidden))
    for actor, text in ((room.ann, for_all), (ANONYMOUS, for_all), (room.owner, for_team), (room.hidden, for_team)):
        assert room.read(actor, idea) == [text]
        assert get_idea(actor, idea.id).body == text
        assert [each.body for each in list_ideas(room.access(actor)).items] == [text]
    public = "Ask @Mira Kovač or @, @Mira and @Nobody."
    assert [text.body for text in (*idea_texts(room.space.id), *comment_texts(room.space.id))] == [public] * 2
    accounts.change_profile(room.mira, name="Mira Kovač", show_name=False)
    assert room.read(room.ann, idea) == [for_all.replace("Mira Kovač", "")]
    assert room.read(room.lead, idea)[0].count("Mira Kovač") == 1


def test_who_cannot_be_offered_cannot_be_named(room: Room) -> None:
    """An id from elsewhere tells nobody a name; what a text names already survives an edit by others."""
    idea = room.idea()
    body = f"{of(room.hidden, 'H')} {of(room.outsider, 'O')} {of(room.mira, 'M')}"
    said = room.comment(idea, room.ann, body)
    assert said.body == f"@H @O {of(room.mira, 'Mira Kovač')}"
    assert (
        room.comment(idea, room.stranger, f"{of(room.mira, 'M')} {of(room.lead)}").body
        == f"@M {of(room.lead, 'Milo Lead')}"
    )
    noted = room.comment(idea, room.lead, of(room.hidden))
    kept = edit_comment(room.owner, noted.id, body=f"{of(room.hidden)}!")
    assert (
        kept.body == f"{of(room.hidden, 'Minna Hidden')}!"
        and room.read(room.ann, idea)[-1] == f"{of(room.hidden, '')}!"
    )
    remove_member(room.owner, room.space.id, str(room.mira.person_id))
    assert edit_comment(room.ann, said.id, body=f"{said.body} again").body == f"{said.body} again"


def test_more_than_ten_are_refused_with_a_reason(room: Room) -> None:
    people = [room.named(f"Person {number}") for number in range(MOST + 1)]
    body = " ".join(of(person) for person in people)
    idea = room.idea()
    for write in (
        lambda: room.comment(idea, body=body),
        lambda: room.idea(body=body),
        lambda: edit_idea(room.ann, idea.id, body=body),
    ):
        with pytest.raises(Invalid) as refused:
            write()
        assert [(error.field, error.code) for error in refused.value.errors] == [("body", "too_many")]
        assert "10 people" in refused.value.errors[0].message
    assert room.comment(idea, body=" ".join(of(person) for person in people[:MOST] * 2))


def test_a_mention_is_drawn_as_a_name_and_never_as_markup(app: Flask) -> None:
    person = "0" * 26
    with app.test_request_context():
        drawn = {
            mark("*Ben* <b>", person): "<p><span class=\"mention\">@*Ben* &lt;b&gt;</span></p>\n",
            mark("", person): "<p><span class=\"mention\">@somebody</span></p>\n",
            f"`{mark('Ben', person)}`": f"<p><code>{mark('Ben', person)}</code></p>\n",
            "@[Ben](person:1)": "<p>@<a rel=\"nofollow ugc noopener\">Ben</a></p>\n",
            "<span class=\"mention\">x</span>": "<p>&lt;span class=\"mention\"&gt;x&lt;/span&gt;</p>\n",
        }  # fmt: skip
        for text, html in drawn.items():
            assert str(render(text)) == html, text
        assert plain(f"Hi {mark('Ben', person)} and {mark('', person)}") == "Hi @Ben and @somebody"


# --- Who is told ------------------------------------------------------------------------------------------------------


def test_a_mention_rings_once_for_each_text(room: Room) -> None:
    idea = room.idea(body=f"Ask {of(room.mira)}")
    said = room.comment(idea, room.ann, f"{of(room.mira)} {of(room.ann)}")
    assert room.heard(room.mira) == ["idea.mentioned", "comment.mentioned"]
    edit_comment(room.ann, said.id, body=f"Dear {of(room.mira)} and {of(room.max)}")
    edit_comment(room.ann, said.id, body="Nobody")
    assert room.heard(room.max) == []
    edit_comment(room.ann, said.id, body=f"{of(room.mira)} and {of(room.max)} again")
    edit_idea(room.ann, idea.id, body=f"Ask {of(room.mira)} or {of(room.max)}")
    assert room.heard(room.mira) == ["idea.mentioned", "comment.mentioned"]
    assert room.heard(room.max) == ["comment.mentioned", "idea.mentioned"]
    assert room.heard(room.ann) == []
    seq = notices.list_notices(room.max)[-1].seq
    assert str(notices.where_to(room.max, room.space.id, seq)).endswith(f"#comment-{said.id}")


def test_who_follows_and_is_mentioned_hears_one_thing(room: Room) -> None:
    idea = room.idea(author=room.mira)
    room.comment(idea, room.ann, of(room.mira))
    assert room.heard(room.mira) == ["comment.mentioned"]
    unfollow_idea(room.mira, idea.id)
    room.comment(idea, room.ann, of(room.mira))
    assert room.heard(room.mira) == ["comment.mentioned"]


def test_only_who_may_read_it_is_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    idea = room.idea()
    room.comment(idea, room.owner, f"{of(room.mira)} {of(room.lead)}", internal=True)
    assert (room.heard(room.mira), room.heard(room.lead)) == ([], ["note.mentioned"])
    monkeypatch.setattr(ports, "review", lambda *_about: Verdict(HOLD))
    held = room.comment(idea, room.ann, f"{of(room.mira)} {of(room.max)}")
    monkeypatch.undo()
    assert room.heard(room.mira) == []
    remove_member(room.owner, room.space.id, str(room.max.person_id))
    publish_comment(room.lead, held.id)
    hide_comment(room.lead, held.id, "Odd")
    publish_comment(room.lead, held.id)
    assert (room.heard(room.mira), room.heard(room.max)) == (["comment.mentioned"], [])


# --- Forgetting -------------------------------------------------------------------------------------------------------


def test_texts_that_mention_a_forgotten_person_lose_the_name(room: Room) -> None:
    idea = room.idea(body=f"Ask {of(room.mira)} and {of(room.max)}")
    said = room.comment(idea, room.ann, f"Thanks, {of(room.mira)}")
    noted = room.comment(idea, room.lead, f"{of(room.mira)} is kind", internal=True)
    erase_person(room.mira, str(room.mira.person_id))
    left = of(room.mira, "")
    fact = get_idea(room.owner, idea.id)
    assert (fact.body, fact.version) == (f"Ask {left} and {of(room.max, 'Max Émile')}", 2)
    assert room.read(room.owner, idea) == [f"Thanks, {left}", f"{left} is kind"]
    assert not list_ideas(room.access(room.owner), q="kovac").items
    assert room.names()[-3:] == ["idea.edited", "comment.edited", "note.edited"]
    assert (said.version, noted.version) == (1, 1) and room.heard(room.max) == ["idea.mentioned"]


def test_pages_offer_suggestions_and_show_names(room: Room, app: Flask) -> None:
    idea = room.idea(body=f"Ask {of(room.mira)}")
    room.comment(idea, room.ann, f"Yes, {of(room.hidden, 'Minna')} and {of(room.mira)}")
    page = Visitor(app).get(idea.path).get_data(as_text=True)
    assert page.count('<span class="mention">@Mira Kovač</span>') == 2
    assert "person:" not in page
