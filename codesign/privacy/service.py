"""Joining a guest with an account, and forgetting a person. Each room says in ``belongings.py`` what that means for it."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import update

from codesign.accounts import belongings as accounts
from codesign.accounts.checks import require_admin
from codesign.accounts.queries import count_administrators, get_person
from codesign.comments import belongings as comments
from codesign.configurations import belongings as configurations
from codesign.customers import belongings as customers
from codesign.ideas import belongings as ideas
from codesign.insights import belongings as insights
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Forbidden, NotFound
from codesign.kernel.text import _
from codesign.merging import belongings as merging
from codesign.moderation import belongings as moderation
from codesign.notifications import belongings as notifications
from codesign.pictures import belongings as pictures
from codesign.privacy.models import Erasure
from codesign.privacy.queries import open_erasures
from codesign.spaces.service import forget_member, join_memberships
from codesign.triage import belongings as triage
from codesign.voting import belongings as voting

log = logging.getLogger(__name__)

#: Called with a person's id until all of them return: the host adds one that asks every plugin.
on_erase: list[Callable[[str], None]] = []


@verb
def join_guest(guest_id: str, person_id: str) -> bool:
    """Give everything a guest gave to an account; False when there is nothing (any more) to join.

    Votes are united: where both had voted, the account's own vote stands, and tallies stay exact.
    """
    guest, person = get_person(guest_id), get_person(person_id)
    if guest is None or person is None or person.guest or person.erased or guest_id == person_id:
        return False
    if not accounts.mark_joined(guest_id, person_id):
        return False
    join_memberships(guest_id, person_id)
    clashes = voting.join(guest_id, person_id)
    merging.join(guest_id, person_id, clashes)
    configurations.join(guest_id, person_id)
    insights.join(guest_id, person_id)
    ideas.join(guest_id, person_id)
    comments.join(guest_id, person_id)
    pictures.join(guest_id, person_id)
    moderation.join(guest_id, person_id)
    notifications.join(guest_id, person_id)
    customers.join(guest_id, person_id)
    return True


@verb
def erase_person(actor: Actor, person_id: str, remove_texts: bool = False) -> None:
    """Forget a person: themselves, or a server administrator. The row stays, empty, so that counts stay right.

    Their texts stay without a name, or become tombstones with *remove_texts*. Plugins follow in the worker.
    """
    if actor.token_id is not None:
        raise Forbidden(_("An account cannot be deleted with a token."))
    if actor.person_id != person_id:
        require_admin(actor)
    person = get_person(person_id)
    if person is None or person.erased:
        raise NotFound(_("There is no such person."))
    if person.is_admin and count_administrators() == 1:
        raise Conflict(_("You are the only server administrator. Make somebody else one first."))
    forget_member(person_id)
    configurations.erase(person_id, remove_texts)
    ideas.erase(person_id, remove_texts)
    comments.erase(person_id, remove_texts)
    pictures.erase(person_id)
    moderation.erase(person_id)
    triage.erase(person_id)
    customers.erase(person_id)
    notifications.erase(person_id)
    accounts.erase(actor, person_id)
    session().add(Erasure(person_id=person_id, asked_at=clock.now(), tries=0))


def finish_erasures() -> int:
    """Ask plugins to forget whoever was forgotten here (a timed task); returns how many erasures are still open."""
    left = 0
    for erasure in open_erasures():
        error = _ask_all(erasure.person_id)
        _note(erasure.person_id, error)
        left += error is not None
    return left


def _ask_all(person_id: str) -> str | None:
    for ask in on_erase:
        try:
            ask(person_id)
        except Exception as error:
            log.exception("a plugin could not forget a person")
            return f"{type(error).__name__}: {error}"[:500]
    return None


@verb
def _note(person_id: str, error: str | None) -> None:
    values = {"tries": Erasure.tries + 1, "last_error": error, "done_at": None if error else clock.now()}
    session().execute(update(Erasure).where(Erasure.person_id == person_id).values(**values))
