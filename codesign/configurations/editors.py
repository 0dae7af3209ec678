"""What those who have a draft open learn of it: its log, who may see it still, who is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from codesign.accounts.queries import get_people
from codesign.configurations.facts import DRAFT, ConfigurationFact, EditFact
from codesign.configurations.history import edits_after, first_number
from codesign.configurations.models import Configuration
from codesign.configurations.queries import MISSING, find_configuration, partners_of
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session
from codesign.kernel.errors import Forbidden, NotFound
from codesign.kernel.text import _


@dataclass(frozen=True)
class LogPart:
    """Edits of a draft, oldest first; ``reset`` says that the ones before are not kept any more."""

    edits: tuple[EditFact, ...]
    version: int
    more: bool
    reset: bool


@reading
def log_of(actor: Actor, configuration_id: str, after: int, limit: int) -> LogPart:
    """The log of a configuration after a number, for those who made it. Raises NotFound, Forbidden.

    Steps that somebody took back are in it, so whoever may only look does not get it.
    """
    _access, fact = find_configuration(actor, configuration_id)
    if not (fact.is_mine or (fact.together and actor.person_id in partners_of(fact.id))):
        raise Forbidden(_("The steps of a draft are for those who edit it."))
    edits = edits_after(fact.id, after, limit + 1)
    version = edits[limit - 1].number if len(edits) > limit else fact.version
    return LogPart(tuple(edits[:limit]), version, len(edits) > limit, _is_lost(fact, after, first_number(fact.id)))


def _is_lost(fact: ConfigurationFact, after: int, first: int | None) -> bool:
    """Whether the log does not lead on from *after*: the oldest edits are forgotten, or the draft began with choices."""
    if after == 0 and any(option not in fact.marks for option in (*fact.decisions, *fact.contested)):
        return True
    return first is not None and after < first and any(number < first for number in fact.marks.values())


@reading
def open_draft_of(actor: Actor, configuration_id: str, key: str) -> ConfigurationFact:
    """A draft that *actor* may see; NotFound for what is published."""
    fact = find_configuration(actor, configuration_id, key)[1]
    if not fact.is_open:
        raise NotFound(MISSING)
    return fact


@reading
def versions_of(configuration_ids: Iterable[str]) -> dict[str, int]:
    """The versions of drafts by id; what is no draft any more is left out. One small query: every tick asks."""
    query = select(Configuration.id, Configuration.version).where(
        Configuration.id.in_(sorted(configuration_ids)), Configuration.state == DRAFT
    )
    return {row[0]: row[1] for row in session().execute(query)}


@reading
def circle_of(configuration_id: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Who may edit a draft now, and the keys that let others look at it; None where it is none any more."""
    row = session().get(Configuration, configuration_id)
    if row is None or row.state != DRAFT:
        return None
    people = [row.person_id, *(partners_of(row.id) if row.edit_key else ())]
    keys = (row.share_key, row.edit_key)
    return frozenset(each for each in people if each), frozenset(each for each in keys if each)


@reading
def named(person_ids: Iterable[str]) -> list[dict[str, Any]]:
    """People by the name they show everybody; guests, and who shows none, without."""
    people = get_people(person_ids)
    found = []
    for person_id in sorted(people):
        person = people[person_id]
        shown = person.show_name and not person.guest and not person.erased
        found.append({"id": person_id, "name": person.name if shown else None, "guest": person.guest})
    return found
