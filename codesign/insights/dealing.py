"""Cards: which configurations somebody is asked about. Pure, and the same whenever it is asked again.

So nobody gets another card by reloading, and an answer can be checked against the card it is meant for without keeping cards.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence

#: Configurations on a card; four votes of one tell clearly more than pairs do.
ON_A_CARD = 4
#: Random configurations kept of each version, to deal from and to stand in for what else could have been composed.
POOL = 400


def hash_of(options: Iterable[str]) -> str:
    """The name of a configuration by what it has: BLAKE2b-128 of its options, in hex."""
    return hashlib.blake2b("\n".join(sorted(options)).encode(), digest_size=16).hexdigest()


def deal(version_id: str, person_id: str, number: int, pool: Sequence[str]) -> tuple[str, ...]:
    """The hashes on card *number* of a person, in the order they are shown."""
    dice = random.Random(f"{version_id} {person_id} {number}")  # noqa: S311 - a sample, not a secret
    return tuple(dice.sample(list(pool), min(ON_A_CARD, len(pool))))
