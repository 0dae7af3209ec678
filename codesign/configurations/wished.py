"""What people wish although their other choices rule it out, drafts included: for counting, never to show whose it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from codesign.configurations.facts import PUBLISHED, WITHDRAWN
from codesign.configurations.models import Configuration
from codesign.configurations.queries import HAS_WISHES
from codesign.kernel.db import reading, session


@dataclass(frozen=True)
class Wishes:
    """The wishes of one configuration and the decisions that rule them out."""

    configuration_id: str
    version_id: str
    person_id: str
    published: bool
    wishes: tuple[str, ...]
    decisions: dict[str, bool]


@reading
def wishes_for(product_id: str, limit: int = 5_000) -> list[Wishes]:
    """The wishes of everybody for a product, the newest begun first."""
    kept = Configuration
    columns = (kept.id, kept.product_version_id, kept.person_id, kept.state, kept.wishes, kept.decisions)
    query = select(*columns).where(
        kept.product_id == product_id, kept.state != WITHDRAWN, kept.person_id.is_not(None), HAS_WISHES
    )
    rows = session().execute(query.order_by(kept.id.desc()).limit(limit))
    return [
        Wishes(
            row.id, row.product_version_id, row.person_id, row.state == PUBLISHED, tuple(row.wishes), dict(row.decisions)
        )
        for row in rows
    ]  # fmt: skip
