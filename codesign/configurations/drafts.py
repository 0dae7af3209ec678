"""Rows of drafts under lock, for the verbs of this room."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from codesign.configurations.changes import Choices, Past
from codesign.configurations.events import OptionSwapped, OptionWished
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.models import Configuration
from codesign.configurations.queries import MISSING, fact_of, find_configuration, require_composer
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from codesign.kernel.text import _
from codesign.kernel.words import is_usable, one_line
from codesign.products.facts import VersionFact
from codesign.products.queries import get_version
from codesign.spaces.facts import Access

MOST_NAME = 140

Totals = dict[str, dict[str, int | None]]
#: What a change makes of a draft: new choices, where undo leads now, totals; and what was done to which option.
Change = tuple[Choices, Past, Totals, tuple[str, str]]


class Beside(NamedTuple):
    """What a draft keeps beside its choices, where that changes too: it is written in the same transaction."""

    name: str | None = None
    limits: Mapping[str, int] | None = None


NOTHING_BESIDE = Beside()


class Moved(Conflict):
    """Another change came first; it is tried again on what is there now."""


def open_draft(actor: Actor, configuration_id: str) -> tuple[ConfigurationFact, VersionFact]:
    with read():
        access, fact = find_configuration(actor, configuration_id)
        _require_own_draft(actor, access, fact)
        version = get_version(fact.product_version_id)
    if version is None:
        raise NotFound(MISSING)
    return fact, version


def _require_own_draft(actor: Actor, access: Access, fact: ConfigurationFact) -> None:
    require_composer(actor, access)
    if not fact.is_mine:
        raise Forbidden(_("Only its owner can change a configuration. Make it yours to go on from it."))
    if not fact.is_open:
        raise Conflict(_("This configuration is published and stands still. Make it yours to go on from it."))


def require_version(current: int, seen: int | None) -> None:
    if seen is not None and seen != current:
        said = _("You edited version %(seen)s; version %(current)s is newer.", seen=seen, current=current)
        raise Conflict(said, errors=[FieldError("version", "stale", said)], yours=seen, current=current)


def locked(actor: Actor, configuration_id: str) -> tuple[Access, Configuration]:
    row = session().get(Configuration, configuration_id, with_for_update=True, populate_existing=True)
    access, fact = find_configuration(actor, configuration_id)
    _require_own_draft(actor, access, fact)
    if row is None:
        raise NotFound(MISSING)
    return access, row


@verb
def store(
    actor: Actor, configuration_id: str, seen: int, change: Change, beside: Beside = NOTHING_BESIDE
) -> ConfigurationFact:
    access, row = locked(actor, configuration_id)
    if row.version != seen:
        raise Moved()
    choices, past, row.totals, (did, option) = change
    gave_up = [name for name, had in row.decisions.items() if had and not choices.decisions.get(name)]
    row.decisions, row.wishes = dict(choices.decisions), list(choices.wishes)
    row.past, row.future = list(past.past), list(past.future)
    _write_beside(row, beside)
    row.version, row.edited_at = row.version + 1, clock.now()
    session().flush()
    if did == "wish":
        record(OptionWished(row.space_id, row.product_id, option), actor)
    if did == "swap" and gave_up and choices.decisions.get(option):
        record(OptionSwapped(row.space_id, row.product_id, row.product_version_id, option, gave_up), actor)
    return fact_of(access, row)


@verb
def settle(actor: Actor, configuration_id: str, seen: int | None, beside: Beside) -> ConfigurationFact:
    access, row = locked(actor, configuration_id)
    require_version(row.version, seen)
    _write_beside(row, beside)
    row.version, row.edited_at = row.version + 1, clock.now()
    session().flush()
    return fact_of(access, row)


def _write_beside(row: Configuration, beside: Beside) -> None:
    row.name = row.name if beside.name is None else clean_name(beside.name)
    row.limits = row.limits if beside.limits is None else dict(beside.limits)


def clean_name(name: object) -> str:
    """The name as it is kept: one line; raises Invalid."""
    clean = one_line(name) if isinstance(name, str) and is_usable(name) else ""
    # Invisible joiners are part of many names, but no name by themselves.
    seen = any(unicodedata.category(letter)[0] not in "CZ" for letter in clean)
    if not seen or len(clean) > MOST_NAME:
        raise Invalid.field("name", _("A name has 1 to %(most)s characters.", most=MOST_NAME), "invalid")
    return clean
