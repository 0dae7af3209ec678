"""Answering cards, and working out what people want. Answers are no votes: they change no tally."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from codesign.accounts.queries import hold_person
from codesign.configurations.queries import require_composer
from codesign.events import log
from codesign.events.log import record
from codesign.insights.dealing import hash_of
from codesign.insights.events import ChoiceMade, ChoiceWithdrawn
from codesign.insights.facts import ChoiceFact, InsightFact
from codesign.insights.models import Choice, Insight, SampledConfiguration
from codesign.insights.queries import choice_fact, insights_of, next_card, pool_of
from codesign.insights.structure import Structure, structure_of
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.backoff import Backoff
from codesign.kernel.db import read, reading, session, verb
from codesign.kernel.errors import Conflict, FieldError, Forbidden, NotFound, Unauthenticated
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.products.facts import ProductFact, VersionFact
from codesign.products.published import published_products
from codesign.products.queries import compiled_version, get_version, product_access
from codesign.spaces.access import look
from codesign.spaces.queries import get_space

_log = logging.getLogger(__name__)

#: What is worked out again waits at least so many seconds, and so many times as long as it took last.
LEAST_WAIT, PATIENCE = 5.0, 10
#: What nothing here depends on.
NOISE = ("comment.", "flag.", "notice.", "mail.", "member.", "scores.", "idea.edited", "idea.status_changed")
LOOKED_BACK = 500
#: Versions that could not be worked out, by id. Computing takes seconds, so they must not fail again every other second;
#: a new version is tried at once.
_failing: dict[str, Backoff] = {}
MISSING = _("There is no such answer of yours.")


# --- Answering --------------------------------------------------------------------------------------------------------


@verb
def make_choice(actor: Actor, product_id: str, shown: Sequence[str], chosen: str | None) -> ChoiceFact:
    """Answer the next card of *actor*: the hash of the configuration they would take, or None for none of these.

    *shown* says which card is meant: an old one is a Conflict. Raises NotFound, Unauthenticated, Forbidden, Closed,
    TooMany (enough for today), Unavailable.
    """
    product, access = product_access(actor, product_id)
    require_composer(actor, access)
    if actor.person_id is None:
        raise Unauthenticated(_("Sign in to do this."))
    hold_person(actor.person_id)  # so that answers on two products are counted one after the other
    card = next_card(product, actor.person_id)
    hashes = tuple(thing.hash for thing in card.things)
    if tuple(shown) != hashes:
        raise _other_card("shown")
    if chosen is not None and chosen not in hashes:
        raise _other_card("chosen")
    row = Choice(
        id=new_id(), space_id=product.space_id, product_id=product.id, product_version_id=card.product_version_id,
        shown=list(hashes), chosen=chosen, person_id=actor.person_id, number=card.number, at=clock.now(),
    )  # fmt: skip
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError:
        raise _other_card("shown") from None
    record(ChoiceMade(product.space_id, row.id, product.id, actor.person_id), actor)
    return choice_fact(row)


def _other_card(field: str) -> Conflict:
    said = _("You have answered this card already, or it was another one. Here is the next.")
    return Conflict(said, errors=[FieldError(field, "stale", said)])


@verb
def withdraw_choice(actor: Actor, choice_id: str) -> None:
    """Take an answer back: nothing of it stays but that there was one. Raises NotFound, Forbidden."""
    row = session().get(Choice, choice_id, with_for_update=True)
    if row is None or row.person_id != actor.person_id:
        raise NotFound(MISSING)
    look(actor, row.space_id)
    if not actor.may("write"):
        raise Forbidden(_("This token may not do that: it lacks the scope %(scope)s.", scope="write"))
    session().delete(row)
    session().flush()
    record(ChoiceWithdrawn(row.space_id, row.id, row.product_id, row.person_id), actor)


# --- Working out ------------------------------------------------------------------------------------------------------


def refresh(product: ProductFact) -> None:
    """Work out what people want of a product, with votes and, where results are hidden from some, without them.

    Takes up to seconds of computing: for the worker. Reads in one snapshot, computes outside of any transaction.
    """
    # numpy and scipy take a second to load: not in servers and commands, which only read what was found.
    from codesign.insights.findings import work_out
    from codesign.insights.gathering import Gathering, read_all
    from codesign.insights.signals import Thing

    begun = time.monotonic()
    with read():
        version = get_version(product.published_version_id or "")
    if version is None:
        return
    structure = structure_of_version(version)
    pool = _kept_pool(version, structure)
    with read():
        raw = read_all(product)
        space = get_space(product.space_id)
    hidden = space is not None and space.ballot.results != "live" and space.ballot.closed_at is None
    gathered = Gathering(raw, version).gather()
    compiled = compiled_version(version)
    things = [Thing(options) for options in pool]
    found = {
        with_votes: work_out(compiled, gathered, things, structure.shares, with_votes=with_votes)
        for with_votes in ((True, False) if hidden else (True,))
    }
    _store(product, version, raw.seq, found, round((time.monotonic() - begun) * 1000))


@verb
def _store(product: ProductFact, version: VersionFact, seq: int, found: dict[bool, Any], took_ms: int) -> None:
    session().execute(delete(Insight).where(Insight.product_id == product.id))
    for with_votes, findings in found.items():
        session().add(
            Insight(
                product_id=product.id,
                with_votes=with_votes,
                space_id=product.space_id,
                product_version_id=version.id,
                as_of_seq=seq,
                took_ms=took_ms,
                made_at=clock.now(),
                findings=findings,
            )
        )
    session().flush()


@lru_cache(maxsize=16)
def structure_of_version(version: VersionFact) -> Structure:
    """What the rules of a version alone would bring about; worked out once per process."""
    return structure_of(compiled_version(version), version.id)


def _kept_pool(version: VersionFact, structure: Structure) -> Sequence[frozenset[str]]:
    """The random configurations of a version that cards name; kept when they are asked for first."""
    with read():
        known = [frozenset(thing.options) for thing in pool_of(version.id)]
    if not known:
        _keep(version, structure.pool)
    return known or structure.pool


@verb
def _keep(version: VersionFact, drawn: Sequence[frozenset[str]]) -> None:
    rows = [
        {
            "product_version_id": version.id, "hash": hash_of(options), "space_id": version.space_id, "place": place,
            "options": sorted(options),
        }
        for place, options in enumerate(drawn)
    ]  # fmt: skip
    if rows:
        session().execute(upsert(session(), SampledConfiguration).values(rows).on_conflict_do_nothing())


def refresh_due() -> int:
    """Work out anew what something happened to since; says how many products. For the worker, every few seconds.

    A product that fails is logged, holds up no other, and rests a little longer each time.
    """
    count = 0
    for product in due():
        version_id = str(product.published_version_id)
        backoff = _failing.get(version_id, Backoff())
        if not backoff.ready():
            continue
        try:
            refresh(product)
            count += 1
        except NotFound:
            pass  # its space has just been deleted
        except Exception:
            backoff.failed()
            _failing[version_id] = backoff
            said = "what people want of product %s could not be worked out, %s times in a row"
            _log.exception(said, product.id, backoff.failures)
            continue
        _failing.pop(version_id, None)
    return count


@reading
def due() -> list[ProductFact]:
    """The products whose findings are behind the log in something that matters, and have rested long enough."""
    products = published_products()
    heads = log.heads({product.space_id for product in products})
    return [product for product in products if _is_due(product, heads.get(product.space_id, 0))]


def _is_due(product: ProductFact, head: int) -> bool:
    known = insights_of(product.id)
    if not known or known[0].product_version_id != product.published_version_id:
        return True
    oldest = min(known, key=lambda one: one.as_of_seq)
    rested = (clock.now() - oldest.made_at).total_seconds() >= max(LEAST_WAIT, PATIENCE * oldest.took_ms / 1000)
    return rested and head > oldest.as_of_seq and _matters(product.space_id, oldest)


def _matters(space_id: str, known: InsightFact) -> bool:
    """Whether something happened since that changes what is known; past many facts, surely."""
    facts = log.since(space_id, known.as_of_seq, LOOKED_BACK)
    return len(facts) == LOOKED_BACK or any(not fact.name.startswith(NOISE) for fact in facts)
