"""Rows of drafts under lock, for the verbs of this room."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, TypeVar

from codesign.configurations.changes import Choices
from codesign.configurations.events import OptionSwapped, OptionSwapUndone, OptionWished
from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.history import UNDO, Did, word_of, write_edit
from codesign.configurations.models import Configuration
from codesign.configurations.queries import MISSING, fact_of, find_configuration, require_composer
from codesign.configurations.solving import choices_of
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

#: How often a change is tried again where another one came first.
AGAIN = 6

T = TypeVar("T")
Totals = dict[str, dict[str, int | None]]


class Change(NamedTuple):
    """What a change makes of a draft: new choices and their totals; and what was done to which option."""

    choices: Choices
    totals: Totals
    did: Did


class Beside(NamedTuple):
    """What a draft keeps beside its choices, where that changes too: it is written in the same transaction."""

    name: str | None = None
    limits: Mapping[str, int] | None = None


NOTHING_BESIDE = Beside()


#: Looks at a draft before it is changed: refuses that, or answers the options that must not change unseen.
Look = Callable[[ConfigurationFact], frozenset[str]]
NOTHING_UNSEEN: frozenset[str] = frozenset()


def whatever(_fact: ConfigurationFact) -> frozenset[str]:
    """No change that has to be looked at first."""
    return NOTHING_UNSEEN


class Moved(Conflict):
    """Another change came first; it is tried again on what is there now."""


def until_settled(attempt: Callable[[], T]) -> T:
    """What *attempt* answers; it is made again, on what is there then, where another change came first."""
    for _number in range(AGAIN - 1):
        try:
            return attempt()
        except Moved:
            continue
    return attempt()


def open_draft(actor: Actor, configuration_id: str) -> tuple[ConfigurationFact, VersionFact]:
    """A draft that *actor* may change now, with its version of the product. Raises NotFound, Forbidden, Conflict."""
    with read():
        access, fact = find_configuration(actor, configuration_id)
        _require_open(actor, access, fact)
        version = get_version(fact.product_version_id)
    if version is None:
        raise NotFound(MISSING)
    return fact, version


def _require_open(actor: Actor, access: Access, fact: ConfigurationFact) -> None:
    require_composer(actor, access)
    if not fact.is_open:
        raise Conflict(_("This configuration is published and stands still. Make it yours to go on from it."))
    if not fact.may_edit:
        raise Forbidden(_("Only its owner and whom they ask can change a draft. Make it yours to go on from it."))


def _require_own(fact: ConfigurationFact) -> None:
    if not fact.is_mine:
        raise Forbidden(_("Only the owner of a draft can do that."))


def require_seen(fact: ConfigurationFact, unseen: Collection[str]) -> None:
    """Raise Conflict where a change of many options at once would touch some that its author has not seen as they are."""
    if unseen:
        said = _("Somebody else changed part of this meanwhile, and it stays as it is. Look at it again.")
        raise Conflict(said, errors=[FieldError("version", "stale", said)], option=min(unseen), current=fact.version)


def locked(actor: Actor, configuration_id: str, *, own: bool = False) -> tuple[Access, Configuration]:
    """The row of a draft that *actor* may change, locked until the transaction ends; *own* is for what its owner alone may."""
    row = session().get(Configuration, configuration_id, with_for_update=True, populate_existing=True)
    access, fact = find_configuration(actor, configuration_id)
    _require_open(actor, access, fact)
    if own:
        _require_own(fact)
    if row is None:
        raise NotFound(MISSING)
    return access, row


@verb
def store(
    actor: Actor, configuration_id: str, seen: int, change: Change, beside: Beside = NOTHING_BESIDE
) -> ConfigurationFact:
    access, row = locked(actor, configuration_id, own=beside.name is not None)
    if row.version != seen:
        raise Moved()
    choices, row.totals, did = change
    before = choices_of(fact_of(access, row))
    keep_choices(row, choices)
    _write_beside(row, beside)
    write_edit(row, actor.person_id, did, before, choices)
    session().flush()
    _announce(actor, row, did, before, choices)
    return fact_of(access, row)


def _announce(actor: Actor, row: Configuration, did: Did, before: Choices, now: Choices) -> None:
    """Tell of a wish, and of what was given up for what; a swap that is taken back, or made again, is told as such."""
    if did.word == "wish":
        record(OptionWished(row.space_id, row.product_id, did.option), actor)
    if (did.word if did.turns is None else word_of(row.id, did.turns)) != "swap":
        return
    about = row.space_id, row.product_id, row.product_version_id, did.option
    if did.word == UNDO and _lost(now, before) and before.decisions.get(did.option):
        record(OptionSwapUndone(*about), actor)
    elif did.word != UNDO and (gave_up := _lost(before, now)) and now.decisions.get(did.option):
        record(OptionSwapped(*about, gave_up), actor)


def _lost(before: Choices, now: Choices) -> list[str]:
    return [name for name, had in before.decisions.items() if had and not now.decisions.get(name)]


def keep_choices(row: Configuration, choices: Choices) -> None:
    """Write choices into a row."""
    row.decisions, row.wishes = dict(choices.decisions), list(choices.wishes)
    row.contested = dict(choices.contested)


@verb
def settle(actor: Actor, configuration_id: str, seen: int, beside: Beside) -> ConfigurationFact:
    access, row = locked(actor, configuration_id, own=beside.name is not None)
    if row.version != seen:
        raise Moved()
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
