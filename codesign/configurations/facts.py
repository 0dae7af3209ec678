"""What others may know of a configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

DRAFT, HELD, PUBLISHED, WITHDRAWN = "draft", "held", "published", "withdrawn"
STATES = (DRAFT, HELD, PUBLISHED, WITHDRAWN)
"""A draft; with an idea that a moderator reads first; with a published one; with one that is hidden or withdrawn."""


@dataclass(frozen=True)
class ConfigurationFact:
    """One configuration. ``decisions`` are in the order they were made; ``totals`` are those of its last change.

    ``is_mine`` says whether the viewer made it; ``share_key``, ``past`` and ``future`` are only there for them.
    """

    id: str
    space_id: str
    space_slug: str
    product_id: str
    product_version_id: str
    person_id: str | None
    name: str
    state: str
    forked_from: str | None
    decisions: dict[str, bool]
    wishes: tuple[str, ...]
    limits: dict[str, int]
    totals: dict[str, dict[str, int | None]]
    version: int
    created_at: datetime
    edited_at: datetime | None
    published_at: datetime | None
    is_mine: bool = False
    share_key: str = ""
    past: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    future: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/spaces/{self.space_slug}/configure/{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether its decisions can still change: it is a draft."""
        return self.state == DRAFT
