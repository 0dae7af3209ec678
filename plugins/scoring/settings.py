"""What a space may set: one parameter for each rule."""

from codesign.sdk import Settings, _, fields, validate

from .formula import MOST_LETTERS, is_formula


def _weight(label: str) -> fields.Float:
    return fields.Float(
        load_default=1.0,
        validate=validate.Range(min=0, max=3),
        metadata={
            "label": label,
            "help": _(
                "1 counts it as the method says, 0 leaves it out, 2 squares it (in WSJF value, urgency and risk: doubles)."
            ),
            "unit": "",
        },
    )


class ScoringSettings(Settings):
    """The parameters of the rules, each with words for the people who set them."""

    hot_hours = fields.Float(
        load_default=12.5,
        validate=validate.Range(min=0.1, max=8760),
        metadata={
            "label": _("Rising: how long ten times the votes last"),
            "help": _(
                "So much later an idea may come and still stand equal to one with ten times its votes. Shorter: the list"
                " turns over faster. 12.5 hours suit a lively space; a space with few votes a day does better with 168 (a week)."
            ),
            "unit": _("hours"),
        },
    )
    wilson_z = fields.Float(
        load_default=1.96,
        validate=validate.Range(min=0.1, max=5),
        metadata={
            "label": _("Surely wanted: how sure it must be"),
            "help": _(
                "1.96 takes off so much for luck that the true share of up-votes is rarely lower (about one case in forty)."
                " Higher is more careful and favours ideas with many votes."
            ),
            "unit": _("standard deviations"),
        },
    )
    bayes_weight = fields.Float(
        load_default=10.0,
        validate=validate.Range(min=0.1, max=10_000),
        metadata={
            "label": _("Best liked: what the average of the space weighs"),
            "help": _(
                "Each idea starts at the average of the space, as if so many people had voted that way. Higher: it takes more"
                " votes to move away from there."
            ),
            "unit": _("votes"),
        },
    )
    trending_least = fields.Integer(
        load_default=3,
        validate=validate.Range(min=1, max=100_000),
        metadata={
            "label": _("Picking up: fewest votes in a day"),
            "help": _("With fewer votes in the last day an idea is not in this order: that may be chance."),
            "unit": _("votes"),
        },
    )
    controversial_least = fields.Integer(
        load_default=5,
        validate=validate.Range(min=2, max=100_000),
        metadata={
            "label": _("Disputed: fewest votes"),
            "help": _("With fewer votes for and against, an idea does not count as disputed."),
            "unit": _("votes"),
        },
    )
    formula = fields.String(
        load_default="",
        validate=[validate.Length(max=MOST_LETTERS), is_formula],
        metadata={
            "label": _("Own formula"),
            "help": _(
                "Arithmetic with + - * / **, brackets, min, max, sqrt, log, log10, abs and round, over up, down, passed, voters,"
                " comments, votes_24h, votes_7d, age_days, reach and the keys of your number fields, for example"
                " (up - down) * impact / effort. Try it at the desk under “What if” before you keep it."
            ),
            "unit": "",
        },
    )
    weight_reach = _weight(_("RICE: weight of reach"))
    weight_impact = _weight(_("RICE and ICE: weight of impact"))
    weight_confidence = _weight(_("RICE and ICE: weight of confidence"))
    weight_effort = _weight(_("RICE: weight of effort"))
    weight_ease = _weight(_("ICE: weight of ease"))
    weight_value = _weight(_("WSJF: weight of value"))
    weight_urgency = _weight(_("WSJF: weight of urgency"))
    weight_risk = _weight(_("WSJF: weight of the risk avoided"))
    weight_size = _weight(_("WSJF: weight of size"))
