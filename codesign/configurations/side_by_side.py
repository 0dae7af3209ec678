"""Configurations of one product beside each other, group by group. Pure but for the engine: callers run it in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.looking import on_options
from codesign.products.engine import Group, Model
from codesign.products.facts import VersionFact
from codesign.products.queries import model_of

#: Configurations that differ in so many groups at most are almost the same.
CLOSE = 3


@dataclass(frozen=True)
class Side:
    """One configuration with the version of the product it is of."""

    configuration: ConfigurationFact
    version: VersionFact

    @cached_property
    def model(self) -> Model:
        """The model of its version."""
        return model_of(self.version)

    @cached_property
    def on(self) -> frozenset[str]:
        """The options it has."""
        return on_options(self.configuration, self.version)


@dataclass(frozen=True)
class Row:
    """A group: what each configuration has of it, in the order of the product."""

    group: Group
    cells: tuple[tuple[str, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether not all have the same of it."""
        return len(set(self.cells)) > 1


def side_by_side(sides: Sequence[Side]) -> list[Row]:
    """A row for each group that any of them knows and has something of; those that differ first."""
    groups: dict[str, Group] = {}
    for side in sides:
        for group, _parent in side.model.walk():
            groups.setdefault(group.id, group)
    rows = [Row(group, tuple(_cell(side, group.id) for side in sides)) for group in groups.values()]
    return sorted((row for row in rows if any(row.cells)), key=lambda row: not row.differs)


@dataclass(frozen=True)
class Near:
    """The one most like a configuration, in how many groups they differ, and how many others differ in few."""

    closest: ConfigurationFact
    differ: int
    close: int


def nearest(mine: ConfigurationFact, version: VersionFact, others: Sequence[ConfigurationFact]) -> Near | None:
    """Which of *others* (of the same version) is most like *mine*; None where there is nothing to tell."""
    model, own = model_of(version), on_options(mine, version)
    found = []
    for other in others:
        changed = own ^ on_options(other, version)
        found.append((len({model.group_of[name].id for name in changed}), other))
    if not own or not found:
        return None
    differ, closest = min(found, key=lambda each: each[0])
    return Near(closest, differ, sum(count <= CLOSE for count, _other in found)) if differ <= CLOSE else None


def _cell(side: Side, group_id: str) -> tuple[str, ...]:
    group = next((group for group, _parent in side.model.walk() if group.id == group_id), None)
    return tuple(option.id for option in group.options if option.id in side.on) if group else ()
