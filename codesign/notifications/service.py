"""Following the log: what happened becomes notices for those it concerns, and letters for those who asked for one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import select, update

from codesign.accounts.checks import require_admin, require_person
from codesign.accounts.links import link_path
from codesign.accounts.queries import find_by_email, get_person, with_account
from codesign.accounts.service import make_link
from codesign.events import log
from codesign.events.base import SERVER, Bell, Recorded, ringing
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.db import read, session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.kernel.upsert import upsert
from codesign.notifications.deliveries import schedule
from codesign.notifications.letters import invitation_letter, reset_letter, ringing_letter
from codesign.notifications.links import confirm_path
from codesign.notifications.models import Letter, Notice
from codesign.notifications.queries import ringing_path
from codesign.notifications.recipients import (
    JUDGED,
    MENTIONING,
    NOTICED,
    around_release,
    concerned,
    judged,
    mentions,
    rung,
)
from codesign.notifications.wishes import reachable
from codesign.notifications.writing import confirm_letter
from codesign.spaces.queries import find_space, get_invitation
from codesign.spaces.service import issue_invitation_secret

READER = "notifications"
RELEASE, SPLIT = "release.published", "idea.split"
LETTERS = ("password.reset_asked", "invitation.made", "person.registered")
BATCH = 100
#: Rows per commit, so that no vote waits long behind a notice to thousands.
STEP = 250


def deliver(space_id: str) -> None:
    """Read on in one log, once: at most BATCH facts. Telling twice is harmless, so the bookmark moves last."""
    with read():
        after, reached = log.bookmark(READER, space_id), log.head(space_id)
        facts = log.since(space_id, after, BATCH, names=(*{*NOTICED, *MENTIONING, *JUDGED, *ringing()}, *LETTERS))
    if len(facts) == BATCH:
        reached = facts[-1].seq
    for fact in facts:
        if fact.name in LETTERS:
            _write_letter(fact)
        elif fact.bell:
            _ring(fact, fact.bell)
        else:
            _tell(fact)
    skip_to(space_id, reached)


@verb
def skip_to(space_id: str, seq: int) -> None:
    """Count everything up to *seq* as told (an import brings a past that nobody needs to hear of)."""
    log.move_bookmark(READER, space_id, seq)


# --- Notices ----------------------------------------------------------------------------------------------------------


def _tell(fact: Recorded) -> None:
    if fact.name == RELEASE:
        _tell_release(fact)
        return
    thing = fact.name.partition(".")[0]
    mention = "answer.mentioned" if fact.name == "idea.answered" else f"{thing}.mentioned"
    with read():
        text_id, named = mentions(fact)
        named = with_account(named) - _told_of(mention, text_id, named)
        people = with_account(concerned(fact)) - named
        act, authors = judged(fact)
        authors = with_account(authors)
    if named:  # they are told why, and of each text once
        _add_notices(fact, sorted(named), name=mention, text_id=text_id)
    if authors:
        _add_notices(fact, sorted(authors), name=f"{thing}.{act}", text_id=text_id)
    # Who knew the whole is led to what came out of it.
    _tell_all(fact, people, **({"idea_id": fact.payload["offshoot_id"]} if fact.name == SPLIT else {}))


def _tell_release(fact: Recorded) -> None:
    """Everybody around the ideas of a release hears of it once, beside the first of them that is theirs."""
    told: set[str] = set()
    for idea_id in fact.payload["idea_ids"]:
        with read():
            people = with_account(around_release(fact, idea_id)) - told
        told |= people
        _tell_all(fact, people, text_id=fact.payload["release_id"], idea_id=idea_id)


def _tell_all(fact: Recorded, people: Iterable[str], **about: str) -> None:
    waiting = iter(sorted(people))
    while step := list(islice(waiting, STEP)):
        _add_notices(fact, step, name=fact.name, **about)


def _ring(fact: Recorded, bell: Bell) -> None:
    """Tell those an event names itself. The same need not be written to somebody twice in an hour."""
    with read():
        people = with_account(rung(fact, bell))
    if people:
        _add_notices(fact, sorted(people), name=fact.name)
    for person_id in sorted(people) if bell.letter else ():
        _write_ringing(
            f"{fact.name[:50]}:{fact.space_id}:{fact.occurred_at:%y%m%d%H}:{person_id}", person_id, fact, bell
        )


def _told_of(name: str, text_id: str, people: Iterable[str]) -> set[str]:
    told = select(Notice.person_id).where(Notice.person_id.in_(sorted(people)), Notice.text_id == text_id)
    return set(session().scalars(told.where(Notice.name == name)))


@verb
def _add_notices(
    fact: Recorded, people: Iterable[str], *, name: str, text_id: str | None = None, idea_id: str | None = None
) -> None:
    idea_id = idea_id or fact.payload.get("idea_id")
    common = {
        "space_id": fact.space_id, "seq": fact.seq, "name": name, "idea_id": idea_id, "text_id": text_id,
        "actor_id": fact.actor_id, "occurred_at": fact.occurred_at, "read_at": None,
    }  # fmt: skip
    rows = [common | {"person_id": person_id} for person_id in people]
    session().execute(upsert(session(), Notice).on_conflict_do_nothing(), rows)
    schedule(fact, [str(row["person_id"]) for row in rows], name, text_id, idea_id)


@verb
def mark_read(actor: Actor, space_id: str | None = None, seq: int | None = None) -> None:
    """Note that *actor* has read one notice, or all of them."""
    mine = Notice.person_id == actor.person_id, Notice.read_at.is_(None)
    query = update(Notice).where(*mine).values(read_at=clock.now())
    if space_id is not None:
        query = query.where(Notice.space_id == space_id, Notice.seq == seq)
    session().execute(query)


# --- Letters ----------------------------------------------------------------------------------------------------------


@verb
def _write_letter(fact: Recorded) -> None:
    """One letter per fact, whatever happens: its cause is unique, and the link is made in the same commit."""
    cause = f"{fact.name}:{fact.space_id}:{fact.seq}"
    if _written(cause):
        return
    if fact.name == "person.registered":
        if fact.actor_id == fact.payload["person_id"]:  # others were given their address by somebody else
            _write_confirm(cause, fact.payload["person_id"])
    elif fact.space_id == SERVER:
        _write_reset(cause, fact.payload.get("person_id"))
    else:
        _write_invitation(cause, fact.payload["invitation_id"])


def _write_confirm(cause: str, person_id: str) -> None:
    """Ask somebody whether their address is their own, unless that is known."""
    person = get_person(person_id)
    if person is None or person.email is None or person.erased or reachable([person_id]):
        return
    path = confirm_path(person_id, person.email)
    _post(cause, person.email, person_id=person_id, **confirm_letter(path, person.locale))


@verb
def ask_confirmation(actor: Actor) -> None:
    """Write the letter that confirms my address, once an hour at most."""
    person_id = require_person(actor)
    cause = f"confirm:{person_id}:{clock.now():%y%m%d%H}"
    if not _written(cause):
        _write_confirm(cause, person_id)


def _write_reset(cause: str, person_id: str | None) -> None:
    person = get_person(person_id) if person_id else None
    if person is None or person.email is None or person.erased or person.banned:
        return
    subject, body = reset_letter(link_path("reset", make_link(person.id, "reset")), person.locale)
    _post(cause, person.email, subject, body, person.id)


def _write_invitation(cause: str, invitation_id: str) -> None:
    invitation = get_invitation(invitation_id)
    if invitation is None or invitation.email is None or invitation.revoked_at or invitation.expires_at <= clock.now():
        return
    days = max(1, (invitation.expires_at - clock.now()).days)
    known = find_by_email(invitation.email)
    path = f"/invitations/{issue_invitation_secret(invitation_id)}"
    subject, body = invitation_letter(path, days, known.locale if known else None)
    _post(cause, invitation.email, subject, body)


@verb
def _write_ringing(cause: str, person_id: str, fact: Recorded, bell: Bell) -> None:
    person, space = get_person(person_id), find_space(fact.space_id)
    if person is None or person.email is None or person.banned or space is None or _written(cause):
        return
    subject, body = ringing_letter(bell.says, ringing_path(space.slug, bell, fact), person.locale)
    _post(cause, person.email, subject, body, person.id)


def _written(cause: str) -> bool:
    return session().scalar(select(Letter.id).where(Letter.cause == cause)) is not None


def _post(cause: str, recipient: str, subject: str, body: str, person_id: str | None = None) -> None:
    letter = Letter(
        id=new_id(), cause=cause, person_id=person_id, recipient=recipient, subject=str(subject), body=str(body),
        created_at=clock.now(), tries=0, next_try_at=clock.now(),
    )  # fmt: skip
    session().add(letter)


@verb
def send_again(actor: Actor, letter_id: str) -> None:
    """Make a letter due now, however often it was tried (server administrators)."""
    require_admin(actor)
    fresh = (
        update(Letter).where(Letter.id == letter_id, Letter.sent_at.is_(None)).values(tries=0, next_try_at=clock.now())
    )
    if session().scalar(fresh.returning(Letter.id)) is None:
        raise NotFound(_("There is no such letter, or it was sent."))
