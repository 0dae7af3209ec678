"""How many pictures one person may send: each costs us as much as a hundred pages."""

from __future__ import annotations

from flask import Flask, current_app

from codesign.kernel.actor import Actor
from codesign.kernel.limits import Buckets, Rate

EXTENSION = "codesign.pictures.limits"
PICTURES = Rate(per_minute=20, burst=10)


def install(app: Flask, settings: object) -> None:
    """Give *app* its buckets."""
    app.extensions[EXTENSION] = Buckets(PICTURES)


def count_picture(actor: Actor) -> None:
    """Count a picture that *actor* sends; raises TooMany. Who is unknown is refused by the verb itself."""
    buckets: Buckets = current_app.extensions[EXTENSION]
    if actor.person_id is not None:
        buckets.take(actor.token_id or actor.person_id)
