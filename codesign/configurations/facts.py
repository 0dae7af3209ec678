"""What others may know of a configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

DRAFT, HELD, PUBLISHED, WITHDRAWN = "draft", "held", "published", "withdrawn"
STATES = (DRAFT, HELD, PUBLISHED, WITHDRAWN)
"""A draft; with an idea that a moderator reads first; with a published one; with one that is hidden or withdrawn."""


@dataclass(frozen=True)
class ConfigurationFact:
    """One configuration. ``decisions`` are in the order they were made; ``totals`` are those of its last change.

    ``contested`` are decisions that contradict what somebody else chose at the same moment; ``marks`` says for each option
    which version set it last. ``is_mine`` says whether the viewer made it, ``may_edit`` whether they may change it now; the
    keys are only there for its owner. ``together`` says whether others may edit along.
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
    contested: dict[str, bool] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict, repr=False)
    may_edit: bool = False
    together: bool = False
    edit_key: str = ""

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/spaces/{self.space_slug}/configure/{self.id}"

    @property
    def is_open(self) -> bool:
        """Whether its decisions can still change: it is a draft."""
        return self.state == DRAFT


@dataclass(frozen=True)
class EditFact:
    """One edit of a draft: ``changes`` (and ``wished``) say for each option what it was and what it is now,
    ``disputed`` what was contested before and after.

    ``number`` is the draft's version that it made. ``undone_at`` is the number of the edit that took it back.
    """

    configuration_id: str
    number: int
    person_id: str | None
    did: str
    option: str
    changes: dict[str, tuple[bool | None, bool | None]]
    wished: dict[str, tuple[bool, bool]]
    disputed: tuple[tuple[str, ...], tuple[str, ...]]
    undone_at: int | None
    at: datetime

    @property
    def options(self) -> frozenset[str]:
        """The options it touched."""
        return frozenset((*self.changes, *self.wished))
