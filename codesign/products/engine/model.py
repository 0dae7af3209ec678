"""A product model: groups of options, rules between them, attributes that add up. Frozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from codesign.products.engine.formula import Formula

Text = str | Mapping[str, str]
"""What people read: one sentence, or one per language (``{"en": …, "de": …}``)."""

MOST_OPTIONS = 20_000
MOST_GROUPS = 20_000
MOST_RULES = 100_000
MOST_DEPTH = 50
"""How deep groups may lie in options in groups."""

CHOICES = ("one", "optional-one", "any", "some", "all")


@dataclass(frozen=True)
class Attribute:
    """A number every option may have. Amounts are integers in its smallest unit (cents, if ``decimals`` is 2)."""

    id: str
    unit: str = ""
    decimals: int = 0
    summed: bool = True
    label: Text = ""


@dataclass(frozen=True)
class Number:
    """A stepped number in place of options: from, to and step, in ``unit``; ``each`` is added by every step above the first."""

    start: Decimal
    to: Decimal
    step: Decimal
    unit: str = ""
    each: Mapping[str, int] = field(default_factory=dict)

    @property
    def values(self) -> tuple[Decimal, ...]:
        """Every value that can be chosen, in order."""
        return tuple(
            (self.start + self.step * index).normalize() for index in range(int((self.to - self.start) / self.step) + 1)
        )


@dataclass(frozen=True)
class Option:
    """One thing that is in the product or not. ``replaces`` names the option of an earlier version that this one follows,
    ``idea`` the proposal it came from."""

    id: str
    label: Text = ""
    attributes: Mapping[str, int] = field(default_factory=dict)
    image: str = ""
    description: Text = ""
    since: int | None = None
    replaces: str = ""
    idea: str = ""
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True)
class Group:
    """Between ``least`` and ``most`` of these options, whenever the option above (if any) is chosen; else none of them."""

    id: str
    least: int
    most: int
    options: tuple[Option, ...]
    label: Text = ""
    description: Text = ""
    number: Number | None = None

    @property
    def choose(self) -> str | tuple[int, int]:
        """The word for how many, or the two numbers where there is no word."""
        for word in CHOICES:
            if bounds(word, len(self.options)) == (self.least, self.most):
                return word
        return (self.least, self.most)


@dataclass(frozen=True)
class Rule:
    """A sentence that must hold. ``shape`` is how it was written: formula, if/then, option/requires, forbid, at_most/of."""

    id: str
    message: Text
    formula: Formula
    shape: Mapping[str, Any]


@dataclass(frozen=True)
class Model:
    """The whole of it. Ids of options are unique, so are those of groups and those of rules."""

    groups: tuple[Group, ...] = ()
    rules: tuple[Rule, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    base: Mapping[str, int] = field(default_factory=dict)
    product: str = ""
    version: int | None = None

    @cached_property
    def options(self) -> Mapping[str, Option]:
        """Every option by its id, in the order of the document, parents before children."""
        return {option.id: option for group, _parent in self.walk() for option in group.options}

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The ids of all options, as a person reads them: each followed by what lies below it."""
        found: list[str] = []
        waiting = [option for group in reversed(self.groups) for option in reversed(group.options)]
        while waiting:
            option = waiting.pop()
            found.append(option.id)
            waiting += [below for group in reversed(option.groups) for below in reversed(group.options)]
        return tuple(found)

    @cached_property
    def parents(self) -> Mapping[str, str | None]:
        """The option above each option; None at the top."""
        return {option.id: parent.id if parent else None for group, parent in self.walk() for option in group.options}

    @cached_property
    def group_of(self) -> Mapping[str, Group]:
        """The group each option lies in."""
        return {option.id: group for group, _parent in self.walk() for option in group.options}

    @cached_property
    def _rules(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _groups(self) -> Mapping[str, tuple[Group, Option | None]]:
        return {group.id: (group, parent) for group, parent in self.walk()}

    def rule(self, id: str) -> Rule:
        """The rule of that id."""
        return self._rules[id]

    def group(self, id: str) -> tuple[Group, Option | None]:
        """The group of that id, and the option it lies under."""
        return self._groups[id]

    @cached_property
    def content_hash(self) -> str:
        """BLAKE2b-256 of the canonical document, in hex: the same for the same model, however it was written."""
        from codesign.products.engine.writing import content_hash

        return content_hash(self)

    def walk(self) -> Iterator[tuple[Group, Option | None]]:
        """Every group with the option it lies under, from the top down, level by level."""
        level: list[tuple[Group, Option | None]] = [(group, None) for group in self.groups]
        while level:
            yield from level
            level = [(below, option) for group, _up in level for option in group.options for below in option.groups]

    def attribute(self, id: str) -> Attribute | None:
        """The attribute of that id."""
        return next((attribute for attribute in self.attributes if attribute.id == id), None)


def bounds(choose: str, count: int) -> tuple[int, int]:
    """Least and most for one of the words of `CHOICES` in a group of *count* options."""
    least, most = {
        "one": (1, 1),
        "optional-one": (0, 1),
        "any": (0, count),
        "some": (1, count),
        "all": (count, count),
    }[choose]
    return least, most


def say(text: Text, language: str = "en") -> str:
    """*text* in *language*, else in English, else in whatever language there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get(language.partition("-")[0]) or text.get("en") or next(iter(text.values()), "")
