"""The numbers of a configuration, ready to be drawn: the price on its ruler, what else adds up, what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from codesign.configurations.facts import ConfigurationFact
from codesign.configurations.looking import Look
from codesign.configurations.views import amount, label, name_of, summed
from codesign.products.engine import Attribute


@dataclass(frozen=True)
class Ruler:
    """The price on the scale of all there is: positions from 2 to 258, and the words for it."""

    here: float
    start: float
    end: float
    least: str
    most: str
    words: str


@dataclass(frozen=True)
class TotalsView:
    """The numbers beside the options. ``over`` says which limit is passed already."""

    price: str
    change: str
    falls: bool
    ruler: Ruler | None
    span: str
    rows: tuple[tuple[str, str], ...]
    open: str
    limit: str
    limit_attribute: str
    limit_unit: str
    over: str
    spoken: str


class Numbers:
    """Finds the words for the totals of a configuration."""

    def __init__(self, look: Look, configuration: ConfigurationFact, *, mine: bool = True) -> None:
        self.mine, self.look, self.configuration = mine, look, configuration
        self.attributes = summed(look.model)
        self.main = self.attributes[0] if self.attributes else None

    def totals(self) -> TotalsView:
        """The numbers."""
        main, totals = self.main, self.look.totals
        now = _now(totals, main)
        change = now - self.look.before.get(main.id, now) if main else 0
        limit = self.configuration.limits.get(main.id) if main else None
        rows = [(name_of(each), amount(_now(totals, each), each)) for each in self.attributes[1:]]
        opened = [label(group.label, group.id) for group in self.look.open]
        price = amount(now, main) if main else ""
        return TotalsView(
            price=price,
            change=amount(change, main, signed=True) if main and change else "",
            falls=change < 0,
            ruler=self._ruler() if main else None,
            span=self._span(),
            rows=tuple(rows),
            open=", ".join(opened),
            limit=_plain(limit, main) if main and limit is not None else "",
            limit_attribute=main.id if main else "",
            limit_unit=amount(0, main).lstrip("0.,").strip() if main else "",
            over=self._over(limit),
            spoken=", ".join([price, *(said for _name, said in rows[:1])]),
        )

    def _span(self) -> str:
        if self.main is None:
            return ""
        least, most = _ends(self.look.totals, self.main)
        if least is None or most is None:
            return ""
        if least == most:
            return gettext("With your choices: %(least)s", least=amount(least, self.main)) if self.mine else ""
        low, high = amount(least, self.main), amount(most, self.main)
        if not self.mine:
            return gettext("As it stands: %(least)s to %(most)s", least=low, most=high)
        return gettext("With your choices: %(least)s to %(most)s", least=low, most=high)

    def _over(self, limit: int | None) -> str:
        least = _ends(self.look.totals, self.main)[0] if self.main else None
        if self.main is None or limit is None or least is None or least <= limit:
            return ""
        least_said, limit_said = amount(least, self.main), amount(limit, self.main)
        return gettext(
            "Your choices come to at least %(least)s, more than your limit of %(limit)s.",
            least=least_said,
            limit=limit_said,
        )

    def _ruler(self) -> Ruler | None:
        main = self.main
        if main is None:
            return None
        (low, high), (least, most) = _ends(self.look.whole, main), _ends(self.look.totals, main)
        if low is None or high is None or high <= low:
            return None
        now = _now(self.look.totals, main)
        least, most = now if least is None else least, now if most is None else most
        start, end = _place(least, low, high), _place(most, low, high)
        words = gettext(
            "Now %(now)s. With your choices it can end between %(least)s and %(most)s; the product as a whole goes from "
            "%(low)s to %(high)s.",
            now=amount(now, main),
            least=amount(least, main),
            most=amount(most, main),
            low=amount(low, main),
            high=amount(high, main),
        )
        return Ruler(_place(now, low, high), start, max(end, start + 2), amount(low, main), amount(high, main), words)


def _now(totals: Mapping[str, Mapping[str, int | None]], attribute: Attribute | None) -> int:
    return (totals.get(attribute.id, {}).get("now") or 0) if attribute else 0


def _ends(totals: Mapping[str, Mapping[str, int | None]], attribute: Attribute | None) -> tuple[int | None, int | None]:
    found = totals.get(attribute.id, {}) if attribute else {}
    return found.get("least"), found.get("most")


def _place(value: int, low: int, high: int) -> float:
    return round(2 + 256 * (min(max(value, low), high) - low) / (high - low), 1)


def _plain(value: int, attribute: Attribute) -> str:
    return f"{value / 10**attribute.decimals:.{attribute.decimals}f}".removesuffix("." + "0" * attribute.decimals)
