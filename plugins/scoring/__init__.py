"""Scoring: orders for ideas beside core's own. ``hot`` rewards what is wanted and new, ``wilson`` what is surely wanted."""

from codesign.sdk import Plugin, ScoreRule, Settings, _, fields, validate

from .rules import hot, wilson


class ScoringSettings(Settings):
    """What a space may set."""

    hot_gravity = fields.Float(
        load_default=45_000.0,
        validate=validate.Range(min=600, max=31_536_000),
        metadata={
            "label": _("Ten times the votes make up for"),
            "help": _("How much later an idea may come and still stand equal to one with a tenth of its votes."),
            "unit": _("seconds"),
        },
    )
    wilson_z = fields.Float(
        load_default=1.96,
        validate=validate.Range(min=0.1, max=5),
        metadata={
            "label": _("How sure the certain order must be"),
            "help": _(
                "1.96 means: in 95 of 100 cases the true share of up-votes is not lower. Higher is more careful."
            ),
            "unit": _("standard deviations"),
        },
    )


plugin = Plugin(
    name="scoring",
    title=_("Scoring"),
    version="1.0.0",
    requires=">=1.0,<2",
    description=_("Orders ideas by momentum and by certainty"),
    settings=ScoringSettings,
    rules=(
        ScoreRule(
            "hot",
            hot,
            needs=("up",),
            title=_("Rising"),
            description=_("Many votes help, being new helps: what is wanted now comes first."),
            source="https://github.com/reddit-archive/reddit/blob/master/r2/r2/lib/db/_sorts.pyx",
            parameters={"gravity": "hot_gravity"},
        ),
        ScoreRule(
            "wilson",
            wilson,
            needs=("up", "down"),
            title=_("Surely wanted"),
            description=_("The share of up-votes that is certain enough; few votes are not trusted much."),
            source="https://www.evanmiller.org/how-not-to-sort-by-average-rating.html",
            parameters={"z": "wilson_z"},
        ),
    ),
)
