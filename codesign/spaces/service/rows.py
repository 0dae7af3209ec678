"""What the verbs of this room share: rows under lock and facts as they are now."""

from __future__ import annotations

from sqlalchemy import select

from codesign.kernel.db import session
from codesign.kernel.errors import NotFound
from codesign.kernel.text import _
from codesign.spaces.facts import Access, SpaceFact
from codesign.spaces.models import Ballot, Space
from codesign.spaces.queries import get_space


def lock_space(access: Access) -> Space:
    """The row of the space *access* was given to; nobody else changes it until this verb ends."""
    return lock_by_id(access.space.id)


def lock_by_id(space_id: str) -> Space:
    """The row of a space under lock."""
    query = select(Space).where(Space.id == space_id).with_for_update(key_share=True)
    row = session().scalar(query.execution_options(populate_existing=True))
    if row is None or row.state == "deleting":
        raise NotFound(_("There is no such space, or you may not see it."))
    return row


def lock_ballot(space_id: str) -> Ballot:
    """The ballot of a space under lock; taken after its space, never before."""
    query = select(Ballot).where(Ballot.space_id == space_id).with_for_update(key_share=True)
    return session().scalars(query.execution_options(populate_existing=True)).one()


def fact_now(space_id: str) -> SpaceFact:
    """The space as this verb leaves it."""
    session().flush()
    fact = get_space(space_id)
    if fact is None:
        raise NotFound(_("There is no such space, or you may not see it."))
    return fact
