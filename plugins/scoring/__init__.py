"""Scoring: orders for ideas beside core's own, each with the parts its scores are made of."""

from codesign.sdk import Plugin, ScoreRule, _

from .formula import formula, needs_of
from .planned import ice, needs, rice, weights, wsjf
from .rules import bayes, controversial, hot, trending, wilson
from .settings import ScoringSettings

_REDDIT = "https://github.com/reddit-archive/reddit/blob/master/r2/r2/lib/db/_sorts.pyx"

plugin = Plugin(
    name="scoring",
    title=_("Scoring"),
    version="1.1.0",
    requires=">=1.0,<2",
    description=_("Orders ideas by momentum, certainty, average, attention, dispute, plans, and a formula of your own"),
    settings=ScoringSettings,
    rules=(
        ScoreRule(
            "hot",
            hot,
            needs=("up",),
            title=_("Rising"),
            description=_("Many votes help, being new helps: what is wanted now comes first."),
            source=_REDDIT,
            parameters={"hours": "hot_hours"},
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
        ScoreRule(
            "bayes",
            bayes,
            needs=("up", "down"),
            refresh="nightly",
            title=_("Best liked"),
            description=_("The share of up-votes; ideas with few votes stand near the average of the space."),
            source="https://doi.org/10.1111/j.2517-6161.1972.tb00885.x",
            parameters={"weight": "bayes_weight"},
        ),
        ScoreRule(
            "trending",
            trending,
            needs=("up",),
            refresh="nightly",
            title=_("Picking up"),
            description=_(
                "More votes in one day than the idea's own past would let expect. Votes of every kind count."
            ),
            source="https://en.wikipedia.org/wiki/Anscombe_transform",
            parameters={"least": "trending_least"},
        ),
        ScoreRule(
            "controversial",
            controversial,
            needs=("up", "down"),
            title=_("Disputed"),
            description=_("Many votes for and as many against: what is worth talking about."),
            source=_REDDIT,
            parameters={"least": "controversial_least"},
        ),
        ScoreRule(
            "rice",
            rice,
            needs=needs("impact", "confidence", "effort"),
            title=_("RICE"),
            description=_("Reach times impact times confidence, divided by effort, as the team's fields say."),
            source="https://www.intercom.com/blog/rice-simple-prioritization-for-product-managers/",
            parameters=weights(("reach", "impact", "confidence", "effort")),
        ),
        ScoreRule(
            "ice",
            ice,
            needs=needs("impact", "confidence", "ease"),
            title=_("ICE"),
            description=_("Impact times confidence times ease, as the team's fields say."),
            source="https://www.productplan.com/glossary/ice-scoring-model/",
            parameters=weights(("impact", "confidence", "ease")),
        ),
        ScoreRule(
            "wsjf",
            wsjf,
            needs=needs("value", "urgency", "risk", "size"),
            title=_("WSJF"),
            description=_(
                "What waiting costs (value, urgency, the risk avoided), divided by size: the shortest first."
            ),
            source="https://framework.scaledagile.com/wsjf/",
            parameters=weights(("value", "urgency", "risk", "size")),
        ),
        ScoreRule(
            "formula",
            formula,
            needs_of=needs_of,
            team_only=True,
            refresh="nightly",
            title=_("Own formula"),
            description=_("What the team's own formula gives."),
            source="https://github.com/danthedeckie/simpleeval",
            parameters={"formula": "formula"},
        ),
    ),
)
