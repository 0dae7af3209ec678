"""Cards: the same until they are answered, at most twenty a day, no votes, and everybody's own to take back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from codesign.events import log
from codesign.insights import belongings, queries, service
from codesign.insights.facts import Card
from codesign.kernel import db
from codesign.kernel.actor import ANONYMOUS, Actor
from codesign.kernel.errors import Closed, Conflict, Forbidden, NotFound, TooMany, Unauthenticated, Unavailable
from codesign.privacy.service import erase_person, join_guest
from codesign.products import engine
from codesign.products import service as products
from codesign.products.facts import ProductFact
from codesign.spaces.service import archive_space
from codesign.testing import Clock, actor_of
from tests.rooms.insights.conftest import again, make_bike
from tests.support.bikes import NEXT, SMALL
from tests.support.world import World, token


def card_of(actor: Actor, product: ProductFact) -> Card:
    with db.read():
        return queries.get_card(actor, product.id)


def hashes(card: Card) -> list[str]:
    return [thing.hash for thing in card.things]


def answer(actor: Actor, product: ProductFact, place: int | None = 0):
    shown = hashes(card_of(actor, product))
    return service.make_choice(actor, product.id, shown, None if place is None else shown[place])


def test_a_card_stays_the_same_until_it_is_answered(world: World, bike: ProductFact) -> None:
    card = card_of(world.ann, bike)
    assert card == card_of(world.ann, bike)
    assert len({*hashes(card)}) == 4 and (card.number, card.left) == (1, 20)
    assert hashes(card) != hashes(card_of(world.ben, bike))
    made = answer(world.ann, bike, 2)
    assert made.shown == tuple(hashes(card)) and made.chosen == hashes(card)[2]
    following = card_of(world.ann, bike)
    assert (following.number, following.left) == (2, 19) and hashes(following) != hashes(card)
    assert answer(world.ann, bike, None).chosen is None
    assert [one.chosen for one in queries.my_choices(world.ann, bike.id)] == [None, made.chosen]
    assert queries.my_choices(world.ben, bike.id) == []


def test_an_answer_is_in_no_tally_and_nobody_is_told_which(world: World, bike: ProductFact) -> None:
    before = world.access(world.ann).space.ballot.voters
    answer(world.ann, bike)
    with db.read():
        (fact,) = log.since(world.space.id, 0, 100, names=["choice.made"])
    assert fact.audience == "none" and set(fact.payload) == {"choice_id", "product_id", "person_id"}
    assert world.access(world.ann).space.ballot.voters == before
    assert "vote.cast" not in world.names()


def test_only_the_card_one_holds_can_be_answered(world: World, bike: ProductFact) -> None:
    mine, other = hashes(card_of(world.ann, bike)), hashes(card_of(world.ben, bike))
    for shown, chosen in ((other, other[0]), (mine[::-1], mine[0]), (mine, "0" * 32), ([], None)):
        with pytest.raises(Conflict):
            service.make_choice(world.ann, bike.id, shown, chosen)
    service.make_choice(world.ann, bike.id, mine, mine[0])
    with pytest.raises(Conflict):
        service.make_choice(world.ann, bike.id, mine, mine[0])
    assert len(queries.my_choices(world.ann, bike.id)) == 1


def test_twenty_a_day_and_more_tomorrow(world: World, bike: ProductFact, clock: Clock) -> None:
    for _number in range(20):
        answer(world.ann, bike)
        clock.advance(minutes=1)
    with pytest.raises(TooMany) as refusal:
        card_of(world.ann, bike)
    assert refusal.value.retry_after == pytest.approx(timedelta(hours=23, minutes=40).total_seconds(), abs=2)
    answer(world.ben, bike)
    clock.advance(hours=23, minutes=41)
    assert card_of(world.ann, bike).left == 2


def test_what_is_taken_back_was_a_card_of_that_day(world: World, bike: ProductFact, clock: Clock) -> None:
    old = answer(world.ann, bike)
    clock.advance(days=2)
    service.withdraw_choice(world.ann, old.id)
    assert card_of(world.ann, bike).left == 20
    for number in range(20):
        assert card_of(world.ann, bike).left == 20 - number
        service.withdraw_choice(world.ann, answer(world.ann, bike).id)
        clock.advance(minutes=1)
    with pytest.raises(TooMany) as refusal:
        card_of(world.ann, bike)
    assert refusal.value.retry_after == pytest.approx(timedelta(hours=23, minutes=40).total_seconds(), abs=2)
    clock.advance(hours=23, minutes=41)
    assert card_of(world.ann, bike).left == 2


def test_two_answers_at_once_are_counted_one_after_the_other(
    world: World, bike: ProductFact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_A_DAY", 1)
    other = products.create_product(world.owner, world.space.id, "Another bike")
    products.write_draft(world.owner, other.id, engine.parse(SMALL), SMALL)
    products.publish(world.owner, other.id)
    service.refresh(again(other))
    cards = {product.id: hashes(card_of(world.ann, product)) for product in (bike, other)}
    asked, first = threading.Barrier(2, timeout=1), queries.left_today

    def both(person_id: str) -> int:
        left = first(person_id)
        with suppress(threading.BrokenBarrierError):
            asked.wait()  # the other has asked as well, unless it has to wait
        return left

    monkeypatch.setattr(queries, "left_today", both)

    def make(product_id: str) -> bool:
        try:
            service.make_choice(world.ann, product_id, cards[product_id], None)
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(make, cards)) == [False, True]


def test_an_answer_can_be_taken_back_by_whom_it_is(world: World, bike: ProductFact) -> None:
    shown = hashes(card_of(world.ann, bike))
    made = answer(world.ann, bike)
    for stranger in (world.ben, world.owner, ANONYMOUS):
        with pytest.raises(NotFound):
            service.withdraw_choice(stranger, made.id)
    with pytest.raises(Forbidden):
        service.withdraw_choice(token(world.ann, "read"), made.id)
    service.withdraw_choice(world.ann, made.id)
    assert queries.my_choices(world.ann, bike.id) == []
    assert world.names()[-1] == "choice.withdrawn"
    assert hashes(card_of(world.ann, bike)) == shown
    with pytest.raises(NotFound):
        service.withdraw_choice(world.ann, made.id)


def test_who_may_not_take_part_gets_no_card(make_world: Callable[..., World]) -> None:
    world = make_world(who_votes="members", who_proposes="members", who_comments="members")
    bike = make_bike(world)
    with pytest.raises(Unavailable):
        card_of(world.ann, bike)
    service.refresh(bike)
    assert card_of(world.ann, bike).things
    for actor, refusal in (
        (world.stranger, Forbidden),
        (ANONYMOUS, Unauthenticated),
        (token(world.ann, "read"), Forbidden),
    ):
        with pytest.raises(refusal):
            card_of(actor, bike)
    archive_space(world.owner, world.space.id)
    with pytest.raises(Closed):
        card_of(world.ann, bike)


def test_a_product_with_one_configuration_has_no_cards(world: World) -> None:
    text = "groups:\n  - {id: frame, label: Frame, choose: one, options: [{id: city, label: City}]}\n"
    single = make_bike(world, text)
    service.refresh(single)
    with pytest.raises(Conflict):
        card_of(world.ann, single)


def test_a_new_version_has_cards_of_its_own_and_old_answers_still_count(world: World, bike: ProductFact) -> None:
    for person in (world.ann, world.ben):
        answer(person, bike)
    products.write_draft(world.owner, bike.id, engine.parse(NEXT), NEXT)
    products.publish(world.owner, bike.id)
    with pytest.raises(Unavailable):
        card_of(world.ann, bike)
    assert service.refresh_due() == 1
    assert card_of(world.ann, bike).number == 1
    (known,) = queries.insights_of(bike.id)
    assert known.product_version_id == again(bike).published_version_id
    assert known.findings["signals"] == {"cards": 2}


def test_a_guests_answers_go_along_and_a_forgotten_persons_stay_without_a_name(
    world: World, bike: ProductFact, make_person: Callable[..., object]
) -> None:
    guest = actor_of(make_person(guest=True))
    answer(guest, bike)
    own = answer(world.ann, bike)
    join_guest(str(guest.person_id), str(world.ann.person_id))
    assert len(queries.my_choices(world.ann, bike.id)) == 2
    assert card_of(world.ann, bike).number == 3
    data = belongings.data_of(str(world.ann.person_id))
    assert own.chosen in {line["chosen"] for line in data} and len(data) == 2
    erase_person(world.ann, str(world.ann.person_id))
    service.refresh(bike)
    (known,) = queries.insights_of(bike.id)
    assert known.findings["signals"] == {"cards": 2} and known.findings["people"] == 1
