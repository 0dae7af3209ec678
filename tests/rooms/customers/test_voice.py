"""Votes entered for customers: each the person's own, counted once; evidence; who may, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from codesign.accounts.queries import find_by_email
from codesign.accounts.service import add_people, make_link, register, reset_password, sign_in
from codesign.customers.facts import CALL, MAIL
from codesign.customers.queries import voice_of
from codesign.customers.service import add_evidence, enter_vote, remove_evidence, take_back_vote
from codesign.events import log
from codesign.ideas.queries import get_idea
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.errors import Closed, Conflict, Invalid, NotFound, Problem
from codesign.merging.service import merge_idea, undo_merge
from codesign.privacy.queries import my_data
from codesign.privacy.service import erase_person, join_guest
from codesign.spaces import service as spaces
from codesign.testing import actor_of
from codesign.voting.belongings import data_of
from codesign.voting.queries import voters_of
from codesign.voting.service import cast_vote, withdraw_vote
from tests.support.world import World, token

LINA = "lina@example.org"


@pytest.fixture(autouse=True)
def _time_passes(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vote at another moment is another vote: here every look at the clock is a second later."""
    from codesign.kernel import clock as kernel_clock

    frozen = kernel_clock.now

    def now() -> Any:
        clock.advance(seconds=1)
        return frozen()

    monkeypatch.setattr(kernel_clock, "now", now)


def ups(world: World, idea_id: str) -> int:
    tally = get_idea(world.owner, idea_id).tally
    assert tally is not None
    return tally.up


def test_a_vote_from_a_call_is_the_customers_own(world: World) -> None:
    idea = world.idea()
    entry = enter_vote(world.moderator, idea.id, LINA, CALL, name="Lina", organization="Velo Ltd", note="Asked twice.")
    lina = find_by_email(LINA)
    assert lina is not None and not lina.guest and not lina.has_password and lina.name == "Lina"
    assert ups(world, idea.id) == 1 and voters_of(idea.id) == [lina.id]
    assert (entry.called, entry.source, entry.note, entry.by_id) == (
        "Lina",
        CALL,
        "Asked twice.",
        world.moderator.person_id,
    )
    with db.read():
        facts = {fact.name: fact for fact in log.since(world.space.id, 0, 500)}
    assert facts["vote.cast"].actor_id == facts["vote.entered"].actor_id == world.moderator.person_id
    assert facts["vote.cast"].payload["person_id"] == lina.id
    assert facts["vote.entered"].payload == {"entry_id": entry.id, "idea_id": idea.id, "source": CALL}
    again = enter_vote(world.owner, idea.id, "Lina@Example.org", MAIL, note="And by mail.")
    assert again.id == entry.id and ups(world, idea.id) == 1 and voice_of(idea.id).count == 1
    assert again.source == MAIL and again.called == "Lina@Example.org"


def test_who_was_called_claims_the_vote_and_their_own_counts_from_then_on(make_world: Any) -> None:
    world = make_world(kind="updown")
    idea = world.idea()
    entry = enter_vote(world.moderator, idea.id, LINA, CALL)
    lina = find_by_email(LINA)
    assert lina is not None
    with pytest.raises(Invalid):  # the address is taken; a letter to it opens the account
        register("Lina", LINA, "four calm green bikes")
    reset_password(make_link(lina.id, "reset"), "four calm green bikes")
    assert sign_in(LINA, "four calm green bikes").id == lina.id
    cast_vote(actor_of(lina), idea.id, -1)
    tally = get_idea(world.owner, idea.id).tally
    assert tally is not None and (tally.up, tally.down) == (0, 1)
    enter_vote(world.moderator, idea.id, LINA, CALL)
    take_back_vote(world.moderator, idea.id, entry.id)
    assert data_of(lina.id)[0]["value"] == -1 and voice_of(idea.id).count == 0


def test_a_vote_of_ones_own_is_never_touched(world: World, make_person: Any) -> None:
    idea, ann = world.idea(world.ben), world.ann
    cast_vote(ann, idea.id, 1)
    when = data_of(str(ann.person_id))
    entry = enter_vote(world.moderator, idea.id, str(ann.person_id), CALL)
    assert ups(world, idea.id) == 1 and data_of(str(ann.person_id)) == when
    take_back_vote(world.moderator, idea.id, entry.id)
    assert ups(world, idea.id) == 1 and data_of(str(ann.person_id)) == when
    entry = enter_vote(world.moderator, idea.id, LINA, CALL)
    lina = find_by_email(LINA)
    assert lina is not None
    withdraw_vote(actor_of(lina), idea.id)
    cast_vote(actor_of(lina), idea.id, 1)  # now it is hers
    take_back_vote(world.moderator, idea.id, entry.id)
    assert ups(world, idea.id) == 2


def test_the_team_takes_back_what_it_entered(world: World) -> None:
    idea = world.idea()
    entry = enter_vote(world.moderator, idea.id, LINA, CALL)
    take_back_vote(world.owner, idea.id, entry.id)
    assert ups(world, idea.id) == 0 and voice_of(idea.id).entries == ()
    assert world.names()[-2:] == ["vote.withdrawn", "vote.entry_removed"]
    with pytest.raises(NotFound):
        take_back_vote(world.owner, idea.id, entry.id)


def test_entered_votes_are_united_and_parted_like_any(world: World) -> None:
    one, two = world.idea(title="A lamp in front"), world.idea(title="A lamp behind")
    first, second = enter_vote(world.owner, one.id, LINA, CALL), enter_vote(world.owner, two.id, LINA, CALL)
    merge_idea(world.moderator, one.id, two.id)
    assert ups(world, two.id) == 1
    assert {entry.id for entry in voice_of(two.id).entries} == {first.id, second.id}
    with pytest.raises(Conflict):  # it waits in the memory of the merge
        take_back_vote(world.owner, two.id, first.id)
    undo_merge(world.moderator, one.id)
    assert (ups(world, one.id), ups(world, two.id)) == (1, 1)
    take_back_vote(world.owner, two.id, second.id)
    merge_idea(world.moderator, one.id, two.id)
    take_back_vote(world.owner, two.id, first.id)
    undo_merge(world.moderator, one.id)
    assert (ups(world, one.id), ups(world, two.id)) == (0, 0)


def test_whom_the_team_means(world: World, make_person: Any) -> None:
    idea = world.idea()
    twin = make_person("Nora Berg")
    for person in (twin, make_person("Sam Lee"), make_person("Sam Lee")):
        spaces.add_member(world.owner, world.space.id, person_id=person.id)
    assert enter_vote(world.owner, idea.id, "nora berg", CALL).called == "nora berg"
    assert voters_of(idea.id) == [twin.id]
    outside = make_person("Otto Out")
    for words in ("Sam Lee", "Otto Out", outside.id, "", "  ", "no@address@", str(world.owner.person_id)):
        with pytest.raises(Invalid) as refused:
            enter_vote(world.owner, idea.id, words, CALL)
        assert refused.value.errors[0].field in {"person", "email"}
    customer = make_person("Known elsewhere", external_id="C-77")
    enter_vote(world.owner, idea.id, "C-77", CALL)
    assert set(voters_of(idea.id)) == {twin.id, customer.id}
    spaces.ban_member(world.owner, world.space.id, twin.id)
    with pytest.raises(Conflict):
        enter_vote(world.owner, idea.id, twin.id, CALL)
    with pytest.raises(Invalid):
        enter_vote(world.owner, idea.id, LINA, "dream")
    with pytest.raises(Invalid):
        enter_vote(world.owner, idea.id, LINA, CALL, value=-1)  # this ballot takes votes for an idea alone
    assert find_by_email(LINA) is None


def test_only_the_team_and_only_while_voting_is_open(world: World) -> None:
    idea, refused = world.idea(), (world.ann, world.stranger, Actor(), token(world.moderator, "write"))
    entry = enter_vote(token(world.moderator, "write", "moderate"), idea.id, LINA, CALL)
    said = add_evidence(token(world.owner, "product"), idea.id, quote="We need it.")
    for actor in refused:
        for ask in (
            lambda actor=actor: enter_vote(actor, idea.id, LINA, CALL),
            lambda actor=actor: take_back_vote(actor, idea.id, entry.id),
            lambda actor=actor: add_evidence(actor, idea.id, quote="Mine"),
            lambda actor=actor: remove_evidence(actor, idea.id, said.id),
        ):
            with pytest.raises(Problem) as problem:
                ask()
            assert problem.value.code in {"forbidden", "unauthenticated"}
    other = world.idea(title="Another lamp")
    with pytest.raises(NotFound):
        take_back_vote(world.owner, other.id, entry.id)
    with pytest.raises(NotFound):
        remove_evidence(world.owner, other.id, said.id)
    spaces.close_ballot(world.owner, world.space.id)
    for late in (
        lambda: enter_vote(world.owner, idea.id, "b@example.org", CALL),
        lambda: take_back_vote(world.owner, idea.id, entry.id),
    ):
        with pytest.raises(Closed):
            late()
    remove_evidence(world.owner, idea.id, said.id)
    assert voice_of(idea.id).evidence == ()


def test_evidence_is_a_quote_or_a_safe_link(world: World) -> None:
    idea = world.idea()
    both = add_evidence(
        world.owner, idea.id, quote="**Need** it\r\n", url=" https://example.org/a?b=1 ", organization="Velo Ltd"
    )
    assert (both.quote, both.url, both.organization) == ("**Need** it", "https://example.org/a?b=1", "Velo Ltd")
    for wrong in (
        "http://example.org",
        "javascript:alert(1)",
        "https://",
        "https://me:pw@example.org",
        "https://a b.org",
    ):
        with pytest.raises(Invalid) as refused:
            add_evidence(world.owner, idea.id, url=wrong)
        assert refused.value.errors[0].field == "url"
    with pytest.raises(Invalid):
        add_evidence(world.owner, idea.id, organization="Velo Ltd")
    assert len(voice_of(idea.id).evidence) == 1


def test_who_is_forgotten_takes_what_was_noted_along_and_the_vote_counts_on(world: World) -> None:
    idea = world.idea()
    enter_vote(world.moderator, idea.id, LINA, CALL, note="Lina is fond of it.")
    add_evidence(world.moderator, idea.id, quote="I am fond of it.", person=LINA)
    add_evidence(world.moderator, idea.id, quote="Somebody said so.")
    lina = find_by_email(LINA)
    assert lina is not None
    mine = my_data(lina.id)
    assert mine["votes_entered_for_me"][0]["note"] == "Lina is fond of it."
    assert mine["said_elsewhere"][0]["quote"] == "I am fond of it."
    assert len(my_data(str(world.moderator.person_id))["entered_for_others"]) == 3
    erase_person(SYSTEM, lina.id)
    voice = voice_of(idea.id)
    assert voice.entries == () and [each.quote for each in voice.evidence] == ["Somebody said so."]
    assert ups(world, idea.id) == 1
    erase_person(SYSTEM, str(world.moderator.person_id))
    assert [(each.by_id, each.by) for each in voice_of(idea.id).evidence] == [(None, "")]


def test_what_was_noted_of_a_guest_goes_on_with_the_account(world: World, make_person: Any) -> None:
    (guest_id,) = add_people([{"external_id": "G-1", "guest": True}])
    lina = make_person("Lina")
    one, two = world.idea(title="A lamp in front"), world.idea(title="A lamp behind")
    entry, twin = enter_vote(world.owner, one.id, "G-1", CALL), enter_vote(world.owner, two.id, "G-1", CALL)
    cast_vote(actor_of(lina), two.id, 1)
    add_evidence(world.owner, one.id, quote="I need it.", person="G-1")
    assert join_guest(guest_id, lina.id)
    assert [len(my_data(lina.id)[name]) for name in ("votes_entered_for_me", "said_elsewhere")] == [2, 1]
    take_back_vote(world.owner, one.id, entry.id)
    take_back_vote(world.owner, two.id, twin.id)
    assert (ups(world, one.id), ups(world, two.id)) == (0, 1)  # the second one is her own


def test_the_voice_of_an_idea_costs_the_same_however_much_there_is(world: World, count_queries: Any) -> None:
    idea, costs = world.idea(), []
    for number in (1, 7):
        for each in range(number):
            enter_vote(world.owner, idea.id, f"p{number}-{each}@example.org", CALL)
            add_evidence(world.owner, idea.id, quote=f"Said {each}")
        with count_queries() as statements:
            voice_of(idea.id)
        costs.append(len(statements))
    assert costs[0] == costs[1]
