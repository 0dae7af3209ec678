"""Reading products, their versions and the compiled models that answer questions about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, or_, select

from codesign.events.log import head
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Conflict, NotFound
from codesign.kernel.paging import Page, make_cursor, read_cursor
from codesign.kernel.text import _
from codesign.products import engine
from codesign.products.answers import attribute_of, size_json
from codesign.products.facts import DRAFT, PUBLISHED, ProductFact, VersionCard, VersionFact, VersionLine
from codesign.products.models import Product, ProductVersion
from codesign.spaces.access import look, require, standing
from codesign.spaces.facts import Access

_PRODUCT = [item.name for item in fields(ProductFact)]
_VERSION = [item.name for item in fields(VersionFact)]
_LINE = [item.name for item in fields(VersionLine)]
#: What people may begin a configuration of.
OFFERED = (Product.published_version_id.is_not(None), Product.withdrawn_at.is_(None))
#: The largest number a column holds.
MOST_NUMBER = 2**31 - 1
#: Models kept in a process, the least used forgotten first.
MOST_KEPT = 64


def product_fact(row: Product) -> ProductFact:
    """The fact of a row."""
    return ProductFact(**{name: getattr(row, name) for name in _PRODUCT})


def version_fact(row: ProductVersion) -> VersionFact:
    """The fact of a row."""
    return VersionFact(**{name: getattr(row, name) for name in _VERSION})


def missing_product() -> NotFound:
    """What is said where a product is not, or may not be seen."""
    return NotFound(_("There is no such product, or you may not see it."))


# --- Products ---------------------------------------------------------------------------------------------------------


@reading
def product_access(actor: Actor, product_id: str, right: str = "view") -> tuple[ProductFact, Access]:
    """A product and how *actor* stands to its space, through the gate for *right*.

    Raises NotFound where it may not be seen: a product without a published version is for the product team.
    """
    return _gated(actor, session().get(Product, product_id), right)


@reading
def find_product(actor: Actor, space: str, slug: str, right: str = "view") -> tuple[ProductFact, Access]:
    """The same by the addresses of space and product."""
    found = standing(actor, space)
    query = select(Product).where(Product.space_id == found.space.id, Product.slug == slug)
    return _gated(actor, session().scalar(query), right)


def _gated(actor: Actor, row: Product | None, right: str) -> tuple[ProductFact, Access]:
    if row is None:
        raise missing_product()
    try:
        found = look(actor, row.space_id, "view")
    except NotFound:
        raise missing_product() from None
    if row.published_version_id is None and not found.may("product"):
        raise missing_product()
    require(actor, found, right)
    return product_fact(row), found


def get_product(actor: Actor, product_id: str) -> ProductFact:
    """A product *actor* may see; NotFound else."""
    return product_access(actor, product_id)[0]


@reading
def list_products(access: Access) -> list[ProductFact]:
    """The products of a space by name; those that are not offered (yet, or any more) only for the product team."""
    return [product_fact(row) for row in session().scalars(_listed(access))]


def _listed(access: Access) -> Select[Product]:
    query = select(Product).where(Product.space_id == access.space.id).order_by(Product.name, Product.id)
    return query if access.may("product") else query.where(*OFFERED)


@reading
def page_of_products(access: Access, limit: int = 25, cursor: str | None = None) -> Page[ProductFact]:
    """The same in pages."""
    query = _listed(access)
    if cursor is not None:
        last = read_cursor(cursor, "products", str)[0]
        name = select(Product.name).where(Product.id == last).scalar_subquery()
        query = query.where(or_(Product.name > name, and_(Product.name == name, Product.id > last)))
    rows = session().scalars(query.limit(limit + 1)).all()
    following = make_cursor("products", [rows[limit - 1].id]) if len(rows) > limit else None
    return Page(tuple(map(product_fact, rows[:limit])), following, head(access.space.id))


@reading
def offers_products(space_id: str) -> bool | None:
    """Whether a space has a product that can be composed; None where none ever could."""
    offered = Product.withdrawn_at.is_(None)
    query = select(offered).where(Product.space_id == space_id, Product.published_version_id.is_not(None))
    return session().scalar(query.order_by(offered.desc()).limit(1))


@reading
def require_offered(product_id: str) -> None:
    """Raise Conflict where a product is not offered any more: nothing new begins with it."""
    row = session().get(Product, product_id)
    if row is not None and row.withdrawn_at is not None:
        raise Conflict(_("This product is not offered any more. What was composed of it stays as it is."))


@reading
def products_by_id(product_ids: Iterable[str]) -> dict[str, ProductFact]:
    """Products by id, whoever asks."""
    query = select(Product).where(Product.id.in_(sorted(set(product_ids))))
    return {row.id: product_fact(row) for row in session().scalars(query)}


# --- Versions ---------------------------------------------------------------------------------------------------------


@reading
def get_version(version_id: str) -> VersionFact | None:
    """A version by id, whoever asks: the caller has passed the gate of its product."""
    found = ProductVersion.state, ProductVersion.content_hash, ProductVersion.published_at
    there = session().execute(select(*found).where(ProductVersion.id == version_id)).one_or_none()
    if there is None:
        return None
    if there.state == DRAFT:
        return version_fact(session().get_one(ProductVersion, version_id))
    return _published(version_id, there.content_hash, there.published_at)


@lru_cache(maxsize=MOST_KEPT)
def _published(version_id: str, content_hash: str, published_at: datetime | None) -> VersionFact:
    """A published version never changes and its document is large, so it is read once."""
    return version_fact(session().get_one(ProductVersion, version_id))


@reading
def published_version(product: ProductFact) -> VersionFact:
    """The version people compose now; NotFound where none is published yet."""
    found = get_version(product.published_version_id) if product.published_version_id else None
    if found is None:
        raise NotFound(_("No version of this product is published yet."))
    return found


@reading
def published_cards(products: Iterable[ProductFact]) -> dict[str, VersionCard]:
    """What lists tell of the published versions of *products*, by product: in one question, without their models."""
    wanted = {item.published_version_id: item.id for item in products if item.published_version_id}
    if not wanted:
        return {}
    query = select(
        ProductVersion.id, ProductVersion.number, ProductVersion.content_hash, ProductVersion.analysis
    ).where(ProductVersion.id.in_(sorted(wanted)))
    rows = session().execute(query)
    return {wanted[row.id]: _card(row.id, row.number, row.content_hash, row.analysis or {}) for row in rows}


def _card(version_id: str, number: int, content_hash: str, analysis: Mapping[str, Any]) -> VersionCard:
    if "attributes" not in analysis:  # it was published before this was written down, or came so in an archive
        return card_of(version_fact(session().get_one(ProductVersion, version_id)))
    return _card_with(version_id, number, content_hash, analysis)


def card_of(version: VersionFact) -> VersionCard:
    """The same of any version at hand."""
    told = {**size_json(model_of(version)), **(version.analysis or {})}
    return _card_with(version.id, version.number, version.content_hash, told)


def _card_with(version_id: str, number: int, content_hash: str, told: Mapping[str, Any]) -> VersionCard:
    attributes = tuple(map(attribute_of, told["attributes"]))
    extremes = told.get("cheapest", {}), told.get("dearest", {})
    return VersionCard(version_id, number, content_hash, told["options"], attributes, told.get("count"), *extremes)


@reading
def products_with_draft(space_id: str) -> frozenset[str]:
    """The products of a space that have a draft, for their team."""
    query = select(ProductVersion.product_id)
    return frozenset(session().scalars(query.where(ProductVersion.space_id == space_id, ProductVersion.state == DRAFT)))


@reading
def draft_of(product_id: str) -> VersionFact | None:
    """The draft of a product, for its team."""
    query = select(ProductVersion).where(ProductVersion.product_id == product_id, ProductVersion.state == DRAFT)
    row = session().scalar(query)
    return version_fact(row) if row else None


@reading
def list_versions(product_id: str, drafts: bool = False) -> list[VersionLine]:
    """The versions of a product without their models, newest first; the draft only on demand."""
    return [VersionLine(*row) for row in session().execute(_lines(product_id, drafts))]


def _lines(product_id: str, drafts: bool) -> Select[Any]:
    columns = [getattr(ProductVersion, name) for name in _LINE]
    query = select(*columns).where(ProductVersion.product_id == product_id).order_by(ProductVersion.number.desc())
    return query if drafts else query.where(ProductVersion.state == PUBLISHED)


@reading
def page_of_versions(
    access: Access, product: ProductFact, limit: int = 25, cursor: str | None = None
) -> Page[VersionLine]:
    """The same in pages; its draft for the product team."""
    query = _lines(product.id, access.may("product"))
    if cursor is not None:
        last = read_cursor(cursor, "versions", int)[0]
        query = query.where(ProductVersion.number < min(abs(last), MOST_NUMBER))  # what no column holds is no error
    lines = [VersionLine(*row) for row in session().execute(query.limit(limit + 1))]
    following = make_cursor("versions", [lines[limit - 1].number]) if len(lines) > limit else None
    return Page(tuple(lines[:limit]), following, head(access.space.id))


@reading
def versions_after(version: VersionFact, newest: VersionFact) -> tuple[VersionFact, ...]:
    """The published versions after *version* up to *newest*, which comes last: the way that options were renamed."""
    between = [
        line.id for line in list_versions(version.product_id) if version.number < line.number < newest.number
    ]  # fmt: skip
    found = [get_version(id) for id in reversed(between)]
    return (*(one for one in found if one is not None), newest)


@reading
def versions_since(product_id: str, version_ids: Iterable[str]) -> dict[str, VersionFact]:
    """The published versions of a product from the oldest of *version_ids* on, by id; a process reads each model once."""
    lines, wanted = list_versions(product_id), set(version_ids)
    oldest = min((line.number for line in lines if line.id in wanted), default=MOST_NUMBER)
    found = [get_version(line.id) for line in lines if line.number >= oldest]
    return {one.id: one for one in found if one is not None}


@reading
def version_numbered(product_id: str, number: int) -> VersionFact | None:
    """A published version by its number."""
    query = select(ProductVersion).where(
        ProductVersion.product_id == product_id, ProductVersion.number == number, ProductVersion.state == PUBLISHED
    )
    row = session().scalar(query)
    return version_fact(row) if row else None


# --- Models -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=MOST_KEPT)
def model_of(version: VersionFact) -> engine.Model:
    """The model of a version, read once per process: a version is known by its id and the hash of its content."""
    return engine.read(version.document)


def compiled_version(version: VersionFact) -> engine.Compiled:
    """The compiled model of a version, which answers questions about it; kept per process."""
    return engine.compiled(version.content_hash, lambda: model_of(version))
