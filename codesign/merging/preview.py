"""What a merge would do to the counts."""

from __future__ import annotations

from dataclasses import dataclass

from codesign.ideas.facts import IdeaFact
from codesign.kernel.db import reading
from codesign.voting.queries import shared_voters


@dataclass(frozen=True)
class Preview:
    """The voters of two ideas, and those who voted on both."""

    source_voters: int
    target_voters: int
    shared: int

    @property
    def together(self) -> int:
        """Who stands behind the idea that stays, each counted once."""
        return self.source_voters + self.target_voters - self.shared


@reading
def preview_of(source: IdeaFact, target: IdeaFact) -> Preview:
    """The counts before and after."""
    return Preview(voters(source), voters(target), shared_voters(source.id, target.id))


def voters(idea: IdeaFact) -> int:
    """How many people's votes stand on an idea."""
    return idea.tally.up + idea.tally.down + idea.tally.passed if idea.tally else 0
