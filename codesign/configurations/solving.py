"""What the engine says of a person's choices: worked out in a thread, for it may take milliseconds that sockets would miss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from codesign.configurations.changes import Choices, Difference, turned
from codesign.configurations.facts import ConfigurationFact
from codesign.kernel.errors import Conflict, FieldError, Invalid
from codesign.kernel.text import _
from codesign.products import engine
from codesign.products.engine import Compiled, Model, Reason
from codesign.products.facts import VersionFact
from codesign.products.queries import compiled_version, model_of
from codesign.products.solving import fair, require_few


class Blocked(Conflict):
    """What was chosen does not go with the other choices; ``option`` and ``value`` are what was wanted."""

    def __init__(self, option: str, value: bool = True) -> None:
        sentence = _("This does not go with your other choices.")
        super().__init__(
            sentence, errors=[FieldError(f"decisions.{option}", "blocked", sentence)], option=option, value=value
        )
        self.option, self.value = option, value


def snapshot(compiled: Compiled, decisions: Mapping[str, bool]) -> dict[str, dict[str, int | None]]:
    """The totals of *decisions* as they are kept: now, least and most of each attribute."""
    found = compiled.totals(decisions, share=fair(1.0))
    return {name: {"now": each.now, "least": each.least, "most": each.most} for name, each in found.items()}


def check(
    version: VersionFact, decisions: Mapping[str, bool], wishes: tuple[str, ...] = ()
) -> dict[str, dict[str, int | None]]:
    """The totals of *decisions*; raises Invalid for options the version does not have, Conflict for what cannot be."""
    model, compiled = model_of(version), compiled_version(version)
    require_few(decisions)
    for name, ids in (("decisions", decisions), ("wishes", wishes)):
        unknown = next((option for option in ids if option not in model.options), None)
        if unknown is not None:
            raise Invalid.field(
                f"{name}.{unknown}", _("There is no option %(option)s in this version.", option=unknown), "unknown"
            )
    if not compiled.propagate(decisions).possible:
        sentence = _("These choices do not go together.")
        raise Conflict(sentence, errors=[FieldError("decisions", "blocked", sentence)])
    return snapshot(compiled, decisions)


def decide(version: VersionFact, choices: Choices, option: str, value: bool | None) -> Choices:
    """*choices* with *option* chosen, ruled out or left open. Where only one of a group can be had, choosing another one
    takes the place of the one before. Raises Invalid for an unknown option, Blocked for what does not go."""
    return decide_all(version, choices, [(option, value)])


def decide_all(version: VersionFact, choices: Choices, wanted: Sequence[tuple[str, bool | None]]) -> Choices:
    """As ``decide``, for several: the engine is asked once where they go together, else which of them is the first that
    does not is found by halving."""
    model, compiled = model_of(version), compiled_version(version)
    unknown = next((option for option, _value in wanted if option not in model.options), None)
    if unknown is not None:
        raise Invalid.field("option", _("There is no option %(option)s in this version.", option=unknown), "unknown")

    def decided(first: int) -> Choices:
        kept = dict(choices.decisions)
        contested = dict(choices.contested)
        for option, value in wanted[:first]:
            for name in (option, *(rivals(model, {**kept, **contested}, option) if value else ())):
                kept.pop(name, None)
                contested.pop(name, None)
            if value is not None:
                kept[option] = value
        had = {option for option, value in wanted[:first] if value}
        return Choices(kept, tuple(name for name in choices.wishes if name not in had), contested)

    whole = decided(len(wanted))
    if all(value is None for _option, value in wanted) or compiled.propagate(whole.decisions).possible:
        return whole
    goes, fails = 0, len(wanted)
    while fails - goes > 1:
        middle = (goes + fails) // 2
        possible = compiled.propagate(decided(middle).decisions).possible
        goes, fails = (middle, fails) if possible else (goes, middle)
    option, value = wanted[fails - 1]
    raise Blocked(option, value is not False)


def decide_with_others(
    version: VersionFact, choices: Choices, wanted: Sequence[tuple[str, bool | None]], unseen: frozenset[str]
) -> Choices:
    """As ``decide_all``, on a draft of several people: what contradicts what somebody else decided meanwhile, *unseen* by who
    decides now, is not refused but kept as contested. Nobody's choice is dropped without a word."""
    rest = list(wanted)
    while True:
        try:
            return decide_all(version, choices, rest)
        except Blocked as blocked:
            choices = _contest(version, choices, blocked, unseen)
            rest = [(option, value) for option, value in rest if option != blocked.option]


def _contest(version: VersionFact, choices: Choices, blocked: Blocked, unseen: frozenset[str]) -> Choices:
    """*choices* with what was blocked as contested; raises it where no choice that was *unseen* stands in the way."""
    option, value = blocked.option, blocked.value
    if not unseen:
        raise blocked
    around = choices.without([option, *(rivals(model_of(version), choices.map, option) if value else ())])
    found = compiled_version(version).explain(around.decisions, option, value)
    if not found.blocked or not unseen & set(found.decisions):
        raise blocked
    return around.contesting(option, value)


def turn(version: VersionFact, choices: Choices, edit: Difference, *, back: bool) -> Choices:
    """*choices* with an edit taken back, or done again. Raises Blocked where it contradicts what was decided since."""
    compiled, then = compiled_version(version), turned(choices, edit, back)
    if not compiled.propagate(then.decisions).possible:
        kept = {option: value for option, value in then.decisions.items() if option not in edit.changes}
        for option, value in then.decisions.items():
            if option in edit.changes and not compiled.propagate({**kept, option: value}).possible:
                raise Blocked(option, value)
            kept[option] = value
    return then


def readmitted(version: VersionFact, choices: Choices) -> Choices:
    """*choices* with what was contested and goes by now among the decisions."""
    if not choices.contested:
        return choices
    compiled, kept, left = compiled_version(version), dict(choices.decisions), {}
    for option, value in choices.contested.items():
        if option in kept:
            continue
        if compiled.propagate({**kept, option: value}).possible:
            kept[option] = value
        else:
            left[option] = value
    return Choices(kept, choices.wishes, left)


def rivals(model: Model, decisions: Mapping[str, bool], option: str) -> list[str]:
    """The options chosen so far whose place *option* would take: those of a group of which only one can be had."""
    group = model.group_of[option]
    if group.most != 1:
        return []
    return [other.id for other in group.options if other.id != option and decisions.get(other.id)]


def with_repair(version: VersionFact, choices: Choices, option: str, value: bool, gives_up: tuple[str, ...]) -> Choices:
    """*choices* with *option* as wanted, after the decisions *gives_up* are taken back; raises Blocked if that is not enough."""
    return decide(version, choices.without((*gives_up, option)), option, value)


def completed(version: VersionFact, choices: Choices, goal: Any, limits: Mapping[str, int]) -> Choices:
    """*choices* and, for what is still open, what suits *goal* best within *limits*.

    Only what is chosen is added, so that the rest stays open to be added to. Raises Conflict where nothing fits the limits.
    """
    compiled = compiled_version(version)
    whole = compiled.complete(choices.decisions, goal, dict(limits) or None)
    states = compiled.propagate(choices.decisions).states
    added = {name: True for name, told in whole.items() if told and states.get(name) == "free"}
    return replace(choices, decisions={**choices.decisions, **added})


@dataclass(frozen=True)
class Move:
    """What a newer version of the product makes of choices: those that stay, what has to be given up, and why."""

    choices: Choices
    gives_up: tuple[str, ...] = ()
    rules: tuple[Reason, ...] = ()


def moved(version: VersionFact, newer: Sequence[VersionFact], choices: Choices) -> Move:
    """*choices* in the last of the *newer* versions of the product, with as few given up as can be.

    Options that were replaced, in that one or in those in between, keep their decision under the new name; those that are gone
    are given up.
    """
    new = model_of(newer[-1])
    names = engine.followed(map(model_of, (version, *newer)))
    found = next(iter(engine.breaks(names, new, [choices.decisions])))
    kept = found.repair.decisions if found.repair is not None else found.decisions
    given_up = found.repair.gives_up if found.repair is not None else ()
    wishes = tuple(dict.fromkeys(names[name] for name in choices.wishes if name in names))
    contested = {names[name]: value for name, value in choices.contested.items() if name in names}
    return Move(readmitted(newer[-1], Choices(dict(kept), wishes, contested)), (*found.lost, *given_up), found.rules)


def choices_of(configuration: ConfigurationFact) -> Choices:
    """The choices a configuration keeps."""
    return Choices(configuration.decisions, configuration.wishes, configuration.contested)
