"""What ideas ask of rooms above them and of plugins. Those say it at boot (``ideas/api.py``); no import goes upwards.

Until they do, the answers are the careful ones: tallies are for the team, nobody has voted, every text is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from codesign.hooks.facts import Found, Hit
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


def _no_fields(space_id: str, idea_ids: Collection[str]) -> Mapping[str, Mapping[str, float]]:
    return {}


def _core_rules(space: SpaceFact) -> Mapping[str, ScoreRule]:
    return {NEW.name: NEW, TOP.name: TOP}


def _no_search(space: SpaceFact, actor: Actor, words: str) -> tuple[str, Found] | None:
    return None


def _no_lookalikes(space: SpaceFact, actor: Actor, text: str) -> list[tuple[str, Hit]] | None:
    return None


def _no_blame(plugin: str, hook: str, count: int) -> None:
    return None


def _no_comments(access: Access, comment_ids: Collection[str]) -> dict[str, str | None]:
    return {}


def _allow(space: SpaceFact, actor: Actor, draft: TextDraft, newcomer: bool) -> Verdict:
    return Verdict()


def _no_appeal(access: Access, text: Any, kind: str) -> str:
    return ""


@dataclass
class Ports:
    """The questions.

    ``may_see_tallies`` and ``votes_of`` as in ``voting.queries``; ``voted_by(ballot_id, person_id)`` selects the ids of
    the ideas a person's vote stands on; ``numbers_of`` tells of votes over time; ``others_involved`` answer whether
    anybody but that person has voted or commented; ``fields_of`` is what the team's fields say of ideas in numbers, by
    idea and key, and ``arranged`` names the events after which there may be other fields; ``rules`` are the orders a
    space offers, those for the team included; ``review`` asks plugins
    about a text, ``search`` and ``lookalikes`` for ideas (None: core answers itself); ``blame`` notes how many things a
    plugin told that the viewer may not see; ``comments_read`` knows comments by id: the idea each is on, or None where the
    viewer may not read it.
    ``appeal`` says what the author of a hidden text is told: that they may appeal (``offer``), that one is ``open``, or nothing.
    """

    may_see_tallies: Callable[[Access], bool] = _team_only
    votes_of: Callable[[str, str | None, Iterable[str]], dict[str, int]] = _no_votes
    voted_by: Callable[[str, str], Select[Any]] | None = None
    numbers_of: Callable[[Collection[str], datetime], Mapping[str, VoteNumbers]] = _no_numbers
    others_involved: list[Callable[[str, str | None], bool]] = field(default_factory=list)
    fields_of: Callable[[str, Collection[str]], Mapping[str, Mapping[str, float]]] = _no_fields
    arranged: tuple[str, ...] = ()
    rules: Callable[[SpaceFact], Mapping[str, ScoreRule]] = _core_rules
    review: Callable[[SpaceFact, Actor, TextDraft, bool], Verdict] = _allow
    appeal: Callable[[Access, Any, str], str] = _no_appeal
    search: Callable[[SpaceFact, Actor, str], tuple[str, Found] | None] = _no_search
    lookalikes: Callable[[SpaceFact, Actor, str], list[tuple[str, Hit]] | None] = _no_lookalikes
    blame: Callable[[str, str, int], None] = _no_blame
    comments_read: Callable[[Access, Collection[str]], Mapping[str, str | None]] = _no_comments


ports = Ports()
