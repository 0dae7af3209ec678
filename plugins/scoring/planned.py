"""Rules of plans: what the team says of an idea in its fields, counted together as RICE, ICE and WSJF do.

An idea of which a needed field says nothing has no such score. Weights change how much a field counts: 1 as the method has
it, 0 not at all, 2 squared (or twice, in a sum).
"""

from __future__ import annotations

from collections.abc import Iterable

from codesign.sdk import IdeaStatistics, Part, Score, _


def counted(statistics: IdeaStatistics) -> int:
    """How many people have voted, whatever they said; counts that were imported without voters included."""
    return statistics.up + statistics.down + statistics.passed


def rice(
    statistics: IdeaStatistics, reach: float = 1.0, impact: float = 1.0, confidence: float = 1.0, effort: float = 1.0
) -> Score | None:
    """Reach times impact times confidence, divided by effort.

    Source: S. McBride, "RICE: Simple prioritization for product managers", Intercom (2016). Where nobody set *reach*, it is
    the number of people who voted, and the part says so.
    """
    fields, votes = statistics.fields, counted(statistics)
    reached = fields.get("reach", float(votes))
    said = plain(reached) if "reach" in fields else _("%(count)s, counted from votes", count=votes)
    return _product(
        (_("Reach"), said, reached, reach),
        (_("Times impact"), None, fields.get("impact"), impact),
        (_("Times confidence"), None, fields.get("confidence"), confidence),
        (_("Divided by effort"), None, fields.get("effort"), -effort),
    )


def ice(statistics: IdeaStatistics, impact: float = 1.0, confidence: float = 1.0, ease: float = 1.0) -> Score | None:
    """Impact times confidence times ease.

    Source: S. Ellis, M. Brown, "Hacking Growth" (2017).
    """
    fields = statistics.fields
    return _product(
        (_("Impact"), None, fields.get("impact"), impact),
        (_("Times confidence"), None, fields.get("confidence"), confidence),
        (_("Times ease"), None, fields.get("ease"), ease),
    )


def wsjf(
    statistics: IdeaStatistics, value: float = 1.0, urgency: float = 1.0, risk: float = 1.0, size: float = 1.0
) -> Score | None:
    """What waiting costs (value, urgency and the risk avoided, together), divided by size.

    Source: D. G. Reinertsen, "The Principles of Product Development Flow" (2009), as "weighted shortest job first" in SAFe.
    """
    fields = statistics.fields
    costs = [(_("Value"), "value", value), (_("Urgency"), "urgency", urgency), (_("Risk avoided"), "risk", risk)]
    if any(key not in fields for _label, key, _weight in costs) or "size" not in fields:
        return None
    if fields["size"] < 0 or (fields["size"] == 0 and size > 0):
        return None
    divisor = fields["size"] ** size
    parts = tuple(
        Part(
            label,
            _("%(number)s, divided by %(size)s", number=_weighed(fields[key], weight), size=plain(divisor)),
            weight * fields[key] / divisor,
        )
        for label, key, weight in costs
    )
    return Score(sum(part.points for part in parts), parts)


def _product(*factors: tuple[str, str | None, float | None, float]) -> Score | None:
    """The product of numbers, each to its power; a part says how much its factor added to what stood before it, or took off."""
    value, parts = 1.0, []
    for place, (label, said, number, power) in enumerate(factors):
        if number is None or number < 0 or (number == 0 and power < 0):
            return None
        before = value if place else 0.0
        value *= number**power
        parts.append(Part(label, said or _weighed(number, abs(power)), value - before))
    return Score(value, tuple(parts))


def _weighed(number: float, weight: float) -> str:
    if weight == 1:
        return plain(number)
    return _("%(number)s, weight %(weight)s", number=plain(number), weight=plain(weight))


def plain(number: float) -> str:
    """A number as people write it."""
    return f"{round(number, 4):.10g}"


def needs(*keys: str) -> tuple[str, ...]:
    """What a rule says of the fields it needs."""
    return tuple(f"field:{key}" for key in keys)


def weights(keys: Iterable[str]) -> dict[str, str]:
    """The settings behind the weights of fields."""
    return {key: f"weight_{key}" for key in keys}
