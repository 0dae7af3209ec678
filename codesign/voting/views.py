"""How a ballot and a vote are shown on pages of any room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from codesign.ideas.facts import IdeaFact
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import PUBLISHED
from codesign.kernel.text import _
from codesign.spaces.facts import Access
from codesign.spaces.views import obstacle
from codesign.voting.queries import audience_of

VEILS = {
    "after_vote": _("The count shows after your vote."),
    "at_close": _("The count shows at the close."),
}
TEAM_NOTES = {
    "after_vote": _("Others see the counts after their first vote; the team sees them now."),
    "at_close": _("Others see the counts at the close; only the team sees them now."),
}


@dataclass(frozen=True)
class BallotView:
    """A ballot for one viewer. ``obstacle`` says why voting is not offered, ``veil`` why counts are not shown."""

    kind: str
    obstacle: str | None
    veil: str | None
    team_note: str | None

    @property
    def open(self) -> bool:
        return self.obstacle is None

    @property
    def hidden(self) -> bool:
        return self.veil is not None


def ballot_view(actor: Actor, access: Access) -> BallotView:
    """The ballot of a space as *actor* may see it now. Needs a read block around it."""
    ballot = access.space.ballot
    veiled = audience_of(access) == "veiled"
    interim = access.is_team and ballot.results != "live" and ballot.closed_at is None
    return BallotView(
        kind=ballot.kind,
        obstacle=obstacle(actor, access, "vote"),
        veil=VEILS[ballot.results] if veiled else None,
        team_note=TEAM_NOTES[ballot.results] if interim else None,
    )


def vote_arguments(ballot: BallotView, idea: IdeaFact, back: str = "") -> dict[str, Any]:
    """What the macro ``vote`` of ``_vote.html`` needs for one idea; without script the page *back* follows (this one)."""
    tally = None if ballot.hidden else idea.tally
    counts = {"up": tally.up + tally.imported_up, "down": tally.down + tally.imported_down} if tally else {}
    return {
        "idea_id": idea.id,
        "title": idea.title,
        "action": url_for(
            "voting.vote", space=idea.space_slug, idea_id=idea.id, next=back or request.full_path.rstrip("?")
        ),
        "kind": ballot.kind,
        "passed": tally.passed if tally else 0,
        "my_vote": idea.my_vote,
        "seq": tally.seq if tally else 0,
        "open": ballot.open and idea.state == PUBLISHED and idea.merged_into is None,
        "closed_reason": ballot.obstacle or "",
        "hidden": tally is None,
        "hidden_hint": ballot.veil or "",
        **counts,
    }
