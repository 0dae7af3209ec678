"""Findings in words and bars: each has the finding as its title, a drawing, the same as a table, and rows behind its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_decimal, gettext, ngettext

from codesign.configurations.views import amount, label, name_of, option_name, summed
from codesign.insights.facts import InsightFact
from codesign.kernel.few import LEAST_PEOPLE
from codesign.products.engine import Model, Reason
from codesign.web.text import say

#: A drawing has at most so many bars; the table has them all. Fewer than ``LEAST_PEOPLE`` are never drawn.
MOST_BARS = 10


@dataclass(frozen=True)
class Bar:
    """One bar: from *start* to *end* per cent of the width, perhaps with a mark; *said* is its number."""

    name: str
    end: float
    said: str
    start: float = 0.0
    mark: float | None = None
    beside: str = ""
    url: str = ""


@dataclass(frozen=True)
class Finding:
    """One question with its answer. ``rows`` are the cells of the table; the first is its heading, *urls* lead on from it."""

    name: str
    title: str
    note: str
    people: int
    bars: tuple[Bar, ...] = ()
    legend: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    urls: tuple[str, ...] = ()
    zero: float | None = None

    @property
    def drawn(self) -> bool:
        """Whether enough people stand behind it for a drawing."""
        return self.people >= LEAST_PEOPLE and bool(self.bars)


def percent(share: float) -> str:
    """A share as people read it."""
    return format_decimal(round(100 * share), format="#,##0") + "\u202f%"


class Telling:
    """Finds the words for what was worked out for a product."""

    def __init__(self, known: InsightFact, model: Model, space: str, product: str) -> None:
        self.found, self.model, self.space, self.product = known.findings, model, space, product

    def findings(self) -> list[Finding]:
        """Every finding there is something to say of, in the order people ask."""
        told = [
            self.worths(), self.taken(), self.wishes(), self.rules(), self.importances(),
        ]  # fmt: skip
        return [one for one in told if one is not None]

    def name(self, option: str) -> str:
        """What an option is called."""
        return option_name(self.model, option)

    def rows_url(self, of: str, option: str) -> str:
        """Where the rows behind a number are."""
        return url_for("insights.rows", space=self.space, slug=self.product, of=of, option=option)

    # --- What they took -----------------------------------------------------------------------------------------------

    def taken(self) -> Finding | None:
        """Take-rates beside what rules alone would bring about, the furthest from it first."""
        rows = [row for row in self.found["taken"] if row["of"] and row["baseline"] is not None]
        free = [row for row in rows if 0 < row["baseline"] < 1]
        if not free:
            return None
        order = sorted(free, key=lambda row: -abs(row["taken"] / row["of"] - row["baseline"]))
        first = order[0]
        rate = first["taken"] / first["of"]
        title = (
            gettext("%(option)s is taken more often than the rules alone would bring about: %(rate)s against %(base)s",
                    option=self.name(first["option"]), rate=percent(rate), base=percent(first["baseline"]))
            if rate >= first["baseline"] else
            gettext("%(option)s is taken less often than the rules alone would bring about: %(rate)s against %(base)s",
                    option=self.name(first["option"]), rate=percent(rate), base=percent(first["baseline"]))
        )  # fmt: skip
        return Finding(
            "taken", title, gettext("The newest published configuration of each person. A take-rate alone is no demand: rules "
                                    "make some options frequent and others rare, so the share among all valid "
                                    "configurations stands beside it (the mark)."),
            self.found["composers"], tuple(self._taken_bar(row) for row in order[:MOST_BARS]),
            gettext("Bar: share of people who took it. Mark: share of all valid configurations that have it."),
            (gettext("Option"), gettext("Took it"), gettext("Share"), gettext("All valid configurations")),
            tuple((self.name(row["option"]), gettext("%(taken)s of %(of)s", taken=row["taken"], of=row["of"]),
                   percent(row["taken"] / row["of"]), percent(row["baseline"])) for row in rows),
            tuple(self.rows_url("taken", row["option"]) for row in rows),
        )  # fmt: skip

    def _taken_bar(self, row: Mapping[str, Any]) -> Bar:
        rate, base = row["taken"] / row["of"], row["baseline"]
        return Bar(
            self.name(row["option"]), round(100 * rate, 1), percent(rate), mark=round(100 * base, 1),
            beside=gettext("rules alone: %(share)s", share=percent(base)), url=self.rows_url("taken", row["option"]),
        )  # fmt: skip

    # --- What rules cost ----------------------------------------------------------------------------------------------

    def wishes(self) -> Finding | None:
        """Options people wish that their other choices rule out."""
        rows = self.found["wishes"]
        if not rows:
            return None
        title = ngettext(
            "%(num)s person wishes %(option)s, which their other choices rule out",
            "%(num)s people wish %(option)s, which their other choices rule out",
            rows[0]["people"], option=self.name(rows[0]["option"]),
        )  # fmt: skip
        return Finding(
            "wishes", title, gettext("Wishes are kept in drafts as well as in published configurations; drafts are counted "
                                     "and never shown."),
            self.found["wishers"],
            tuple(self._counted(
                self.name(row["option"]), row["people"], rows[0]["people"], self.rows_url("wishes", row["option"])
            ) for row in rows[:MOST_BARS]),
            "", (gettext("Option"), gettext("People")),
            tuple((self.name(row["option"]), str(row["people"])) for row in rows),
            tuple(self.rows_url("wishes", row["option"]) for row in rows),
        )  # fmt: skip

    def rules(self) -> Finding | None:
        """Rules by how many people they keep from what they wish."""
        rows = self.found["rules"]
        if not rows:
            return None
        first = self.reason(rows[0])
        title = ngettext(
            "“%(rule)s” keeps %(num)s person from what they wish",
            "“%(rule)s” keeps %(num)s people from what they wish", rows[0]["people"], rule=first.rstrip("."),
        )  # fmt: skip
        wished = [
            ", ".join(f"{self.name(option)} ({count})" for option, count in row["options"].items()) for row in rows
        ]
        return Finding(
            "rules", title, gettext("What the product's own rules cost: each rule with the wishes it stands in the way of."),
            self.found["wishers"],
            tuple(self._counted(self.reason(row), row["people"], rows[0]["people"], f"#rules-{number}")
                  for number, row in enumerate(rows[:MOST_BARS])),
            "", (gettext("Rule"), gettext("People"), gettext("What they wish")),
            tuple((self.reason(row), str(row["people"]), what) for row, what in zip(rows, wished, strict=True)),
        )  # fmt: skip

    def _counted(self, name: str, count: float, most: float, url: str = "", said: str = "") -> Bar:
        return Bar(name, round(100 * count / max(1, most), 1), said or format_decimal(count), url=url)

    def reason(self, cause: Mapping[str, Any]) -> str:
        """A rule in its own words, or the sentence of a group."""
        if cause["kind"] == "rule":
            rule = next((rule for rule in self.model.rules if rule.id == cause["id"]), None)
            return label(rule.message, cause["id"]) if rule else str(cause["id"])
        for group, parent in self.model.walk():
            if group.id == cause["id"]:
                reason = Reason(group.id, cause["kind"], "", label(group.label, group.id),
                                label(parent.label, parent.id) if parent else "", group.least, group.most)  # fmt: skip
                return say(reason.said())
        return str(cause["id"])

    # --- What things are worth ----------------------------------------------------------------------------------------

    def worths(self) -> Finding | None:
        """Part-worths with their intervals."""
        rows = self.found["worths"]
        if not rows:
            return None
        known = sorted((row for row in rows if row["enough"]), key=lambda row: -row["worth"])
        title = (
            gettext("%(option)s is worth most to people", option=self.name(known[0]["option"]))
            if known else gettext("Not enough votes yet to say what options are worth")
        )  # fmt: skip
        shown = sorted(known, key=lambda row: -abs(row["worth"]))[:MOST_BARS]
        reach = max((max(abs(row["low"]), abs(row["high"])) for row in shown), default=1.0) or 1.0
        return Finding(
            "worths", title,
            gettext("Estimated from %(what)s by a regularised conditional logit. Of a group of which one is taken, an option is "
                    "told against the mean of its group, else against going without; its price counts in. Options seen less "
                    "than 30 times, or by fewer than five people, say “not enough votes”.", what=self._signals()),
            self.found["people"] if known else 0,
            tuple(
                self._worth_bar(row, reach, f"#worths-{rows.index(row)}")
                for row in sorted(shown, key=lambda row: -row["worth"])
            ),
            gettext("Dot: the estimate. Line: where it lies in 95 of 100 cases. Right of the middle: wanted."),
            (gettext("Option"), gettext("Worth"), gettext("Between"), gettext("Seen"), gettext("People"),
             gettext("Seen in")),
            tuple(self._worth_row(row) for row in rows), (), 50.0,
        )  # fmt: skip

    def _signals(self) -> str:
        return _kinds(self.found["signals"]) or "0"

    def _worth_bar(self, row: Mapping[str, Any], reach: float, url: str) -> Bar:
        place = [round(50 + 49 * row[name] / reach, 1) for name in ("low", "high", "worth")]
        return Bar(
            self.name(row["option"]), place[1], signed(row["worth"]), place[0], place[2],
            gettext("%(low)s to %(high)s", low=signed(row["low"]), high=signed(row["high"])), url,
        )  # fmt: skip

    def _worth_row(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        worth = (
            (signed(row["worth"]), gettext("%(low)s to %(high)s", low=signed(row["low"]), high=signed(row["high"])))
            if row["enough"] else (gettext("not enough votes"), "")
        )  # fmt: skip
        return (self.name(row["option"]), *worth, str(row["views"]), str(row["people"]), _kinds(row["kinds"]))

    def importances(self) -> Finding | None:
        """How much each group matters."""
        rows = self.found["importances"]
        if len(rows) < 2:
            return None
        groups = {group.id: label(group.label, group.id) for group, _parent in self.model.walk()}
        names = [groups.get(row["group"], row["group"]) for row in rows]
        return Finding(
            "importances", gettext("%(group)s matters most", group=names[0]),
            gettext("How far the best and the worst of a group lie apart, in per cent of all groups together."),
            self.found["people"],
            tuple(
                self._counted(name, row["percent"], rows[0]["percent"], f"#importances-{number}", percent(row["percent"] / 100))
                for number, (name, row) in enumerate(zip(names, rows, strict=True))
            )[:MOST_BARS],
            "", (gettext("Group"), gettext("Share of what matters")),
            tuple((name, percent(row["percent"] / 100)) for name, row in zip(names, rows, strict=True)),
        )  # fmt: skip

    # --- The one for all ----------------------------------------------------------------------------------------------

    def wanted(self) -> dict[str, Any] | None:
        """The most wanted configuration under the rules, what it comes to, and who loses what for it, and why."""
        wanted, group = self.found["wanted"], self.found["group"]
        if wanted is None:
            return None
        totals = [
            (name_of(each), amount(wanted["totals"][each.id], each))
            for each in summed(self.model)
            if each.id in wanted["totals"]
        ]
        return {
            "options": [self.name(option) for option in wanted["options"]],
            "totals": totals,
            "group": group,
            "losses": [self._loss(loss) for loss in group["losses"]] if group else [],
        }

    def _loss(self, loss: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "name": self.name(loss["option"]),
            "people": loss["people"],
            "instead": [self.name(option) for option in loss["instead"]],
            "reasons": [self.reason(cause) for cause in loss["rules"]],
            "url": self.rows_url("lost", loss["option"]),
        }


def _kinds(counts: Mapping[str, int]) -> str:
    """What an estimate rests on, counted by kind."""
    told: dict[str, Callable[[int], str]] = {
        "cards": lambda count: ngettext("%(num)s card", "%(num)s cards", count),
        "publications": lambda count: ngettext(
            "%(num)s published configuration", "%(num)s published configurations", count
        ),
        "forks": lambda count: ngettext("%(num)s fork", "%(num)s forks", count),
        "wishes": lambda count: ngettext("%(num)s wish", "%(num)s wishes", count),
        "repairs": lambda count: ngettext("%(num)s repair", "%(num)s repairs", count),
        "votes": lambda count: ngettext("%(num)s vote", "%(num)s votes", count),
    }
    return ", ".join(told[kind](count) for kind, count in counts.items())


def signed(value: float) -> str:
    """A number with its sign: +0.8, −1.2."""
    number = format_decimal(abs(value), format="0.00")
    return f"\u2212{number}" if value < 0 else f"+{number}"


def rows_of(found: Mapping[str, Any], of: str, option: str) -> tuple[Sequence[str], int] | None:
    """The ids of the newest configurations behind a number, and the number; None where there is no such one."""
    lists = {
        "taken": found["taken"], "wishes": found["wishes"], "lost": (found["group"] or {"losses": []})["losses"],
    }  # fmt: skip
    row = next((row for row in lists.get(of, ()) if row["option"] == option), None)
    return None if row is None else (row["rows"], row["taken"] if of == "taken" else row["people"])
