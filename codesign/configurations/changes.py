"""What a draft holds and how it changes: pure, without database or engine. Every change can be taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

MOST_WISHES = 200


@dataclass(frozen=True)
class Choices:
    """What was decided so far: yes or no by option, oldest first, and what is wished all the same.

    ``contested`` are decisions that contradict what somebody else chose at the same moment: nobody's is dropped, and they
    wait until somebody settles it. ``decisions`` alone always go together.
    """

    decisions: Mapping[str, bool]
    wishes: tuple[str, ...] = ()
    contested: Mapping[str, bool] = field(default_factory=dict)

    @property
    def map(self) -> dict[str, bool]:
        """All that was decided, contested or not; what is not named is open."""
        return {**self.decisions, **self.contested}

    def decided(self, option: str, value: bool | None) -> Choices:
        """With *option* decided anew (as the newest decision), or left open (None). A wish that is had is none any more."""
        kept = {name: told for name, told in self.decisions.items() if name != option}
        if value is not None:
            kept[option] = value
        wishes = tuple(name for name in self.wishes if not (name == option and value))
        return Choices(kept, wishes, _without(self.contested, {option}))

    def without(self, options: Iterable[str]) -> Choices:
        """Without the decisions on *options*."""
        gone = set(options)
        return replace(self, decisions=_without(self.decisions, gone), contested=_without(self.contested, gone))

    def contesting(self, option: str, value: bool) -> Choices:
        """With a decision on *option* that contradicts the others."""
        left = self.without([option])
        return replace(left, contested={**left.contested, option: value})

    def wishing(self, option: str, wished: bool) -> Choices:
        """With *option* as a wish, or without it. What is contested and wished instead is settled."""
        others = tuple(name for name in self.wishes if name != option)
        contested = _without(self.contested, {option} if wished else ())
        return replace(self, wishes=(*others, option) if wished else others, contested=contested)

    def same(self, other: Choices) -> bool:
        """Whether both say the same; when things were decided does not matter here."""
        return (dict(self.decisions), dict(self.contested), set(self.wishes)) == (
            dict(other.decisions), dict(other.contested), set(other.wishes)
        )  # fmt: skip


def _without(decisions: Mapping[str, bool], options: Iterable[str]) -> dict[str, bool]:
    gone = set(options)
    return {name: told for name, told in decisions.items() if name not in gone}


@dataclass(frozen=True)
class Difference:
    """What an edit changed: by option what it was and what it is now. Edit by edit they lead from nothing to the draft.

    ``disputed`` are the options that were contested before, and after.
    """

    changes: Mapping[str, tuple[bool | None, bool | None]]
    wished: Mapping[str, tuple[bool, bool]]
    disputed: tuple[Collection[str], Collection[str]] = ((), ())

    @property
    def options(self) -> frozenset[str]:
        """The options it touched."""
        return frozenset((*self.changes, *self.wished))

    @property
    def weight(self) -> int:
        """How much room it takes."""
        return 1 + len(self.changes) + len(self.wished)


def difference(before: Choices, after: Choices) -> Difference:
    """What leads from *before* to *after*: what was left open first, then what was decided, in its order."""
    old, new = before.map, after.map
    changes: dict[str, tuple[bool | None, bool | None]] = {
        option: (value, None) for option, value in old.items() if option not in new
    }
    changes.update({option: (old.get(option), value) for option, value in new.items() if old.get(option) is not value})
    wishes = dict.fromkeys((*before.wishes, *after.wishes))
    wished = {
        option: (option in before.wishes, option in after.wishes)
        for option in wishes
        if (option in before.wishes) is not (option in after.wishes)
    }
    return Difference(changes, wished, (tuple(before.contested), tuple(after.contested)))


def turned(now: Choices, edit: Difference, back: bool) -> Choices:
    """*now* with what an edit changed as it was before it (*back*), or as it was after it. What contradicts is not asked here."""
    side = 0 if back else 1
    decisions, contested = dict(now.decisions), dict(now.contested)
    for option, values in edit.changes.items():
        for kept in (decisions, contested):
            kept.pop(option, None)
        if (value := values[side]) is not None:
            decisions[option] = value
    contested.update({option: decisions.pop(option) for option in edit.disputed[side] if option in decisions})
    gone = {option for option, sides in edit.wished.items() if not sides[side]}
    new = [option for option, sides in edit.wished.items() if sides[side] and option not in now.wishes]
    return Choices(decisions, (*(each for each in now.wishes if each not in gone), *new), contested)
