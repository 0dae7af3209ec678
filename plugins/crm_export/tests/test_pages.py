"""What people are asked, and what owners see and do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from codesign_plugins.crm_export import connections, consent, hooks, sending

from codesign.testing import actor_of

NAME = "crm_export"


class Browser:
    """Somebody with a token who looks at pages and posts forms."""

    def __init__(self, client: Any, token: str, base: str) -> None:
        self.client, self.base = client, base
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str = "/", expect: int = 200) -> str:
        answer = self.client.get(self.base + path, headers=self.headers)
        assert answer.status_code == expect, answer.text[:400]
        return str(answer.text)

    def post(self, path: str, expect: int = 303, **form: str) -> Any:
        answer = self.client.post(self.base + path, data=form, headers=self.headers)
        assert answer.status_code == expect, answer.text[-600:]
        return answer


@pytest.fixture
def place(
    app: Any, plugins: Any, make_space: Callable[..., Any], make_person: Callable[..., Any], make_token: Callable[..., str],
    make_idea: Callable[..., Any],
) -> Any:  # fmt: skip
    owner, ann = make_person("Olga"), make_person("Ann")
    space = make_space(owner=owner)
    make_idea(space, "=A belt <drive>", author=ann)
    plugins.enable(NAME, space)
    base = f"/spaces/{space.slug}/-/{NAME}"
    people = {who.name: Browser(app.test_client(), make_token(who), base) for who in (owner, ann)}
    with app.app_context():
        yield {
            "space": space,
            "ann": ann,
            "olga": owner,
            "work": plugins.work,
            "nobody": Browser(app.test_client(), "", base),
            **people,
        }


def connect(place: Any, **form: str) -> str:
    answer = place["Olga"].post("/connections", connector="csv", title="Our files", **form)
    return str(answer.headers["Location"]).rpartition("/")[2]


def settings(place: Any) -> Any:
    return {"purpose": consent_purpose(), "consent_text": "x" * 30, "give_up_hours": 48}


def consent_purpose() -> str:
    from codesign_plugins.crm_export.settings import PURPOSE

    return PURPOSE


def test_people_say_yes_and_take_it_back_in_every_phase(place: Any) -> None:
    ann, nobody, space = place["Ann"], place["nobody"], place["space"]
    assert "Sign in to say yes" in nobody.get("/consent")
    version = re.search(r'name="version" value="(\w+)"', ann.get("/consent"))
    assert version
    ann.post("/consent", 409, answer="yes", version="old")
    ann.post("/consent", answer="yes", version=version[1])
    assert "You allowed this" in ann.get("/consent")
    assert consent.allowed(space.id, consent_purpose()) == [place["ann"].id]
    ann.post("/consent", answer="no")
    assert consent.allowed(space.id, consent_purpose()) == [] and "took it back" in ann.get("/consent")
    assert nobody.client.post(nobody.base + "/consent", data={"answer": "yes"}).status_code in (302, 303, 400, 401, 403)


def test_the_board_asks_once_there_is_a_connection_until_somebody_answers(place: Any) -> None:
    ann, actor = place["Ann"], actor_of(place["ann"])

    def asked() -> bool:  # not by the page: what a slot may take is short, and machines of tests are busy
        found = hooks.fill_slot(place["space"], actor, "board.aside", {**settings(place), "ask_on_board": True})
        return found is not None

    assert not asked()
    connect(place)
    assert asked()
    ann.post("/consent", answer="no")
    assert not asked()


def test_a_line_that_stopped_by_itself_is_told_to_the_team_alone(place: Any) -> None:
    made, space = connect(place), place["space"]
    connections.pause(space.id, made, "secret_refused", by_itself=True)
    told = [hooks.fill_slot(space, actor_of(place[who]), "space.head", settings(place)) for who in ("olga", "ann")]
    assert told == [{"down": [(made, "Our files")]}, None]
    assert "refuses the secret" in place["Olga"].get(f"/connections/{made}")


def test_only_owners_see_connections(place: Any) -> None:
    made = connect(place)
    for path in ("/", f"/connections/{made}", f"/connections/{made}/mapping", f"/connections/{made}/person.csv"):
        place["Olga"].get(path)
        place["Ann"].get(path, 403)
    place["Olga"].get("/connections/nonsense", 404)


def test_a_private_address_and_an_unknown_connector_are_refused(place: Any) -> None:
    for address in ("http://127.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd", ""):
        place["Olga"].post("/connections", 422, connector="webhook", title="x", address=address)
    place["Olga"].post("/connections", 422, connector="nonsense", title="x")


def test_files_hold_who_allowed_it_and_are_no_formulas(place: Any) -> None:
    made, space, olga = connect(place, preset="Salesforce"), place["space"], place["Olga"]
    version = re.search(r'name="version" value="(\w+)"', place["Ann"].get("/consent"))
    place["Ann"].post("/consent", answer="yes", version=version[1])  # type: ignore[index]
    place["work"]()
    assert "new there" in olga.get(f"/connections/{made}/dry-run")
    sending.send_due(space.id, settings(place))
    person, idea = olga.get(f"/connections/{made}/person.csv"), olga.get(f"/connections/{made}/idea.csv")
    assert person.startswith("Codesign_Id__c,Last Name,Email,Account Name,Description\r\nperson-") and ",Ann," in person
    assert ",'=A belt <drive>," in idea and place["ann"].id not in person + idea
    place["Ann"].post("/consent", answer="no")
    place["work"]()
    sending.send_due(space.id, settings(place))
    assert olga.get(f"/connections/{made}/person.csv").count("\r\n") == 1
    assert olga.get(f"/connections/{made}/removed.csv").count("\r\n") == 3
    olga.get(f"/connections/{made}/nonsense.csv", 404)


def test_names_are_tried_on_real_rows_before_they_are_saved(place: Any) -> None:
    made, olga = connect(place), place["Olga"]
    version = re.search(r'name="version" value="(\w+)"', place["Ann"].get("/consent"))
    place["Ann"].post("/consent", answer="yes", version=version[1])  # type: ignore[index]
    page = olga.get(f"/connections/{made}/mapping?person.email=Mail&person.name=Name&idea.title=Deal")
    assert '<th scope="col">Mail</th>' in page and "Ann" in page and "=A belt &lt;drive&gt;" in page
    assert "Two fields of one kind" in olga.get(f"/connections/{made}/mapping?person.email=A&person.name=A")
    wrong = {"person.email": "votes", "person.name": "A"}
    assert "is a number there" in olga.client.get(
        f"{olga.base}/connections/{made}/mapping", query_string=wrong, headers=olga.headers
    ).text  # fmt: skip
    olga.post(f"/connections/{made}/mapping", 422, **wrong)
    olga.post(f"/connections/{made}/mapping", **{"person.email": "Mail"})
    assert 'value="Mail"' in olga.get(f"/connections/{made}/mapping")


def test_tryton_has_the_fields_it_has(place: Any) -> None:
    olga, address = place["Olga"], "https://1.1.1.1/crm"
    olga.post("/connections", connector="tryton", title="Ours", address=address, secret="export:secret")
    made = connections.of_space(place["space"].id)[0].id
    assert 'value="description"' in olga.get(f"/connections/{made}/mapping")
    olga.post(f"/connections/{made}/mapping", 422, **{"person.votes": "number_of_votes"})
    olga.post(f"/connections/{made}/mapping", **{"person.crm_id": "name"})


def test_pause_resume_replay_remove(place: Any) -> None:
    made, olga = connect(place), place["Olga"]
    olga.post(f"/connections/{made}/pause")
    assert "Somebody of the team paused it." in olga.get(f"/connections/{made}")
    olga.post(f"/connections/{made}/resume")
    olga.post(f"/connections/{made}/replay")
    olga.post(f"/connections/{made}/remove")
    olga.get(f"/connections/{made}", 404)
