"""The publish gate: what the draft allows, what is wrong with it, what it changes and breaks, and the button."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import redirect, url_for
from marshmallow import fields, validate

from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.ideas.wanted import named_ideas
from codesign.kernel.db import read
from codesign.kernel.errors import Conflict, Unavailable
from codesign.kernel.text import Sentence, _
from codesign.products import gate as judging
from codesign.products import queries, service
from codesign.products.engine import Model
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.limits import count_question
from codesign.products.pages import words
from codesign.products.pages.base import blueprint, found, page, with_draft
from codesign.spaces.facts import Access
from codesign.web.forms import Form, done, posted
from codesign.web.identity import current_actor

#: Broken configurations that are listed one by one.
MOST_LISTED = 50


class OfferForm(Form):
    """Whether the product is offered from now on."""

    do = fields.String(required=True, validate=validate.OneOf(("withdraw", "offer")))


class PublishForm(Form):
    """The draft that was looked at."""

    content_hash = fields.String(required=True)


@dataclass(frozen=True)
class BrokenLine:
    """A saved configuration that breaks: what was chosen in it, by which rules it breaks, what would have to be given up."""

    id: str
    rules: tuple[str, ...]
    gives_up: str
    gone: str


@dataclass(frozen=True)
class BreaksView:
    """What publishing does to saved configurations."""

    tried: int
    whole: bool
    broken: int
    rules: list[tuple[str, int]]
    lines: list[BrokenLine]


@blueprint.get("/spaces/<space>/products/<slug>/publish")
def gate(space: str, slug: str) -> Any:
    """What is to be known before a draft is published."""
    item, access, draft = with_draft(space, slug)
    if draft is None:
        return redirect(url_for("products.edit", space=space, slug=slug))
    return _gate(item, access, draft, "")


def _gate(item: ProductFact, access: Access, draft: VersionFact, refusal: str) -> str:
    count_question(current_actor(), "analysis")
    analysis: dict[str, Any] | None = None
    broken: BreaksView | None = None
    too_hard: str | Sentence = ""
    try:
        analysis = judging.analysis_of(draft)
        broken = None if analysis["void"] else _breaks(item, draft)
    except Unavailable as problem:
        too_hard = problem.sentence
    return page(
        "products/gate.html", access, product=item, draft=draft, analysis=analysis, too_hard=too_hard,
        refusal=refusal, breaks=broken, begun=_begun(access, item, draft), **_told(item, draft, analysis),
    )  # fmt: skip


def _told(item: ProductFact, draft: VersionFact, analysis: dict[str, Any] | None) -> dict[str, Any]:
    model = queries.model_of(draft)
    with read():
        before = queries.get_version(item.published_version_id) if item.published_version_id else None
    shown: dict[str, Any] = {"model": model, "before": before, "news": _news(before, model)}
    if analysis is None:
        return shown
    return {
        **shown,
        "count": words.count_words(analysis["count"]),
        "extremes": words.extremes(model, analysis["cheapest"], analysis["dearest"]),
        "why_void": [words.reason_words(reason) for reason in analysis["why_void"]],
        "dead": words.finding_lines(analysis["dead"], model),
        "false_optional": words.finding_lines(analysis["false_optional"], model),
        "redundant": words.finding_lines(analysis["redundant_rules"], model),
    }


def _begun(access: Access, item: ProductFact, draft: VersionFact) -> list[tuple[str, IdeaFact | None]]:
    """The options that began as an idea and are new in this version; None where the model names no idea of the space."""
    with read():
        before = queries.get_version(item.published_version_id) if item.published_version_id else None
        told = {option.idea for option in queries.model_of(before).options.values()} if before else set()
        asked = [
            option for option in queries.model_of(draft).options.values() if option.idea and option.idea not in told
        ]
        ends = named_ideas(access.space.id, [option.idea for option in asked])
        ideas = get_ideas(access, ends.values())
    return [(words.label(option.label, option.id), ideas.get(ends.get(option.idea, ""))) for option in asked]


def _news(before: VersionFact | None, model: Model) -> dict[str, list[str]]:
    """The options that come, go, or follow others."""
    if before is None:
        return {}
    old = queries.model_of(before)
    followed = {option.replaces for option in model.options.values()}
    fresh = [option for key, option in model.options.items() if key not in old.options]
    gone = [option for key, option in old.options.items() if key not in model.options and key not in followed]
    return {
        "fresh": [words.label(option.label, option.id) for option in fresh if option.replaces not in old.options],
        "follow": [words.label(option.label, option.id) for option in fresh if option.replaces in old.options],
        "gone": [words.label(option.label, option.id) for option in gone],
    }


def _breaks(item: ProductFact, draft: VersionFact) -> BreaksView:
    found_ = judging.breaks_of(item, draft)
    model = queries.model_of(draft)
    lines = [_broken(one, model) for one in found_.broken]
    rules = Counter(rule for line in lines for rule in line.rules)
    return BreaksView(found_.tried, found_.whole, len(lines), rules.most_common(), lines[:MOST_LISTED])


def _broken(one: judging.Broken, model: Model) -> BrokenLine:
    def names(ids: tuple[str, ...]) -> str:
        return ", ".join(
            words.label(model.options[option].label, option) if option in model.options else option for option in ids
        )

    told = tuple(words.reason_words(rule) for rule in one.rules)
    return BrokenLine(one.saved.id, told, names(one.gives_up), names(one.unknown))


@blueprint.post("/spaces/<space>/products/<slug>/publish")
def publish(space: str, slug: str) -> Any:
    """Publish the draft that was looked at."""
    item, access = found(space, slug, "product")
    count_question(current_actor(), "analysis")
    try:
        version = service.publish(current_actor(), item.id, posted(PublishForm())["content_hash"])
    except (Conflict, Unavailable) as problem:
        with read():
            draft = queries.draft_of(item.id)
        if draft is None:
            raise
        return _gate(item, access, draft, problem.sentence), problem.status
    return done(_("Version %(number)s is published. Open screens know it already.", number=version.number),
                "products.product", space=space, slug=slug)  # fmt: skip


@blueprint.post("/spaces/<space>/products/<slug>/offer")
def offer(space: str, slug: str) -> Any:
    """Withdraw a published product, or offer it again."""
    item, _access = found(space, slug, "product")
    if posted(OfferForm())["do"] == "withdraw":
        service.withdraw_product(current_actor(), item.id)
        said = _("The product is withdrawn. Nothing new can be begun; what was composed stays readable.")
    else:
        service.offer_product(current_actor(), item.id)
        said = _("The product is offered again.")
    return done(said, "products.product", space=space, slug=slug)
