"""Reading findings, cards and one's own answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from codesign.configurations.queries import may_configure, require_composer
from codesign.events import log
from codesign.insights.dealing import deal
from codesign.insights.events import ChoiceMade, ChoiceWithdrawn
from codesign.insights.facts import Card, CardThing, ChoiceFact, InsightFact
from codesign.insights.models import Choice, Insight, SampledConfiguration
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Conflict, TooMany, Unauthenticated, Unavailable
from codesign.kernel.text import _
from codesign.products.facts import ProductFact
from codesign.products.published import published_products
from codesign.products.queries import product_access, published_version, require_offered
from codesign.spaces.facts import Access
from codesign.voting.queries import may_see_tallies

#: Answers of a person within a day, in all spaces together.
MOST_A_DAY = 20
DAY = timedelta(days=1)
#: Seconds after which a first look at a new version has surely been taken.
SOON = 10


def insight_fact(row: Insight) -> InsightFact:
    """The fact of a row."""
    return InsightFact(
        row.product_id, row.product_version_id, row.with_votes, row.as_of_seq, row.made_at, row.took_ms, dict(row.findings)
    )  # fmt: skip


def choice_fact(row: Choice) -> ChoiceFact:
    """The fact of a row."""
    return ChoiceFact(
        row.id, row.space_id, row.product_id, row.product_version_id, tuple(row.shown), row.chosen, row.at
    )


@reading
def get_insight(access: Access, product: ProductFact) -> InsightFact | None:
    """What is known of a product, as this viewer may see it; None before it was worked out for the first time.

    From whom results are hidden gets what was worked out without votes.
    """
    row = session().get(Insight, (product.id, may_see_tallies(access)))
    return insight_fact(row) if row else None


def known_insight(access: Access, product: ProductFact) -> InsightFact:
    """The same; raises Unavailable where nothing was worked out yet, NotFound for a product that nobody composes yet."""
    published_version(product)
    known = get_insight(access, product)
    if known is None:
        raise Unavailable(_("This is being worked out. Look again in a moment."), retry_after=SOON)
    return known


@reading
def insights_of(product_id: str) -> list[InsightFact]:
    """What was worked out for a product, with votes and without, whoever asks."""
    return [insight_fact(row) for row in session().scalars(select(Insight).where(Insight.product_id == product_id))]


# --- Cards ------------------------------------------------------------------------------------------------------------


@reading
def pool_of(version_id: str) -> list[CardThing]:
    """The random configurations kept of a version, in their order."""
    query = select(SampledConfiguration.hash, SampledConfiguration.options).where(
        SampledConfiguration.product_version_id == version_id
    )
    rows = session().execute(query.order_by(SampledConfiguration.place))
    return [CardThing(hash, tuple(options)) for hash, options in rows]


def may_choose(access: Access) -> bool:
    """Whether the viewer may answer cards here: who may compose may say what they would take."""
    return may_configure(access)


@reading
def get_card(actor: Actor, product_id: str) -> Card:
    """The next card of *actor* for a product; the same one until it is answered.

    Raises NotFound, Unauthenticated, Forbidden, Closed, TooMany (enough for today), Conflict (nothing to choose between),
    Unavailable (a version published just now).
    """
    product, access = product_access(actor, product_id)
    require_composer(actor, access)
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in to do this."))
    return next_card(product, actor.person_id)


def next_card(product: ProductFact, person_id: str) -> Card:
    """The next card of a person who may answer it."""
    require_offered(product.id)
    version = published_version(product)
    left = left_today(person_id)
    pool = _hashes_of(version.id)
    if not pool:
        raise Unavailable(_("The cards for this product are being dealt. Look again in a moment."), retry_after=SOON)
    if len(pool) < 2:
        raise Conflict(_("Only one configuration of this product is possible: there is nothing to choose between."))
    query = select(func.max(Choice.number)).where(
        Choice.product_version_id == version.id, Choice.person_id == person_id
    )
    number = (session().scalar(query) or 0) + 1
    things = _things(version.id, deal(version.id, person_id, number, pool))
    return Card(product.id, version.id, number, things, left)


def _hashes_of(version_id: str) -> list[str]:
    """The names of all cards are dealt from, in their order; what they have is read of those that are dealt."""
    query = select(SampledConfiguration.hash).where(SampledConfiguration.product_version_id == version_id)
    return [*session().scalars(query.order_by(SampledConfiguration.place))]


def _things(version_id: str, hashes: Sequence[str]) -> tuple[CardThing, ...]:
    query = select(SampledConfiguration.hash, SampledConfiguration.options).where(
        SampledConfiguration.product_version_id == version_id, SampledConfiguration.hash.in_(hashes)
    )
    options = {hash: tuple(found) for hash, found in session().execute(query)}
    return tuple(CardThing(hash, options[hash]) for hash in hashes)


def left_today(person_id: str) -> int:
    """How many more cards a person may answer now; raises TooMany where it is none. Answers that were taken back count, too."""
    since = clock.now() - DAY
    query = select(Choice.at).where(Choice.person_id == person_id, Choice.at > since)
    spaces = {product.space_id for product in published_products()}
    made = list(session().scalars(query))
    gone = {told.payload["choice_id"] for told in log.naming(person_id, [ChoiceWithdrawn.name], since, spaces)}
    if gone:  # hardly ever, and of these answers there are many facts
        facts = log.naming(person_id, [ChoiceMade.name], since, spaces)
        made += [fact.occurred_at for fact in facts if fact.payload["choice_id"] in gone]
    if len(made) >= MOST_A_DAY:
        raise TooMany(
            _("These were %(most)s cards in a day. Thank you; there are more tomorrow.", most=MOST_A_DAY),
            retry_after=max(1, round((min(made) + DAY - clock.now()).total_seconds())),
        )
    return MOST_A_DAY - len(made)


@reading
def my_choices(actor: Actor, product_id: str, limit: int = 100) -> list[ChoiceFact]:
    """The answers of *actor* for a product, newest first. Raises NotFound."""
    product, _access = product_access(actor, product_id)
    query = select(Choice).where(Choice.product_id == product.id, Choice.person_id == (actor.person_id or ""))
    return [
        choice_fact(row) for row in session().scalars(query.order_by(Choice.at.desc(), Choice.id.desc()).limit(limit))
    ]


@reading
def choices_for(product_id: str, limit: int) -> list[tuple[str, str, tuple[str, ...], str | None]]:
    """The newest answers for a product: version, person, shown, chosen. For counting."""
    query = select(Choice.product_version_id, Choice.person_id, Choice.shown, Choice.chosen)
    rows = session().execute(
        query.where(Choice.product_id == product_id).order_by(Choice.at.desc(), Choice.id.desc()).limit(limit)
    )
    return [(row[0], row[1], tuple(row[2]), row[3]) for row in rows]
