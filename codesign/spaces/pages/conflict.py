"""Two people changed the same settings: both versions side by side, nothing typed is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codesign.accounts.queries import get_people
from codesign.kernel.errors import Problem
from codesign.kernel.text import _
from codesign.spaces import words
from codesign.spaces.facts import ACTIONS, PHASES, SpaceFact
from codesign.spaces.pages.base import as_values
from codesign.spaces.tabs import entered, settings_page
from codesign.web.forms import done


@dataclass(frozen=True)
class Version:
    """One of the two: as the form sends it, and as people read it."""

    value: str
    text: str


@dataclass(frozen=True)
class Line:
    """A field that differs."""

    name: str
    title: str
    theirs: Version
    mine: Version


def cells_of(space: SpaceFact) -> dict[str, bool]:
    """The phase table, cell by cell, as forms name them."""
    return {f"{phase}-{action}": space.allows(action, phase) for phase in PHASES for action in ACTIONS}


def _version(name: str, value: Any) -> Version:
    if isinstance(value, bool):
        return Version("1" if value else "", _("Allowed") if value else _("Not allowed"))
    return Version("" if value is None else str(value), words.shown(name, value) or _("Empty"))


def _title(name: str) -> str:
    phase, _hyphen, action = name.partition("-")
    if not action:
        return words.FIELDS[name]
    return f"{words.title_of(words.PHASES, phase)}: {words.title_of(words.ACTIONS, action)}"


def both_versions(space: str, mine: Mapping[str, Any], problem: Problem, tab: str, save: str) -> Any:
    """The page that shows their version beside mine, field by field; straight on where they are the same."""
    access = entered(space, "own")
    theirs = {**as_values(access.space), **cells_of(access.space)}
    lines = [
        Line(name, _title(name), _version(name, theirs[name]), _version(name, mine[name]))
        for name in mine
        if mine[name] != theirs[name]
    ]
    if not lines:
        return done(_("Saved."), tab, space=access.space.slug)
    names = {line.name for line in lines}
    same = [(name, _version(name, value).value) for name, value in mine.items() if name not in names]
    people = get_people(problem.details.get("actor_ids", ()))
    return settings_page(
        "spaces/conflict.html", access, tab.partition(".")[2], 409, lines=lines, same=same, tab=tab, save=save,
        names=[person.name for person in people.values() if person.name],
    )  # fmt: skip
