"""Opaque public ids that grow with time (ULID, https://github.com/ulid/spec)."""

from __future__ import annotations

import secrets
import threading

from codesign.kernel import clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A new 26-character id, larger than every id this process made before."""
    global _last
    milliseconds = int(clock.now().timestamp() * 1000)
    with _lock:
        fresh = (milliseconds << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        # Within one millisecond (or when the clock steps back) count on from the last one: order is kept.
        _last = fresh if fresh >> _RANDOM_BITS > _last >> _RANDOM_BITS else _last + 1 + secrets.randbits(16)
        number = _last
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
