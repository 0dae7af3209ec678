"""The products of a space, and one of them: what it is made of, by which rules, in which versions."""

from __future__ import annotations

from typing import Any

from codesign.kernel.db import read
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.products import queries
from codesign.products.facts import ProductFact, VersionCard, VersionFact
from codesign.products.pages import words
from codesign.products.pages.base import blueprint, found, page
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.web.identity import current_actor


@blueprint.get("/spaces/<space>/products")
def products(space: str) -> str:
    """The products of a space."""
    with read():
        access = look(current_actor(), space)
        items = queries.list_products(access)
        drafts = queries.products_with_draft(access.space.id) if access.may("product") else ()
        known = queries.published_cards(items)
    cards = [(product, _numbers(known[product.id]) if product.id in known else None) for product in items]
    return page("products/list.html", access, cards=cards, drafts=drafts)


def _published(product: ProductFact) -> VersionFact | None:
    return queries.get_version(product.published_version_id) if product.published_version_id else None


def _numbers(card: VersionCard) -> dict[str, Any]:
    """What a card tells of a version, in words."""
    return {
        "number": card.number,
        "options": card.options,
        "count": words.count_words(card.count),
        "known": bool(card.count),
        "extremes": words.extremes(card, card.cheapest, card.dearest),
    }


@blueprint.get("/spaces/<space>/products/<slug>")
def product(space: str, slug: str) -> str:
    """One product as it can be composed now."""
    with read():
        item, access = found(space, slug)
        version = _published(item)
        draft = queries.draft_of(item.id) if access.may("product") else None
    return _drawn(item, access, version or draft, draft)


@blueprint.get("/spaces/<space>/products/<slug>/versions/<int(max=2147483647):number>")
def version(space: str, slug: str, number: int) -> str:
    """One published version as it was."""
    with read():
        item, access = found(space, slug)
        shown = queries.version_numbered(item.id, number)
    if shown is None:
        raise NotFound(_("There is no such version of this product."))
    return _drawn(item, access, shown, None)


def _drawn(item: ProductFact, access: Access, shown: VersionFact | None, draft: VersionFact | None) -> str:
    model = queries.model_of(shown) if shown else None
    rules = (
        [(words.label(rule.message, rule.id), words.rule_words(rule.shape)) for rule in model.rules] if model else []
    )
    with read():
        versions = queries.list_versions(item.id)
    return page(
        "products/product.html", access, product=item, version=shown, draft=draft, versions=versions,
        groups=words.group_lines(item, access.space.slug, model) if model else (), rules=rules,
        numbers=_numbers(queries.card_of(shown)) if shown and not shown.is_draft else None,
    )  # fmt: skip
