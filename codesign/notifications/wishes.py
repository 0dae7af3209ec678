"""What letters people want, and whether their address is their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from codesign.accounts.checks import require_person
from codesign.accounts.queries import get_people
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import reading, session, verb
from codesign.kernel.errors import Invalid, NotFound
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.notifications.links import read_confirm, read_stop
from codesign.notifications.models import ConfirmedAddress, LetterWish
from codesign.notifications.rhythms import DAILY, INSTANT, KINDS, NEVER, RHYTHMS, TEAM, period_of


@reading
def rhythms_of(person_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """How soon each of these people wants each kind of letter."""
    usual = {kind: rhythm for kind, (_title, rhythm) in KINDS.items()}
    found = {person_id: dict(usual) for person_id in person_ids}
    rows = session().execute(
        select(LetterWish.person_id, LetterWish.kind, LetterWish.rhythm).where(LetterWish.person_id.in_(sorted(found)))
    )
    for row in rows:
        if row.kind in usual:
            found[row.person_id][row.kind] = row.rhythm
    return found


@reading
def reachable(person_ids: Iterable[str]) -> dict[str, str]:
    """The addresses of those who showed that theirs is their own; no guests, nobody who is banned or left."""
    people = get_people(person_ids)
    query = select(ConfirmedAddress.person_id, ConfirmedAddress.address)
    rows = session().execute(query.where(ConfirmedAddress.person_id.in_(sorted(people))))
    confirmed = {row.person_id: row.address for row in rows}
    return {
        key: person.email
        for key, person in people.items()
        if person.email and confirmed.get(key) == person.email and not (person.guest or person.banned or person.erased)
    }


@verb
def choose_rhythms(actor: Actor, wished: Mapping[str, str]) -> None:
    """Say how soon I want each kind of letter."""
    person_id = require_person(actor)
    for kind, rhythm in wished.items():
        if kind not in KINDS or rhythm not in RHYTHMS or (kind, rhythm) == (TEAM, INSTANT):
            raise Invalid.field(kind, _("Choose one of the values offered."))
        _wish(person_id, kind, rhythm)


@verb
def stop_letters(token: str) -> list[str]:
    """End the kinds of letters that a letter's link names; no signing in. Returns them. Raises NotFound."""
    found = read_stop(token)
    if found is None:
        raise NotFound(_("This link does not work. Sign in and choose under My page, Letters."))
    person_id, kinds = found
    if person_id in get_people([person_id]):
        for kind in kinds:
            _wish(person_id, kind, NEVER)
    return kinds


def _wish(person_id: str, kind: str, rhythm: str) -> None:
    row = upsert(session(), LetterWish).values(person_id=person_id, kind=kind, rhythm=rhythm)
    session().execute(row.on_conflict_do_update(index_elements=["person_id", "kind"], set_={"rhythm": rhythm}))


@verb
def confirm_address(token: str) -> None:
    """Note that an address is its person's own, by the link of a letter. Raises NotFound."""
    found = read_confirm(token)
    person = get_people([found[0]]).get(found[0]) if found else None
    if found is None or person is None or person.erased or person.email != found[1]:
        raise NotFound(_("This link is too old, or your address is another one now."))
    _note_confirmed(*found)


@verb
def note_confirmed(people: Mapping[str, str]) -> None:
    """Note of people, by id, that these addresses are their own: who made them vouches for it."""
    for person_id, address in people.items():
        _note_confirmed(person_id, address)


def _note_confirmed(person_id: str, address: str) -> None:
    values = {"address": address, "confirmed_at": clock.now()}
    told = period_of(clock.now(), DAILY)
    row = upsert(session(), ConfirmedAddress).values(person_id=person_id, told_until=told, **values)
    session().execute(row.on_conflict_do_update(index_elements=["person_id"], set_=values))
