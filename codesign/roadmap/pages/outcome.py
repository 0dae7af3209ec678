"""What came of it: the numbers of a space, each of which opens to its ideas."""

from __future__ import annotations

from flask import render_template

from codesign.ideas.views import idea_url
from codesign.kernel.db import offload
from codesign.kernel.text import _
from codesign.roadmap.outcome import ideas_of, read_outcome
from codesign.roadmap.pages.blueprint import blueprint
from codesign.web.identity import current_actor

TITLES = {
    "proposed": _("Proposed"), "answered": _("Answered"), "planned": _("Planned, being built or shipped"),
    "shipped": _("Shipped"), "declined": _("Declined"), "stale": _("Waiting too long for an answer"),
    "kept": _("Answered in time"), "broken": _("Not answered in time"), "reacted": _("The team answered or commented"),
}  # fmt: skip
#: The way from a proposal to something that is there.
WAY = ("proposed", "answered", "planned", "shipped")


@blueprint.get("/spaces/<space>/outcome")
def outcome(space: str) -> str:
    """What came of the ideas of a space."""
    found = offload(read_outcome, current_actor(), space)
    most = max(1, found.parts["proposed"].count)
    bars = {name: round(100 * found.parts[name].count / most) for name in WAY}
    return render_template(
        "roadmap/outcome.html", space=found.access.space, seq=found.seq, active="roadmap", outcome=found, bars=bars,
        titles=TITLES, way=WAY,
    )  # fmt: skip


@blueprint.get("/spaces/<space>/outcome/<any(" + ", ".join(TITLES) + "):part>")
def outcome_ideas(space: str, part: str) -> str:
    """The ideas behind one number."""
    found = offload(read_outcome, current_actor(), space)
    lines = [(idea, idea_url(idea), days) for idea, days in offload(ideas_of, found, part)]
    return render_template(
        "roadmap/outcome_ideas.html", space=found.access.space, seq=None, active="roadmap", title=TITLES[part], lines=lines,
        count=found.parts[part].count, median=found.parts[part].median,
    )  # fmt: skip
