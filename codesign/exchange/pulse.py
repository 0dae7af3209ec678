"""The demo pulse: while its switch is on, demo people vote and comment every few seconds, through the same verbs as all."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field

from codesign.accounts.queries import ids_of_externals as ids_of_people
from codesign.comments.queries import ids_of_externals as ids_of_comments
from codesign.comments.service import add_comment
from codesign.exchange.demo import switches
from codesign.exchange.demo.content import SpaceText, load_content
from codesign.exchange.demo.plan import external_id, may_vote
from codesign.exchange.demo.pulse import PulseComment, PulseFacts, PulseIdea, PulsePerson, PulseVote, next_deed
from codesign.ideas.queries import list_ideas
from codesign.kernel import db
from codesign.kernel.actor import SYSTEM, Actor
from codesign.kernel.config import Settings
from codesign.kernel.errors import NotFound, Problem
from codesign.spaces.access import standing
from codesign.voting.queries import votes_of
from codesign.voting.service import cast_vote, withdraw_vote

#: Seconds between two deeds, at least and at most.
PAUSES = (2.0, 6.0)
#: How many of the newest ideas of a space the pulse looks at.
IDEAS = 100

_log = logging.getLogger(__name__)
Deed = PulseVote | PulseComment


@dataclass
class Pulse:
    """The heart of one process: it knows when it beats next."""

    chance: random.Random = field(default_factory=random.Random)
    next_at: float = 0.0

    def beat(self, settings: Settings) -> Deed | None:
        """Do one believable thing if it is time; what was done. The worker calls this every second."""
        if not settings.demo or time.monotonic() < self.next_at:
            return None
        self.next_at = time.monotonic() + self.chance.uniform(*PAUSES)
        with db.read():
            deed = self._deed() if switches.pulse_beats() else None
        if deed is None:
            return None
        try:
            do(deed)
        except Problem as problem:
            # Somebody hid the idea or closed the ballot in between; the next deed finds it so.
            _log.info("the demo pulse was refused: %s", problem)
            return None
        return deed

    def _deed(self) -> Deed | None:
        spaces = load_content().spaces
        space = self.chance.choices(spaces, [space.votes_per_person for space in spaces])[0]
        facts = self.facts_of(space)
        return next_deed(facts, self.chance) if facts else None

    def facts_of(self, space: SpaceText) -> PulseFacts | None:
        """How a space of the demo stands; None when it is gone or nobody can vote in it now."""
        try:
            access = standing(SYSTEM, space.slug)
        except NotFound:
            return None
        if not access.space.ballot_open or not access.space.allows("comment"):
            return None
        ballot = access.space.ballot
        page = list_ideas(access, "new", limit=IDEAS)
        ideas = [PulseIdea(idea.id, idea.external_id, _votes(idea.tally)) for idea in page.items]
        ids = [idea.idea_id for idea in ideas]
        return PulseFacts(
            kind=ballot.kind,
            ideas=ideas,
            people=_people_of(space),
            standing=lambda person_id: votes_of(ballot.id, person_id, ids),
            said=set(ids_of_comments(access.space.id, [external_id(said.key) for said in load_content().pulse])),
        )


def _people_of(space: SpaceText) -> list[PulsePerson]:
    """Who may do something in a space; whoever was forgotten since has no such name any more."""
    people = load_content().people
    known = ids_of_people(external_id(person.key) for person in people)
    return [
        PulsePerson(known[name], name, person.stakeholder_type, guest=person.guest, demo_role=person.demo_role)
        for person in people
        if (name := external_id(person.key)) in known and may_vote(person, space)
    ]


def _votes(tally: object) -> int:
    return sum(getattr(tally, name, 0) for name in ("up", "down", "passed"))


def do(deed: Deed) -> None:
    """Vote or comment as the person of the demo whose turn it is."""
    actor = Actor(person_id=deed.person_id)
    if isinstance(deed, PulseComment):
        add_comment(actor, deed.idea_id, deed.body, external_id=deed.external_id)
    elif deed.value is None:
        withdraw_vote(actor, deed.idea_id)
    else:
        cast_vote(actor, deed.idea_id, deed.value)


_pulse = Pulse()


def beat(settings: Settings) -> Deed | None:
    """One beat of this process's pulse."""
    return _pulse.beat(settings)
