"""What moves configurations along with something else: a new version of their product, the idea that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codesign.configurations.changes import Choices
from codesign.configurations.drafts import Totals, keep_choices, locked, open_draft
from codesign.configurations.events import ConfigurationPublished, ConfigurationWithdrawn
from codesign.configurations.facts import DRAFT, HELD, PUBLISHED, WITHDRAWN, ConfigurationFact
from codesign.configurations.history import MIGRATED, Did, write_edit
from codesign.configurations.models import Configuration
from codesign.configurations.queries import UNSETTLED, fact_of
from codesign.configurations.solving import Move, choices_of, moved, snapshot
from codesign.events.log import record
from codesign.kernel import clock, contribution
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict
from codesign.kernel.text import _
from codesign.kernel.versions import require_version
from codesign.products.facts import VersionFact
from codesign.products.queries import compiled_version, get_product, model_of, published_version, versions_after
from codesign.products.solving import solve

_WITH_IDEA = {contribution.PUBLISHED: PUBLISHED, contribution.HELD: HELD}


@dataclass(frozen=True)
class Migrated:
    """A draft in the newest version, and the options of the old one whose decision was given up. ``moved`` is false where it
    was there already."""

    configuration: ConfigurationFact
    gave_up: tuple[str, ...] = ()
    moved: bool = True


def migrate(actor: Actor, configuration_id: str) -> Migrated:
    """Move a draft to the published version of its product, with the smallest repair; no step before it can be taken back."""
    fact, version = open_draft(actor, configuration_id)
    newer = published_version(get_product(actor, fact.product_id))
    if newer.id == version.id:
        return Migrated(fact, moved=False)
    way = versions_after(version, newer)

    def work() -> tuple[Move, Totals]:
        move = moved(version, way, choices_of(fact))
        return move, snapshot(compiled_version(newer), move.choices.decisions)

    move, totals = solve(newer, lambda _compiled: work())
    limits = {name: most for name, most in fact.limits.items() if _counts_alike(version, newer, name)}
    stored = _store_migrated(actor, configuration_id, fact.version, newer.id, move.choices, totals, limits)
    return Migrated(stored, move.gives_up)


def _counts_alike(version: VersionFact, newer: VersionFact, attribute: str) -> bool:
    """Whether a limit on *attribute* still means the same: it adds up in both versions, in the same smallest unit."""
    old, new = model_of(version).attribute(attribute), model_of(newer).attribute(attribute)
    if old is None or new is None:
        return False
    return old.summed and new.summed and (old.unit, old.decimals) == (new.unit, new.decimals)


@verb
def _store_migrated(
    actor: Actor,
    configuration_id: str,
    seen: int,
    version_id: str,
    choices: Choices,
    totals: Totals,
    limits: Mapping[str, int],
) -> ConfigurationFact:
    access, row = locked(actor, configuration_id, own=True)
    require_version(row.version, seen)
    before = choices_of(fact_of(access, row))
    row.product_version_id, row.totals, row.limits = version_id, totals, dict(limits)
    keep_choices(row, choices)
    write_edit(row, actor.person_id, Did(MIGRATED), before, choices)
    session().flush()
    return fact_of(access, row)


@verb
def hold_for_idea(configuration_id: str) -> None:
    """Lock a configuration that an idea is about to carry, until this transaction ends. Raises Conflict where it is gone."""
    row = session().get(Configuration, configuration_id, with_for_update=True, populate_existing=True)
    if row is None or row.state == WITHDRAWN:
        raise Conflict(_("This configuration is gone."))
    if row.state == DRAFT and row.contested:  # it came to it while the idea was looked at
        raise Conflict(UNSETTLED)


@verb
def keep_with_idea(actor: Actor, configuration_id: str, idea_state: str, name: str) -> None:
    """Show a configuration to whom the idea that carries it is shown, under *name*. The caller has passed the gate."""
    row = session().get(Configuration, configuration_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    state = _WITH_IDEA.get(idea_state, WITHDRAWN)
    if (row.state, row.name) == (state, name):
        return
    if state != row.state and PUBLISHED in {state, row.state}:
        fact = ConfigurationPublished if state == PUBLISHED else ConfigurationWithdrawn
        record(fact(row.space_id, row.id, row.product_id), actor)
    row.published_at = row.published_at or (clock.now() if state == PUBLISHED else None)
    row.state, row.name, row.version = state, name, row.version + 1
    session().flush()
