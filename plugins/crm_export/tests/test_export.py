"""From the log to another system: only with consent, once, in order, again when it failed, gone when taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from codesign_plugins.crm_export import connections, consent, outbox, sending
from codesign_plugins.crm_export.connector import Connector
from codesign_plugins.crm_export.models import Connection, Consent, Link, Outbox
from sqlalchemy import select

from codesign import sdk
from codesign.sdk import Answer, Request, Unreachable
from codesign.testing import Clock, actor_of

NAME = "crm_export"


class Peer:
    """The other side of a webhook: keeps what came, answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Any] = []

    def __call__(self, request: Request) -> Answer:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else Answer(204)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def events(self) -> list[dict[str, Any]]:
        import json

        return [json.loads(request.body) for request in self.requests]

    def told(self) -> list[tuple[str, str]]:
        return [(event["type"], event["data"].get("name") or event["data"].get("title", "")) for event in self.events()]


class World:
    """A space with a webhook; Ann allows the export and Bob does not; both have ideas and votes."""

    mine: Any
    theirs: Any

    def __init__(self, app: Any, plugins: Any, space: Any, people: Any, make_token: Any) -> None:
        self.app, self.plugins, self.space, self.peer = app, plugins, space, Peer()
        self.ann, self.bob, self.root = people
        self.tokens = {person.id: make_token(person) for person in people}
        self.settings = plugins.host.settings(NAME, space.id)
        with app.app_context():
            webhook = sdk.rules(Connector, space.id)["webhook"]
            self.id, self.secret = connections.make(space.id, webhook, "CRM", "https://crm.example/in", "", "")

    def allow(self, person: Any) -> None:
        consent.give(actor_of(person), self.space.id, person.id, self.settings, consent.version_of(self.settings))

    def call(self, method: str, path: str, person: Any, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[person.id]}"}
        answer = self.app.test_client().open(f"/api/v1/{path}", method=method, json=content or None, headers=headers)
        assert answer.status_code < 400, answer.json
        return answer.json

    def vote(self, person: Any, idea: Any) -> None:
        self.call("PUT", f"ideas/{idea.id}/vote", person, value=1)

    def work(self) -> None:
        self.plugins.work()
        with self.app.app_context():
            sending.send_due(self.space.id, self.settings, self.peer)

    @property
    def connection(self) -> Any:
        return connections.get(self.space.id, self.id)


@pytest.fixture
def world(
    app: Any, plugins: Any, clock: Clock, make_space: Callable[..., Any], make_person: Callable[..., Any],
    make_idea: Callable[..., Any], make_token: Callable[..., str],
) -> Iterator[World]:  # fmt: skip
    space, ann, bob = make_space(kind="updown"), make_person("Ann", external_id="crm-1"), make_person("Bob")
    plugins.enable(NAME, space)
    mine, theirs = make_idea(space, "A belt drive", author=ann), make_idea(space, "A bell", author=bob)
    found = World(app, plugins, space, (ann, bob, make_person("Root", is_admin=True)), make_token)
    found.mine, found.theirs = mine, theirs
    for person in (ann, bob):
        found.vote(person, theirs)
    with app.app_context():
        yield found


def rows(table: Any) -> list[Any]:
    with sdk.read() as session:
        return list(session.scalars(select(table)))


def test_nothing_leaves_without_a_consent_and_with_one_only_what_is_theirs(world: World) -> None:
    world.work()
    assert world.peer.requests == []
    world.allow(world.ann)
    world.work()
    assert world.peer.told() == [
        ("codesign.person.upserted", "Ann"), ("codesign.idea.upserted", "A belt drive"), ("codesign.activity.upserted", ""),
    ]  # fmt: skip
    text = b"".join(request.body for request in world.peer.requests).decode()
    assert "Bob" not in text and world.ann.id not in text and world.bob.id not in text
    person = world.peer.events()[0]["data"]
    assert (person["votes"], person["wanted"], person["crm_id"]) == (1, "A bell", "crm-1")
    assert person["consent_purpose"] == world.settings["purpose"] and person["consent_at"].startswith("2026-03-02")


def test_told_again_nothing_is_sent_again_and_a_change_sends_that_thing_alone(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    count = len(world.peer.requests)
    clock.advance(minutes=1)
    world.plugins.replay(NAME, world.space)
    world.work()
    assert len(world.peer.requests) == count and world.connection.unchanged >= 3
    world.vote(world.ann, world.mine)
    clock.advance(minutes=1)
    world.work()
    assert sorted(kind for kind, _name in world.peer.told()[count:]) == [
        "codesign.activity.upserted", "codesign.idea.upserted", "codesign.person.upserted",
    ]  # fmt: skip


def test_a_consent_taken_back_deletes_there_what_was_sent(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    sent = {event["subject"] for event in world.peer.events()}
    consent.withdraw(actor_of(world.ann), world.space.id, world.ann.id, world.settings)
    clock.advance(minutes=1)
    world.work()
    gone = [event for event in world.peer.events() if event["type"].endswith(".deleted")]
    assert {event["subject"] for event in gone} == sent and set(gone[0]["data"]) == {"id"}
    assert rows(Link) == [] and rows(Outbox) == []
    world.allow(world.ann)
    clock.advance(minutes=1)
    world.work()
    assert {event["subject"] for event in world.peer.events()[-3:]} == sent  # the same names as before


def test_an_erased_person_is_deleted_there_and_named_nowhere_here(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    sent = {event["subject"] for event in world.peer.events()}
    for _twice in range(2):
        assert all(answer.ok for answer in world.plugins.host.erase_person(world.ann.id))
    kept = repr([vars(row) for table in (Consent, Link, Outbox) for row in rows(table)])
    assert world.ann.id not in kept and "Ann" not in kept and rows(Consent) == []
    clock.advance(minutes=1)
    world.work()
    assert {e["subject"] for e in world.peer.events() if e["type"].endswith(".deleted")} == sent and rows(Link) == []


def test_a_vote_withdrawn_and_an_idea_hidden_are_taken_back_too(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    world.call("DELETE", f"ideas/{world.theirs.id}/vote", world.ann)
    world.call("POST", f"ideas/{world.mine.id}/hide", world.root, reason="off topic")
    clock.advance(minutes=1)
    world.work()
    gone = {kind for kind, _name in world.peer.told() if kind.endswith(".deleted")}
    assert gone == {"codesign.activity.deleted", "codesign.idea.deleted"}


def test_a_call_whose_answer_was_lost_goes_again_under_the_same_message_id(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [SystemExit("killed between call and answer")]
    with pytest.raises(SystemExit):
        world.work()
    assert [row.doubt for row in rows(Link)].count(True) >= 1
    clock.advance(minutes=1)
    world.work()
    ids = [request.headers["webhook-id"] for request in world.peer.requests]
    assert ids[0] == ids[1] and len(ids) == len(set(ids)) + 1
    assert not any(row.doubt for row in rows(Link))


def test_a_busy_peer_is_asked_again_when_it_says_and_others_wait(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(429, {"retry-after": "600"})]
    world.work()
    assert len(world.peer.requests) == 1  # the rest waits behind it
    clock.advance(minutes=9)
    world.work()
    assert len(world.peer.requests) == 1
    clock.advance(minutes=60)
    world.work()
    assert len(world.peer.requests) == 4 and rows(Outbox) == [] and world.connection.failures == 0


def test_what_belongs_to_somebody_waits_until_they_arrived(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(503)]
    world.work()
    clock.advance(seconds=0.5)  # too early for another try, and the rest would be due
    world.work()
    assert world.peer.told() == [("codesign.person.upserted", "Ann")]
    clock.advance(minutes=2)
    world.work()
    assert [kind for kind, _name in world.peer.told()[1:]] == [
        "codesign.person.upserted", "codesign.idea.upserted", "codesign.activity.upserted",
    ]  # fmt: skip


def test_failures_in_a_row_open_the_breaker_and_one_trial_closes_it(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    for _ in range(connections.TRIPS):
        world.peer.answers = [Answer(500)]
        clock.advance(hours=3)
        world.work()
    assert world.connection.failures == connections.TRIPS and not world.connection.may_send
    calls = len(world.peer.requests)
    world.work()
    assert len(world.peer.requests) == calls
    clock.advance(hours=3)
    world.work()
    assert len(world.peer.requests) == calls + 3 and world.connection.failures == 0


def test_a_line_that_fails_too_long_is_paused_with_a_notice_and_nothing_is_lost(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    for _ in range(20):
        world.peer.answers = [Unreachable("no answer")]
        clock.advance(hours=3)
        world.work()
    assert (world.connection.state, world.connection.reason) == ("paused", "failing_too_long")
    tries = len(world.peer.requests)
    connections.resume(world.space.id, world.id)
    outbox.replay(world.id)
    clock.advance(hours=3)
    world.peer.answers = []
    world.work()
    assert len(world.peer.requests) == tries + 3 and rows(Outbox) == []


@pytest.mark.parametrize(("status", "reason"), [(401, "secret_refused"), (410, "gone")])
def test_a_refused_secret_pauses_at_once_and_a_new_one_goes_on(
    world: World, clock: Clock, status: int, reason: str
) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(status)]
    world.work()
    assert (world.connection.state, world.connection.reason) == ("paused", reason) and len(world.peer.requests) == 1
    connections.resume(world.space.id, world.id, "whsec_" + "QUJD" * 8)
    clock.advance(hours=1)
    world.work()
    assert world.connection.sent == 3 and rows(Outbox) == []


def test_what_is_refused_is_given_up_with_a_reason_and_sent_again_by_hand(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(422)]
    world.work()
    assert [(row.state, row.code) for row in rows(Outbox)] == [("dead", "refused")] and world.connection.sent == 2
    assert outbox.replay(world.id) == 1
    clock.advance(minutes=1)
    world.work()
    assert rows(Outbox) == [] and world.connection.sent == 3


def give_up(world: World) -> None:
    """Ann's idea was sent, she changed it, and the other side refuses that."""
    world.allow(world.ann)
    world.work()
    world.call("PATCH", f"ideas/{world.mine.id}", world.ann, title="A belt drive, really")
    world.peer.answers = [Answer(422)] * 3
    world.work()
    world.peer.answers = []
    assert [row.state for row in rows(Outbox)] == ["dead"]


def test_what_was_given_up_is_deleted_there_when_consent_is_taken_back(world: World, clock: Clock) -> None:
    give_up(world)
    consent.withdraw(actor_of(world.ann), world.space.id, world.ann.id, world.settings)
    world.peer.answers = [Answer(422)]
    for _turn in range(2):
        clock.advance(minutes=2)
        world.work()
    assert [(row.kind, row.state) for row in rows(Outbox)] == [("person", "dead")]
    assert [link.kind for link in rows(Link)] == ["person"], "the idea is gone there, one removal was refused"
    sending.compare(world.space.id, world.settings)
    world.work()
    assert rows(Outbox) == [] == rows(Link) and world.peer.events()[-1]["type"] == "codesign.person.deleted"


def test_what_was_given_up_goes_again_with_another_mapping_and_not_by_the_hour(world: World) -> None:
    give_up(world)
    count = len(world.peer.requests)
    sending.compare(world.space.id, world.settings)
    world.work()
    assert len(world.peer.requests) == count, "nothing is different: it would be refused again"
    mapping = {kind: dict(names) for kind, names in world.connection.mapping.items()}
    mapping["idea"] = {"title": "subject"}
    connections.remap(world.space.id, world.id, mapping)
    world.work()
    assert rows(Outbox) == [] and world.peer.events()[-1]["data"]["subject"] == "A belt drive, really"


def test_what_changes_while_it_is_sent_is_sent_again(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.plugins.work()
    items = outbox.due(world.id, 10)
    with sdk.read() as session:
        before = session.scalar(select(Outbox.seq).where(Outbox.kind == "idea"))
    world.vote(world.bob, world.mine)
    world.plugins.work()  # a vote arrives while the batch is under way
    outbox.unchanged(world.id, [item for item in items if item.kind == "idea"])
    assert [row.seq > before for row in rows(Outbox) if row.kind == "idea"] == [True]


def test_tokens_run_out_and_come_back(world: World, clock: Clock) -> None:
    assert [connections.take_token(world.id, 0.1) for _ in range(2)] == [True, False]
    clock.advance(seconds=5)
    assert not connections.take_token(world.id, 0.1)
    clock.advance(seconds=5)
    assert connections.take_token(world.id, 0.1)


def test_the_secret_is_kept_encrypted(world: World) -> None:
    kept = rows(Connection)[0].secret
    assert world.secret.startswith("whsec_") and world.secret not in kept and "whsec" not in kept
    with world.app.app_context():
        assert connections.open_line(world.connection, world.space, world.peer).secret == world.secret


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    with world.app.app_context():
        first = sending.changes(world.space, world.settings, world.connection)
        assert sorted((e.kind, state) for e, state, _b, _a in first) == [
            ("activity", "create"), ("idea", "create"), ("person", "create"),
        ]  # fmt: skip
        world.work()
        world.call("PUT", "people/crm-1", world.root, name="Ann B.", organization="Velo AG")
        found = {e.kind: (state, before.get("name"), after.get("name")) for e, state, before, after in
                 sending.changes(world.space, world.settings, world.connection)}  # fmt: skip
    assert found["person"] == ("update", "Ann", "Ann B.") and found["organization"][0] == "create"
    assert found["idea"][0] == "unchanged" and len(world.peer.requests) == 3


def test_what_changed_without_an_event_is_found_by_the_hour(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    world.call("PUT", "people/crm-1", world.root, organization="Velo AG", segment="fleet", revenue=1000.0)
    clock.advance(hours=1)
    with world.app.app_context():
        sending.compare(world.space.id, world.settings)
    world.work()
    kinds = [kind for kind, _name in world.peer.told()[3:]]
    assert kinds == ["codesign.organization.upserted", "codesign.person.upserted"]
    assert world.peer.events()[3]["data"]["segment"] == "fleet"


def test_fields_that_are_not_named_stay_here(world: World, clock: Clock) -> None:
    connections.remap(world.space.id, world.id, {"person": {"email": "mail"}})
    world.allow(world.ann)
    world.work()
    data = [event["data"] for event in world.peer.events()]
    assert len(data) == 1 and set(data[0]) == {"id", "mail"} and data[0]["mail"] == world.ann.email
    connections.remap(world.space.id, world.id, {"person": {"email": "mail", "name": "who"}})
    clock.advance(minutes=1)
    world.work()
    assert world.peer.events()[-1]["data"]["who"] == "Ann"


def test_it_goes_on_where_it_stood_after_being_off(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.plugins.enable(NAME, world.space, False)
    world.work()
    world.plugins.enable(NAME, world.space, True)
    clock.advance(minutes=1)
    world.work()
    assert world.connection.sent == 3


def test_what_the_crm_tells_is_kept_and_not_told_back(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.call("PUT", "people/crm-1", world.root, organization="Velo AG")
    world.work()
    count = len(world.peer.requests)
    path = f"spaces/{world.space.slug}/-/{NAME}/people/crm-1"
    for _twice in range(2):
        world.call("PUT", path, world.root, name="Ann B.", segment="fleet", revenue=1000)
    clock.advance(hours=1)
    sending.compare(world.space.id, world.settings)
    world.work()
    assert len(world.peer.requests) == count
    assert world.call("GET", path.replace("people/crm-1", "connections"), world.root)["items"][0]["sent"] == count
    world.call("PUT", "people/crm-1", world.root, segment="other")  # not from that CRM: it is told
    clock.advance(hours=1)
    sending.compare(world.space.id, world.settings)
    world.work()
    assert world.peer.events()[-1]["data"]["segment"] == "other"


def test_what_the_crm_tells_hides_no_change_of_ours(world: World, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    count = len(world.peer.requests)
    world.vote(world.ann, world.mine)
    world.plugins.work()
    world.call("PUT", f"spaces/{world.space.slug}/-/{NAME}/people/crm-1", world.root, name="Ann Other")
    clock.advance(minutes=2)
    world.work()
    assert [event["data"].get("votes") for event in world.peer.events()[count:] if "person" in event["type"]] == [2]


def test_the_demo_shows_people_who_allow_it_and_files(world: World) -> None:
    from codesign_plugins.crm_export import demo

    demo.show(world.space)
    world.work()
    files = next(each for each in connections.of_space(world.space.id) if each.connector == "csv")
    assert set(consent.allowed(world.space.id, world.settings["purpose"])) == {world.ann.id, world.bob.id}
    assert files.title == "Files for the sales team" and files.sent > 2
