"""How many questions about products may come. A question is counted by what it costs us, before any work is done."""

from __future__ import annotations

from flask import Flask, current_app, request

from codesign.kernel.actor import Actor
from codesign.kernel.limits import Buckets, Rate

EXTENSION = "codesign.products.limits"
#: In milliseconds of solving, roughly: who clicks asks for states and reasons; a program may ask for all of it.
QUESTIONS = Rate(per_minute=6_000, burst=1_500)
COSTS = {"propagate": 5, "explain": 10, "repairs": 25, "complete": 75, "count": 250, "analysis": 250}


def install(app: Flask, settings: object) -> None:
    """Give *app* its buckets."""
    app.extensions[EXTENSION] = Buckets(QUESTIONS)


def count_question(actor: Actor, kind: str) -> None:
    """Count one question of *actor*: of a token, a person, or an address nobody knows; raises TooMany."""
    buckets: Buckets = current_app.extensions[EXTENSION]
    buckets.take(actor.token_id or actor.person_id or request.remote_addr or "", COSTS[kind])
