"""Groups of fewer than five people are not told apart, wherever people are counted by what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")

LEAST_PEOPLE = 5


def told(groups: Mapping[K, int]) -> tuple[dict[K, int], int]:
    """The *groups* that may be shown with how many people each has, and how many people are in none of them.

    Those are none or at least five too: whoever takes what is shown from the whole must not learn of a small group. So the
    smallest of the others joins a rest that is too small. With fewer than five people in all, nothing is told: {}, 0.
    """
    shown = {key: people for key, people in groups.items() if people >= LEAST_PEOPLE}
    rest = sum(groups.values()) - sum(shown.values())
    while 0 < rest < LEAST_PEOPLE and shown:
        smallest = min(shown, key=lambda key: (shown[key], str(key)))
        rest += shown.pop(smallest)
    return (shown, rest) if shown or rest >= LEAST_PEOPLE else ({}, 0)
