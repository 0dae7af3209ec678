"""What a product's people want, as plain numbers and ids that can be kept and drawn: pure, without database or web.

Words and names are put to them when they are drawn, so a finding is the same in every language and outlives a new label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from codesign.insights import conjoint, signals
from codesign.insights.signals import PartWorth, Situation, Thing
from codesign.kernel.errors import Problem
from codesign.products.engine import Compiled, Explanation, Model

#: Rows of a list that are kept; the rest is in the lists of configurations and ideas.
MOST_ROWS = 20
#: Reasons asked of the engine in one go, a few milliseconds each.
MOST_REASONS = 400
#: Part-worths are weights of the engine in thousandths; what nobody knows the worth of is rather left out.
SCALE, UNKNOWN = 1000, -1


@dataclass(frozen=True)
class Composition:
    """A published configuration, in the words of the version that is counted in."""

    id: str
    person: str
    thing: Thing
    decisions: Mapping[str, bool]
    forked_from: str | None = None


@dataclass(frozen=True)
class Wish:
    """An option somebody wants although their decisions rule it out; ``published`` names the configuration if all may see it."""

    person: str
    option: str
    decisions: Mapping[str, bool]
    published: str | None = None


@dataclass(frozen=True)
class Carrier:
    """The idea that carries a configuration: its counts, and who votes for and against it."""

    idea_id: str
    up: int = 0
    down: int = 0
    people_for: tuple[str, ...] = ()
    people_against: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gathered:
    """Everything people did with a product. ``compositions`` are the newest first."""

    compositions: Sequence[Composition] = ()
    wishes: Sequence[Wish] = ()
    cards: Sequence[Situation] = ()
    repairs: Sequence[Situation] = ()
    forks: Mapping[str, int] = field(default_factory=dict)
    carriers: Mapping[str, Carrier] = field(default_factory=dict)

    @property
    def voices(self) -> list[Composition]:
        """The newest composition of each person: one voice each."""
        newest: dict[str, Composition] = {}
        for one in self.compositions:
            newest.setdefault(one.person, one)
        return [*newest.values()]


def work_out(
    compiled: Compiled,
    gathered: Gathered,
    pool: Sequence[Thing],
    baseline: Mapping[str, float],
    *,
    with_votes: bool,
) -> dict[str, Any]:
    """Every finding. *pool* are random valid configurations, *baseline* the share of all valid ones that have an option.

    Without votes nothing here depends on them.
    """
    situations = _situations(gathered, pool, with_votes)
    worths = signals.part_worths(compiled.model, situations)
    wanted = _wanted(compiled, worths)
    people = {person for situation in situations for person in situation.people}
    return {
        "people": len(people | {wish.person for wish in gathered.wishes}),
        "composers": len(gathered.voices),
        "wishers": len({wish.person for wish in gathered.wishes}),
        "signals": _count_kinds(situations),
        "taken": _taken(compiled.model, gathered.voices, baseline),
        "wishes": _wished(gathered.wishes),
        "rules": _blocking(compiled, gathered.wishes),
        "forked": _forked(gathered),
        "voted": _voted(gathered) if with_votes else None,
        "worths": [_worth(one) for one in worths],
        "importances": _importances(compiled.model, worths),
        "wanted": wanted,
        "group": _group(compiled, gathered.voices, frozenset(wanted["options"])) if wanted else None,
    }


# --- What people did --------------------------------------------------------------------------------------------------


def _situations(gathered: Gathered, pool: Sequence[Thing], with_votes: bool) -> list[Situation]:
    """All situations, those that say most first: where there are too many, the last ones are left out."""
    things = {one.id: one.thing for one in gathered.compositions}
    found = [*gathered.cards, *gathered.repairs]
    for one in gathered.compositions:
        parent = things.get(one.forked_from or "")
        if parent is not None and parent.has != one.thing.has:
            found.append(signals.from_fork(parent, one.thing, one.person))
    found += [signals.from_publication(one.id, one.thing, one.person, pool) for one in gathered.voices]
    found += [signals.from_wish(wish.option, wish.person) for wish in _each_once(gathered.wishes)]
    for one in gathered.compositions if with_votes else ():
        carrier = gathered.carriers.get(one.id)
        for people, against in ((carrier.people_for, False), (carrier.people_against, True)) if carrier else ():
            found += signals.from_votes(one.id, one.thing, people, pool, against=against)
    return found


def _each_once(wishes: Iterable[Wish]) -> list[Wish]:
    """One wish of each person for each option."""
    first: dict[tuple[str, str], Wish] = {}
    for wish in wishes:
        first.setdefault((wish.person, wish.option), wish)
    return [*first.values()]


def _count_kinds(situations: Iterable[Situation]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for situation in situations:
        counts[situation.kind] += situation.times
    return dict(sorted(counts.items()))


# --- Counting ---------------------------------------------------------------------------------------------------------


def _taken(model: Model, voices: Sequence[Composition], baseline: Mapping[str, float]) -> list[dict[str, Any]]:
    """How many took each option, of how many who settled it, beside the share that rules alone would bring about."""
    rows = []
    for option in model.order:
        settled = [one for one in voices if option not in one.thing.open]
        having = [one.id for one in settled if option in one.thing.has]
        share = baseline.get(option)
        rows.append(
            {"option": option, "taken": len(having), "of": len(settled), "baseline": share, "rows": having[:MOST_ROWS]}
        )
    return rows


def _wished(wishes: Iterable[Wish]) -> list[dict[str, Any]]:
    """How many people wish each option that their other choices rule out, most wished first."""
    people: dict[str, set[str]] = {}
    rows: dict[str, list[str]] = {}
    for wish in wishes:
        people.setdefault(wish.option, set()).add(wish.person)
        if wish.published:
            rows.setdefault(wish.option, []).append(wish.published)
    order = sorted(people, key=lambda option: (-len(people[option]), option))
    return [
        {"option": option, "people": len(people[option]), "rows": rows.get(option, [])[:MOST_ROWS]} for option in order
    ]


def _blocking(compiled: Compiled, wishes: Iterable[Wish]) -> list[dict[str, Any]]:
    """How many people each rule keeps from what they wish, and which options these are, the costliest rule first."""
    people: dict[tuple[str, str], set[str]] = {}
    options: dict[tuple[str, str], Counter[str]] = {}
    known: dict[tuple[str, frozenset[tuple[str, bool]]], Explanation] = {}
    for wish in _each_once(wishes):
        key = wish.option, frozenset(wish.decisions.items())
        if key not in known:
            if len(known) >= MOST_REASONS:
                continue
            known[key] = compiled.explain(wish.decisions, wish.option)
        for reason in known[key].rules:
            name = reason.kind, reason.id
            people.setdefault(name, set()).add(wish.person)
            options.setdefault(name, Counter())[wish.option] += 1
    order = sorted(people, key=lambda name: (-len(people[name]), name))
    return [
        {"kind": name[0], "id": name[1], "people": len(people[name]), "options": _most(options[name])} for name in order
    ]


def _most(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST_ROWS])


def _forked(gathered: Gathered) -> list[dict[str, Any]]:
    """The configurations that most people went on from."""
    known = {one.id for one in gathered.compositions}
    order = sorted((id for id in gathered.forks if id in known), key=lambda id: (-gathered.forks[id], id))
    return [{"configuration": id, "forks": gathered.forks[id]} for id in order[:MOST_ROWS]]


def _voted(gathered: Gathered) -> list[dict[str, Any]]:
    """The configurations with the most votes: for less against."""
    carriers = {one.id: found for one in gathered.compositions if (found := gathered.carriers.get(one.id))}
    order = sorted(carriers, key=lambda id: (carriers[id].down - carriers[id].up, id))
    return [
        {"configuration": id, "idea": carriers[id].idea_id, "up": carriers[id].up, "down": carriers[id].down}
        for id in order[:MOST_ROWS]
        if carriers[id].up or carriers[id].down
    ]


# --- What things are worth --------------------------------------------------------------------------------------------


def _worth(one: PartWorth) -> dict[str, Any]:
    """An estimate; its numbers are left out where too few have seen the option."""
    numbers = {"worth": round(one.worth, 3), "low": round(one.low, 3), "high": round(one.high, 3)}
    return {
        "option": one.option,
        **(numbers if one.enough else dict.fromkeys(numbers)),
        "enough": one.enough,
        "views": one.views,
        "people": one.people,
        "kinds": dict(one.kinds),
    }


def _importances(model: Model, worths: Sequence[PartWorth]) -> list[dict[str, Any]]:
    """How much each group matters: its range of part-worths in per cent of all; going without counts as 0 where one may."""
    known = {one.option: one.worth for one in worths if one.enough}
    ranges: dict[str, list[float]] = {}
    for group, _parent in model.walk():
        found = [known[option.id] for option in group.options if option.id in known]
        if found:
            ranges[group.id] = found if (group.least, group.most) == (1, 1) else [0.0, *found]
    if not ranges:
        return []
    percents = conjoint.importances([np.array(found) for found in ranges.values()])[0]
    found_rows = [{"group": id, "percent": round(float(one), 1)} for id, one in zip(ranges, percents, strict=True)]
    return sorted(found_rows, key=lambda row: -row["percent"])


def _wanted(compiled: Compiled, worths: Sequence[PartWorth]) -> dict[str, Any] | None:
    """The valid configuration with the largest sum of part-worths; None where no option was seen often enough."""
    known = {one.option: round(one.worth * SCALE) for one in worths if one.enough}
    if not known:
        return None
    weights = {option: known.get(option, UNKNOWN) or UNKNOWN for option in compiled.model.options}
    try:
        whole = compiled.complete({}, weights)
    except Problem:
        return None  # no configuration at all, or not in time
    options = [option for option in compiled.model.order if whole[option]]
    totals = compiled.totals(whole, ranges=False)
    return {"options": options, "totals": {name: sums.now for name, sums in totals.items()}}


def _group(compiled: Compiled, voices: Sequence[Composition], result: frozenset[str]) -> dict[str, Any]:
    """What one configuration for all costs whom: how many keep every choice of theirs, and who loses what, and why."""
    lost: dict[str, list[str]] = {}
    keep = 0
    for one in voices:
        gone = [option for option, value in one.decisions.items() if value and option not in result]
        keep += not gone
        for option in gone:
            lost.setdefault(option, []).append(one.id)
    order = sorted(lost, key=lambda option: (-len(lost[option]), option))
    losses = [
        {
            "option": option,
            "people": len(lost[option]),
            "rows": lost[option][:MOST_ROWS],
            **_why(compiled, result, option),
        }
        for option in order[:MOST_ROWS]
    ]
    return {"people": len(voices), "keep_all": keep, "losses": losses}


def _why(compiled: Compiled, result: frozenset[str], option: str) -> dict[str, Any]:
    """What in *result* keeps *option* out: options that are worth more, and the rules between them and it."""
    found = compiled.explain({one: True for one in compiled.model.order if one in result}, option)
    return {
        "instead": list(found.decisions),
        "rules": [{"kind": reason.kind, "id": reason.id} for reason in found.rules],
    }
