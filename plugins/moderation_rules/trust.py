"""Trust levels: how well a space knows somebody, counted in ideas, comments, votes and age.

After Discourse's levels (which count reading time, of which a board has little); see the README.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from codesign.sdk import _

NEW, KNOWN, REGULAR = 0, 1, 2
LEVELS = (_("new"), _("known"), _("regular"))
#: A regular has written at least so many texts: votes alone show no manners.
LEAST_TEXTS = 3


@dataclass(frozen=True)
class Person:
    """What a space has seen of somebody. ``hidden`` counts texts that moderators took out of sight."""

    ideas: int = 0
    comments: int = 0
    votes: int = 0
    hidden: int = 0
    first_at: datetime | None = None

    @property
    def texts(self) -> int:
        return self.ideas + self.comments

    def age(self, now: datetime) -> timedelta:
        """How long ago the space first saw them; nothing for a stranger."""
        return now - self.first_at if self.first_at else timedelta(0)


def level(person: Person, settings: Mapping[str, Any], now: datetime) -> int:
    """0 new, 1 known, 2 regular. Who had two texts hidden, and a quarter of all, begins anew."""
    if person.hidden >= 2 and person.hidden * 4 >= person.texts:
        return NEW
    days, contributions = person.age(now) / timedelta(days=1), person.texts + person.votes
    if days < settings["known_after_days"] or contributions < settings["known_after_contributions"]:
        return NEW
    if days < settings["regular_after_days"] or contributions < settings["regular_after_contributions"]:
        return KNOWN
    return REGULAR if person.texts >= LEAST_TEXTS else KNOWN
