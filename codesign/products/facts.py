"""What others may know of a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from codesign.products.engine import Attribute

DRAFT, PUBLISHED = "draft", "published"


@dataclass(frozen=True)
class ProductFact:
    """A product. ``published_version_id`` is None as long as only the product team sees it; since ``withdrawn_at`` it is not
    offered any more.
    """

    id: str
    space_id: str
    slug: str
    name: str
    description: str
    published_version_id: str | None
    version: int
    created_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def is_offered(self) -> bool:
        """Whether people may begin a configuration of it."""
        return self.published_version_id is not None and self.withdrawn_at is None


@dataclass(frozen=True)
class VersionLine:
    """A version in a list: without its model, which may be large."""

    id: str
    product_id: str
    number: int
    state: str
    content_hash: str
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class VersionCard:
    """What a list of products tells of a published version. It was written down when that was published, so no model is read.

    ``count``, ``cheapest`` and ``dearest`` are what the gate found out; ``attributes`` what numbers of it mean.
    """

    id: str
    number: int
    content_hash: str
    options: int
    attributes: tuple[Attribute, ...]
    count: str | None
    cheapest: Mapping[str, int | None]
    dearest: Mapping[str, int | None]


@dataclass(frozen=True)
class VersionFact:
    """One version of a product's model. ``document`` is the model as ``engine.read`` takes it."""

    id: str
    space_id: str
    product_id: str
    number: int
    state: str
    content_hash: str
    created_by: str | None
    created_at: datetime
    published_at: datetime | None
    analysis: dict[str, Any] | None = field(default=None, compare=False)
    document: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)

    @property
    def is_draft(self) -> bool:
        """Whether it may still change."""
        return self.state == DRAFT
