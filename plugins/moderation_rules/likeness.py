"""Whether two texts say the same: SimHash of character 4-grams, so that a changed word or number does not hide a copy.

Source: M. Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002. About 1 ms for a long text.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

#: So many letters of a text are compared; a flood repeats its beginning.
MOST = 1_000
#: Texts shorter than this are too alike by nature ("I agree") to be held for it.
LEAST = {"idea": 12, "comment": 25}
#: So many of the 64 bits may differ. A short text has few 4-grams, so it must be the same.
NEAR, LONG = 6, 60

_SIGN = 1 << 63
#: For each byte its bits, spread over eight counters of 16 bits.
_SPREAD = [sum(1 << (16 * bit) for bit in range(8) if byte >> bit & 1) for byte in range(256)]


def plain(text: str) -> str:
    """*text* as it is compared: small letters without accents, every number the same number, words alone."""
    folded = unicodedata.normalize("NFKD", text[: 2 * MOST].casefold())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"\d+", "0", " ".join(re.findall(r"\w+", letters)))[:MOST]


def fingerprint(kind: str, text: str) -> int | None:
    """64 bits of a text as a signed number (what databases keep); None where it is too short to tell anything."""
    words = plain(text)
    if len(words) < LEAST[kind]:
        return None
    grams = {words[place : place + 4] for place in range(max(1, len(words) - 3))}
    counters = [0] * 8
    for gram in grams:
        for place, byte in enumerate(blake2b(gram.encode(), digest_size=8).digest()):
            counters[place] += _SPREAD[byte]
    bits = 0
    for place, counter in enumerate(counters):
        for bit in range(8):
            if (counter >> (16 * bit) & 0xFFFF) * 2 > len(grams):
                bits |= 1 << (8 * place + bit)
    return bits - (1 << 64) if bits & _SIGN else bits


def same(one: int, other: int, letters: int) -> bool:
    """Whether two fingerprints are of the same text; *letters* is the length of the one in hand."""
    return ((one ^ other) & (2 * _SIGN - 1)).bit_count() <= (NEAR if letters >= LONG else 0)
