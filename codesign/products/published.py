"""The products people compose now, in all spaces: for the worker."""

from __future__ import annotations

from sqlalchemy import select

from codesign.kernel.db import reading, session
from codesign.products.facts import ProductFact
from codesign.products.models import Product
from codesign.products.queries import product_fact


@reading
def published_products() -> list[ProductFact]:
    """Every product with a published version, by id."""
    query = select(Product).where(Product.published_version_id.is_not(None)).order_by(Product.id)
    return [product_fact(row) for row in session().scalars(query)]
