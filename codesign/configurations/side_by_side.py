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


def _cell(side: Side, group_id: str) -> tuple[str, ...]:
    group = next((group for group, _parent in side.model.walk() if group.id == group_id), None)
    return tuple(option.id for option in group.options if option.id in side.on) if group else ()
