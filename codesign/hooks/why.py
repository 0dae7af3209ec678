"""Why an idea stands where it stands: its scores with their parts, for those who may see its tally."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from codesign.hooks.host import PluginHost
from codesign.hooks.rules import said


class Kept(Protocol):
    """A score as ideas keep it."""

    @property
    def rule(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def parts(self) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True)
class PartLine:
    """One part, ready to be shown."""

    label: str
    input: str
    points: str


@dataclass(frozen=True)
class ScoreLine:
    """One score, ready to be shown; ``owner`` is the title of the plugin it comes from.

    ``lacks`` are the keys of the fields that must be set first: then there is no score.
    """

    rule: str
    title: str
    description: str
    source: str
    owner: str
    value: str
    parts: tuple[PartLine, ...]
    lacks: tuple[str, ...] = ()


def score_lines(
    host: PluginHost, space: Any, kept: Iterable[Kept], team: bool = False, fields: Mapping[str, Any] | None = None
) -> list[ScoreLine]:
    """The scores a space offers, in the order of its rules; those for the team only where *team* looks.

    *fields* is what the team's fields say of the idea: given, it is told which of them a score waits for.
    """
    scores = {score.rule: score for score in kept}
    lines = []
    for rule, owner, _parameters in host.score_rules(space.id, space.ballot.kind):
        lacks = () if fields is None else tuple(key for key in rule.fields if key not in fields)
        if rule.compute is None or not (rule.name in scores or lacks) or (rule.for_team and not team):
            continue
        about = (rule.name, rule.title or rule.name, rule.description, rule.source, host.card(owner).title)
        if lacks:
            lines.append(ScoreLine(*about, "–", (), lacks))
        else:
            score = scores[rule.name]
            lines.append(ScoreLine(*about, _plain(score.value), part_lines(score.parts)))
    return lines


def part_lines(parts: Iterable[Mapping[str, Any]]) -> tuple[PartLine, ...]:
    """Parts as they are kept, ready to be shown."""
    return tuple(PartLine(said(p["label"]), said(p["input"]), _plain(p["points"], signed=True)) for p in parts)


def _plain(value: float, signed: bool = False) -> str:
    """Four digits at least, and a real minus."""
    digits = 4 if abs(value) < 10 else 2
    return f"{value:{'+' if signed else ''},.{digits}f}".replace("-", "\u2212").replace(",", "\u202f")
