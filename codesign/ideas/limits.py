"""How fast texts of one person may come, and questions asked while writing. Counted at the doors, before any work is done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from codesign.kernel.actor import Actor
from codesign.kernel.config import Settings
from codesign.kernel.limits import Buckets, Rate

EXTENSION = "codesign.ideas.limits"
#: Suggestions while somebody types a name: more than fingers ask for, less than it takes to read out a list of people.
SUGGESTIONS = Rate(120, 30)


@dataclass
class TextLimits:
    """The buckets of an app."""

    person: Buckets
    token: Buckets
    asked: Buckets

    def take(self, actor: Actor) -> None:
        """Count one text; raises TooMany. What comes with a token counts against the token alone."""
        if actor.token_id is not None:
            self.token.take(actor.token_id)
        elif actor.person_id is not None:
            self.person.take(actor.person_id)


def install(app: Flask, settings: Settings) -> None:
    """Give *app* its buckets."""
    per_minute, per_token = settings.texts_per_minute, settings.token_votes_per_second
    app.extensions[EXTENSION] = TextLimits(
        Buckets(Rate(per_minute, per_minute)), Buckets(Rate(per_token * 60, per_token)), Buckets(SUGGESTIONS)
    )


def count_text(actor: Actor) -> None:
    """Count a text that *actor* sends."""
    limits: TextLimits = current_app.extensions[EXTENSION]
    limits.take(actor)


def count_suggestion(actor: Actor) -> None:
    """Count one question for suggestions; raises TooMany. Who is unknown is refused by the verb itself."""
    limits: TextLimits = current_app.extensions[EXTENSION]
    if actor.person_id is not None:
        limits.asked.take(actor.token_id or actor.person_id)
