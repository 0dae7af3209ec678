"""New ideas that look like others, group by group: what one press makes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from codesign.ideas.facts import IdeaFact
from codesign.ideas.queries import get_ideas
from codesign.merging.preview import voters
from codesign.spaces.facts import Access
from codesign.triage.alike import pairs_of


@dataclass(frozen=True)
class Group:
    """Ideas that look alike with their voters, the most wanted first: it is offered as the one that stays."""

    ideas: tuple[tuple[IdeaFact, int], ...]

    @property
    def stays(self) -> IdeaFact:
        """The one that stays if nobody chooses another."""
        return self.ideas[0][0]


def read_groups(access: Access, fresh: Sequence[IdeaFact]) -> list[Group]:
    """The groups that some new ideas belong to, in their order. Needs a read block around it."""
    known = {idea.id: idea for idea in fresh}
    pairs = pairs_of(access.space.id, known)
    known |= get_ideas(access, {other for _one, other in pairs} - known.keys())
    return [_group(known, ids) for ids in joined(known, pairs) if len(ids) > 1]


def joined(ids: Iterable[str], pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Ids in groups: who is paired, over any number of others, stands together; in the order they came in."""
    groups = {each: [each] for each in ids}
    for one, other in pairs:
        if groups[one] is not groups[other]:
            groups[one] += groups[other]
            for each in groups[other]:
                groups[each] = groups[one]
    return list({id(group): group for group in groups.values()}.values())


def _group(known: Mapping[str, IdeaFact], ids: Iterable[str]) -> Group:
    ideas = sorted((known[each] for each in ids), key=lambda idea: (-voters(idea), idea.id))
    return Group(tuple((idea, voters(idea)) for idea in ideas))
