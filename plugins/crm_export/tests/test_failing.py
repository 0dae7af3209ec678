"""A peer that is busy, gone, refuses or loses answers: what is sent goes again, in order, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from codesign_plugins.crm_export import connections, consent, outbox, sending
from codesign_plugins.crm_export.models import Connection, Link, Outbox
from sqlalchemy import select

from codesign import sdk
from codesign.sdk import Answer, Unreachable
from codesign.testing import Clock, actor_of

NAME = "crm_export"


def test_a_call_whose_answer_was_lost_goes_again_under_the_same_message_id(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [SystemExit("killed between call and answer")]
    with pytest.raises(SystemExit):
        world.work()
    assert [row.doubt for row in world.rows(Link)].count(True) >= 1
    clock.advance(minutes=1)
    world.work()
    ids = [request.headers["webhook-id"] for request in world.peer.requests]
    assert ids[0] == ids[1] and len(ids) == len(set(ids)) + 1
    assert not any(row.doubt for row in world.rows(Link))


def test_a_busy_peer_is_asked_again_when_it_says_and_others_wait(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(429, {"retry-after": "600"})]
    world.work()
    assert len(world.peer.requests) == 1  # the rest waits behind it
    clock.advance(minutes=9)
    world.work()
    assert len(world.peer.requests) == 1
    clock.advance(minutes=60)
    world.work()
    assert len(world.peer.requests) == 4 and world.rows(Outbox) == [] and world.connection.failures == 0


def test_what_belongs_to_somebody_waits_until_they_arrived(world: Any, clock: Clock) -> None:
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


def test_failures_in_a_row_open_the_breaker_and_one_trial_closes_it(world: Any, clock: Clock) -> None:
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


def test_a_line_that_fails_too_long_is_paused_with_a_notice_and_nothing_is_lost(world: Any, clock: Clock) -> None:
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
    assert len(world.peer.requests) == tries + 3 and world.rows(Outbox) == []


@pytest.mark.parametrize(("status", "reason"), [(401, "secret_refused"), (410, "gone")])
def test_a_refused_secret_pauses_at_once_and_a_new_one_goes_on(
    world: Any, clock: Clock, status: int, reason: str
) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(status)]
    world.work()
    assert (world.connection.state, world.connection.reason) == ("paused", reason) and len(world.peer.requests) == 1
    connections.resume(world.space.id, world.id, "whsec_" + "QUJD" * 8)
    clock.advance(hours=1)
    world.work()
    assert world.connection.sent == 3 and world.rows(Outbox) == []


def test_what_is_refused_is_given_up_with_a_reason_and_sent_again_by_hand(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.peer.answers = [Answer(422)]
    world.work()
    assert [(row.state, row.code) for row in world.rows(Outbox)] == [("dead", "refused")] and world.connection.sent == 2
    assert outbox.replay(world.id) == 1
    clock.advance(minutes=1)
    world.work()
    assert world.rows(Outbox) == [] and world.connection.sent == 3


def give_up(world: Any) -> None:
    """Ann's idea was sent, she changed it, and the other side refuses that."""
    world.allow(world.ann)
    world.work()
    world.call("PATCH", f"ideas/{world.mine.id}", world.ann, title="A belt drive, really")
    world.peer.answers = [Answer(422)] * 3
    world.work()
    world.peer.answers = []
    assert [row.state for row in world.rows(Outbox)] == ["dead"]


def test_what_was_given_up_is_deleted_there_when_consent_is_taken_back(world: Any, clock: Clock) -> None:
    give_up(world)
    consent.withdraw(actor_of(world.ann), world.space.id, world.ann.id, world.settings)
    world.peer.answers = [Answer(422)]
    for _turn in range(2):
        clock.advance(minutes=2)
        world.work()
    assert [(row.kind, row.state) for row in world.rows(Outbox)] == [("person", "dead")]
    assert [link.kind for link in world.rows(Link)] == ["person"], "the idea is gone there, one removal was refused"
    sending.compare(world.space.id, world.settings)
    world.work()
    assert world.rows(Outbox) == [] == world.rows(Link) and world.peer.events()[-1]["type"] == "codesign.person.deleted"


def test_what_was_given_up_goes_again_with_another_mapping_and_not_by_the_hour(world: Any) -> None:
    give_up(world)
    count = len(world.peer.requests)
    sending.compare(world.space.id, world.settings)
    world.work()
    assert len(world.peer.requests) == count, "nothing is different: it would be refused again"
    mapping = {kind: dict(names) for kind, names in world.connection.mapping.items()}
    mapping["idea"] = {"title": "subject"}
    connections.remap(world.space.id, world.id, mapping)
    world.work()
    assert world.rows(Outbox) == [] and world.peer.events()[-1]["data"]["subject"] == "A belt drive, really"


def test_what_changes_while_it_is_sent_is_sent_again(world: Any, clock: Clock) -> None:
    world.allow(world.ann)
    world.plugins.work()
    items = outbox.due(world.id, 10)
    with sdk.read() as session:
        before = session.scalar(select(Outbox.seq).where(Outbox.kind == "idea"))
    world.vote(world.bob, world.mine)
    world.plugins.work()  # a vote arrives while the batch is under way
    outbox.unchanged(world.id, [item for item in items if item.kind == "idea"])
    assert [row.seq > before for row in world.rows(Outbox) if row.kind == "idea"] == [True]


def test_tokens_run_out_and_come_back(world: Any, clock: Clock) -> None:
    assert [connections.take_token(world.id, 0.1) for _ in range(2)] == [True, False]
    clock.advance(seconds=5)
    assert not connections.take_token(world.id, 0.1)
    clock.advance(seconds=5)
    assert connections.take_token(world.id, 0.1)


def test_the_secret_is_kept_encrypted(world: Any) -> None:
    kept = world.rows(Connection)[0].secret
    assert world.secret.startswith("whsec_") and world.secret not in kept and "whsec" not in kept
    with world.app.app_context():
        assert connections.open_line(world.connection, world.space, world.peer).secret == world.secret
