"""Several people on one draft: its owner gives a link, whoever joins edits along, and both can end it.

An edit link is not the link that lets people look. Taking it back ends what it opened: nobody who joined by it edits any more.
"""

from __future__ import annotations

import secrets
from secrets import compare_digest

from sqlalchemy import delete, func, select

from codesign.configurations.drafts import locked
from codesign.configurations.facts import DRAFT, ConfigurationFact
from codesign.configurations.history import editors_of, wished_by_others
from codesign.configurations.models import Configuration, DraftPartner
from codesign.configurations.queries import MISSING, fact_of, find_configuration, require_composer
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound, Unauthenticated
from codesign.kernel.text import _

MOST_PARTNERS = 20


@verb
def open_to_others(actor: Actor, configuration_id: str) -> ConfigurationFact:
    """Let others edit one's draft along by a link, the same as long as it is open. Raises NotFound, Forbidden, Conflict."""
    access, row = locked(actor, configuration_id, own=True)
    if row.edit_key is None:
        row.edit_key = secrets.token_urlsafe(16)
        _moved(row)
    return fact_of(access, row)


@verb
def close_to_others(actor: Actor, configuration_id: str) -> ConfigurationFact:
    """Take the link back: from now on its owner alone edits it, and what others did stays. Raises as ``open_to_others``."""
    access, row = locked(actor, configuration_id, own=True)
    if row.edit_key is not None:
        row.edit_key = None
        session().execute(delete(DraftPartner).where(DraftPartner.configuration_id == row.id))
        _moved(row)
    return fact_of(access, row)


@verb
def remove_partner(actor: Actor, configuration_id: str, person_id: str) -> ConfigurationFact:
    """Let somebody edit along no more; the link is made anew, so that the old one does not bring them back."""
    access, row = locked(actor, configuration_id, own=True)
    if _delete(row.id, person_id):
        row.edit_key = secrets.token_urlsafe(16)
        _moved(row)
    return fact_of(access, row)


@verb
def leave_draft(actor: Actor, configuration_id: str) -> None:
    """Edit somebody's draft along no more. Raises NotFound, Forbidden, Conflict."""
    _access, row = locked(actor, configuration_id)
    if actor.person_id and _delete(row.id, actor.person_id):
        _moved(row)


def _delete(configuration_id: str, person_id: str) -> bool:
    row = session().get(DraftPartner, (configuration_id, person_id))
    if row is None:
        return False
    session().delete(row)
    return True


@verb
def join_draft(actor: Actor, configuration_id: str, key: str) -> ConfigurationFact:
    """Edit a draft along, by the *key* of its link. Raises NotFound, Unauthenticated, Forbidden, Closed, Conflict (too many)."""
    row = session().get(Configuration, configuration_id, with_for_update=True, populate_existing=True)
    access, fact = find_configuration(actor, configuration_id, key)
    if row is None or row.state != DRAFT:
        raise NotFound(MISSING)
    if fact.may_edit:
        return fact
    if not (row.edit_key and compare_digest(key.encode(), row.edit_key.encode())):
        raise NotFound(MISSING)  # the link to look at it does not let anybody in
    require_composer(actor, access)
    if actor.person_id is None:
        raise Unauthenticated
    count = select(func.count()).where(DraftPartner.configuration_id == row.id)
    if (session().scalar(count) or 0) >= MOST_PARTNERS:
        raise Conflict(_("At most %(most)s people can edit a draft along.", most=MOST_PARTNERS))
    session().add(DraftPartner(configuration_id=row.id, person_id=actor.person_id, joined_at=clock.now()))
    _moved(row)
    return fact_of(access, row)


def _moved(row: Configuration) -> None:
    """Whoever has the draft open looks again."""
    row.version += 1
    session().flush()


def changed_since(actor: Actor, fact: ConfigurationFact, seen: int | None) -> frozenset[str]:
    """The options that somebody else decided or wished for after the version *seen*. Who changes many at once has to say what
    they saw, or they would put away what they never looked at. Raises Invalid."""
    if not fact.together:
        return frozenset()
    if seen is None:
        raise unsaid("seen_version")
    return unseen_by(actor, fact, seen) | wished_by_others(fact.id, actor.person_id, seen)


def unsaid(field: str) -> Invalid:
    """Nobody said which version they saw of a draft that others edit along."""
    return Invalid.field(field, _("Others edit this draft along: say which version of it you saw."), "required")


def unseen_by(actor: Actor, fact: ConfigurationFact, seen: int | None) -> frozenset[str]:
    """The options that somebody else set after the version *seen*. Who does not say what they saw saw everything."""
    if seen is None or not fact.together:
        return frozenset()
    newer = {option: number for option, number in fact.marks.items() if number > seen}
    who = editors_of(fact.id, set(newer.values()))
    return frozenset(option for option, number in newer.items() if who.get(number, "") != actor.person_id)
