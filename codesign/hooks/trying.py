"""Trying a rule with other settings than those in force: for "what if", where nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codesign.hooks import queries, settings
from codesign.hooks.facts import SettingFact
from codesign.hooks.host import PluginHost
from codesign.hooks.rules import FIELD, BallotKind, ScoreRule
from codesign.hooks.service import unknown_field
from codesign.kernel.errors import Invalid


@dataclass(frozen=True)
class Trial:
    """A rule that has something to try: its settings as they are in force, each with its shape."""

    rule: ScoreRule
    owner: str
    settings: tuple[SettingFact, ...]


def trials(host: PluginHost, space: Any) -> list[Trial]:
    """The rules of a space with something to try. One that only its settings keep from being offered is among them."""
    ballot = host.rules.find(BallotKind, space.ballot.kind)
    gives = (ballot.gives if ballot else frozenset()).union(FIELD + key for key in host.number_fields(space.id))
    at_work = {item.name for item in host.enabled(space.id)}
    forms: dict[str, tuple[SettingFact, ...]] = {}
    found = []
    for rule, owner in host.rules.all(ScoreRule):
        if rule.compute is not None and owner in at_work and rule.parameters and rule.offered(gives):
            if owner not in forms:
                row = queries.rows(space.id)[owner]
                forms[owner] = settings.form(host.card(owner).settings, row.server_settings, row.settings)
            keys = set(rule.parameters.values())
            found.append(Trial(rule, owner, tuple(fact for fact in forms[owner] if fact.name in keys)))
    return found


def tried(host: PluginHost, space_id: str, trial: Trial, values: Mapping[str, Any]) -> tuple[ScoreRule, dict[str, Any]]:
    """The rule and the parameters it has with these settings over those in force; raises Invalid, by setting."""
    schema = host.card(trial.owner).settings
    checked = settings.check(schema, values, {}, {})
    in_force = {**host.settings(trial.owner, space_id)}
    in_force.update({name: value for name, value in settings.resolve(schema, {}, checked).items() if name in checked})
    parameters = {word: in_force[name] for word, name in trial.rule.parameters.items()}
    rule = trial.rule.settled(parameters)
    known = host.number_fields(space_id)
    for key in rule.fields:
        if key not in known:
            raise Invalid.field(trial.settings[0].name, unknown_field(key), "unknown")
    return rule, parameters
