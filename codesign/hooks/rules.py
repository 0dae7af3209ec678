"""Rules: named, typed, pure functions that an administrator picks by name. Core's own are rules too."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from codesign.kernel.text import Sentence, _

CORE = "core"
#: What a rule needs of a space begins so where it is a field of its ideas.
FIELD = "field:"

R = TypeVar("R")


#: How many characters of the words of a part are kept.
LONGEST = 300


@dataclass(frozen=True)
class Part:
    """One line of "why this score": what was looked at, what was found, how much it gave. Points add up to the
    score."""

    label: str
    input: str
    points: float


@dataclass(frozen=True)
class Score:
    """A number and the parts it is made of. An idea without a score (too few votes, say) gets None instead."""

    value: float
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a score is a finite number, not {self.value}")

    def parts_as_json(self) -> list[dict[str, Any]]:
        """The parts as they are kept; ``said`` gives the words back, so that they can be translated when shown."""
        return [{"label": _kept(p.label), "input": _kept(p.input), "points": p.points} for p in self.parts]


def _kept(text: str) -> str | list[Any]:
    if isinstance(text, Sentence) and text.parameters:
        short = {name: each[:LONGEST] if isinstance(each, str) else each for name, each in text.parameters.items()}
        return [text.message, short]
    return str(text)[:LONGEST]


def said(kept: str | list[Any]) -> str:
    """Words of a part as they were kept, as a sentence that can be translated."""
    return Sentence(kept) if isinstance(kept, str) else Sentence(kept[0], **kept[1])


@dataclass(frozen=True)
class BallotKind:
    """What a vote may say. ``values`` are the numbers a vote may carry: 1 up, -1 down, 0 "seen it"."""

    name: str
    values: tuple[int, ...]
    title: str = ""
    description: str = ""

    @property
    def gives(self) -> frozenset[str]:
        """What rules can build on: ``up``, ``down``, ``pass``."""
        words = {1: "up", -1: "down", 0: "pass"}
        return frozenset(words[value] for value in self.values if value in words)


@dataclass(frozen=True)
class ScoreRule:
    """A way to order ideas.

    ``compute(statistics, **parameters)`` is pure and returns a Score or None. ``needs`` names what ballot (``up``,
    ``down``, ``pass``) and ideas (``field:<name>``) must give; ``needs_of(**parameters)`` adds what its settings ask
    for. ``parameters`` maps its keyword arguments to settings of its plugin. ``refresh`` says when a score grows stale:
    ``on_change`` of the idea, or also ``nightly``, because time changes it. Fields are the team's: a rule that needs one,
    or says ``team_only``, is given them and is offered to the team alone. A rule without ``compute`` is an indexed column
    of the idea: core's own.
    """

    name: str
    compute: Callable[..., Score | None] | None = None
    needs: tuple[str, ...] = ()
    refresh: Literal["on_change", "nightly"] = "on_change"
    title: str = ""
    description: str = ""
    source: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    #: Whether the order tells something about votes: then it is not offered to viewers from whom tallies are hidden.
    tells_votes: bool = True
    needs_of: Callable[..., tuple[str, ...]] | None = None
    team_only: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of the fields without which an idea gets no score."""
        return tuple(need.removeprefix(FIELD) for need in self.needs if need.startswith(FIELD))

    @property
    def for_team(self) -> bool:
        """Whether the team alone may see what it says."""
        return self.team_only or bool(self.fields)

    def settled(self, parameters: Mapping[str, Any]) -> ScoreRule:
        """The rule with all it needs under these parameters."""
        return replace(self, needs=(*self.needs, *self.needs_of(**parameters))) if self.needs_of else self

    def offered(self, gives: frozenset[str]) -> bool:
        """Whether a space whose ballot and ideas give *gives* can use this rule."""
        return gives.issuperset(self.needs)


NEW = ScoreRule("new", title=_("Newest"), description=_("The newest ideas first."), tells_votes=False)
TOP = ScoreRule("top", needs=("up",), title=_("Most wanted"), description=_("Up-votes less down-votes."))
UPVOTE = BallotKind("upvote", (1,), _("Up-votes"), _("People vote for what they want."))
UPDOWN = BallotKind("updown", (1, 0, -1), _("Up and down"), _("People agree, disagree or pass."))
BALLOTS = (UPVOTE, UPDOWN)

CORE_RULES: tuple[object, ...] = (NEW, TOP, *BALLOTS)


@dataclass(frozen=True)
class ForeignRule:
    """A rule of a type that another plugin opens. It is made once both are loaded, so neither imports the other."""

    kind: str
    name: str
    values: Mapping[str, Any]

    @property
    def opener(self) -> str:
        """The plugin that opens the type."""
        return self.kind.partition(".")[0]

    def make(self, types: Sequence[type]) -> Any:
        """The rule itself, of one of *types*; ValueError in words when it cannot be made."""
        wanted = self.kind.partition(".")[2]
        for each in types:
            if each.__name__ == wanted:
                try:
                    return each(name=self.name, **self.values)
                except TypeError as error:
                    raise ValueError(f"the rule {self.name!r} is no {self.kind}: {error}") from None
        raise ValueError(f"the rule {self.name!r} is a {self.kind}, and the plugin {self.opener} opens no such type")


def rule(kind: str, *, name: str, **values: Any) -> ForeignRule:
    """A rule of a type another plugin opens: ``rule("crm_export.Connector", name="acme", title=…)``.

    Where that plugin is not installed the rule is left aside; where it is and the values do not fit, the plugin that
    brings the rule is refused with the reason.
    """
    return ForeignRule(kind, name, values)


class DuplicateRule(ValueError):
    """Two owners bring a rule of one type and name."""


class Rules:
    """All rules of one app by type and name, with their owners."""

    def __init__(self) -> None:
        self._rules: dict[tuple[type, str], tuple[Any, str]] = {}
        for rule in CORE_RULES:
            self.add(rule, CORE)

    def check(self, rule: Any, owner: str) -> None:
        """Raise DuplicateRule, naming both owners, when the name is taken."""
        key = (type(rule), rule.name)
        if key in self._rules:
            raise DuplicateRule(
                f"{key[0].__name__} {key[1]!r} is brought by both {self._rules[key][1]!r} and {owner!r}"
            )

    def add(self, rule: Any, owner: str) -> None:
        """Enter *rule* as brought by *owner* (``core`` or a plugin's name)."""
        self.check(rule, owner)
        self._rules[type(rule), rule.name] = (rule, owner)

    def drop(self, owner: str) -> None:
        """Forget every rule that *owner* brought."""
        self._rules = {key: item for key, item in self._rules.items() if item[1] != owner}

    def find(self, kind: type[R], name: str) -> R | None:
        """The rule of that type and name."""
        found = self._rules.get((kind, name))
        return found[0] if found else None

    def owner(self, rule: object) -> str:
        """Who brought *rule*."""
        return self._rules[type(rule), rule.name][1]  # type: ignore[attr-defined]

    def all(self, kind: type[R]) -> Iterator[tuple[R, str]]:
        """Every rule of one type with its owner: core's first, then by owner and in the order of the card."""
        found = [item for (known, _name), item in self._rules.items() if known is kind]
        return iter(sorted(found, key=lambda item: (item[1] != CORE, item[1])))
