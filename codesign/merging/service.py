"""Merging look-alikes, and the way back.

An idea is merged into another one of its space; everything it had comes along, and it stays as a signpost. An idea that
is part of another one is merged on only through that one; along such a chain the last merge is undone first.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from codesign.comments.service import move_comments
from codesign.events.base import Event
from codesign.events.log import record
from codesign.ideas.facts import IdeaFact
from codesign.ideas.follows import share_followers, unshare_followers
from codesign.ideas.imported import move_imported, return_imported
from codesign.ideas.queries import find_idea, seen_idea
from codesign.ideas.rows import set_merged_into
from codesign.ideas.tallies import LockedIdea, lock_ideas, set_tally_seq
from codesign.ideas.team import require_team
from codesign.kernel import clock
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Conflict, Invalid, NotFound
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.merging.events import IdeaMerged, IdeaUnmerged
from codesign.merging.memory import comments_of, forget, join_people, remember, remember_changes, remembered
from codesign.merging.models import Merge
from codesign.merging.queries import merges_into
from codesign.merging.union import Memories, note_withdrawals, part, unite
from codesign.spaces.ballots import lock_ballots
from codesign.spaces.facts import Access
from codesign.voting.moves import Votes, rewrite_votes, standing_votes

__all__ = ["join_people", "merge_idea", "require_whole", "undo_merge"]


@verb
def merge_idea(actor: Actor, source_id: str, into_id: str) -> IdeaFact:
    """Make an idea part of another one: voters united, each once; comments, followers and imported counts come along.

    Who voted on both keeps the vote on the surviving idea. Raises NotFound, Forbidden, Invalid (no such other idea),
    Conflict (one of them is merged or not published).
    """
    found, _source = find_idea(actor, source_id)
    require_team(actor, found)
    _require_target(actor, found, source_id, into_id)
    work = session()
    ballot_id = _lock(work, found, source_id, into_id)
    merge = Merge(
        id=new_id(), space_id=found.space.id, source_id=source_id, target_id=into_id, merged_by=actor.person_id,
        merged_at=clock.now(),
    )  # fmt: skip
    votes = standing_votes(work, [source_id, into_id])
    _settle(work, into_id, votes[into_id])
    work.add(merge)
    work.flush()
    united, memories = unite(votes[source_id], votes[into_id], merge.id)
    rewrite_votes(work, ballot_id, votes, {source_id: {}, into_id: united})
    remember(work, merge.id, memories, move_comments(work, source_id, into_id))
    move_imported(work, source_id, into_id, merge.id)
    share_followers(work, source_id, into_id, merge.id)
    set_merged_into(work, source_id, into_id)
    _announce(work, actor, IdeaMerged(found.space.id, source_id, into_id, merge.id), source_id, into_id)
    work.expire_all()
    return seen_idea(actor, source_id)


@verb
def undo_merge(actor: Actor, source_id: str) -> IdeaFact:
    """Take a merge back: each idea gets its votes, comments and followers; what was cast since stays where it was cast.

    Raises NotFound, Forbidden, Conflict (not merged; or the idea it is part of was merged on later).
    """
    found, source = find_idea(actor, source_id)
    require_team(actor, found)
    if source.merged_into is None:
        raise Conflict(_("This idea is not part of another one."))
    work, target_id = session(), source.merged_into
    ballot_id = _lock_merged(work, found, source_id, target_id)
    merge = work.scalars(select(Merge).where(Merge.source_id == source_id, Merge.undone_at.is_(None))).one()
    votes = standing_votes(work, [source_id, target_id])
    known = _settle(work, target_id, votes[target_id])
    others = [(fact.id, known[fact.id]) for fact in merges_into(target_id) if fact.id != merge.id]
    parted, remaining, stepped_in = part(votes[target_id], merge.id, known[merge.id], others)
    rewrite_votes(work, ballot_id, votes, {source_id: parted, target_id: remaining})
    remember_changes(work, known, stepped_in)
    move_comments(work, target_id, source_id, comments_of(work, merge.id))
    return_imported(work, target_id, source_id, merge.id)
    unshare_followers(work, merge.id)
    set_merged_into(work, source_id, None)
    forget(work, merge.id)
    merge.undone_at = clock.now()
    _announce(work, actor, IdeaUnmerged(found.space.id, source_id, target_id, merge.id), source_id, target_id)
    work.flush()
    work.expire_all()
    return seen_idea(actor, source_id)


def _require_target(actor: Actor, found: Access, source_id: str, into_id: str) -> None:
    """Another idea of the same space; what lies elsewhere is as unknown as what does not exist."""
    if into_id == source_id:
        raise Invalid.field("into", _("An idea cannot become part of itself."))
    try:
        elsewhere, _target = find_idea(actor, into_id)
    except NotFound:
        elsewhere = None
    if elsewhere is None or elsewhere.space.id != found.space.id:
        raise Invalid.field("into", _("There is no such idea in this space."), "unknown")


def _lock(work: Session, found: Access, source_id: str, into_id: str) -> str:
    """Lock the ballot, then both ideas; returns the ballot's id. Raises Conflict unless both can be merged."""
    space = lock_ballots(work, [found.space.id])[found.space.id]
    ideas = lock_ideas(work, [source_id, into_id])
    for idea in (ideas[source_id], ideas[into_id]):
        require_whole(idea)
    return space.ballot.id


def require_whole(idea: LockedIdea) -> None:
    """Raise Conflict unless a locked idea is published and no part of another one."""
    if idea.merged_into is not None:
        raise Conflict(
            _("One of these ideas is already part of another one. Merge that one."), merged_into=idea.merged_into
        )
    if idea.state != PUBLISHED:
        raise Conflict(_("Only published ideas can be merged or split."))


def _lock_merged(work: Session, found: Access, source_id: str, target_id: str) -> str:
    space = lock_ballots(work, [found.space.id])[found.space.id]
    ideas = lock_ideas(work, [source_id, target_id])
    if ideas[source_id].merged_into != target_id:
        raise Conflict(_("This merge was undone in the meantime."))
    further = ideas[target_id].merged_into
    if further is not None:
        raise Conflict(
            _("The idea it is part of (%(idea_id)s) was merged on later. Undo that merge first.", idea_id=target_id),
            undo_first=target_id,
        )
    return space.ballot.id


def _settle(work: Session, target_id: str, votes: Votes) -> dict[str, Memories]:
    """What the merges into an idea remember, with withdrawals since noted down before anything moves."""
    before = remembered(work, [fact.id for fact in merges_into(target_id)])
    after = {merge_id: note_withdrawals(votes, memories) for merge_id, memories in before.items()}
    remember_changes(work, before, after)
    return after


def _announce(work: Session, actor: Actor, fact: Event, source_id: str, target_id: str) -> None:
    record(fact, actor, number=lambda seq: set_tally_seq(work, {source_id: seq, target_id: seq}))
