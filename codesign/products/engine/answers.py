"""What the engine answers: states, totals, reasons, repairs. Frozen facts, ready to be shown or sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from codesign.kernel.text import _
from codesign.products.engine.model import Text, say


class State(StrEnum):
    """How an option stands: decided by the person, proved from that, or open."""

    ON = "on"
    OFF = "off"
    FORCED_ON = "forced_on"
    FORCED_OFF = "forced_off"
    FREE = "free"


@dataclass(frozen=True)
class Propagation:
    """Every option's state. ``undetermined`` are shown as free although the limit was reached before that was proved."""

    states: Mapping[str, State]
    possible: bool
    undetermined: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """A rule, a group's number ("group") or that a group lies under an option ("part")."""

    id: str
    kind: str
    message: Text = ""
    label: Text = ""
    above: Text = ""
    least: int = 0
    most: int = 0

    def said(self, language: str = "en") -> str:
        """The reason in *language*; of groups a sentence that doors translate."""
        if self.kind == "rule":
            return say(self.message, language)
        group, above = say(self.label, language), say(self.above, language)
        if self.kind == "part":
            return _("“%(group)s” is a part of “%(above)s”.", group=group, above=above)
        if self.least == self.most == 1:
            return _("Exactly one of “%(group)s” is chosen.", group=group)
        if self.least == 0:
            return _("At most %(most)s of “%(group)s” can be chosen.", group=group, most=self.most)
        if self.least == self.most:
            return _("Exactly %(most)s of “%(group)s” are chosen.", group=group, most=self.most)
        return _("From %(least)s to %(most)s of “%(group)s” are chosen.", group=group, least=self.least, most=self.most)


@dataclass(frozen=True)
class Explanation:
    """Why something is impossible: the person's own *decisions*, in order of age, and the *rules* that then forbid it.

    Leave out any one of them and it becomes possible; except where ``minimal`` is False because a limit was reached.
    ``blocked`` is False where nothing stands in the way (any more), and nothing is listed then.
    """

    decisions: tuple[str, ...] = ()
    rules: tuple[Reason, ...] = ()
    blocked: bool = True
    minimal: bool = True


@dataclass(frozen=True)
class Totals:
    """A sum of an attribute in its smallest unit: of what is on *now*, and the least and most that can still be reached.

    ``least`` and ``most`` are None where they were not asked for, or not found within the limit.
    """

    now: int
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Repair:
    """A way out: the decisions to give up, and those that remain (with the wanted one last)."""

    gives_up: tuple[str, ...]
    decisions: Mapping[str, bool]
    totals: Mapping[str, Totals] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """What the publish gate says of one option or rule, and the rules and groups that make it so."""

    id: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """What can be said of a model before anybody uses it.

    ``dead``: in no configuration; ``core``: in all; ``false_optional``: looks like a choice, but comes with its parent
    always; ``redundant_rules``: follow from the rest. ``count`` is exact, or None where it was not found in time.
    ``cheapest`` and ``dearest`` are totals by attribute. ``finished`` is False where time ran out before all was looked at.
    """

    void: bool
    core: tuple[str, ...] = ()
    dead: tuple[Finding, ...] = ()
    false_optional: tuple[Finding, ...] = ()
    redundant_rules: tuple[Finding, ...] = ()
    count: int | None = None
    cheapest: Mapping[str, int | None] = field(default_factory=dict)
    dearest: Mapping[str, int | None] = field(default_factory=dict)
    finished: bool = True
    why_void: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Migration:
    """What a new version makes of saved decisions: renamed, without those it no longer knows, and whether they still hold.

    ``rules`` say what breaks them; ``repair`` is the smallest way out. ``lost`` are the ``dropped`` ones that were a yes:
    somebody chose them, while a no to what is gone costs nobody anything.
    """

    valid: bool
    decisions: Mapping[str, bool]
    renamed: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    rules: tuple[Reason, ...] = ()
    repair: Repair | None = None
    lost: tuple[str, ...] = ()
