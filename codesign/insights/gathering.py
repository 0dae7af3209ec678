"""Everything people did with a product, in the words of the version they compose now: read at once, then worked out calmly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.queries import count_forks, published_of
from codesign.configurations.wished import Wishes, wishes_for
from codesign.events import log
from codesign.events.base import Recorded
from codesign.ideas.carrying import Carrying, ideas_carrying
from codesign.insights import signals
from codesign.insights.findings import Carrier, Composition, Gathered, Wish
from codesign.insights.queries import choices_for, pool_of
from codesign.insights.signals import Situation, Thing, thing_of
from codesign.kernel.db import reading
from codesign.products import engine
from codesign.products.engine import Compiled
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.queries import compiled_version, model_of, versions_since
from codesign.voting.counted import people_by_vote

#: The newest of each that are looked at.
MOST_CARDS, MOST_SWAPS = 20_000, 5_000
SWAPPED, UNDONE = "option.swapped", "option.swap_undone"


@dataclass(frozen=True)
class Raw:
    """Rows as they were read, before the engine was asked anything."""

    seq: int
    versions: Mapping[str, VersionFact]
    published: Sequence[ConfigurationFact]
    wishes: Sequence[Wishes]
    forks: Mapping[str, int]
    carrying: Sequence[Carrying]
    votes: Mapping[str, Mapping[int, Sequence[str]]]
    choices: Sequence[tuple[str, str, tuple[str, ...], str | None]]
    pools: Mapping[str, Mapping[str, frozenset[str]]]
    swaps: Sequence[Recorded]


@reading
def read_all(product: ProductFact) -> Raw:
    """Everything that is counted for a product, in one snapshot."""
    published = [one for one in published_of(product.id) if one.person_id is not None]
    ids = [one.id for one in published]
    carrying = ideas_carrying(product.space_id, ids)
    choices = choices_for(product.id, MOST_CARDS)
    swaps = log.about(product.space_id, [SWAPPED, UNDONE], product.id, limit=MOST_SWAPS)
    wishes = wishes_for(product.id)
    composed = {one.product_version_id for one in published} | {one.version_id for one in wishes}
    asked = {one[0] for one in choices} | {str(fact.payload["version_id"]) for fact in swaps}
    return Raw(
        log.head(product.space_id),
        versions_since(product.id, composed | asked),
        published,
        wishes,
        count_forks(ids),
        carrying,
        people_by_vote(one.idea_id for one in carrying),
        choices,
        {id: {thing.hash: frozenset(thing.options) for thing in pool_of(id)} for id in {one[0] for one in choices}},
        swaps,
    )


class Gathering:
    """Puts rows of all versions of a product into the words of the one that is counted in."""

    def __init__(self, raw: Raw, version: VersionFact) -> None:
        self.raw, self.version, self.model = raw, version, model_of(version)
        self._names: dict[str, Mapping[str, str]] = {}

    def gather(self) -> Gathered:
        """What people did, ready to be worked out."""
        return Gathered(
            [made for one in self.raw.published if (made := self._composition(one))],
            [wish for one in self.raw.wishes for wish in self._wishes(one)],
            [card for one in self.raw.choices if (card := self._card(*one))],
            [swap for fact in self._standing() if (swap := self._swap(fact))],
            self.raw.forks,
            {one.configuration_id: self._carrier(one) for one in self.raw.carrying},
        )

    def names(self, version_id: str) -> Mapping[str, str]:
        """What the options of a version are called now; those that are gone are left out."""
        if version_id not in self._names:
            self._names[version_id] = self._followed(self.raw.versions.get(version_id))
        return self._names[version_id]

    def _followed(self, version: VersionFact | None) -> Mapping[str, str]:
        if version is None:
            return {}
        numbers = range(version.number, self.version.number)
        way = sorted((one for one in self.raw.versions.values() if one.number in numbers), key=lambda one: one.number)
        return engine.followed([*map(model_of, way), self.model])

    def now(self, version_id: str, options: Iterable[str]) -> frozenset[str]:
        """Options of a version as they are called now."""
        names = self.names(version_id)
        return frozenset(names[option] for option in options if option in names)

    def _composition(self, one: ConfigurationFact) -> Composition | None:
        version = self.raw.versions.get(one.product_version_id)
        if version is None:
            return None
        compiled: Compiled = compiled_version(version)
        known = {option: value for option, value in one.decisions.items() if option in compiled.model.options}
        found = compiled.propagate(known)
        if not found.possible:
            return None
        then = thing_of(compiled.model, found.states)
        thing = Thing(self.now(version.id, then.has), self.now(version.id, then.open))
        names = self.names(version.id)
        decisions = {names[option]: value for option, value in known.items() if option in names}
        return Composition(one.id, str(one.person_id), thing, decisions, one.forked_from)

    def _wishes(self, one: Wishes) -> list[Wish]:
        names = self.names(one.version_id)
        decisions = {names[option]: value for option, value in one.decisions.items() if option in names}
        published = one.configuration_id if one.published else None
        return [
            Wish(one.person_id, names[option], decisions, published) for option in one.wishes if option in names
        ]  # fmt: skip

    def _card(self, version_id: str, person: str, shown: Sequence[str], chosen: str | None) -> Situation | None:
        pool = self.raw.pools[version_id]
        if any(hash not in pool for hash in shown):
            return None
        things = [Thing(self.now(version_id, pool[hash])) for hash in shown]
        return signals.from_card(things, shown.index(chosen) if chosen is not None else None, person)

    def _standing(self) -> list[Recorded]:
        """The newest repair of each person for each option, without those that were taken back."""
        found: dict[tuple[str | None, frozenset[str]], Recorded] = {}
        undone: Counter[tuple[str | None, frozenset[str]]] = Counter()
        for fact in self.raw.swaps:  # the newest first
            key = fact.actor_id, self.now(fact.payload["version_id"], [fact.payload["option"]])
            if fact.name == UNDONE:
                undone[key] += 1
            elif undone[key]:
                undone[key] -= 1
            else:
                found.setdefault(key, fact)
        return [*found.values()]

    def _swap(self, fact: Recorded) -> Situation | None:
        told = fact.payload
        (gained,) = self.now(told["version_id"], [told["option"]]) or (None,)
        gave_up = self.now(told["version_id"], told["gave_up"])
        return signals.from_repair(gained, gave_up, str(fact.actor_id)) if gained and gave_up else None

    def _carrier(self, one: Carrying) -> Carrier:
        votes = self.raw.votes.get(one.idea_id, {})
        return Carrier(one.idea_id, one.up, one.down, tuple(votes.get(1, ())), tuple(votes.get(-1, ())))
