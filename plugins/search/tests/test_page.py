"""The page and the API route: what people see of a search, here and in all spaces, whatever their role."""

from __future__ import annotations

from typing import Any

from click.testing import CliRunner
from codesign_plugins.search import index
from codesign_plugins.search.commands import rebuild
from flask.testing import FlaskClient
from sqlalchemy import text

from codesign import sdk
from codesign.testing import Plugins, actor_of


def found(client: FlaskClient, space: Any, query: str, token: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = f"/api/v1/spaces/{space.slug}/-/search/results"
    answer = client.get(address, query_string={"q": query, **more}, headers=headers)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_the_page_shows_marks_and_escapes_everything_else(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any
) -> None:
    space = make_space()
    make_idea(space, "A <b>louder</b> bell", body="It <script>rings</script> louder than before.", tags=["bell"])
    plugins.enable("search", space)
    plugins.work()
    page = client.get(f"/spaces/{space.slug}/-/search/?q=loud*").text
    assert "&lt;b&gt;<mark>louder</mark>&lt;/b&gt; bell" in page and "&lt;script&gt;rings" in page
    assert "tag:bell" in page and "<script>rings" not in page
    assert client.get(f"/spaces/{space.slug}/-/search/").status_code == 200
    plugins.enable("search", space, on=False)
    assert client.get(f"/spaces/{space.slug}/-/search/?q=bell").status_code == 404


def test_a_text_is_shown_as_its_readers_see_it(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, make_token: Any
) -> None:
    """No signs of Markdown, the words marked where they stand then, and nothing anybody typed is HTML."""
    space, admin = make_space(), make_person("Root", is_admin=True)
    body = "## Why\n\nA **loud** [bell](https://example.com/x_y) for `road` use\n\n- &lt;b&gt; *bells*\n- <img src=x>"
    idea = make_idea(space, "Ring *it*", body=body)
    headers = {"Authorization": f"Bearer {make_token(admin)}"}
    said = {"body": "> Quoted\n\nMy **bell** is [here](javascript:alert(1)) <svg onload=alert(1)>"}
    assert client.post(f"/api/v1/ideas/{idea.id}/comments", json=said, headers=headers).status_code == 201
    plugins.enable("search", space)
    plugins.work()
    page = client.get(f"/spaces/{space.slug}/-/search/?q=bell&typing=1").text
    seen = "Why A loud <mark>bell</mark> for road use &lt;b&gt; <mark>bells</mark> &lt;img src=x&gt;</p>"
    assert seen in page and ">Ring *it*</a>" in page
    assert "Quoted My <mark>bell</mark> is [here](javascript:alert(1)) &lt;svg onload=alert(1)&gt;</p>" in page
    assert "<svg onload" not in page and found(client, space, "example")["total"] == 0


def test_words_are_marked_in_the_language_they_were_indexed_in(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any
) -> None:
    space = make_space()
    make_idea(space, "Räder", body="Häuser!")
    plugins.enable("search", space, language="de")
    plugins.work()
    page = client.get(f"/spaces/{space.slug}/-/search/?q=Rad+Haus").text
    assert "<mark>Räder</mark>" in page and "<mark>Häuser</mark>!" in page


def test_what_narrows_can_be_taken_back_and_slips_are_told(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, make_token: Any
) -> None:
    space, admin = make_space(), make_person("Root", is_admin=True)
    for number in range(27):
        idea = make_idea(space, f"A louder bell, number {number}", tags=["bell"])
    plugins.enable("search", space)
    headers = {"Authorization": f"Bearer {make_token(admin)}"}
    said = client.post(f"/api/v1/ideas/{idea.id}/comments", json={"body": "Mine squeaks terribly."}, headers=headers)
    plugins.work()
    page = client.get(f"/spaces/{space.slug}/-/search/?q=bell+tag:bell+-status:Planned").text
    assert "27 ideas" in page and "The best 25 are shown." in page
    assert 'q=bell+-status:Planned">tag: bell' in page and 'q=bell+tag:bell">-status: Planned' in page
    assert "tag: a" not in client.get(f"/spaces/{space.slug}/-/search/?q=tag:a+OR+tag:b").text
    page = client.get(f"/spaces/{space.slug}/-/search/?q=sqeuaks&typing=1").text
    assert "“sqeuaks”" in page and ">squeak" in page and f"#comment-{said.json['id']}" in page
    page = client.get(f"/spaces/{space.slug}/-/search/?q=unicorn").text
    assert "Nothing found" in page


def test_typing_asks_the_database_little_however_much_there_is(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, count_queries: Any
) -> None:
    """One connection, and so many statements whether three ideas were found or thirty."""
    counted = []
    for ideas in (3, 30):
        space = make_space()
        for number in range(ideas):
            make_idea(space, f"A louder bell, number {number}", body="It rings.", tags=["bell"])
        plugins.enable("search", space)
        plugins.work()
        address = f"/spaces/{space.slug}/-/search/?q=louder+be&typing=1"
        client.get(address)
        with count_queries() as statements:
            assert f"{ideas} ideas" in client.get(address).text
        counted.append(len(statements))
    assert counted[0] == counted[1] <= 14, statements


def test_nobody_finds_what_they_may_not_see(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, make_token: Any
) -> None:
    """Every role, here and in all spaces: no title, no count, no suggestion tells of another space or of hidden texts."""
    owner, member, stranger, admin = (make_person(name) for name in ("Olga", "Mira", "Sten", "Adam"))
    admin = make_person("Root", is_admin=True)
    public, secret = make_space(), make_space(visibility="private", owner=owner)
    make_idea(public, "A bell for everybody", author=member)
    hidden = make_idea(public, "A bell called zanzibar", author=member)
    make_idea(secret, "A secret bell of platinum", author=owner)
    for space in (public, secret):
        plugins.enable("search", space)
    plugins.work()
    from_service = sdk.ideas(actor_of(owner), public.id, [hidden.id])
    assert hidden.id in from_service
    hide(client, hidden.id, make_token(admin))
    plugins.work()
    outside: list[tuple[Any, int]] = [(None, 1), (stranger, 1), (member, 1)]
    inside: list[tuple[Any, int]] = [(owner, 2), (admin, 2)]
    for role in ("viewer", "contributor", "moderator", "product"):
        joined = make_person(f"A {role}")
        answer = client.post(
            f"/api/v1/spaces/{secret.slug}/members",
            json={"person_id": joined.id, "role": role},
            headers={"Authorization": f"Bearer {make_token(owner)}"},
        )
        assert answer.status_code == 201, answer.json
        inside.append((joined, 2))
    for person, sees in outside + inside:
        token = make_token(person) if person else ""
        answer = found(client, public, "bell", token, everywhere=1)
        assert (answer["total"], len(answer["items"])) == (sees, sees), person
        assert found(client, public, "bell", token)["total"] == 1
        for word in ("zanzibar", "zanzibra", "platinun", "platinum"):
            told = found(client, public, word, token)
            assert (told["total"], told["did_you_mean"]) == (0, None), (person, word)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        there = client.get(f"/api/v1/spaces/{secret.slug}/-/search/results?q=bell", headers=headers)
        assert there.status_code == (200 if sees == 2 else 404), (person, there.json)


def hide(client: FlaskClient, idea_id: str, token: str) -> None:
    address = f"/api/v1/ideas/{idea_id}/hide"
    answer = client.post(address, json={"reason": "rude"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.json


def test_the_index_follows_edits_comments_merges_and_erasure(
    client: FlaskClient, plugins: Plugins, make_space: Any, make_idea: Any, make_person: Any, make_token: Any
) -> None:
    ann, admin = make_person("Ann"), make_person("Root", is_admin=True)
    space = make_space()
    plugins.enable("search", space)
    first, second = make_idea(space, "A louder bell", author=ann), make_idea(space, "A bright lamp")
    headers = {"Authorization": f"Bearer {make_token(admin)}"}
    said = client.post(f"/api/v1/ideas/{first.id}/comments", json={"body": "Mine squeaks terribly."}, headers=headers)
    assert said.status_code == 201, said.json
    plugins.work()
    assert [(item["id"], item["comments"]) for item in found(client, space, "squeak")["items"]] == [(first.id, 1)]
    edited = client.patch(
        f"/api/v1/ideas/{second.id}",
        json={"title": "A brilliant lantern"},
        headers=headers | {"If-Match": f'"{second.version}"'},
    )
    assert edited.status_code == 200, edited.json
    plugins.work()
    assert found(client, space, "lamp")["total"] == 0 and found(client, space, "lantern")["total"] == 1
    merged = client.post(f"/api/v1/ideas/{first.id}/merge", json={"into": second.id}, headers=headers)
    assert merged.status_code in {200, 201}, merged.json
    plugins.work()
    assert [item["id"] for item in found(client, space, "squeak")["items"]] == [second.id]
    assert found(client, space, "louder")["total"] == 0
    plugins.replay("search", space)
    plugins.work()
    assert found(client, space, "lantern squeaks")["total"] == 1
    plugins.host.erase_person(admin.id)
    with sdk.read() as session:
        assert session.scalar(text("SELECT count(*) FROM search_document WHERE author_id IS NOT NULL")) == 0


def test_a_rebuild_repairs_an_index_and_is_told(app: Any, plugins: Plugins, make_space: Any, make_idea: Any) -> None:
    space = make_space()
    for number in range(3):
        make_idea(space, f"Wheel number {number}")
    plugins.enable("search", space)
    plugins.work()
    damage()
    with app.app_context():
        told = CliRunner().invoke(rebuild, ["--space", space.slug], catch_exceptions=False)
    assert told.exit_code == 0 and "3 texts" in told.output
    with sdk.read() as session:
        assert index.count_ideas(space.id) == 3
        assert session.scalar(text("SELECT documents FROM search_word WHERE word = 'wheel'")) == 3


@sdk.verb
def damage() -> None:
    """Lose half of the index."""
    sdk.session().execute(text("DELETE FROM search_document WHERE number < 2"))
