"""Links that work once. The secret is shown or mailed; only its hash is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, update

from codesign.accounts.checks import must
from codesign.accounts.events import LinkMade
from codesign.accounts.facts import PersonFact
from codesign.accounts.models import SingleUseLink
from codesign.accounts.queries import has_administrator
from codesign.accounts.secret import hash_secret, new_secret
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _

#: Where a link leads and how long it works, by purpose.
PATHS = {"reset": "/reset/{}", "signin": "/sign-in/link/{}", "setup": "/setup?token={}"}
LASTS = {"reset": timedelta(hours=1), "signin": timedelta(hours=1), "setup": timedelta(days=7)}


@dataclass(frozen=True)
class SpentLink:
    """What a link that was just used up was for."""

    person_id: str | None


def link_path(purpose: str, secret: str) -> str:
    """The path on this server that a link of *purpose* opens."""
    return PATHS[purpose].format(secret)


@verb
def make_link(person_id: str, purpose: str, actor: Actor = SYSTEM) -> str:
    """The secret of a new link for a person; *purpose* is ``reset`` or ``signin``."""
    must(person_id)
    return _make(person_id, purpose, actor)


def needs_setup() -> bool:
    """Whether nobody looks after this server yet."""
    return not has_administrator()


@verb
def setup_secret() -> str | None:
    """The secret that opens the setup page of an empty instance; earlier ones are void.

    None when there is an administrator.
    """
    if has_administrator():
        return None
    session().execute(delete(SingleUseLink).where(SingleUseLink.purpose == "setup"))
    return _make(None, "setup", SYSTEM)


def _make(person_id: str | None, purpose: str, actor: Actor) -> str:
    secret, link_id, moment = new_secret(), new_id(), clock.now()
    session().execute(
        insert(SingleUseLink).values(
            id=link_id, person_id=person_id, purpose=purpose, hash=hash_secret(secret), created_at=moment,
            expires_at=moment + LASTS[purpose],
        )
    )  # fmt: skip
    record(LinkMade(SERVER, link_id, person_id, purpose), actor=actor)
    return secret


@verb
def use_link(secret: str, purpose: str = "signin") -> PersonFact:
    """The person a link was made for; NotFound when it is unknown, used, too old, or they may not enter."""
    spent = spend_link(secret, purpose)
    person = must(spent.person_id) if spent and spent.person_id else None
    if person is None or person.banned or person.erased:
        raise NotFound(_("This link was used already or is too old."))
    return person


def spend_link(secret: str, purpose: str) -> SpentLink | None:
    """Use a link up inside the running verb; None when it does not work (any more). Of two at once, one gets it."""
    moment = clock.now()
    good = (
        SingleUseLink.hash == hash_secret(secret),
        SingleUseLink.purpose == purpose,
        SingleUseLink.used_at.is_(None),
        SingleUseLink.expires_at > moment,
    )
    row = (
        session()
        .execute(update(SingleUseLink).where(*good).values(used_at=moment).returning(SingleUseLink.person_id))
        .first()
    )
    return SpentLink(row.person_id) if row else None


def drop_links(person_id: str) -> None:
    """Make every unused link of a person void (inside a verb)."""
    session().execute(
        delete(SingleUseLink).where(SingleUseLink.person_id == person_id, SingleUseLink.used_at.is_(None))
    )
