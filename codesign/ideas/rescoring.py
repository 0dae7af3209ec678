"""Keeping scores fresh: follows the log of each space and re-scores the ideas that something happened to.

Runs in the worker. Each batch of facts re-scores its distinct ideas in one transaction with the bookmark; a plugin
that was switched or set, or a reader far behind, makes it go over the whole space once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from codesign.events import log
from codesign.events.base import Recorded
from codesign.hooks.events import PluginDisabled, PluginEnabled, PluginSettingsChanged
from codesign.hooks.host import PluginHost
from codesign.hooks.rules import ScoreRule
from codesign.ideas.events import ScoresChanged
from codesign.ideas.facts import IdeaStatistics, ScoreRow
from codesign.ideas.scores import forget_scores, statistics, store_scores
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
#: Further behind than this, the whole space is quicker.
FAR = 5_000
#: How long a rule may take for one batch, in seconds.
BUDGET = 30.0

_OVERALL = (PluginEnabled.name, PluginDisabled.name, PluginSettingsChanged.name, SpaceOpened.name)
_IDS = ("idea_id", "into", "from_id")

logger = logging.getLogger(__name__)

Computed = list[tuple[ScoreRule, str, Mapping[str, object]]]


@dataclass(frozen=True)
class _Errand:
    """What is to be re-scored now: these ideas, or the whole space where ``ids`` is None."""

    space_id: str
    rules: Computed
    ids: list[str] | None
    given: list[IdeaStatistics]
    head: int
    reached: int


class Rescorer:
    """Follows the log for the score rules of one host."""

    def __init__(self, host: PluginHost) -> None:
        self.host = host
        self._next_at: dict[str, float] = {}
        self._looked: dict[str, int] = {}

    def forget_pauses(self) -> None:
        """Let every space be re-scored at once again (tests)."""
        self._next_at.clear()

    def behind(self) -> list[str]:
        """The spaces that may need new scores now."""
        moment = time.monotonic()
        spaces = log.behind(READER)
        heads = log.heads(spaces)
        return [
            space_id
            for space_id in spaces
            if self._next_at.get(space_id, 0) <= moment and heads.get(space_id, 0) > self._looked.get(space_id, -1)
        ]

    def rescore(self, space_id: str) -> list[str]:
        """Re-score what the next facts of a space touch; returns the ids of ideas whose score changed."""
        errand = self._errand(space_id)
        if errand is None:
            return []
        self._next_at[space_id] = time.monotonic() + PAUSE
        if errand.ids is None:
            return self._whole(errand)
        scores = self._compute(errand, errand.ids, errand.given)
        return _keep(space_id, errand.head, scores, errand.reached)

    def _errand(self, space_id: str) -> _Errand | None:
        with read():
            head, after = log.head(space_id), log.bookmark(READER, space_id)
            self._looked[space_id] = head
            try:
                space = access(SYSTEM, space_id).space
            except NotFound:  # the server's own log, or a space that is being deleted
                return None
            if space.state == "importing":
                return None
            offered = self.host.score_rules(space_id, space.ballot.kind)
            rules = [entry for entry in offered if entry[0].compute is not None]
            events = log.since(space_id, after, BATCH)
            reached = events[-1].seq if len(events) == BATCH else head
            overall = any(fact.seq > after for fact in log.latest(space_id, 1, names=_OVERALL))
            if overall or (rules and head - after > FAR):
                return _Errand(space_id, rules, None, statistics(space_id) if rules else [], head, head)
            if not rules:
                return None
            ids = _touched(events)
            if not ids and head - after < BATCH:
                return None
            self._looked[space_id] = reached
            return _Errand(space_id, rules, ids, statistics(space_id, ids), head, reached)

    def _compute(
        self, errand: _Errand, ids: Sequence[str], given: Sequence[IdeaStatistics]
    ) -> dict[str, list[ScoreRow]]:
        """What each rule says; a rule that fails leaves the scores it gave before."""
        scores: dict[str, list[ScoreRow]] = {}
        gone = set(ids) - {each.idea_id for each in given}
        for rule, owner, parameters in errand.rules:
            say = partial(_say, rule, parameters, given)
            answer = self.host.runner.call(owner, f"rule {rule.name}", say, BUDGET)
            if answer.ok:
                scores[rule.name] = [*answer.value, *(ScoreRow(idea_id, None) for idea_id in sorted(gone))]
            else:
                logger.warning(
                    "rule %s of plugin %s failed in space %s: %s", rule.name, owner, errand.space_id, answer.error
                )
        return scores

    def _whole(self, errand: _Errand) -> list[str]:
        """The whole space in short commits; one fact at the end tells that everything may stand elsewhere now."""
        offered = {rule.name for rule, _owner, _parameters in errand.rules}
        _forget(self.host, errand.space_id, offered)
        changed: list[str] = []
        for start in range(0, len(errand.given), STEP):
            given = errand.given[start : start + STEP]
            scores = self._compute(errand, [each.idea_id for each in given], given)
            changed += store_scores(errand.space_id, errand.head, scores, announce=False)
        _tell_whole(errand.space_id, sorted(offered), changed, errand.reached)
        return changed


def _touched(events: Sequence[Recorded]) -> list[str]:
    found = {event.payload.get(key) for event in events for key in _IDS}
    return sorted(idea_id for idea_id in found if idea_id)


def _say(rule: ScoreRule, parameters: Mapping[str, object], given: Sequence[IdeaStatistics]) -> list[ScoreRow]:
    assert rule.compute is not None
    rows = []
    for each in given:
        score = rule.compute(each, **parameters)
        rows.append(
            ScoreRow(each.idea_id, None)
            if score is None
            else ScoreRow(each.idea_id, score.value, tuple(score.parts_as_json()))
        )
    return rows


@verb
def _keep(space_id: str, as_of: int, scores: Mapping[str, Sequence[ScoreRow]], reached: int) -> list[str]:
    changed = store_scores(space_id, as_of, scores)
    log.move_bookmark(READER, space_id, reached)
    return changed


@verb
def _forget(host: PluginHost, space_id: str, offered: set[str]) -> None:
    """Drop the scores of rules this space does not offer any more."""
    stale = {rule.name for rule, _owner in host.rules.all(ScoreRule) if rule.compute} - offered
    if stale:
        forget_scores(space_id, stale)


@verb
def _tell_whole(space_id: str, rules: list[str], changed: list[str], reached: int) -> None:
    """One fact for the whole space; above a batch of ideas it names none, which means any of them."""
    if changed:
        log.record(ScoresChanged(space_id, rules=rules, idea_ids=sorted(changed) if len(changed) <= BATCH else []))
    log.move_bookmark(READER, space_id, reached)
