"""What merges remember of a person's votes, when a guest is joined with an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import update

from codesign.kernel.db import session, verb
from codesign.merging.memory import join_people
from codesign.merging.models import MergedVote
from codesign.voting.belongings import Clash


@verb
def join(guest_id: str, person_id: str, clashes: Sequence[Clash]) -> None:
    """Let merges remember the person instead of the guest, so that undoing one gives each idea its right votes back."""
    join_people(session(), guest_id, person_id)
    for clash in clashes:
        # These votes came by a merge, but the one that stands now does not stand by it.
        for merge_id in {clash.guest_merge_id, clash.own_merge_id} - {clash.merge_id, None}:
            here = MergedVote.merge_id == merge_id, MergedVote.person_id == person_id
            session().execute(update(MergedVote).where(*here).values(moved=False))
