"""The way of an idea so far, newest step first, as the log tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from codesign.events.base import Recorded
from codesign.events.log import about
from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.ideas.views import idea_url
from codesign.kernel.text import _
from codesign.merging.queries import count_joined, merges_into
from codesign.products.facts import ProductFact
from codesign.products.queries import products_by_id
from codesign.spaces.facts import Access, StatusFact

_STEPS = ("idea.status_changed", "idea.answered", "idea.merged", "idea.unmerged", "idea.split", "option.added")


@dataclass(frozen=True)
class Step:
    """One step: what happened, perhaps with another idea, and when."""

    text: str
    at: datetime
    icon: str = ""
    title: str = ""
    url: str = ""
    joined: int | None = None


@dataclass(frozen=True)
class Way:
    """The steps, and the ideas that are part of this one now."""

    steps: tuple[Step, ...]
    sources: tuple[IdeaFact, ...]


def read_way(access: Access, idea: IdeaFact, statuses: Iterable[StatusFact], *, veiled: bool) -> Way:
    """The way. How many voters joined is left out where counts are hidden. Needs a read block around it."""
    facts = about(access.space.id, _STEPS, idea.id)
    names = {status.id: status.name for status in statuses}
    sources = [merge.source_id for merge in merges_into(idea.id)]
    wanted = {*sources, *(other for fact in facts for other in _ideas_in(fact))} - {idea.id}
    others = get_ideas(access, wanted) if wanted else {}
    merges = [fact.payload["merge_id"] for fact in facts if fact.name == "idea.merged"]
    joined = count_joined(merges) if merges and not veiled else {}
    products = products_by_id(fact.payload["product_id"] for fact in facts if fact.name == "option.added")
    steps = [
        step for fact in facts if (step := _step(fact, idea, names, others, joined) or _added(fact, products, access))
    ]
    return Way(
        steps=(*steps, Step(_("Proposed"), idea.published_at or idea.created_at)),
        sources=tuple(others[source] for source in sources if source in others),
    )


def _added(fact: Recorded, products: Mapping[str, ProductFact], access: Access) -> Step | None:
    product = products.get(fact.payload["product_id"]) if fact.name == "option.added" else None
    if product is None:
        return None
    url = url_for("products.product", space=access.space.slug, slug=product.slug)
    return Step(_("Became an option of"), fact.occurred_at, "plus", product.name, url)


def _ideas_in(fact: Recorded) -> list[str]:
    return [fact.payload[name] for name in ("idea_id", "into", "from_id", "offshoot_id") if name in fact.payload]


def _step(
    fact: Recorded, idea: IdeaFact, names: Mapping[str, str], others: Mapping[str, IdeaFact], joined: Mapping[str, int]
) -> Step | None:
    at, payload = fact.occurred_at, fact.payload
    if fact.name == "idea.status_changed":
        return Step(names.get(payload["new"], "–"), at)
    if fact.name == "idea.answered":
        return Step(_("The team took its answer back") if payload["removed"] else _("The team answered"), at)
    other = next((others[found] for found in _ideas_in(fact) if found in others), None)
    if other is None:
        return None
    if fact.name == "idea.merged" and payload["into"] == idea.id:
        return Step(_("Took in"), at, "merge", other.title, idea_url(other), joined.get(payload["merge_id"]))
    if fact.name == "idea.unmerged" and payload["from_id"] == idea.id:
        return Step(_("Gave back"), at, "undo-2", other.title, idea_url(other))
    if fact.name == "idea.unmerged":
        return Step(_("Stands by itself again, apart from"), at, "undo-2", other.title, idea_url(other))
    if fact.name == "idea.split":
        said = _("A part of it stands by itself now") if payload["idea_id"] == idea.id else _("Came out of")
        return Step(said, at, "git-fork", other.title, idea_url(other))
    return None
