"""The blueprint of the pages of products, and what they share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from codesign.events.log import head
from codesign.kernel.db import read
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.queries import draft_of, find_product
from codesign.spaces.facts import Access
from codesign.web.identity import current_actor

blueprint = Blueprint("products", "codesign.products.pages", template_folder="../templates")


def found(space: str, slug: str, right: str = "view") -> tuple[ProductFact, Access]:
    """The product of an address, through the gate."""
    return find_product(current_actor(), space, slug, right)


def with_draft(space: str, slug: str) -> tuple[ProductFact, Access, VersionFact | None]:
    """The product of an address and its draft, for its team."""
    with read():
        product, access = found(space, slug, "product")
        return product, access, draft_of(product.id)


def page(template: str, access: Access, **values: Any) -> str:
    """A page of a space, marked with the number of its log."""
    with read():
        seq = head(access.space.id)
    return render_template(template, access=access, space=access.space, seq=seq, active="configure", **values)
