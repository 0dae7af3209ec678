"""Browsers that signed out, and what somebody began before they signed in."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, select

from codesign.accounts.facts import KeptAction
from codesign.accounts.models import EndedSession, PendingAction, SingleUseLink
from codesign.accounts.secret import hash_secret, new_secret
from codesign.kernel import clock
from codesign.kernel.db import session, verb
from codesign.kernel.errors import TooLarge
from codesign.kernel.text import _

#: How long a cookie may live without being used, so how long an ended one must be remembered.
SESSION_LASTS = timedelta(days=30)
ACTION_LASTS = timedelta(days=1)
LARGEST_ACTION = 200_000


@verb
def end_session(session_id: str) -> None:
    """Make one browser's cookie void, and every copy of it."""
    hashed = hash_secret(session_id)
    if session().scalar(select(EndedSession.id).where(EndedSession.id == hashed)) is None:
        session().execute(insert(EndedSession).values(id=hashed, ended_at=clock.now()))


@verb
def keep_action(kind: str, content: str) -> str:
    """Keep what somebody wants to do until they have signed in; returns the key to find it again."""
    if len(content) > LARGEST_ACTION:
        raise TooLarge(_("This is too long to keep. Sign in first, then send it."))
    key = new_secret()
    session().execute(
        insert(PendingAction).values(id=hash_secret(key), kind=kind, content=content, created_at=clock.now())
    )
    return key


@verb
def take_action(key: str) -> KeptAction | None:
    """Take out what was kept under *key*; of two at once, one gets it."""
    fresh = PendingAction.id == hash_secret(key), PendingAction.created_at > clock.now() - ACTION_LASTS
    row = (
        session()
        .execute(delete(PendingAction).where(*fresh).returning(PendingAction.kind, PendingAction.content))
        .first()
    )
    return KeptAction(row.kind, row.content) if row else None


@verb
def forget_old() -> None:
    """Drop what cannot be used any more (a timed task)."""
    moment = clock.now()
    session().execute(delete(EndedSession).where(EndedSession.ended_at < moment - 2 * SESSION_LASTS))
    session().execute(delete(PendingAction).where(PendingAction.created_at < moment - ACTION_LASTS))
    session().execute(delete(SingleUseLink).where(SingleUseLink.expires_at < moment - SESSION_LASTS))
