"""Sockets of a real server: what is heard, by whom, and how little of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import socketio

from tests.support.programs import NAMESPACE, Admin, Ear
from tests.support.server import Server


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Admin]:
    """The administrator of a running server."""
    folder: Path = tmp_path_factory.mktemp("live")
    server = Server(folder / "instance", {"token_votes_per_second": "5000"}).start()
    try:
        yield Admin(server)
    finally:
        server.stop()


@pytest.fixture
def ears(admin: Admin) -> Iterator[list[Ear]]:
    """Sockets to hang up after the test."""
    opened: list[Ear] = []
    yield opened
    for ear in opened:
        ear.close()


def listen(admin: Admin, ears: list[Ear], space: str, *, token: str | None = None) -> Ear:
    ear = Ear(admin.server, token=token)
    ears.append(ear)
    answer = ear.call("watch", space=space)
    assert answer["ok"] is True
    return ear


def test_everybody_who_watches_hears_of_a_vote(admin: Admin, ears: list[Ear]) -> None:
    space = admin.make_space("heard")
    idea = admin.make_idea("heard", "A bell that sounds like a bell")
    near, far = listen(admin, ears, "heard"), listen(admin, ears, "heard")
    admin.ask("PUT", f"/ideas/{idea}/vote", json={"value": 1})
    for ear in (near, far):
        frame = ear.wait(lambda ear: [frame for frame in ear.frames() if idea in frame["tallies"]])[-1]
        assert frame["space"] == space["id"]
        assert frame["tallies"][idea]["up"] == 1
        assert frame["events"] == []  # single votes are shown to nobody


def test_texts_and_decisions_are_heard_as_events(admin: Admin, ears: list[Ear]) -> None:
    admin.make_space("events")
    ear = listen(admin, ears, "events")
    idea = admin.make_idea("events", "Mudguards that fit")
    admin.ask("POST", f"/ideas/{idea}/comments", json={"body": "Mine rattle."})
    admin.ask("POST", f"/ideas/{idea}/hide", json={"reason": "a test"})

    def names(ear: Ear) -> list[str]:
        return [event["name"] for frame in ear.frames() for event in frame["events"]]

    heard = ear.wait(lambda ear: names(ear) if "idea.hidden" in names(ear) else None)
    assert [name for name in heard if name in ("idea.published", "comment.added", "idea.hidden")] == [
        "idea.published", "comment.added", "idea.hidden",
    ]  # fmt: skip
    numbers = [(frame["after"], frame["seq"]) for frame in ear.frames()]
    assert all(later[0] == earlier[1] for earlier, later in itertools.pairwise(numbers))


def test_a_thousand_votes_make_few_frames(admin: Admin, ears: list[Ear]) -> None:
    """1,000 votes that stand in one commit of the log reach a watcher in at most three frames."""
    admin.make_space("many", ballot={"kind": "updown"})
    ideas = [admin.make_idea("many", f"Idea number {number}") for number in range(10)]
    people = admin.make_people("many", 100)
    ear = listen(admin, ears, "many")
    voter = Ear(admin.server, token=admin.token)
    ears.append(voter)
    answers: list[dict[str, object]] = []
    for person in people:
        for idea in ideas:
            message = {"idea": idea, "value": 1, "person": person}
            voter.socket.emit("vote", message, namespace=NAMESPACE, callback=answers.append)
    voter.wait(lambda _ear: len(answers) == 1000, patience=60)
    assert all(answer["ok"] for answer in answers), [answer for answer in answers if not answer["ok"]][:3]

    def complete(ear: Ear) -> bool:
        last: dict[str, int] = {}
        for frame in ear.frames():
            last.update({idea: tally["up"] for idea, tally in frame["tallies"].items()})
        return last == dict.fromkeys(ideas, 100)

    ear.wait(complete)
    busy = [moment for (name, _content), moment in zip(ear.heard, ear.moments, strict=True) if name == "frame"]
    ticks = max(1, int((busy[-1] - busy[0]) / 0.050) + 1)
    assert len(busy) <= ticks + 2, f"{len(busy)} frames in {ticks} ticks"
    assert len(busy) < 200


def test_a_veiled_watcher_hears_that_people_vote_and_nothing_more(admin: Admin, ears: list[Ear]) -> None:
    admin.make_space("veiled", ballot={"results": "at_close"})
    idea = admin.make_idea("veiled", "A lamp that stays on")
    stranger, team = listen(admin, ears, "veiled"), listen(admin, ears, "veiled", token=admin.token)
    admin.ask("PUT", f"/ideas/{idea}/vote", json={"value": 1})
    assert team.wait(lambda ear: [f for f in ear.frames() if f["tallies"]])[-1]["tallies"][idea]["up"] == 1
    frame = stranger.wait(lambda ear: ear.frames())[-1]
    assert frame["tallies"] == {} and frame["voters"] == 1
    admin.ask(
        "PATCH", "/spaces/veiled", json={"phase": "decided", "version": admin.ask("GET", "/spaces/veiled")["version"]}
    )
    stranger.wait(lambda ear: [name for name, _content in ear.heard if name == "reset"])


def test_a_private_space_cannot_be_watched_by_strangers(admin: Admin, ears: list[Ear]) -> None:
    admin.make_space("secret", visibility="private")
    stranger = Ear(admin.server)
    ears.append(stranger)
    answer = stranger.call("watch", space="secret")
    assert (answer["ok"], answer["problem"]["code"]) == (False, "not_found")
    assert answer["problem"]["detail"] == stranger.call("watch", space="no-such-space")["problem"]["detail"]
    assert listen(admin, ears, "secret", token=admin.token)


def test_bad_messages_get_problems(admin: Admin, ears: list[Ear]) -> None:
    admin.make_space("strict")
    idea = admin.make_idea("strict", "Say what is wrong")
    ear = listen(admin, ears, "strict", token=admin.token)
    for message, code in (
        ({"idea": idea}, "invalid"),
        ({"idea": idea, "value": "1"}, "invalid"),
        ({"idea": idea, "value": True}, "invalid"),
        ({"idea": idea, "value": 1, "voter_id": "x"}, "invalid"),
        ({"idea": 7, "value": 1}, "invalid"),
        ({"idea": "nothing", "value": 1}, "not_found"),
        ({"idea": idea, "value": 1, "person": "nobody"}, "not_found"),
    ):
        answer = ear.call("vote", **message)
        assert (answer["ok"], answer["problem"]["code"]) == (False, code), message
    stranger = Ear(admin.server)
    ears.append(stranger)
    assert stranger.call("vote", idea=idea, value=1, person="p:1")["problem"]["code"] == "forbidden"
    assert ear.call("vote", idea=idea, value=1)["ok"] is True


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_pages_of_others_cannot_open_sockets(admin: Admin, origin: str, ears: list[Ear]) -> None:
    with pytest.raises(socketio.exceptions.ConnectionError):
        Ear(admin.server, origin=origin)
    ears.append(Ear(admin.server, origin=admin.server.url))
    polled = httpx.get(f"{admin.server.url}/socket.io/?EIO=4&transport=polling", headers={"Origin": origin})
    assert polled.status_code == 400


def test_a_frame_that_is_too_long_ends_its_socket_alone(admin: Admin, ears: list[Ear]) -> None:
    admin.make_space("long")
    loud, calm = listen(admin, ears, "long"), listen(admin, ears, "long")
    loud.socket.emit("watch", {"space": "x" * 1_200_000}, namespace=NAMESPACE)
    loud.wait(lambda ear: not ear.socket.connected)
    idea = admin.make_idea("long", "Still there")
    calm.wait(lambda ear: [event for frame in ear.frames() for event in frame["events"]])
    assert idea


def test_a_role_taken_away_ends_the_socket(admin: Admin, ears: list[Ear]) -> None:
    admin.make_space("roles", visibility="private")
    person = admin.ask("POST", "/spaces/roles/members", json={"external_id": "r:1", "role": "moderator"})
    ear = Ear(admin.server, token=admin.token)
    ears.append(ear)
    acting = socketio.Client(reconnection=False)
    auth = {"token": admin.token, "act_as": "r:1"}
    acting.connect(admin.server.url, namespaces=[NAMESPACE], auth=auth, transports=["websocket"])
    assert acting.call("watch", {"space": "roles"}, namespace=NAMESPACE)["audience"] == "team"
    admin.ask("POST", "/spaces/roles/members", json={"external_id": "r:1", "role": "viewer"})
    ear.wait(lambda _ear: not acting.connected)
    assert person["person_id"]
