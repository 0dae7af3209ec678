"""One idea as a line of a list or as the head of its page: what the templates need beside the fact itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from codesign.configurations.views import Carried, carried_cards
from codesign.ideas.facts import IdeaFact
from codesign.ideas.views import board_url, idea_url
from codesign.voting.views import BallotView, vote_arguments


@dataclass(frozen=True)
class Card:
    """An idea with its address, the arguments of its vote button and its tags as links."""

    idea: IdeaFact
    url: str
    vote: dict[str, Any]
    is_mine: bool
    tags: tuple[tuple[str, str], ...]
    carried: Carried | None = None


def make_card(
    idea: IdeaFact, ballot: BallotView, person_id: str | None, back: str = "", carried: Carried | None = None
) -> Card:
    """The card of one idea for one viewer; *back* as in ``vote_arguments``, *carried* is its configuration."""
    return Card(
        idea=idea,
        url=idea_url(idea),
        vote=vote_arguments(ballot, idea, back),
        is_mine=person_id is not None and idea.author_id == person_id,
        tags=tuple((tag, board_url(idea.space_slug, tag=tag)) for tag in idea.tags),
        carried=carried,
    )


def make_cards(ideas: Iterable[IdeaFact], ballot: BallotView, person_id: str | None) -> list[Card]:
    """The cards of a list of ideas of one space."""
    listed = list(ideas)
    slug = listed[0].space_slug if listed else ""
    carried = carried_cards(slug, [idea.configuration_id for idea in listed])
    return [make_card(idea, ballot, person_id, carried=carried.get(idea.configuration_id or "")) for idea in listed]
