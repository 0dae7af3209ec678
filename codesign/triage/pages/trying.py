"""What if: weights, a formula or fields as sliders, and the order that would come of them beside the real one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, request, url_for
from marshmallow import validate

from codesign.hooks.facts import SettingFact
from codesign.hooks.host import host_of
from codesign.triage.facts import FieldFact
from codesign.triage.pages.blueprint import blueprint
from codesign.triage.what_if import MOST, Outcome, Wish, what_if
from codesign.web.forms import Line, Query, asked
from codesign.web.identity import current_actor

#: What is tried stands in the address behind these.
SETTING, FIELD = "set.", "field."
MOST_TEXT, LARGEST = 500, 1e12


class TryQuery(Query):
    """A rule, and perhaps one idea."""

    rule = Line(load_default="", validate=validate.Length(max=64))
    idea = Line(load_default="", validate=validate.Length(max=26))


@dataclass(frozen=True)
class Slider:
    """A number to move; a text to type where ``most`` is None. ``now`` is what is in force."""

    name: str
    label: str
    value: Any
    now: Any
    least: float = 0
    most: float | None = None
    step: float = 0.1
    help: str = ""
    unit: str = ""


@blueprint.get("/spaces/<space>/desk/what-if")
def try_rules(space: str) -> str:
    """What would be first if …"""
    wish = Wish(**asked(TryQuery()), settings=_behind(SETTING), fields=_numbers(_behind(FIELD)))
    outcome = what_if(host_of(current_app), current_actor(), space, wish)
    found, slug = outcome.access.space, outcome.access.space.slug
    here: dict[str, Any] = {"space": slug, "rule": outcome.trial.rule.name if outcome.trial else ""}
    kept = {SETTING + name: value for name, value in wish.settings.items()}
    return render_template(
        "triage/what_if.html", space=found, active="desk", outcome=outcome, most=MOST,
        errors=outcome.problem.errors if outcome.problem else (),
        tabs=[(each.rule, url_for("triage.try_rules", space=slug, rule=each.rule.name)) for each in outcome.trials],
        sliders=[_setting(fact, wish.settings) for fact in outcome.trial.settings] if outcome.trial else [],
        idea_sliders=_idea_sliders(outcome),
        pick_url=lambda idea: url_for("triage.try_rules", **here, **kept, idea=idea.id),
        form_url=url_for("triage.try_rules", space=slug),
        reset_url=url_for("triage.try_rules", **here),
        keep_url=_keep_url(outcome),
    )  # fmt: skip


def _behind(prefix: str) -> dict[str, str]:
    """What the address says behind a prefix."""
    given = request.args.to_dict()
    return {
        key.removeprefix(prefix): value[:MOST_TEXT]
        for key, value in given.items()
        if key.startswith(prefix) and (value or prefix == SETTING)
    }


def _numbers(words: Mapping[str, str]) -> dict[str, float]:
    """Those words that are numbers a field could hold."""
    found = {}
    for key, word in words.items():
        try:
            number = float(word)
        except ValueError:
            continue
        if math.isfinite(number) and abs(number) <= LARGEST:
            found[key] = number
    return found


def _setting(fact: SettingFact, tried: Mapping[str, Any]) -> Slider:
    name, value = SETTING + fact.name, tried.get(fact.name, fact.value)
    if fact.kind not in {"whole", "number"}:
        return Slider(name, fact.label, value, fact.value, help=fact.help)
    least, most = fact.least or 0, fact.most or max(10, 4 * fact.value)
    return Slider(
        name, fact.label, value, fact.value, least, min(most, max(4 * fact.value, 4 * fact.default)),
        1 if fact.kind == "whole" else 0.1, fact.help, fact.unit,
    )  # fmt: skip


def _idea_sliders(outcome: Outcome) -> list[Slider]:
    """The fields of the one idea that is tried, as far as the rule may count with them."""
    return [_field(each, outcome) for each in outcome.fields] if outcome.idea else []


def _field(field: FieldFact, outcome: Outcome) -> Slider:
    """A slider where the field says something; else an empty box, since a slider always says a number."""
    name, value = FIELD + field.key, outcome.values.get(field.key)
    if value is None:
        return Slider(name, field.title, None, None, unit=field.unit)
    most = 100.0 if field.unit == "%" else max(10.0, 2 * outcome.largest.get(field.key, 0.0), value)
    return Slider(name, field.title, value, None, 0, most, 0.1 if most <= 20 else 1, unit=field.unit)


def _keep_url(outcome: Outcome) -> str:
    """Where owners keep what they found."""
    if outcome.trial is None or not outcome.access.may("own"):
        return ""
    return url_for("spaces.plugin", space=outcome.access.space.slug, name=outcome.trial.owner)
