"""How products are spelled on their pages: rules in words, numbers with their unit, where mistakes stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from codesign.configurations.views import amount, label, name_of, summed
from codesign.kernel.pictured import size_in
from codesign.products.engine import Group, Model, Option
from codesign.products.engine.counting import wording
from codesign.products.facts import ProductFact, VersionCard
from codesign.web.text import say


@dataclass(frozen=True)
class OptionLine:
    """An option as it is listed: its name, words, what it adds, its picture, and the groups below it."""

    id: str
    name: str
    description: str
    amounts: str
    picture: str
    groups: tuple[GroupLine, ...]


@dataclass(frozen=True)
class GroupLine:
    """A group as it is listed, with how many of it are chosen."""

    id: str
    name: str
    description: str
    choose: str
    options: tuple[OptionLine, ...]
    range: str = ""


def group_lines(product: ProductFact, space: str, model: Model) -> tuple[GroupLine, ...]:
    """The whole model as it is listed."""
    return tuple(_group(product, space, model, group) for group in model.groups)


def _group(product: ProductFact, space: str, model: Model, group: Group) -> GroupLine:
    lines = () if group.number else tuple(_option(product, space, model, option) for option in group.options)
    reach = f"{label(group.options[0].label)} – {label(group.options[-1].label)}" if group.number else ""
    return GroupLine(group.id, label(group.label, group.id), label(group.description), choose(group), lines, reach)


def _option(product: ProductFact, space: str, model: Model, option: Option) -> OptionLine:
    return OptionLine(
        option.id, label(option.label, option.id), label(option.description), amounts(option.attributes, model),
        picture(product, space, option.image), tuple(_group(product, space, model, group) for group in option.groups),
    )  # fmt: skip


def picture(product: ProductFact, space: str, image: str) -> str:
    """The address of a picture of a product; nothing where it has none."""
    if size_in(image):  # sent as those in texts are
        return image
    return url_for("products.picture", space=space, slug=product.slug, name=image) if image else ""


def choose(group: Group) -> str:
    """How many of a group are chosen."""
    if group.least == group.most:
        return ngettext("choose one", "choose %(num)s", group.most)
    if group.least == 0:
        everything = group.most == len(group.options)
        return gettext("as many as you like") if everything else ngettext("one, or none", "up to %(num)s", group.most)
    if group.most == len(group.options):
        return ngettext("at least one", "at least %(num)s", group.least)
    return gettext("%(least)s to %(most)s", least=group.least, most=group.most)


def amounts(values: Mapping[str, int], model: Model) -> str:
    """What an option adds: ``+120 €, +3 000 g``."""
    told = [amount(values[item.id], item, signed=True) for item in summed(model) if values.get(item.id)]
    return ", ".join(told)


def count_words(count: str | None) -> str:
    """A count as people read it: exact while it is short, else about so many."""
    if count is None:
        return gettext("too many to count in the time we allow")
    raised = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
    return re.sub(r"\^(\d+)", lambda power: power[1].translate(raised), say(wording(int(count))))


def extremes(
    has: Model | VersionCard, cheapest: Mapping[str, int | None], dearest: Mapping[str, int | None]
) -> list[tuple[str, str, str]]:
    """Name, least and most of every attribute that adds up."""
    rows = []
    for item in summed(has):
        least, most = cheapest.get(item.id), dearest.get(item.id)
        if least is not None and most is not None:
            rows.append((name_of(item), amount(least, item), amount(most, item)))
    return rows


@dataclass(frozen=True)
class FindingLine:
    """An option or rule with the reasons for what was found of it."""

    id: str
    name: str
    reasons: tuple[str, ...]


def finding_lines(findings: list[dict[str, Any]], model: Model) -> list[FindingLine]:
    """Findings with names and reasons in the viewer's language."""
    rules = {rule.id: rule for rule in model.rules}
    lines = []
    for one in findings:
        known = model.options.get(one["id"]) or rules.get(one["id"])
        text = (known.label if isinstance(known, Option) else known.message) if known else ""
        lines.append(FindingLine(one["id"], label(text, one["id"]), tuple(map(reason_words, one["reasons"]))))
    return lines


def reason_words(reason: Mapping[str, Any]) -> str:
    """A reason as it was kept, in the viewer's language."""
    return label(reason["message"], reason["id"])


def rule_words(shape: Mapping[str, Any]) -> str:
    """How a rule is written, in one line."""
    told = {
        key: ", ".join(map(str, value)) if isinstance(value, list | tuple) else value for key, value in shape.items()
    }
    return "; ".join(f"{key}: {value}" for key, value in told.items())


def option_choices(document: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every option by id and name, under the name of its group: to pick from."""
    found: list[tuple[str, list[tuple[str, str]]]] = []
    waiting = [document]
    while waiting:
        for group in waiting.pop(0).get("groups") or ():
            options = group.get("options") or ()
            if options:
                found.append((label(group.get("label", ""), group["id"]), [_choice(option) for option in options]))
            waiting += options
    return found


def _choice(option: Mapping[str, Any]) -> tuple[str, str]:
    return option["id"], label(option.get("label", ""), option["id"])


def place_in(document: Mapping[str, Any], place: str) -> str:
    """The part of a document that a mistake's place (``groups.0.options.2.price``) lies in, by name; nothing outside of parts."""
    here: Any = document
    name, rest = "", ""
    for key in place.split(".") if "." in place else ():
        here = here[int(key)] if isinstance(here, list) and key.isdecimal() and int(key) < len(here) else (
            here.get(key) if isinstance(here, Mapping) else None
        )  # fmt: skip
        if isinstance(here, Mapping) and "id" in here:
            name, rest = label(here.get("label") or here.get("message") or "", str(here["id"])), ""
        elif not key.isdecimal() and key not in ("groups", "options", "rules"):
            rest = f" ({key})"
    return f"“{name}”{rest}" if name else place if "." in place else ""


__all__ = [
    "FindingLine", "GroupLine", "OptionLine", "amounts", "choose", "count_words", "extremes", "finding_lines",
    "group_lines", "label", "option_choices", "picture", "place_in", "reason_words", "rule_words",
]  # fmt: skip
