"""How fast votes may come: per person, per address, per token. Counted at the doors, before any work is done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app, has_request_context, request

from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.limits import Buckets, Rate

EXTENSION = "codesign.voting.limits"


@dataclass
class VoteLimits:
    """The three buckets of an app."""

    person: Buckets
    address: Buckets
    token: Buckets

    def take(self, actor: Actor, address: str | None, count: int = 1) -> None:
        """Count votes; raises TooMany. What comes with a token counts against the token alone."""
        if actor.token_id is not None:
            self.token.take(actor.token_id, count)
            return
        if address is not None:
            self.address.take(address, count)
        if actor.person_id is not None:
            self.person.take(actor.person_id, count)


def install(app: Flask, settings: Settings) -> VoteLimits:
    """Give *app* its buckets."""
    per_address, per_token = settings.votes_per_minute_address, settings.token_votes_per_second
    limits = VoteLimits(
        Buckets(Rate(settings.votes_per_minute, settings.votes_burst)),
        Buckets(Rate(per_address, per_address)),
        Buckets(Rate(per_token * 60, per_token)),
    )
    app.extensions[EXTENSION] = limits
    return limits


def count_vote(actor: Actor, count: int = 1) -> None:
    """Count votes that came by request."""
    limits: VoteLimits = current_app.extensions[EXTENSION]
    limits.take(actor, request.remote_addr if has_request_context() else None, count)
