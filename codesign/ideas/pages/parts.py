"""The part of a product that an idea misses an option in, as pages name it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from codesign.configurations.views import label
from codesign.ideas.views import board_url
from codesign.products.queries import get_version, model_of, products_by_id
from codesign.spaces.facts import Access


@dataclass(frozen=True)
class Part:
    """Product and part by name, where others for the same product are listed, and where the team makes an option of it."""

    product: str
    group: str
    url: str
    adopt_url: str


def part_of(access: Access, product_id: str | None, group: str | None, idea_id: str = "") -> Part | None:
    """The part an idea is for; nothing where it is for none. Needs a read block around it."""
    product = products_by_id([product_id]).get(product_id) if product_id else None
    version = get_version(product.published_version_id) if product and product.published_version_id else None
    if product is None or version is None or product.space_id != access.space.id:
        return None
    names = {one.id: label(one.label, one.id) for one, _above in model_of(version).walk()}
    slug = access.space.slug
    adopt = url_for("products.form", space=slug, slug=product.slug, idea=idea_id, _anchor=f"wanted-{idea_id}")
    return Part(
        product.name,
        names.get(group or "", group or ""),
        board_url(slug, for_product=product.id),
        adopt if access.may("product") and idea_id else "",
    )


def product_name(product_id: str) -> str:
    """What a product is called, for a chip; its id where there is none."""
    known = products_by_id([product_id]).get(product_id)
    return known.name if known else product_id
