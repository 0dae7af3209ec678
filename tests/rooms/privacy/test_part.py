"""Who took part and with what, as plugins may know it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from codesign import sdk
from codesign.accounts.feeding import feed_person
from codesign.comments.service import add_comment
from codesign.testing import actor_of
from codesign.voting.service import cast_vote


def test_people_with_their_company_and_what_they_gave(
    make_space: Callable[..., Any], make_idea: Callable[..., Any], make_person: Callable[..., Any]
) -> None:
    ann, bob, space, other = make_person("Ann"), make_person("Bob", external_id="crm-2"), make_space(), make_space()
    feed_person("crm-2", organization="Velo AG", segment="fleet")
    mine, foreign = make_idea(space, author=ann), make_idea(other, author=ann)
    cast_vote(actor_of(bob), mine.id, 1)
    cast_vote(actor_of(bob), foreign.id, 1)
    for _ in range(2):
        add_comment(actor_of(bob), mine.id, "Yes.")
    people = sdk.participants(space.id, [ann.id, bob.id, "nobody"])
    assert {people[bob.id].name, people[ann.id].name} == {"Ann", "Bob"} and len(people) == 2
    assert people[bob.id].organization and people[bob.id].organization.attributes == {"segment": "fleet"}
    given = sdk.contributions(space.id, [ann.id, bob.id])
    assert given[ann.id] == sdk.Contributions((mine.id,))
    assert given[bob.id] == sdk.Contributions((), {mine.id: 1}, {mine.id: 2})
    assert sdk.tallies(space.id, [mine.id, foreign.id])[mine.id].up == 1
