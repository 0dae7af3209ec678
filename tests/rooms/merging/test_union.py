"""The arithmetic of merging: nobody is lost, nobody counts twice, and the way back leads back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from codesign.merging.union import Memories, note_withdrawals, part, unite
from codesign.voting.moves import Standing, Votes

AT = datetime(2026, 3, 2, tzinfo=UTC)


def votes(*people: str, value: int = 1, merge: str | None = None) -> Votes:
    """Votes of these people."""
    return {person: Standing(value, AT, merge) for person in people}


def test_who_voted_on_both_keeps_the_vote_on_the_survivor() -> None:
    united, memories = unite(votes("ann", "ben"), votes("ben", "cem", value=-1), "m1")
    assert united == {**votes("ann", merge="m1"), **votes("ben", "cem", value=-1)}
    assert [memories[name].moved for name in ("ann", "ben")] == [True, False]
    assert part(united, "m1", memories, [])[:2] == (votes("ann", "ben"), votes("ben", "cem", value=-1))


def test_what_was_cast_since_stays_and_what_was_taken_back_is_gone() -> None:
    united, memories = unite(votes("anew", "gone", "kept"), votes("own"), "m1")
    since = {**united, **votes("anew", value=-1)}
    del since["gone"]
    source, target, _changed = part(since, "m1", note_withdrawals(since, memories), [])
    assert source == votes("anew", "kept")
    assert target == {**votes("own"), **votes("anew", value=-1)}


def test_a_vote_taken_back_does_not_return_through_another_merge() -> None:
    target, first = unite(votes("ann"), {}, "m1")
    del target["ann"]
    first = note_withdrawals(target, first)
    target, second = unite(votes("ann", value=-1), target, "m2")
    source, target, _changed = part(target, "m1", first, [("m2", second)])
    assert (source, target) == ({}, votes("ann", value=-1, merge="m2"))


def test_another_merge_steps_in_for_a_vote_that_goes_back() -> None:
    target, first = unite(votes("ann"), {}, "m1")
    target, second = unite(votes("ann", value=-1), target, "m2")
    assert target == votes("ann", merge="m1")
    source, target, changed = part(target, "m1", first, [("m2", second)])
    assert (source, target) == (votes("ann"), votes("ann", value=-1, merge="m2"))
    assert part(target, "m2", {**second, **changed["m2"]}, [])[:2] == (votes("ann", value=-1), {})


@dataclass
class Merged:
    """One merge of the model."""

    name: str
    source: int
    target: int
    memories: Memories


@dataclass
class Model:
    """Ideas, their votes and the merges that hold, moved by the functions under test as the service does."""

    votes: list[Votes]
    merges: list[Merged] = field(default_factory=list)
    count: int = 0

    def into(self, idea: int) -> int | None:
        """What an idea is part of."""
        return next((merge.target for merge in self.merges if merge.source == idea), None)

    def tree(self, idea: int) -> set[int]:
        """An idea and everything that is part of it."""
        return {idea}.union(*(self.tree(merge.source) for merge in self.merges if merge.target == idea))

    def _settle(self, target: int) -> None:
        for merge in self.merges:
            if merge.target == target:
                merge.memories = note_withdrawals(self.votes[target], merge.memories)

    def merge(self, source: int, target: int) -> None:
        """Merge, if that is allowed."""
        if source == target or self.into(source) is not None or self.into(target) is not None:
            return
        self._settle(target)
        self.count += 1
        united, memories = unite(self.votes[source], self.votes[target], f"m{self.count}")
        self.votes[source], self.votes[target] = {}, united
        self.merges.append(Merged(f"m{self.count}", source, target, memories))

    def undo(self, source: int) -> None:
        """Undo, if that is allowed."""
        merge = next((merge for merge in self.merges if merge.source == source), None)
        if merge is None or self.into(merge.target) is not None:
            return
        self._settle(merge.target)
        others = [other for other in self.merges if other.target == merge.target and other is not merge]
        pairs = [(other.name, other.memories) for other in others]
        self.votes[source], self.votes[merge.target], changed = part(
            self.votes[merge.target], merge.name, merge.memories, pairs
        )
        for other in others:
            other.memories = {**other.memories, **changed.get(other.name, {})}
        self.merges.remove(merge)


IDEAS, PEOPLE = 5, "abcd"
start = st.lists(st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from([1, 0, -1])), min_size=IDEAS, max_size=IDEAS)
idea = st.integers(0, IDEAS - 1)
moves = st.lists(st.tuples(st.sampled_from(["merge", "undo"]), idea, idea), max_size=25)


@given(start, moves)
def test_the_survivor_has_the_union_of_all_who_are_part_of_it_and_everything_goes_back(
    given_votes: list[dict[str, int]], steps: list[tuple[str, int, int]]
) -> None:
    original = [{person: Standing(value, AT) for person, value in idea.items()} for idea in given_votes]
    model = Model([dict(votes) for votes in original])
    for name, one, other in steps:
        model.merge(one, other) if name == "merge" else model.undo(one)
        for number in range(IDEAS):
            if model.into(number) is not None:
                assert model.votes[number] == {}
            else:
                voters = {person for part_of in model.tree(number) for person in original[part_of]}
                assert set(model.votes[number]) == voters
                kept = {person: model.votes[number][person] for person in original[number]}
                assert kept == original[number]
    while model.merges:
        for merge in list(model.merges):
            model.undo(merge.source)
    assert model.votes == original


touches = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["merge", "undo"]), idea, idea),
        st.tuples(st.just("cast"), idea, st.sampled_from(PEOPLE)),
        st.tuples(st.just("withdraw"), idea, st.sampled_from(PEOPLE)),
    ),
    max_size=30,
)


@given(start, touches)
def test_nobody_appears_where_they_never_voted_and_own_casts_stand(
    given_votes: list[dict[str, int]], steps: list[tuple[str, int, int | str]]
) -> None:
    model = Model([{person: Standing(value, AT) for person, value in idea.items()} for idea in given_votes])
    ever = [set(votes) for votes in model.votes]
    own: dict[tuple[int, str], Standing] = {}
    later = datetime(2026, 3, 3, tzinfo=UTC)
    for name, one, other in steps:
        if isinstance(other, str):
            if model.into(one) is None:
                own.pop((one, other), None)
                model.votes[one].pop(other, None)
                if name == "cast":
                    ever[one].add(other)
                    own[one, other] = model.votes[one][other] = Standing(1, later)
        elif name == "merge":
            model.merge(one, other)
        else:
            model.undo(one)
        for number in range(IDEAS):
            assert set(model.votes[number]) <= {person for inner in model.tree(number) for person in ever[inner]}
            for person, vote in model.votes[number].items():
                assert (number, person) not in own or vote == own[number, person]
        for (number, person), vote in own.items():
            if model.into(number) is None:
                assert model.votes[number][person] == vote
