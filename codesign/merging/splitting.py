"""Splitting an idea in two: some of its comments, and if wished its voters, go along with the new one.

The union of voters stays whole: the idea that is split keeps every vote, the new one gets a copy of each or none. The way back
is a merge: the new idea becomes part of the one it came out of, which counts everybody once and loses nothing said since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from codesign.comments.queries import among_first
from codesign.comments.service import move_comments
from codesign.events.log import record
from codesign.ideas.facts import IdeaFact
from codesign.ideas.offshoots import add_offshoot
from codesign.ideas.people import settle_mentions
from codesign.ideas.queries import find_idea, seen_idea
from codesign.ideas.tallies import lock_ideas, set_tally_seq
from codesign.ideas.team import require_team
from codesign.ideas.texts import clean_idea
from codesign.kernel.actor import Actor
from codesign.kernel.db import session, verb
from codesign.kernel.errors import Invalid
from codesign.kernel.ids import new_id
from codesign.kernel.text import _
from codesign.merging.events import IdeaSplit
from codesign.merging.service import require_whole
from codesign.spaces.ballots import lock_ballots
from codesign.voting.moves import rewrite_votes, standing_votes


@verb
def split_idea(
    actor: Actor,
    idea_id: str,
    title: str,
    body: str = "",
    tags: Sequence[str] = (),
    *,
    comment_ids: Sequence[str] = (),
    with_votes: bool = True,
    offshoot_id: str | None = None,
) -> IdeaFact:
    """Let a part of an idea stand by itself; returns the new idea. *comment_ids* are of the first level, answers go along.

    With *with_votes* every vote counts for both, as it was cast; else the new idea begins without votes. Followers hear of
    both. Imported counts, answer, status, configuration and ideas that were merged into it stay with the old one.
    Raises NotFound, Forbidden, Invalid, Conflict (merged or not published).
    """
    found, _idea = find_idea(actor, idea_id)
    require_team(actor, found)
    text = clean_idea(title, body, tags)
    text = replace(text, body=settle_mentions(found, text.body))
    work, new = session(), offshoot_id or new_id()
    ballot_id = lock_ballots(work, [found.space.id])[found.space.id].ballot.id
    require_whole(lock_ideas(work, [idea_id])[idea_id])
    _require_comments(idea_id, comment_ids)
    add_offshoot(work, actor, found, idea_id, new, text)
    votes = standing_votes(work, [idea_id, new])
    if with_votes:
        copies = {person: replace(vote, merge_id=None) for person, vote in votes[idea_id].items()}
        rewrite_votes(work, ballot_id, votes, {**votes, new: copies})
    if comment_ids:
        move_comments(work, idea_id, new, comment_ids)
    fact = IdeaSplit(found.space.id, idea_id, new, with_votes)
    record(fact, actor, number=lambda seq: set_tally_seq(work, {idea_id: seq, new: seq}))
    work.flush()
    work.expire_all()
    return seen_idea(actor, new)


def _require_comments(idea_id: str, comment_ids: Sequence[str]) -> None:
    if not set(comment_ids) <= among_first(idea_id, comment_ids):
        raise Invalid.field("comments", _("Some of these comments are not on this idea, or answer others."), "unknown")
