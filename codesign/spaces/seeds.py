"""What a new server and a new space start with, as data."""

from __future__ import annotations

from codesign.kernel.text import _
from codesign.spaces.facts import SpaceTemplate

TEMPLATES: dict[str, SpaceTemplate] = {
    template.name: template
    for template in (
        SpaceTemplate(
            "ideas",
            _("Collect ideas"),
            _("People propose, vote for what they want and see the counts as they happen."),
            {"kind": "upvote", "results": "live", "order": "ranked", "promise_days": 14, "cover": "c1"},
        ),
        SpaceTemplate(
            "evaluation",
            _("Evaluate proposals"),
            _("People say for or against. Counts show after the own first vote; the order is shuffled."),
            {
                "kind": "updown", "results": "after_vote", "order": "shuffled", "promise_days": 14, "cover": "c3",
                "who_proposes": "members",
            },
        ),
        SpaceTemplate(
            "decision",
            _("Take a decision"),
            _("People vote for or against a few proposals of the team. Counts show when the ballot closes."),
            {
                "kind": "updown", "results": "at_close", "order": "shuffled", "promise_days": 7, "cover": "c5",
                "who_proposes": "members", "who_votes": "registered",
                "phases": {"collect": {"vote": False}},
            },
        ),
        SpaceTemplate(
            "blank",
            _("Start empty"),
            _("The plain defaults: votes for, counts at once. Change what you like."),
            {"kind": "upvote", "results": "live", "order": "ranked", "cover": "c2"},
        ),
    )
}  # fmt: skip

#: Name and kind; the kind picks colour and icon of the chip.
STATUSES: tuple[tuple[str, str], ...] = (
    (_("Open"), "open"),
    (_("Under review"), "review"),
    (_("Planned"), "planned"),
    (_("Being built"), "building"),
    (_("Shipped"), "shipped"),
    (_("Declined"), "declined"),
)

STAKEHOLDER_TYPES: tuple[tuple[str, str], ...] = (
    ("customer", _("Customer")),
    ("employee", _("Employee")),
    ("partner", _("Partner")),
    ("supplier", _("Supplier")),
    ("prospect", _("Prospect")),
    ("suspect", _("Suspect")),
    ("influencer", _("Influencer")),
    ("interested_party", _("Interested party")),
    ("media", _("Media")),
    ("blogger", _("Blogger")),
    ("analyst", _("Analyst")),
    ("regulator", _("Regulator")),
    ("investor", _("Investor")),
    ("politician", _("Politician")),
    ("shareholder", _("Shareholder")),
    ("competitor", _("Competitor")),
)
