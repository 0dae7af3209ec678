"""Keeping scores fresh: follows the log of each space and re-scores the ideas that something happened to.

Runs in the worker. A batch of facts re-scores its distinct ideas in one transaction with the bookmark; a vote never
costs more than its own idea. Over a whole space go *passes*, in slices, so that nothing else in the worker waits for them:
when a plugin was switched or set or has a new version, when a reader is far behind, and every night for rules that time
changes. What a pass still owes stands in ``score_state``, so one that is cut off is taken up again after a start.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from codesign.events import log
from codesign.events.base import SERVER, Recorded
from codesign.hooks import queries
from codesign.hooks.answers import refuse_unwritable
from codesign.hooks.events import PluginDisabled, PluginEnabled, PluginSettingsChanged
from codesign.hooks.host import PluginHost
from codesign.hooks.rules import ScoreRule
from codesign.ideas.events import IdeaRescored, ScoresChanged
from codesign.ideas.facts import IdeaStatistics, ScoreRow
from codesign.ideas.ports import ports
from codesign.ideas.scores import (
    count_totals,
    forget_others,
    note_rules,
    statistics,
    store_scores,
    totals_of,
    worked_out_with,
)
from codesign.kernel import clock
from codesign.kernel.actor import SYSTEM
from codesign.kernel.db import read, verb
from codesign.kernel.errors import NotFound
from codesign.spaces.access import access
from codesign.spaces.events import SpaceOpened

READER = "scores"
BATCH = 500
#: So many ideas per commit when a whole space is re-scored.
STEP = 200
#: At most one ``scores.changed`` per space in so many seconds.
PAUSE = 1.0
#: How long a pass goes on before others in the worker have their turn, in seconds.
SLICE = 0.5
#: Further behind than this, the whole space is quicker.
FAR = 5_000
#: How long a rule may take for one batch, in seconds.
BUDGET = 30.0
#: How often to look for spaces that owe a pass, in seconds, and how long what time changes may stand.
CHECK_EVERY = 600.0
NIGHTLY = timedelta(days=1)

_OVERALL = (PluginEnabled.name, PluginDisabled.name, PluginSettingsChanged.name, SpaceOpened.name)
_IDS = ("idea_id", "into", "from_id")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Offer:
    """A rule as a space offers it now; ``mark`` changes when its plugin's version or its parameters do."""

    rule: ScoreRule
    owner: str
    parameters: Mapping[str, object]
    mark: str

    @property
    def ages(self) -> bool:
        return self.rule.refresh == "nightly"

    @property
    def is_open(self) -> bool:
        """Whether what it says may be known by others than the team."""
        return not self.rule.for_team


@dataclass(frozen=True)
class _Errand:
    """What the log asks for now: these ideas, or a pass over the space where ``ids`` is None."""

    ids: list[str] | None
    given: list[IdeaStatistics]
    offers: list[_Offer]
    head: int
    reached: int


@dataclass
class _Pass:
    """A way over a whole space: with which rules, how far it has come, what it has found."""

    offers: list[_Offer]
    all_names: set[str]
    after: str = ""
    done: int = 0
    forgetting: bool = True
    failed: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    many: bool = False
    unheard: bool = False

    def note(self, changed: Sequence[str]) -> None:
        """Keep in mind which scores changed; above a batch, only that they were many."""
        if not self.many:
            self.changed.update(changed)
            self.many = len(self.changed) > BATCH


class Rescorer:
    """Follows the log for the score rules of one host."""

    def __init__(self, host: PluginHost) -> None:
        self.host = host
        self._next_at: dict[str, float] = {}
        self._looked: dict[str, int] = {}
        self._passes: dict[str, _Pass] = {}
        self._due: set[str] = set()
        self._check_at = 0.0

    def forget_pauses(self) -> None:
        """Let every space be re-scored at once again (tests)."""
        self._next_at.clear()

    def check_soon(self) -> None:
        """Look for spaces that owe a pass the next time somebody asks who is behind."""
        self._check_at = 0.0

    def behind(self) -> list[str]:
        """The spaces that may need new scores now."""
        moment = time.monotonic()
        if moment >= self._check_at:
            self._check_at = moment + CHECK_EVERY
            self._due |= self._owing()
        spaces = log.behind(READER)
        heads = log.heads(spaces)
        following = [
            space_id
            for space_id in spaces
            if self._next_at.get(space_id, 0) <= moment and heads.get(space_id, 0) > self._looked.get(space_id, -1)
        ]
        return [*following, *sorted({*self._due, *self._passes} - set(following))]

    def rescore(self, space_id: str) -> list[str]:
        """Do the next piece of work in a space; returns the ids of ideas whose score changed."""
        changed: list[str] = []
        if self._next_at.get(space_id, 0) <= time.monotonic():
            changed += self._follow(space_id)
        if space_id in self._due:
            self._due.discard(space_id)
            if space_id not in self._passes:
                self._begin(space_id)
        if space_id in self._passes:
            changed += self._go_on(space_id, self._passes[space_id])
        return sorted(set(changed))

    def progress(self, space_id: str) -> int | None:
        """How many ideas the pass over a space has done; None when there is none."""
        found = self._passes.get(space_id)
        return found.done if found else None

    # --- What happened ------------------------------------------------------------------------------------------------

    def _follow(self, space_id: str) -> list[str]:
        """Re-score what the next facts of a space touch, or begin a pass where they concern all of it."""
        errand = self._errand(space_id)
        if errand is None:
            return []
        if errand.ids is None:
            self._begin(space_id, reached=errand.reached)
            return []
        self._next_at[space_id] = time.monotonic() + PAUSE
        scores, failed = self._compute(space_id, errand.offers, errand.ids, errand.given)
        silent = {offer.rule.name for offer in errand.offers if not offer.is_open}
        return _keep(space_id, errand.head, scores, errand.reached, failed, silent)

    def _errand(self, space_id: str) -> _Errand | None:
        with read():
            head, after = log.head(space_id), log.bookmark(READER, space_id)
            self._looked[space_id] = head
            offers = self._offers(space_id)
            if offers is None:
                return None
            events = log.since(space_id, after, BATCH)
            if any(event.name in ports.arranged for event in events):
                self._due.add(space_id)
            reached = events[-1].seq if len(events) == BATCH else head
            overall = any(fact.seq > after for fact in log.latest(space_id, 1, names=_OVERALL))
            if overall or (offers and head - after > FAR):
                return _Errand(None, [], offers, head, head)
            if not offers:
                return None
            ids = _touched(events)
            if not ids and head - after < BATCH:
                return None
            self._looked[space_id] = reached
            return _Errand(ids, statistics(space_id, ids) if ids else [], offers, head, reached)

    def _offers(self, space_id: str) -> list[_Offer] | None:
        """The rules to compute in a space; None where there is none to score (the server's own log, one being filled)."""
        try:
            space = access(SYSTEM, space_id).space
        except NotFound:
            return None
        if space.state == "importing":
            return None
        fields = self.host.number_fields(space_id)
        return [
            _Offer(
                rule, owner, parameters,
                _mark(self.host.card(owner).version, parameters, fields if rule.for_team else None),
            )
            for rule, owner, parameters in self.host.score_rules(space_id, space.ballot.kind)
            if rule.compute is not None
        ]  # fmt: skip

    def _compute(
        self, space_id: str, offers: Sequence[_Offer], ids: Sequence[str], given: Sequence[IdeaStatistics]
    ) -> tuple[dict[str, list[ScoreRow]], set[str]]:
        """What each rule says, and which failed: those leave the scores they gave before, and owe the space a pass."""
        scores: dict[str, list[ScoreRow]] = {}
        failed: set[str] = set()
        gone = sorted(set(ids) - {each.idea_id for each in given})
        public = [replace(each, fields={}) if each.fields else each for each in given]
        for offer in offers:
            name = offer.rule.name
            say = partial(say_scores, offer.rule, offer.parameters, public if offer.is_open else given)
            answer = self.host.runner.call(offer.owner, f"rule {name}", say, BUDGET)
            if answer.ok:
                scores[name] = [*answer.value, *(ScoreRow(idea_id, None) for idea_id in gone)]
            else:
                failed.add(name)
                if not answer.skipped:
                    logger.warning(
                        "rule %s of plugin %s failed in space %s: %s", name, offer.owner, space_id, answer.error
                    )
        return scores, failed

    # --- Passes -------------------------------------------------------------------------------------------------------

    def _owing(self) -> set[str]:
        """The spaces where a rule has yet to go over all ideas, or time has changed what it said."""
        owners = {owner for rule, owner in self.host.rules.all(ScoreRule) if rule.compute is not None}
        spaces = {space_id for owner in owners for space_id in queries.spaces_of(owner)} - {SERVER}
        return {space_id for space_id in spaces if self._owed(space_id, self._offers(space_id) or [])}

    def _owed(self, space_id: str, offers: Sequence[_Offer]) -> list[_Offer]:
        """The rules that owe a space a pass. Those that time changes go together: they measure by the same totals."""
        known, counted_at = worked_out_with(space_id), totals_of(space_id).counted_at
        night = counted_at is None or counted_at + NIGHTLY <= clock.now()
        stale = [offer for offer in offers if known.get(offer.rule.name) != offer.mark or (night and offer.ages)]
        ages = any(offer.ages for offer in stale)
        return [offer for offer in offers if offer in stale or (ages and offer.ages)]

    def _begin(self, space_id: str, reached: int | None = None) -> None:
        """Begin a pass: over everything when the log asked for it (*reached*: up to there it is answered), else with
        the rules that owe one."""
        with read():
            offers = self._offers(space_id)
            if offers is None:
                return
            wanted = offers if reached is not None else self._owed(space_id, offers)
            names = {offer.rule.name for offer in offers}
            gone = worked_out_with(space_id).keys() - names
        if not wanted and not gone and reached is None:
            return
        _note_begin(space_id, wanted, names, reached)
        self._passes[space_id] = _Pass(wanted, names)

    def _go_on(self, space_id: str, way: _Pass) -> list[str]:
        """A slice of a pass; one fact at its end tells that everything may stand elsewhere now."""
        with read():
            gone = self._offers(space_id) is None
        if gone:  # the space was deleted meanwhile
            del self._passes[space_id]
            return []
        until = time.monotonic() + SLICE
        changed: list[str] = []
        while True:
            if self._step(space_id, way, changed):
                del self._passes[space_id]
                done = {offer.rule.name: offer.mark for offer in way.offers if offer.rule.name not in way.failed}
                _note_end(space_id, done, way)
                self._next_at[space_id] = time.monotonic() + PAUSE
                break
            if time.monotonic() >= until:
                break
        return changed

    def _step(self, space_id: str, way: _Pass, changed: list[str]) -> bool:
        """One commit of a pass; whether it was the last."""
        if way.forgetting:
            way.forgetting = forget_others(space_id, way.all_names, STEP) == STEP
            return False
        if not way.offers:
            return True
        with read():
            seq = log.head(space_id)
            given = statistics(space_id, after=way.after, limit=STEP)
        if not given:
            return True
        scores, failed = self._compute(space_id, way.offers, [], given)
        opened, silent = _split(scores, {offer.rule.name for offer in way.offers if not offer.is_open})
        moved = store_scores(space_id, seq, opened, announce=False) if opened else []
        way.failed |= failed
        way.after, way.done = given[-1].idea_id, way.done + len(given)
        way.note(moved)
        unheard = store_scores(space_id, seq, silent, announce=False) if silent else []
        way.unheard |= bool(unheard)
        moved += unheard
        changed += moved
        return not scores


def _mark(version: str, parameters: Mapping[str, object], fields: Mapping[str, str] | None = None) -> str:
    known = [dict(parameters)] if fields is None else [dict(parameters), dict(fields)]
    return " ".join([version, *(json.dumps(each, sort_keys=True, default=str) for each in known)])


def _split(
    scores: Mapping[str, list[ScoreRow]], silent: Collection[str]
) -> tuple[dict[str, list[ScoreRow]], dict[str, list[ScoreRow]]]:
    """What everybody may hear of, and what the team alone: that it changed would tell of the team's fields."""
    opened = {name: rows for name, rows in scores.items() if name not in silent}
    return opened, {name: rows for name, rows in scores.items() if name in silent}


def _touched(events: Sequence[Recorded]) -> list[str]:
    found = {event.payload.get(key) for event in events for key in _IDS}
    return sorted(idea_id for idea_id in found if idea_id)


def say_scores(rule: ScoreRule, parameters: Mapping[str, object], given: Sequence[IdeaStatistics]) -> list[ScoreRow]:
    """What a rule says of ideas."""
    assert rule.compute is not None
    rows = []
    for each in given:
        score = rule.compute(each, **parameters)
        rows.append(
            ScoreRow(each.idea_id, None)
            if score is None
            else ScoreRow(each.idea_id, float(score.value), tuple(score.parts_as_json()))
        )
    refuse_unwritable([row.parts for row in rows])
    return rows


@verb
def _keep(
    space_id: str, as_of: int, scores: Mapping[str, list[ScoreRow]], reached: int, failed: set[str], silent: set[str]
) -> list[str]:
    opened, unheard = _split(scores, silent)
    changed = store_scores(space_id, as_of, opened)
    if unheard:
        moved = store_scores(space_id, as_of, unheard, announce=False)
        if moved:
            log.record(IdeaRescored(space_id, sorted(unheard), moved))
        changed += moved
    if failed:
        note_rules(space_id, {}, failed)
    log.move_bookmark(READER, space_id, reached)
    return changed


@verb
def _note_begin(space_id: str, wanted: Sequence[_Offer], names: set[str], reached: int | None) -> None:
    """From now on the *wanted* of the rules on offer (*names*) owe the space a pass, whatever happens to this process;
    so does one that is not on offer now, should it come back."""
    if undone := {*worked_out_with(space_id), *names} - (names - {offer.rule.name for offer in wanted}):
        note_rules(space_id, {}, undone)
    if any(offer.ages for offer in wanted):
        count_totals(space_id)
    if reached is not None:
        log.move_bookmark(READER, space_id, reached)


@verb
def _note_end(space_id: str, done: Mapping[str, str], way: _Pass) -> None:
    """One fact for the whole space; above a batch of ideas it names none, which means any of them."""
    if done:
        note_rules(space_id, done)
    if way.unheard:
        log.record(IdeaRescored(space_id, sorted(offer.rule.name for offer in way.offers if not offer.is_open), []))
    if way.changed:
        rules = sorted(offer.rule.name for offer in way.offers if offer.is_open)
        log.record(ScoresChanged(space_id, rules=rules, idea_ids=[] if way.many else sorted(way.changed)))
