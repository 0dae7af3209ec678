"""From rows to findings: what is gathered, when it is worked out anew, and what those get from whom results are hidden."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from codesign.configurations.service import (
    choose_many,
    fork_configuration,
    redo,
    start_configuration,
    take_repair,
    undo,
)
from codesign.events import log
from codesign.ideas.service import hide_idea
from codesign.insights import gathering, queries, service
from codesign.kernel import db
from codesign.kernel.background import Background
from codesign.kernel.backoff import LONGEST
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import ProductFact
from codesign.testing import Clock
from codesign.voting.service import cast_vote
from tests.rooms.insights.conftest import Compose, again, make_bike
from tests.support.bikes import COUNT, NEXT, SMALL
from tests.support.world import World


def findings(product: ProductFact) -> dict[str, Any]:
    service.refresh(again(product))
    (known,) = queries.insights_of(product.id)
    return known.findings


def rows(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {row["option"]: row for row in found[name]}


def test_the_baseline_is_the_share_of_all_valid_configurations(bike: ProductFact) -> None:
    taken = rows(findings(bike), "taken")
    assert taken["b400"]["baseline"] == pytest.approx(10 / COUNT)
    assert sum(taken[frame]["baseline"] for frame in ("city", "trail", "cargo")) == pytest.approx(1)
    with db.read():
        pool = queries.pool_of(str(bike.published_version_id))
    assert len(pool) == COUNT


def test_what_people_composed_wished_and_forked_is_counted(world: World, bike: ProductFact, compose: Compose) -> None:
    mine, _idea = compose(world.ann, "trail", "m500", wishes=("child-seat",))
    start_configuration(world.ben, bike.id, "Draft", {"trail": True}, ("child-seat",))
    fork_configuration(world.ben, mine)
    found = findings(bike)
    taken = rows(found, "taken")
    assert (taken["trail"]["taken"], taken["trail"]["of"], taken["trail"]["rows"]) == (1, 1, [mine])
    assert (taken["b400"]["taken"], taken["b400"]["of"]) == (0, 1)  # the motor rules it out
    assert taken["b625"]["of"] == 0  # and a battery is still to be chosen
    assert found["wishes"] == [{"option": "child-seat", "people": 2, "rows": [mine]}]
    assert found["rules"][0] == {
        "kind": "rule", "id": "no-seat-on-trail", "people": 2, "options": {"child-seat": 2},
    }  # fmt: skip
    assert found["forked"] == [{"configuration": mine, "forks": 1}]
    assert found["people"] == 2


def test_votes_on_ideas_count_for_what_they_carry(world: World, bike: ProductFact, compose: Compose) -> None:
    mine, idea = compose(world.ann, "city", "m250", "b400", "rack")
    other, hidden = compose(world.ben, "cargo", "m250", "b800")
    for voter in (world.ben, world.owner, world.moderator):
        cast_vote(voter, idea, 1)
    cast_vote(world.ann, hidden, 1)
    found = findings(bike)
    assert found["voted"] == [
        {"configuration": mine, "idea": idea, "up": 3, "down": 0},
        {"configuration": other, "idea": hidden, "up": 1, "down": 0},
    ]
    assert found["signals"] == {"publications": 2, "votes": 4}
    hide_idea(world.moderator, hidden, "Not a bike")
    found = findings(bike)
    assert [row["configuration"] for row in found["voted"]] == [mine]
    assert found["composers"] == 1


def test_a_repair_taken_says_what_was_preferred(world: World, bike: ProductFact) -> None:
    draft = start_configuration(world.ann, bike.id, "Mine", {"trail": True, "lights": True})
    take_repair(world.ann, draft.id, "child-seat", True, ("trail",))
    with db.read():
        (fact,) = log.latest(world.space.id, names=["option.swapped"])
    assert fact.audience == "none"
    assert (fact.payload["option"], fact.payload["gave_up"]) == ("child-seat", ["trail"])
    assert findings(bike)["signals"] == {"repairs": 1}


def test_a_person_has_one_voice_for_a_repair_and_none_once_it_is_taken_back(world: World, bike: ProductFact) -> None:
    def swap() -> str:
        draft = start_configuration(world.ann, bike.id, "Mine", {"trail": True, "lights": True})
        take_repair(world.ann, draft.id, "child-seat", True, ("trail",))
        return draft.id

    first, second = swap(), swap()
    assert findings(bike)["signals"] == {"repairs": 1}
    undo(world.ann, second)
    assert findings(bike)["signals"] == {"repairs": 1}, "the other one stands"
    undo(world.ann, first)
    assert findings(bike)["signals"] == {}
    redo(world.ann, first)
    assert findings(bike)["signals"] == {"repairs": 1}


def test_a_busy_product_hides_no_other_and_models_are_read_once(
    world: World, bike: ProductFact, monkeypatch: pytest.MonkeyPatch, count_queries: Any
) -> None:
    monkeypatch.setattr(gathering, "MOST_SWAPS", 1)
    other = products.create_product(world.owner, world.space.id, "Busy bike")
    products.write_draft(world.owner, other.id, engine.parse(SMALL), SMALL)
    products.publish(world.owner, other.id)
    for product_id in (bike.id, other.id):
        draft = start_configuration(world.ann, product_id, "Mine", {"trail": True, "lights": True})
        take_repair(world.ann, draft.id, "child-seat", True, ("trail",))
    assert findings(bike)["signals"] == {"repairs": 1}
    with count_queries() as statements:
        assert [*gathering.read_all(bike).versions] == [bike.published_version_id]
    assert "document" not in str(statements)


def test_older_versions_count_in_todays_words(world: World, bike: ProductFact, compose: Compose) -> None:
    mine, _idea = compose(world.ann, "city", "m250", "b400")
    for name, was in (("urban", "city"), ("town", "urban")):  # renamed twice
        text = NEXT.replace("- {id: city, label: City", f"- {{id: {name}, replaces: {was}, label: Town")
        products.write_draft(world.owner, bike.id, engine.parse(text), text)
        products.publish(world.owner, bike.id)
    taken = rows(findings(bike), "taken")
    assert taken["town"]["rows"] == [mine] and "city" not in taken and "b400" not in taken
    assert (taken["dog-trailer"]["taken"], taken["dog-trailer"]["of"]) == (0, 1)


def test_it_is_worked_out_again_when_something_happened_and_not_too_often(
    clock: Clock, world: World, bike: ProductFact, compose: Compose
) -> None:
    assert service.refresh_due() == 0
    compose(world.ann, "city")
    assert service.refresh_due() == 0  # it has just been worked out
    clock.advance(minutes=2)
    assert service.refresh_due() == 1
    clock.advance(minutes=2)
    assert service.refresh_due() == 0
    world.comment(world.idea())  # the idea is a reason to look again
    assert service.refresh_due() == 1
    clock.advance(minutes=2)
    idea = world.idea(title="Another one of them")
    assert service.refresh_due() == 1
    clock.advance(minutes=2)
    world.comment(idea)
    assert service.refresh_due() == 0


def test_from_whom_results_are_hidden_gets_what_knows_no_votes(make_world: Callable[..., World]) -> None:
    world = make_world(results="after_vote")
    bike = make_bike(world)
    made = [
        start_configuration(world.ann, bike.id, "Mine", {"city": True, extra: True}) for extra in ("rack", "lights")
    ]
    ideas = [world.idea(world.ann, f"My bike {n}", configuration_id=one.id) for n, one in enumerate(made)]
    service.refresh(bike)

    def seen(actor) -> dict[str, Any]:
        with db.read():
            known = queries.get_insight(world.access(actor), bike)
        assert known is not None
        return known.findings

    before = seen(world.ben)
    assert before["voted"] is None
    cast_vote(world.ann, ideas[0].id, 1)
    service.refresh(bike)
    assert seen(world.ben) == before
    for actor in (world.ann, world.moderator):
        assert [row["idea"] for row in seen(actor)["voted"]] == [ideas[0].id]
        assert seen(actor)["signals"]["votes"] == 1


@pytest.mark.full
def test_a_product_of_a_thousand_options_is_worked_out(world: World) -> None:
    options = ", ".join(f"{{id: o{n}, label: Option {n}}}" for n in range(1000))
    large = make_bike(world, f"groups:\n  - {{id: all, label: All, choose: any, options: [{options}]}}\n")
    draft = start_configuration(world.ann, large.id, "Mine")
    choose_many(world.ann, draft.id, {f"o{n}": True for n in range(50)})
    world.idea(world.ann, "All I want", configuration_id=draft.id)
    found = findings(large)
    assert len(found["taken"]) == 1000 and sum(row["taken"] for row in found["taken"]) == 50
    assert len(found["worths"]) <= 400


def test_a_product_that_fails_holds_up_no_other(world: World, bike: ProductFact, monkeypatch, caplog) -> None:
    other = products.create_product(world.owner, world.space.id, "Another bike")
    products.write_draft(world.owner, other.id, engine.parse(NEXT), NEXT)
    products.publish(world.owner, other.id)
    done: list[str] = []

    def refresh(product: ProductFact) -> None:
        if not done:
            done.append("failed")
            raise ZeroDivisionError
        done.append(product.id)

    monkeypatch.setattr(service, "due", lambda: [again(bike), again(other)])
    monkeypatch.setattr(service, "refresh", refresh)
    assert service.refresh_due() == 1
    assert done == ["failed", other.id] and bike.id in caplog.text


def test_a_product_that_fails_rests_longer_each_time(bike: ProductFact, monkeypatch, caplog) -> None:
    now, tried, broken = [1000.0], list[float](), [True]

    def refresh(product: ProductFact) -> None:
        tried.append(now[0])
        if broken[0]:
            raise ZeroDivisionError

    def let_pass(seconds: int) -> None:
        for _second in range(seconds):
            now[0] += 1
            service.refresh_due()

    monkeypatch.setattr("codesign.kernel.backoff.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(service, "due", lambda: [again(bike)])
    monkeypatch.setattr(service, "refresh", refresh)
    let_pass(16)
    assert tried == [1001, 1002, 1004, 1008, 1016] and "5 times in a row" in caplog.text
    let_pass(1300)
    assert tried[-1] - tried[-2] == LONGEST
    let_pass(round(LONGEST))
    broken[0] = False
    let_pass(round(LONGEST))
    assert service.refresh_due() == 1  # what works again rests no more
    broken[0] = True
    monkeypatch.setattr(service, "due", lambda: [replace(again(bike), published_version_id=bike.id)])
    attempts = len(tried)
    service.refresh_due()
    assert len(tried) == attempts + 1  # a new version is tried at once


def test_what_runs_beside_the_worker_rests_when_it_fails(monkeypatch) -> None:
    now, runs = [1000.0], list[float]()

    def run() -> None:
        runs.append(now[0])
        raise ZeroDivisionError

    def settled() -> list[float]:
        until = time.monotonic() + 10
        while background.runs and time.monotonic() < until:
            time.sleep(0.001)
        return runs

    monkeypatch.setattr("codesign.kernel.backoff.time", SimpleNamespace(monotonic=lambda: now[0]))
    background = Background("something", run)
    assert background.begin() and settled() == [1000]
    assert not background.begin()
    now[0] += 1
    assert background.begin() and settled() == [1000, 1001]
    now[0] += 1
    assert not background.begin()
