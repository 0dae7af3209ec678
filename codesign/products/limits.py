"""How many questions about products may come. A question is counted by what it costs us, before any work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask, current_app, request

from codesign.kernel.actor import Actor
from codesign.kernel.errors import TooMany
from codesign.kernel.limits import Buckets, Rate
from codesign.kernel.text import _

EXTENSION = "codesign.products.limits"
#: Who waits for an answer from a process apart.
_WAITING = "codesign.products.waiting"
#: In milliseconds of solving, roughly: who clicks asks for states and reasons; a program may ask for all of it.
QUESTIONS = Rate(per_minute=6_000, burst=1_500)
COSTS = {"propagate": 5, "explain": 10, "repairs": 25, "complete": 75, "count": 250, "analysis": 250}

#: Seconds such an answer takes anyhow, most of it to start the process: they are in the cost.
_USUAL = 1.0


def install(app: Flask, settings: object) -> None:
    """Give *app* its buckets."""
    app.extensions[EXTENSION] = Buckets(QUESTIONS)
    app.extensions[_WAITING] = set()


def _asker(actor: Actor) -> str:
    """A token, a person, or an address nobody knows."""
    return actor.token_id or actor.person_id or request.remote_addr or ""


def count_question(actor: Actor, kind: str) -> None:
    """Count one question of *actor*; raises TooMany."""
    buckets: Buckets = current_app.extensions[EXTENSION]
    buckets.take(_asker(actor), COSTS[kind])


@contextmanager
def one_at_a_time(actor: Actor) -> Iterator[Callable[[float], None]]:
    """Around a question that a process apart answers: there are few of those, so nobody has two at once. What is given
    is to be told how many seconds it took; many are counted as well. Raises TooMany."""
    buckets: Buckets = current_app.extensions[EXTENSION]
    waiting: set[str] = current_app.extensions[_WAITING]
    key = _asker(actor)
    if key in waiting:
        raise TooMany(_("Your last question of this kind is still being worked on."), retry_after=5)
    waiting.add(key)
    try:
        yield lambda seconds: buckets.charge(key, max(0.0, seconds - _USUAL) * 1000)
    finally:
        waiting.discard(key)
