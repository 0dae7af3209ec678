"""What the demo's team keeps of ideas at its desk, so that there are plans to score: impact, confidence (%), effort (weeks)."""

from __future__ import annotations

from collections.abc import Mapping

from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import verb
from codesign.triage.fields import keep_ready_fields, known_field, put_value

SPACE = "tarn-bikes"
KEYS = ("impact", "confidence", "effort")
#: By idea. Nobody set the reach: it comes from votes. The last ones were not thought through yet.
PLANS: Mapping[str, tuple[float | None, ...]] = {
    "belt-low-step": (3, 80, 12),
    "quiet-mode": (2, 80, 3),
    "walk-assist-ramp": (2, 50, 8),
    "gears-down-at-stop": (1, 50, 10),
    "chain-guard": (2, 100, 2),
    "hill-hold": (1, 50, 6),
    "speed-in-the-grip": (1, 80, 5),
    "long-mudguards": (1, 100, 1),
    "rent-child-seat": (2, 80, 4),
    "seat-post": (1, 80, 2),
    "bell-like-a-bell": (0.5, 100, 0.5),
    "real-range": (3, 80, 6),
    "charge-to-80": (2, 100, 1),
    "borrow-battery": (3, 50, None),
    "turn-signals": (2, None, None),
}


@verb
def plan_ideas(spaces: Mapping[str, str], ideas: Mapping[str, str]) -> None:
    """Let the team have said so of those *ideas*; both are ids by key."""
    space_id = spaces[SPACE]
    keep_ready_fields(SYSTEM, space_id)
    for key in KEYS:
        field, place = known_field(space_id, key), KEYS.index(key)
        for idea, plan in PLANS.items():
            number = plan[place]
            if idea in ideas and number is not None:
                put_value(SYSTEM, space_id, field, ideas[idea], float(number))
