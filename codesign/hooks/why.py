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
    """One score, ready to be shown; ``owner`` is the title of the plugin it comes from."""

    rule: str
    title: str
    description: str
    source: str
    owner: str
    value: str
    parts: tuple[PartLine, ...]


def score_lines(host: PluginHost, space: Any, kept: Iterable[Kept]) -> list[ScoreLine]:
    """The scores a space offers, in the order of its rules."""
    scores = {score.rule: score for score in kept}
    return [
        ScoreLine(
            rule.name,
            rule.title or rule.name,
            rule.description,
            rule.source,
            host.card(owner).title,
            _plain(scores[rule.name].value),
            tuple(
                PartLine(said(p["label"]), said(p["input"]), _plain(p["points"], signed=True))
                for p in scores[rule.name].parts
            ),
        )
        for rule, owner, _parameters in host.score_rules(space.id, space.ballot.kind)
        if rule.name in scores and rule.compute is not None
    ]


def _plain(value: float, signed: bool = False) -> str:
    """Four digits at least, and a real minus."""
    digits = 4 if abs(value) < 10 else 2
    return f"{value:{'+' if signed else ''},.{digits}f}".replace("-", "\u2212").replace(",", "\u202f")
