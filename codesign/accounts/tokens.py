"""Keys for programs: shown once, kept as a hash, never stronger than their person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import insert, select, update

from codesign.accounts.checks import must, require_admin
from codesign.accounts.events import TokenMade, TokenRevoked
from codesign.accounts.facts import TokenFact
from codesign.accounts.models import ApiToken
from codesign.accounts.queries import list_tokens
from codesign.accounts.secret import hash_secret, new_token
from codesign.events.base import SERVER
from codesign.events.log import record
from codesign.kernel import clock
from codesign.kernel.actor import SCOPES, Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Forbidden, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _

ALL = "all"
MOST_TOKENS = 50
LONGEST_NAME = 80
LONGEST_DAYS = 3650


@verb
def make_token(
    actor: Actor, person_id: str, name: str, scopes: Iterable[str], days: int | None = None
) -> tuple[TokenFact, str]:
    """A new token for a person and its secret; *days* None never ends. Scope ``all`` stands for every one of them."""
    _require_owner(actor, person_id)
    person, chosen = must(person_id), _scopes(scopes)
    if person.guest or person.erased or person.banned:
        raise Forbidden(_("Only somebody with an account can have a token."))
    if "act_as" in chosen and not person.is_admin and ALL not in set(scopes):
        raise Invalid.field("scopes", _("Only a server administrator's token may act for others."))
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Invalid.field("name", _("Give it a name of 1 to %(count)s letters.", count=LONGEST_NAME))
    if days is not None and not 0 < days <= LONGEST_DAYS:
        raise Invalid.field("days", _("Take 1 to %(count)s days.", count=LONGEST_DAYS))
    if len(list_tokens(person_id)) >= MOST_TOKENS:
        raise Invalid(_("There are %(count)s tokens already. Revoke one first.", count=MOST_TOKENS))
    secret, moment = new_token(), clock.now()
    ends = moment + timedelta(days=days) if days else None
    fact = TokenFact(new_id(), person_id, name.strip(), chosen, moment, ends, None, None)
    session().execute(
        insert(ApiToken).values(
            id=fact.id, person_id=person_id, name=fact.name, hash=hash_secret(secret), scopes=list(chosen),
            created_at=moment, expires_at=ends,
        )
    )  # fmt: skip
    record(TokenMade(SERVER, fact.id, person_id, list(chosen)), actor=actor)
    return fact, secret


@verb
def revoke_token(actor: Actor, token_id: str) -> str:
    """Make a token void; returns its hash, so that a door can forget it at once."""
    row = (
        session()
        .execute(select(ApiToken.person_id, ApiToken.hash, ApiToken.revoked_at).where(ApiToken.id == token_id))
        .first()
    )
    if row is None or (actor.person_id != row.person_id and not actor.is_admin):
        raise NotFound(_("There is no such token."))
    _require_owner(actor, row.person_id)
    if row.revoked_at is None:
        session().execute(update(ApiToken).where(ApiToken.id == token_id).values(revoked_at=clock.now()))
        record(TokenRevoked(SERVER, token_id, row.person_id), actor=actor)
    return str(row.hash)


@verb
def touch_token(token_id: str) -> None:
    """Note that a token was used (doors call it at most once an hour)."""
    session().execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=clock.now()))


def _require_owner(actor: Actor, person_id: str) -> None:
    """A person at a page for themselves; a server administrator or the system for anybody. No token makes tokens."""
    if actor.token_id is not None:
        raise Forbidden(_("A token cannot make or revoke tokens."))
    if actor.person_id != person_id:
        require_admin(actor)


def _scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    chosen = set(scopes)
    if not chosen or not chosen <= {*SCOPES, ALL}:
        raise Invalid.field("scopes", _("Choose from: %(scopes)s.", scopes=", ".join((*SCOPES, ALL))))
    return SCOPES if ALL in chosen else tuple(scope for scope in SCOPES if scope in chosen)
