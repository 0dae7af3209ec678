"""Ideas that miss an option of a product: which part they are for, and what the product team has to choose from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select

from codesign.ideas.facts import IdeaFact
from codesign.ideas.models import Idea
from codesign.ideas.queries import get_ideas
from codesign.ideas.reading import survivor_of
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Invalid
from codesign.kernel.text import _
from codesign.products.queries import model_of, products_by_id, published_version
from codesign.spaces.facts import Access

#: The two fields that say so, one never without the other.
PART = frozenset({"for_product_id", "for_group"})
#: Ideas that are offered for one product.
MOST_WANTED = 200


@reading
def check_part(access: Access, product_id: str | None, group: str | None) -> None:
    """Raise Invalid unless both are None, or name a group of a product that people of the space compose."""
    if product_id is None and group is None:
        return
    product = products_by_id([product_id or ""]).get(product_id or "")
    if product is None or product.space_id != access.space.id or product.published_version_id is None:
        raise Invalid.field("for_product_id", _("There is no such product here."), "unknown")
    if group not in {one.id for one, _above in model_of(published_version(product)).walk()}:
        raise Invalid.field("for_group", _("This product has no such part."), "unknown")


@reading
def wanted_options(access: Access, product_id: str) -> dict[str, list[IdeaFact]]:
    """The published ideas that miss an option of a product, by part, the most wanted first.

    One that became part of another idea is told as that one.
    """
    query = select(Idea.id, Idea.for_group, Idea.merged_into).where(
        Idea.space_id == access.space.id, Idea.for_product_id == product_id, Idea.state == PUBLISHED
    )
    rows = session().execute(query.order_by(Idea.top.desc(), Idea.id).limit(MOST_WANTED)).all()
    where = [(row.for_group or "", survivor_of(row.id) if row.merged_into else row.id) for row in rows]
    ideas = get_ideas(access, [idea_id for _group, idea_id in where])
    found: dict[str, list[IdeaFact]] = defaultdict(list)
    for group, idea_id in dict.fromkeys(where):
        if idea_id in ideas and ideas[idea_id].state == PUBLISHED:
            found[group].append(ideas[idea_id])
    return dict(found)


@reading
def named_ideas(space_id: str, idea_ids: Iterable[str]) -> dict[str, str]:
    """The published ideas of a space that *idea_ids* stand for now: merged ones as the idea they are part of."""
    found: dict[str, str] = {}
    for idea_id in set(idea_ids):
        end = survivor_of(idea_id)
        known = session().scalar(
            select(Idea.id).where(Idea.id == end, Idea.space_id == space_id, Idea.state == PUBLISHED)
        )
        if known is not None:
            found[idea_id] = known
    return found
