"""New ideas that look like others, group by group: what one press makes one. Plugins say what looks alike, else core."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from codesign.ideas.asked import look_alike
from codesign.ideas.facts import IdeaFact
from codesign.kernel.actor import Actor
from codesign.merging.preview import voters
from codesign.spaces.facts import Access

#: So many new ideas are looked at for a page, and so many others for each; so alike they are at least.
LOOKED_AT, OTHERS, ALIKE = 10, 4, 0.35


@dataclass(frozen=True)
class Group:
    """Ideas that look alike with their voters, the most wanted first: it is offered as the one that stays."""

    ideas: tuple[tuple[IdeaFact, int], ...]

    @property
    def stays(self) -> IdeaFact:
        """The one that stays if nobody chooses another."""
        return self.ideas[0][0]


def read_groups(actor: Actor, access: Access, fresh: Sequence[IdeaFact]) -> list[Group]:
    """The groups that some new ideas belong to, in their order. Asks plugins, so no read block may be open around it."""
    known = {idea.id: idea for idea in fresh}
    pairs: list[tuple[str, str]] = []
    for idea in fresh:
        for hit in look_alike(actor, access, f"{idea.title} {idea.body}"[:1000], OTHERS, idea.id):
            if hit.likeness >= ALIKE:
                known[hit.idea.id] = hit.idea
                pairs.append((idea.id, hit.idea.id))
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
