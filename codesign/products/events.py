"""What can happen to a product."""

from __future__ import annotations

from codesign.events.base import EVERYONE, TEAM, Event, event


@event("product.created", TEAM)
class ProductCreated(Event):
    """The product team has begun a product; nobody else sees it before its first version is published."""

    product_id: str


@event("product.changed", EVERYONE)
class ProductChanged(Event):
    """The name or the words of a published product are others now."""

    product_id: str
    product_version: int


@event("product.published", EVERYONE)
class ProductPublished(Event):
    """A version of a product's model can be composed from now on."""

    product_id: str
    version_id: str
    number: int


@event("product.withdrawn", EVERYONE)
class ProductWithdrawn(Event):
    """Nothing new is composed of a published product; what was composed stays readable."""

    product_id: str


@event("product.offered", EVERYONE)
class ProductOffered(Event):
    """A product that was withdrawn can be composed again."""

    product_id: str


@event("option.added", EVERYONE)
class OptionAdded(Event):
    """An option somebody had proposed as an idea is part of the published version."""

    product_id: str
    option_id: str
    idea_id: str
