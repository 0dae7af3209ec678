"""The card that says whether one can vote here now, until when, and when counts show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import ngettext

from codesign.kernel.text import _
from codesign.spaces.facts import SpaceFact

RESULTS = {
    "live": _("Counts show as they happen."),
    "after_vote": _("The count shows after your vote."),
    "at_close": _("The count shows at the close."),
}
_RULER = 238.0  # units of the drawing
_DAY = 86_400


@dataclass(frozen=True)
class PhaseCard:
    """``done`` is how far the marker stands on the ruler; None where no end is set and so nothing can be measured."""

    heading: str
    sentences: tuple[str, ...]
    ends_at: datetime | None = None
    begins_at: datetime | None = None
    closed_at: datetime | None = None
    left: str = ""
    progress: str = ""
    done: float | None = None


def phase_card(space: SpaceFact, moment: datetime) -> PhaseCard:
    """The card for *space* as it stands at *moment*."""
    ballot = space.ballot
    may_talk = (_("You can still comment."),) if space.allows("comment") else ()
    if space.state == "archived":
        return PhaseCard(_("This space is archived"), (_("You can read everything."),))
    if ballot.closed_at is not None:
        return PhaseCard(_("Voting is closed"), may_talk, closed_at=ballot.closed_at)
    if space.ballot_open:
        return _open(space, moment)
    opens = space.next_phase is not None and space.allows("vote", space.next_phase)
    begins_at = space.next_phase_at if opens else None
    return PhaseCard(_("Voting is paused"), (*may_talk, RESULTS[ballot.results]), begins_at=begins_at)


def _open(space: SpaceFact, moment: datetime) -> PhaseCard:
    ends = space.next_phase is not None and not space.allows("vote", space.next_phase)
    ends_at = space.next_phase_at if ends else None
    results = (RESULTS[space.ballot.results],)
    if ends_at is None:
        return PhaseCard(_("Voting is open"), results)
    whole = max(1.0, (ends_at - space.ballot.opened_at).total_seconds())
    gone = min(whole, max(0.0, (moment - space.ballot.opened_at).total_seconds()))
    return PhaseCard(
        _("Voting is open"),
        results,
        ends_at=ends_at,
        left=_left(whole - gone),
        progress=_("Day %(day)s of %(days)s", day=int(gone // _DAY) + 1, days=max(1, round(whole / _DAY))),
        done=round(gone / whole * _RULER, 1),
    )


def _left(seconds: float) -> str:
    if seconds >= 2 * _DAY:
        return ngettext("%(num)s day left", "%(num)s days left", int(seconds // _DAY))
    return ngettext("%(num)s hour left", "%(num)s hours left", max(1, int(seconds // 3600)))
