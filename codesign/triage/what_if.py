"""What if: the order ideas would have with other weights, another formula, or other fields of one of them. Nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from codesign.hooks.host import PluginHost
from codesign.hooks.rules import ScoreRule
from codesign.hooks.trying import Trial, trials, tried
from codesign.hooks.why import PartLine, part_lines
from codesign.ideas.facts import IdeaFact, IdeaStatistics, ScoreRow
from codesign.ideas.queries import get_ideas
from codesign.ideas.rescoring import say_scores
from codesign.ideas.scores import candidates, statistics
from codesign.kernel.actor import Actor
from codesign.kernel.db import offload, read
from codesign.kernel.errors import Invalid, Unavailable
from codesign.kernel.text import _
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.triage.facts import NUMBER, FieldFact
from codesign.triage.fields import list_fields

#: So many ideas are looked at: those the rule puts first now, then the most wanted. So many of them are shown.
MOST, SHOWN = 500, 50
#: How long a rule may take for them, in seconds.
BUDGET = 3.0
#: The field that counts also where nobody needs it: then votes stand in for it.
REACH = "reach"


@dataclass(frozen=True)
class Wish:
    """What is tried: a rule, settings by name, numbers of the fields of one idea by key."""

    rule: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    idea: str = ""
    fields: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """One idea in the order that would be: its place and score there, and those it has now."""

    idea: IdeaFact
    place: int
    value: float | None
    parts: tuple[PartLine, ...]
    lacks: tuple[FieldFact, ...]
    place_now: int | None
    value_now: float | None

    @property
    def moved(self) -> int:
        """How many places it rises; less than nothing where it falls."""
        return self.place_now - self.place if self.value is not None and self.place_now else 0


@dataclass(frozen=True)
class Outcome:
    """What came of a try. ``lines`` are the first ideas, ``looked_at`` says how many were compared; ``problem`` is what was
    wrong with the settings. ``fields`` are those the rule may count with, ``values`` what they say of the one idea that is
    tried, ``largest`` what they reach anywhere, in the same units."""

    access: Access
    trials: tuple[Trial, ...]
    trial: Trial | None = None
    fields: tuple[FieldFact, ...] = ()
    lines: tuple[Line, ...] = ()
    looked_at: int = 0
    problem: Invalid | None = None
    idea: IdeaFact | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    largest: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Given:
    """Everything a try needs, read at one moment."""

    outcome: Outcome
    rule: ScoreRule | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    now: Mapping[str, float | None] = field(default_factory=dict)
    statistics: Sequence[IdeaStatistics] = ()


def what_if(host: PluginHost, actor: Actor, reference: str, wish: Wish) -> Outcome:
    """Try *wish* in a space. For the team; raises NotFound, Forbidden, Unavailable."""
    given: _Given = offload(_read, host, actor, reference, wish)
    outcome, trial = given.outcome, given.outcome.trial
    if given.rule is None or trial is None:
        return outcome
    say = partial(say_scores, given.rule, given.parameters, given.statistics)
    answer = host.runner.call(trial.owner, f"what if {given.rule.name}", say, BUDGET)
    if not answer.ok:
        raise Unavailable(_("The rule gave no answer. Try again in a moment."))
    with read():
        return replace(outcome, lines=_lines(outcome, given, answer.value))


def refuse_unknown(wish: Wish, outcome: Outcome) -> None:
    """Raise Invalid where *wish* names a rule, an idea or a field that was not tried: pages leave it out, programs are told."""
    tried = outcome.trial.rule.name if outcome.trial else ""
    if wish.rule and wish.rule != tried:
        raise Invalid.field("rule", _("No rule of this space is called %(name)s.", name=wish.rule))
    if wish.idea and outcome.idea is None:
        raise Invalid.field("idea", _("This idea is not among those the rule orders."))
    if unknown := set(wish.fields) - {each.key for each in outcome.fields}:
        raise Invalid.field("fields", _("The rule does not count with %(name)s.", name=min(unknown)))


def _read(host: PluginHost, actor: Actor, reference: str, wish: Wish) -> _Given:
    with read():
        access = look(actor, reference, "moderate")
        found = tuple(trials(host, access.space))
        trial = next((each for each in found if each.rule.name == wish.rule), found[0] if found else None)
        fields = tuple(each for each in list_fields(access.space.id) if each.kind == NUMBER)
        outcome = Outcome(access, found, trial)
        if trial is None:
            return _Given(outcome)
        try:
            rule, parameters = tried(host, access.space.id, trial, wish.settings)
        except Invalid as problem:
            return _Given(replace(outcome, problem=problem))
        now = candidates(access.space.id, rule.name, MOST)
        known = statistics(access.space.id, now)
        fields = tuple(each for each in fields if rule.for_team and each.key in {*rule.fields, REACH})
        idea = get_ideas(access, [wish.idea]).get(wish.idea) if wish.idea in now else None
        mine = next((each.fields for each in known if idea and each.idea_id == idea.id), {})
        changed = {
            **mine,
            **{each.key: _share(each, wish.fields[each.key]) for each in fields if each.key in wish.fields},
        }
        outcome = replace(
            outcome, fields=fields, idea=idea, looked_at=len(known),
            largest={each.key: _told(each, max((s.fields.get(each.key, 0.0) for s in known), default=0.0)) for each in fields},
            values={each.key: _told(each, changed[each.key]) for each in fields if each.key in changed},
        )  # fmt: skip
        meant = [replace(each, fields=changed) if idea and each.idea_id == idea.id else each for each in known]
        if not rule.for_team:
            meant = [replace(each, fields={}) for each in meant]
        return _Given(outcome, rule, parameters, now, meant)


def _share(field: FieldFact, number: float) -> float:
    return number / 100 if field.unit == "%" else number


def _told(field: FieldFact, number: float) -> float:
    return round(number * 100, 6) if field.unit == "%" else number


def _lines(outcome: Outcome, given: _Given, rows: Sequence[ScoreRow]) -> tuple[Line, ...]:
    """The first ideas of the order that would be; ties as in every order of scores: more ups, then the older."""
    ups = {each.idea_id: each.up for each in given.statistics}
    said = {each.idea_id: each.fields for each in given.statistics}

    def rank(row: ScoreRow) -> tuple[Any, ...]:
        return row.value is None, -(row.value or 0.0), -ups[row.idea_id], row.idea_id

    places_now = {idea_id: place for place, (idea_id, value) in enumerate(given.now.items(), 1) if value is not None}
    first = sorted(rows, key=rank)[:SHOWN]
    ideas = get_ideas(outcome.access, [row.idea_id for row in first])
    needed = given.rule.fields if given.rule else ()
    return tuple(
        Line(
            ideas[row.idea_id], place, row.value, part_lines(row.parts),
            tuple(each for each in outcome.fields if each.key in needed and each.key not in said[row.idea_id]),
            places_now.get(row.idea_id), given.now.get(row.idea_id),
        )
        for place, row in enumerate(first, 1)
        if row.idea_id in ideas
    )  # fmt: skip
