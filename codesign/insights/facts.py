"""What others may know of cards, answers and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class CardThing:
    """One configuration on a card: its hash, and the options it has."""

    hash: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """ "Which of these would you take?": some random valid configurations in random order.

    ``number`` is that of the card among the person's; ``left`` says how many more they may answer today, this one included.
    """

    product_id: str
    product_version_id: str
    number: int
    things: tuple[CardThing, ...]
    left: int


@dataclass(frozen=True)
class ChoiceFact:
    """Somebody's answer to a card, for themselves alone: the hashes shown, in that order, and the one chosen (None: none)."""

    id: str
    space_id: str
    product_id: str
    product_version_id: str
    shown: tuple[str, ...]
    chosen: str | None
    at: datetime


@dataclass(frozen=True)
class InsightFact:
    """What was worked out for a product as of a number of the log; without votes nothing in it depends on them."""

    product_id: str
    product_version_id: str
    with_votes: bool
    as_of_seq: int
    made_at: datetime
    took_ms: int = 0
    findings: dict[str, Any] = field(default_factory=dict, repr=False)
