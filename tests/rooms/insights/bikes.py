"""A little bike to compose, all its configurations, and people who like some of it."""

from __future__ import annotations

import itertools

import numpy as np

from codesign.insights.signals import Thing
from codesign.products import engine

BIKE = {
    "groups": [
        {"id": "frame", "choose": "one", "options": [{"id": "city"}, {"id": "trail"}, {"id": "cargo"}]},
        {"id": "motor", "choose": "one", "options": [{"id": "m250"}, {"id": "m500"}]},
        {"id": "battery", "choose": "one", "options": [{"id": "b400"}, {"id": "b625"}, {"id": "b800"}]},
        {"id": "extras", "choose": "any", "options": [{"id": "seat"}, {"id": "rack"}, {"id": "lights"}]},
    ],
    "rules": [
        {"id": "cargo-range", "message": "A cargo bike needs a large battery.", "if": "cargo", "then": "b625 | b800"},
        {"id": "seat-rack", "message": "A child seat stands on a rack.", "if": "seat", "then": "rack"},
        {"id": "no-trail-seat", "message": "A trail frame carries no child.", "forbid": ["trail", "seat"]},
        {"id": "strong-motor", "message": "The strong motor empties a small battery.", "forbid": ["m500", "b400"]},
    ],
}
MODEL = engine.read(BIKE)
COMPILED = engine.compile(MODEL)
#: What people who follow the model get out of each option.
WORTH = {"city": 0.5, "trail": 0.9, "cargo": -1.4, "m500": 0.8, "m250": -0.8, "b400": -0.6, "b625": 0.7, "b800": -0.1}
WORTH |= {"seat": 1.6, "rack": -0.3, "lights": 1.0}


def everything() -> list[Thing]:
    """Every configuration there is, worked out the long way: 74."""
    found = []
    for frame, motor, battery in itertools.product(*(group["options"] for group in BIKE["groups"][:3])):
        for extras in itertools.product([False, True], repeat=3):
            has = {frame["id"], motor["id"], battery["id"]}
            has |= {name for name, taken in zip(("seat", "rack", "lights"), extras, strict=True) if taken}
            valid = not (("cargo" in has and "b400" in has) or ("seat" in has and "rack" not in has))
            valid &= not ({"trail", "seat"} <= has or {"m500", "b400"} <= has)
            if valid:
                found.append(Thing(frozenset(has)))
    return found


POOL = everything()
BASELINE = {option: sum(option in thing.has for thing in POOL) / len(POOL) for option in MODEL.options}


def utility(thing: Thing, dice: np.random.Generator | None = None) -> float:
    """What a configuration is worth to somebody who follows the model."""
    return sum(WORTH[option] for option in thing.has) + (dice.gumbel() if dice is not None else 0.0)
