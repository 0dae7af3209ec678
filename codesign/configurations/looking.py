"""What a configuration looks like option by option: its state, the reason, the ways out. Ids and numbers; pages find words.

Everything here asks the engine, so callers run it in a thread. Reasons are looked for as long as there is time: a page is
never late because a product has thousands of options.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from codesign.configurations.changes import Choices
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.solving import Move, choices_of, moved, rivals, snapshot
from codesign.kernel.errors import Unavailable
from codesign.products.engine import Compiled, Explanation, Group, Model, Option
from codesign.products.engine import Repair as EngineRepair
from codesign.products.facts import VersionFact
from codesign.products.queries import compiled_version, model_of
from codesign.products.solving import fair

MINE, FOLLOWS, FREE, BLOCKED, REFUSED = "mine", "follows", "free", "blocked", "refused"
#: Two people chose what does not go together, and this is the later of the two.
CONTESTED = "contested"
ON_STATES = frozenset({MINE, FOLLOWS})
_ON = frozenset({"on", "forced_on"})
#: So many reasons, and so many seconds, a page may take; what is left says "not possible" and tells why when asked.
MOST_REASONS = 150
SECONDS = 0.25
MOST_REPAIRS = 3
#: So many disputes are told at once; settling them brings the next.
MOST_DISPUTES = 5


@dataclass(frozen=True)
class Way:
    """One repair: the decisions it gives up, what stands in their place, and how the totals change, by attribute."""

    gives_up: tuple[str, ...]
    instead: Mapping[str, str]
    changes: Mapping[str, int]


@dataclass(frozen=True)
class Repair:
    """The ways to have (or to be rid of) an option that does not go. ``late``: they were not found in time."""

    option: str
    value: bool
    ways: tuple[Way, ...]
    late: bool = False


@dataclass(frozen=True)
class Dispute:
    """A contested decision: what it contradicts, and the ways to have it all the same."""

    option: str
    value: bool
    reason: Explanation
    repair: Repair


@dataclass(frozen=True)
class Look:
    """One configuration as a page shows it. ``states`` are those of this module, ``before`` the totals one step ago,
    ``whole`` the totals of the product with nothing decided, ``open`` the groups that lack a choice. No ``move`` where none
    was asked for, or it was not found in time."""

    model: Model
    choices: Choices
    states: Mapping[str, str]
    reasons: Mapping[str, Explanation]
    totals: Mapping[str, Mapping[str, int | None]]
    before: Mapping[str, int]
    whole: Mapping[str, Mapping[str, int | None]]
    open: tuple[Group, ...]
    undetermined: tuple[str, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    repair: Repair | None = None
    move: Move | None = None

    def chosen(self, group: Group) -> list[Option]:
        """What the product has of a group, chosen or following."""
        return [option for option in group.options if self.states[option.id] in ON_STATES]


def look_at(
    configuration: ConfigurationFact,
    version: VersionFact,
    asked: str = "",
    newer: Sequence[VersionFact] = (),
    before: Mapping[str, bool] | None = None,
) -> Look:
    """Look at a configuration. *asked* is an option whose ways out are wanted; ``move`` says what moving to the last of the
    *newer* versions costs; *before* are the decisions one edit ago."""
    model, compiled, choices = model_of(version), compiled_version(version), choices_of(configuration)
    found, until = compiled.propagate(choices.decisions), time.monotonic() + fair(SECONDS)
    states, bases = _states(model, compiled, choices, found.states, asked, until)
    last = choices.decisions if before is None else before
    last = {name: told for name, told in last.items() if name in model.options}  # it may be from before a move
    return Look(
        model=model,
        choices=choices,
        states=states,
        reasons=_reasons(model, compiled, choices, states, bases, asked, until),
        totals=configuration.totals or snapshot(compiled, choices.decisions),
        before=sums(model, compiled, last),
        whole=_whole(version),
        open=_open_groups(model, states),
        undetermined=tuple(found.undetermined),
        repair=_repair(model, compiled, choices, asked) if asked in model.options else None,
        disputes=_disputes(model, compiled, choices),
        move=_move(version, newer, choices) if newer else None,
    )


def _move(version: VersionFact, newer: Sequence[VersionFact], choices: Choices) -> Move | None:
    try:
        return moved(version, newer, choices)
    except Unavailable:
        return None


def on_options(configuration: ConfigurationFact, version: VersionFact) -> frozenset[str]:
    """The options a configuration has, chosen or following."""
    states = compiled_version(version).propagate(configuration.decisions).states
    return frozenset(name for name, state in states.items() if state in _ON)


def sums(model: Model, compiled: Compiled, decisions: Mapping[str, bool]) -> dict[str, int]:
    """What each attribute comes to with what is on now."""
    states = compiled.propagate(decisions).states
    on = [model.options[name] for name, state in states.items() if state in _ON]
    return {
        each.id: model.base.get(each.id, 0) + sum(option.attributes.get(each.id, 0) for option in on)
        for each in model.attributes
        if each.summed
    }


@lru_cache(maxsize=64)
def _whole(version: VersionFact) -> Mapping[str, Mapping[str, int | None]]:
    return snapshot(compiled_version(version), {})


def _states(
    model: Model, compiled: Compiled, choices: Choices, proved: Mapping[str, str], asked: str, until: float
) -> tuple[dict[str, str], dict[str, dict[str, bool]]]:
    """The state of every option, and for those beside a choice of mine the decisions without that choice.

    Where one of a group is chosen, the others are forced off by that alone; they can be had with one click all the same,
    so they are judged as if nothing were chosen there: the group of *asked* for sure, the others as long as there is time
    (*until*, on the monotonic clock). What is left stays not possible until it is asked for.
    """
    words = {"on": MINE, "off": REFUSED, "forced_on": FOLLOWS, "forced_off": BLOCKED, "free": FREE}
    states = {name: words[str(state)] for name, state in proved.items()}
    states.update(dict.fromkeys(choices.contested, CONTESTED))
    bases: dict[str, dict[str, bool]] = {}
    first = model.group_of[asked] if asked in model.options else None
    for group in sorted(_groups_of(model, choices.decisions), key=lambda group: group is not first):
        chosen = next((option for option in group.options if choices.decisions.get(option.id)), None)
        if group.most != 1 or chosen is None:
            continue
        if group is not first and time.monotonic() > until:
            break
        without = {name: told for name, told in choices.decisions.items() if name != chosen.id}
        there = compiled.propagate(without).states
        for option in group.options:
            if option.id != chosen.id and states[option.id] == BLOCKED:
                states[option.id] = words[str(there[option.id])] if str(there[option.id]) != "forced_on" else FREE
                bases[option.id] = without
    return states, bases


def _groups_of(model: Model, options: Iterable[str]) -> list[Group]:
    return list({model.group_of[name].id: model.group_of[name] for name in options if name in model.options}.values())


def _reasons(
    model: Model,
    compiled: Compiled,
    choices: Choices,
    states: Mapping[str, str],
    bases: Mapping[str, Mapping[str, bool]],
    asked: str,
    until: float,
) -> dict[str, Explanation]:
    found: dict[str, Explanation] = {}
    shown = [name for name in model.order if states[name] in {BLOCKED, FOLLOWS} and _is_shown(model, states, name)]
    for name in [*([asked] if asked in shown else []), *(each for each in shown if each != asked)]:
        if name != asked and (len(found) >= MOST_REASONS or time.monotonic() > until):
            break
        decisions = bases.get(name, choices.decisions)
        found[name] = compiled.explain(decisions, name, states[name] == BLOCKED)
    return found


def _is_shown(model: Model, states: Mapping[str, str], name: str) -> bool:
    parent = model.parents[name]
    return parent is None or states[parent] in ON_STATES


def _open_groups(model: Model, states: Mapping[str, str]) -> tuple[Group, ...]:
    found = []
    for group, parent in model.walk():
        if group.least and (parent is None or states[parent.id] in ON_STATES):
            on = sum(states[option.id] in ON_STATES for option in group.options)
            if on < group.least:
                found.append(group)
    return tuple(found)


def _repair(model: Model, compiled: Compiled, choices: Choices, option: str) -> Repair | None:
    """The ways to decide *option* the other way than it is forced to; None where it is not forced."""
    around = {*rivals(model, choices.decisions, option), option}
    decisions = {name: told for name, told in choices.decisions.items() if name not in around}
    state = str(compiled.propagate(decisions).states[option])
    if state not in {"forced_on", "forced_off"}:
        return None
    return _ways(model, compiled, choices, decisions, option, state == "forced_off")


def _disputes(model: Model, compiled: Compiled, choices: Choices) -> tuple[Dispute, ...]:
    decisions, found = choices.decisions, []
    for option, value in list(choices.contested.items())[:MOST_DISPUTES]:
        reason = compiled.explain(decisions, option, value)
        found.append(Dispute(option, value, reason, _ways(model, compiled, choices, decisions, option, value)))
    return tuple(found)


def _ways(
    model: Model, compiled: Compiled, choices: Choices, decisions: Mapping[str, bool], option: str, value: bool
) -> Repair:
    """The ways to have *option* be *value* beside *decisions*."""
    now = sums(model, compiled, choices.decisions)
    try:
        repairs = compiled.repairs(decisions, option, value, MOST_REPAIRS)
    except Unavailable:
        return Repair(option, value, (), late=True)
    ways = []
    for each in repairs:
        then = each.totals
        changes = {name: then[name].now - now[name] for name in now if then[name].now != now[name]}
        ways.append(Way(tuple(each.gives_up), _instead(model, compiled, choices, each), changes))
    return Repair(option, value, tuple(ways))


def _instead(model: Model, compiled: Compiled, choices: Choices, repair: EngineRepair) -> dict[str, str]:
    """What stands in the place of each choice that is given up, where that follows."""
    states = compiled.propagate(repair.decisions).states
    found = {}
    for name in repair.gives_up:
        group = model.group_of[name]
        if group.most == 1 and choices.decisions.get(name):
            now = next((each.id for each in group.options if states[each.id] in _ON and each.id != name), None)
            if now is not None:
                found[name] = now
    return found
