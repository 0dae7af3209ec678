"""What ideas ask of rooms above them and of plugins. Those say it at boot (``ideas/api.py``); no import goes upwards.

Until they do, the answers are the careful ones: tallies are for the team, nobody has voted, every text is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from codesign.hooks.rules import NEW, TOP, ScoreRule
from codesign.ideas.facts import VoteNumbers
from codesign.kernel.actor import Actor
from codesign.kernel.contribution import TextDraft, Verdict
from codesign.spaces.facts import Access, SpaceFact


def _team_only(access: Access) -> bool:
    return access.is_team


def _no_votes(ballot_id: str, person_id: str | None, idea_ids: Iterable[str]) -> dict[str, int]:
    return {}


def _no_numbers(idea_ids: Collection[str], moment: datetime) -> Mapping[str, VoteNumbers]:
    return {}


def _core_rules(space: SpaceFact) -> Mapping[str, ScoreRule]:
    return {NEW.name: NEW, TOP.name: TOP}


def _allow(space: SpaceFact, actor: Actor, draft: TextDraft, newcomer: bool) -> Verdict:
    return Verdict()


@dataclass
class Ports:
    """The questions.

    ``may_see_tallies`` and ``votes_of`` as in ``voting.queries``; ``voted_by(ballot_id, person_id)`` selects the ids of
    the ideas a person's vote stands on; ``numbers_of`` tells of votes over time; ``others_involved`` answer whether
    anybody but that person has voted or commented; ``rules`` are the orders a space offers; ``review`` asks plugins
    about a text.
    """

    may_see_tallies: Callable[[Access], bool] = _team_only
    votes_of: Callable[[str, str | None, Iterable[str]], dict[str, int]] = _no_votes
    voted_by: Callable[[str, str], Select[Any]] | None = None
    numbers_of: Callable[[Collection[str], datetime], Mapping[str, VoteNumbers]] = _no_numbers
    others_involved: list[Callable[[str, str | None], bool]] = field(default_factory=list)
    rules: Callable[[SpaceFact], Mapping[str, ScoreRule]] = _core_rules
    review: Callable[[SpaceFact, Actor, TextDraft, bool], Verdict] = _allow


ports = Ports()
