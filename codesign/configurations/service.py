"""Changing configurations. The engine is asked before the write transaction, and the draft's version says whether it is
still the same then: two clicks at once follow one another, and nobody's write waits for a solver.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sqlalchemy import delete

from codesign.configurations.beside import check_limits, rename, set_beside, set_limit
from codesign.configurations.changes import MOST_WISHES, Choices, difference
from codesign.configurations.drafts import (
    MOST_NAME,
    NOTHING_BESIDE,
    NOTHING_UNSEEN,
    Beside,
    Change,
    Look,
    clean_name,
    locked,
    open_draft,
    require_seen,
    settle,
    store,
    until_settled,
    whatever,
)
from codesign.configurations.events import ConfigurationForked
from codesign.configurations.facts import DRAFT, PUBLISHED, ConfigurationFact
from codesign.configurations.history import Did
from codesign.configurations.models import Configuration, DraftEdit, DraftPartner
from codesign.configurations.moving import hold_for_idea, keep_with_idea, migrate
from codesign.configurations.queries import MISSING, fact_of, find_configuration, require_composer
from codesign.configurations.solving import (
    check,
    choices_of,
    completed,
    decide_with_others,
    readmitted,
    snapshot,
    with_repair,
)
from codesign.configurations.steps import redo, undo
from codesign.configurations.together import (
    changed_since,
    close_to_others,
    join_draft,
    leave_draft,
    open_to_others,
    remove_partner,
    unsaid,
    unseen_by,
)
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.versions import require_version
from codesign.products.facts import VersionFact
from codesign.products.queries import (
    compiled_version,
    get_version,
    model_of,
    product_access,
    published_version,
    require_offered,
)
from codesign.products.solving import require_few, solve
from codesign.spaces.access import access as gate
from codesign.spaces.facts import Access

__all__ = [
    "MOST_NAME", "choose", "choose_many", "clean_name", "close_to_others", "complete", "discard", "fork_configuration",
    "hold_for_idea", "join_draft", "keep_with_idea", "leave_draft", "migrate", "open_to_others", "redo", "remove_partner",
    "rename", "replace_choices", "reset", "set_limit", "start_configuration", "take_repair", "undo", "wish",
]  # fmt: skip


# --- Beginning --------------------------------------------------------------------------------------------------------


def start_configuration(
    actor: Actor,
    product_id: str,
    name: str = "",
    decisions: Mapping[str, bool] | None = None,
    wishes: tuple[str, ...] = (),
) -> ConfigurationFact:
    """Begin a draft of the product's published version, perhaps with some decisions made.

    Raises NotFound, Unauthenticated, Forbidden, Closed, Invalid, Conflict (decisions that do not go together, a product that
    is not offered any more).
    """
    with read():
        product, access = product_access(actor, product_id)
        require_composer(actor, access)
        version = published_version(product)
    kept, wished = dict(decisions or {}), tuple(dict.fromkeys(wishes))
    totals = solve(version, lambda _compiled: check(version, kept, wished))
    row = _new_row(actor, access, version, name or product.name)
    row.decisions, row.wishes, row.totals = kept, list(wished), totals
    return _store_new(actor, access.space.id, row, None)


def fork_configuration(actor: Actor, configuration_id: str, key: str = "") -> ConfigurationFact:
    """Go on from a configuration one may see, in a draft of one's own; its lineage is kept. Raises NotFound and as above."""
    with read():
        access, parent = find_configuration(actor, configuration_id, key)
        require_composer(actor, access)
        version = get_version(parent.product_version_id)
    if version is None:
        raise NotFound(MISSING)
    row = _new_row(actor, access, version, parent.name)
    row.forked_from, row.decisions, row.wishes = parent.id, dict(parent.decisions), list(parent.wishes)
    row.totals = dict(parent.totals)
    return _store_new(actor, access.space.id, row, parent if parent.state == PUBLISHED else None)


def _new_row(actor: Actor, access: Access, version: VersionFact, name: str) -> Configuration:
    return Configuration(
        id=new_id(),
        space_id=access.space.id,
        product_id=version.product_id,
        product_version_id=version.id,
        person_id=actor.person_id,
        name=clean_name(name),
        state=DRAFT,
        decisions={},
        wishes=[],
        limits={},
        totals={},
        contested={},
        marks={},
        share_key=secrets.token_urlsafe(16),
        version=1,
        created_at=clock.now(),
    )


@verb
def _store_new(actor: Actor, space_id: str, row: Configuration, parent: ConfigurationFact | None) -> ConfigurationFact:
    access = gate(actor, space_id)
    require_composer(actor, access)
    require_offered(row.product_id)
    values = {column.name: getattr(row, column.name) for column in Configuration.__table__.columns}
    fresh = Configuration(**values)  # a verb may be run again: the row that is added is its own
    session().add(fresh)
    session().flush()
    if parent is not None:
        record(ConfigurationForked(space_id, fresh.id, parent.id))
    return fact_of(access, fresh)


# --- Changing a draft -------------------------------------------------------------------------------------------------


def choose(
    actor: Actor, configuration_id: str, option: str, value: bool | None, seen_version: int | None = None
) -> ConfigurationFact:
    """Choose an option (True), rule it out (False) or leave it open (None). The last one who does so decides.

    *seen_version* is the version of the draft they saw. Where several edit it, a choice that contradicts what somebody else
    chose since then is kept as contested. Raises NotFound, Forbidden, Invalid, Blocked (a Conflict: it does not go with the
    other choices).
    """
    did = {True: "on", False: "off", None: "open"}[value]
    return _decide(actor, configuration_id, did, option, [(option, value)], seen_version)


def choose_many(
    actor: Actor, configuration_id: str, wanted: Mapping[str, bool | None], seen_version: int | None = None
) -> ConfigurationFact:
    """Several at once, as a form without script posts them; all or none of them. Raises as ``choose``."""

    require_few(wanted)
    # What is left open comes first: it may make room for the rest.
    ordered = sorted(wanted.items(), key=lambda item: item[1] is not None)
    return _decide(actor, configuration_id, "many", next(iter(wanted), ""), ordered, seen_version)


def _decide(
    actor: Actor,
    configuration_id: str,
    did: str,
    option: str,
    wanted: Sequence[tuple[str, bool | None]],
    seen: int | None,
) -> ConfigurationFact:
    def attempt() -> ConfigurationFact:
        fact, version = open_draft(actor, configuration_id)
        unseen = unseen_by(actor, fact, seen)
        return _changed(
            actor, fact, version, Did(did, option), lambda now: decide_with_others(version, now, wanted, unseen)
        )

    return until_settled(attempt)


def take_repair(
    actor: Actor, configuration_id: str, option: str, value: bool, gives_up: tuple[str, ...], seen: int | None = None
) -> ConfigurationFact:
    """Have what was blocked: *gives_up* are taken back, then it is decided. Raises Blocked if that is not enough (any more).

    Like whatever changes many options at once, it says by *seen* which version of the draft it is about where others edit it
    along, and is a Conflict where it would change what somebody else changed since.
    """

    def work(version: VersionFact, now: Choices) -> Choices:
        return with_repair(version, now, option, value, gives_up)

    return _change(actor, configuration_id, "swap", option, work, partial(changed_since, actor, seen=seen))


def wish(actor: Actor, configuration_id: str, option: str, wished: bool = True) -> ConfigurationFact:
    """Keep an option as a wish that the choices rule out, or no more."""

    def work(version: VersionFact, now: Choices) -> Choices:
        if option not in model_of(version).options:
            raise Invalid.field("option", _("There is no option %(option)s in this version.", option=option), "unknown")
        if wished and len(now.wishes) >= MOST_WISHES:
            raise Invalid.field("option", _("At most %(most)s wishes can be kept.", most=MOST_WISHES), "too_many")
        return now.wishing(option, wished)

    return _change(actor, configuration_id, "wish" if wished else "unwish", option, work)


def complete(
    actor: Actor, configuration_id: str, goal: str, like: str | None = None, seen: int | None = None
) -> ConfigurationFact:
    """Choose what is still open: ``cheapest``, ``dearest``, or as *like* another configuration as can be, within the limits.

    Raises NotFound, Invalid, Conflict (nothing fits the limits; or as ``take_repair``).
    """
    if goal not in {"cheapest", "dearest", "like"}:
        raise Invalid.field("goal", _("This should be cheapest, dearest or like."), "unknown")
    with read():
        _access, own = find_configuration(actor, configuration_id)
        other = find_configuration(actor, like)[1] if goal == "like" and like else None
    if goal == "like" and (other is None or other.product_id != own.product_id):
        raise Invalid.field("like", _("This should name a configuration of the same product."), "unknown")
    limits = own.limits

    def work(version: VersionFact, now: Choices) -> Choices:
        return completed(version, now, goal if other is None else likeness(version, other), limits)

    return _change(actor, configuration_id, "completed", "", work, partial(changed_since, actor, seen=seen))


def likeness(version: VersionFact, other: ConfigurationFact) -> dict[str, int]:
    """Weights by option that are highest for what *other* has, as far as this version knows it."""
    model, there = model_of(version), get_version(other.product_version_id)
    if there is None:
        raise NotFound(MISSING)
    states = compiled_version(there).propagate(other.decisions).states
    return {name: 1 if states.get(name) in {"on", "forced_on"} else -1 for name in model.options}


def reset(actor: Actor, configuration_id: str, seen: int | None = None) -> ConfigurationFact:
    """Forget all choices and wishes; undo brings them back. Raises as ``take_repair``."""
    emptied = Choices({})
    return _change(actor, configuration_id, "reset", "", lambda *_: emptied, partial(changed_since, actor, seen=seen))


def replace_choices(
    actor: Actor,
    configuration_id: str,
    version: int | None = None,
    *,
    decisions: Mapping[str, bool] | None = None,
    wishes: tuple[str, ...] | None = None,
    name: str | None = None,
    limits: Mapping[str, int] | None = None,
) -> ConfigurationFact:
    """Put whole parts of a draft in place of what was there, all of them or none. With *version*, a stale one is a Conflict;
    where others edit it along, nothing but its name is replaced without."""
    if decisions is None and wishes is None and name is None and limits is None:
        raise Invalid(_("There is nothing to change in this."))
    beside = Beside(None if name is None else clean_name(name), limits)

    only_name = decisions is None and wishes is None and limits is None

    def look(fact: ConfigurationFact) -> frozenset[str]:
        if version is None and fact.together and not only_name:
            raise unsaid("version")
        require_version(fact.version, version)
        return NOTHING_UNSEEN

    if decisions is None and wishes is None:
        return set_beside(actor, configuration_id, lambda _fact: beside, look)

    def work(product: VersionFact, now: Choices) -> Choices:
        check_limits(product, limits or {})
        wanted = Choices(
            dict(now.decisions if decisions is None else decisions),
            now.wishes if wishes is None else tuple(dict.fromkeys(wishes)),
            now.contested,
        )
        check(product, wanted.decisions, wanted.wishes)
        return wanted

    return _change(actor, configuration_id, "many", "", work, look, beside)


def _change(
    actor: Actor,
    configuration_id: str,
    did: str,
    option: str,
    work: Callable[[VersionFact, Choices], Choices],
    look: Look = whatever,
    beside: Beside = NOTHING_BESIDE,
) -> ConfigurationFact:
    """Make a change that can be taken back. *look* may refuse it, and says which options it may not touch."""

    def attempt() -> ConfigurationFact:
        fact, version = open_draft(actor, configuration_id)
        unseen = look(fact)

        def worked(now: Choices) -> Choices:
            then = work(version, now)
            require_seen(fact, difference(now, then).options & unseen)
            return then

        return _changed(actor, fact, version, Did(did, option), worked, beside)

    return until_settled(attempt)


def _changed(
    actor: Actor,
    fact: ConfigurationFact,
    version: VersionFact,
    did: Did,
    work: Callable[[Choices], Choices],
    beside: Beside = NOTHING_BESIDE,
) -> ConfigurationFact:
    """A draft with one change made; nothing happens where nothing differs. Raises Moved where another one came first."""
    now = choices_of(fact)

    def worked() -> Change | None:
        choices = readmitted(version, work(now))
        if choices.same(now):
            return None
        if len(choices.map) > len(now.map):
            require_few(choices.map)
        return Change(choices, snapshot(compiled_version(version), choices.decisions), did)

    change = solve(version, lambda _compiled: worked())
    if change is not None:
        return store(actor, fact.id, fact.version, change, beside)
    return fact if beside == NOTHING_BESIDE else settle(actor, fact.id, fact.version, beside)


@verb
def discard(actor: Actor, configuration_id: str) -> None:
    """Throw a draft of one's own away, whoever edits it along. Raises NotFound, Forbidden, Conflict."""
    _access, row = locked(actor, configuration_id, own=True)
    for table in (DraftEdit, DraftPartner):
        session().execute(delete(table).where(table.configuration_id == row.id))
    session().delete(row)
    session().flush()
