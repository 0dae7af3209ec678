"""From the log to another system: only with consent, once, gone when taken back."""

from __future__ import annotations

from typing import Any

from codesign_plugins.crm_export import connections, consent, sending
from codesign_plugins.crm_export.models import Consent, Link, Outbox

from codesign.testing import Clock, actor_of

NAME = "crm_export"


def test_nothing_leaves_without_a_consent_and_with_one_only_what_is_theirs(world: Any) -> None:
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


def test_told_again_nothing_is_sent_again_and_a_change_sends_that_thing_alone(world: Any, clock: Clock) -> None:
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


def test_a_consent_taken_back_deletes_there_what_was_sent(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    sent = {event["subject"] for event in world.peer.events()}
    consent.withdraw(actor_of(world.ann), world.space.id, world.ann.id, world.settings)
    clock.advance(minutes=1)
    world.work()
    gone = [event for event in world.peer.events() if event["type"].endswith(".deleted")]
    assert {event["subject"] for event in gone} == sent and set(gone[0]["data"]) == {"id"}
    assert world.rows(Link) == [] and world.rows(Outbox) == []
    world.allow(world.ann)
    clock.advance(minutes=1)
    world.work()
    assert {event["subject"] for event in world.peer.events()[-3:]} == sent  # the same names as before


def test_an_erased_person_is_deleted_there_and_named_nowhere_here(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    sent = {event["subject"] for event in world.peer.events()}
    for _twice in range(2):
        assert all(answer.ok for answer in world.plugins.host.erase_person(world.ann.id))
    kept = repr([vars(row) for table in (Consent, Link, Outbox) for row in world.rows(table)])
    assert world.ann.id not in kept and "Ann" not in kept and world.rows(Consent) == []
    clock.advance(minutes=1)
    world.work()
    assert {e["subject"] for e in world.peer.events() if e["type"].endswith(".deleted")} == sent and world.rows(
        Link
    ) == []


def test_a_vote_withdrawn_and_an_idea_hidden_are_taken_back_too(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    world.call("DELETE", f"ideas/{world.theirs.id}/vote", world.ann)
    world.call("POST", f"ideas/{world.mine.id}/hide", world.root, reason="off topic")
    clock.advance(minutes=1)
    world.work()
    gone = {kind for kind, _name in world.peer.told() if kind.endswith(".deleted")}
    assert gone == {"codesign.activity.deleted", "codesign.idea.deleted"}


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(world: Any, clock: Clock) -> None:
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


def test_what_changed_without_an_event_is_found_by_the_hour(world: Any, clock: Clock) -> None:
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


def test_fields_that_are_not_named_stay_here(world: Any, clock: Clock) -> None:
    connections.remap(world.space.id, world.id, {"person": {"email": "mail"}})
    world.allow(world.ann)
    world.work()
    data = [event["data"] for event in world.peer.events()]
    assert len(data) == 1 and set(data[0]) == {"id", "mail"} and data[0]["mail"] == world.ann.email
    connections.remap(world.space.id, world.id, {"person": {"email": "mail", "name": "who"}})
    clock.advance(minutes=1)
    world.work()
    assert world.peer.events()[-1]["data"]["who"] == "Ann"


def test_it_goes_on_where_it_stood_after_being_off(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.plugins.enable(NAME, world.space, False)
    world.work()
    world.plugins.enable(NAME, world.space, True)
    clock.advance(minutes=1)
    world.work()
    assert world.connection.sent == 3


def test_what_the_crm_tells_is_kept_and_not_told_back(world: Any, clock: Clock) -> None:
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


def test_what_the_crm_tells_hides_no_change_of_ours(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.work()
    count = len(world.peer.requests)
    world.vote(world.ann, world.mine)
    world.plugins.work()
    world.call("PUT", f"spaces/{world.space.slug}/-/{NAME}/people/crm-1", world.root, name="Ann Other")
    clock.advance(minutes=2)
    world.work()
    assert [event["data"].get("votes") for event in world.peer.events()[count:] if "person" in event["type"]] == [2]


def test_a_person_is_made_of_a_json_object_and_of_nothing_else(world: Any) -> None:
    path = f"/api/v1/spaces/{world.space.slug}/-/{NAME}/people/crm-9"
    token = {"Authorization": f"Bearer {world.tokens[world.root.id]}"}

    def put(body: str, kind: str = "application/json") -> int:
        client = world.app.test_client()
        return int(client.put(path, data=body, content_type=kind, headers=token).status_code)

    wrong = ("{", "[]", "null", '"Ann"', '{"name": "A", "name": "B"}', '{"nick": "A"}', '{"name": "\\u0000"}')
    assert [put(body) for body in wrong] == [422] * len(wrong)
    assert put('{"name": "Ann"}', "text/plain") == 422
    assert put('{"name": "Ann"}') == 200


def test_the_demo_shows_people_who_allow_it_and_files(world: Any) -> None:
    from codesign_plugins.crm_export import demo

    demo.show(world.space)
    world.work()
    files = next(each for each in connections.of_space(world.space.id) if each.connector == "csv")
    assert set(consent.allowed(world.space.id, world.settings["purpose"])) == {world.ann.id, world.bob.id}
    assert files.title == "Files for the sales team" and files.sent > 2
