"""What others may know of a space."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

ROLES = ("viewer", "contributor", "moderator", "product", "owner")
TEAM_ROLES = frozenset({"moderator", "product", "owner"})
PHASES = ("collect", "discuss", "vote", "decided")
ACTIONS = ("propose", "vote", "comment")
VISIBILITIES = ("public", "unlisted", "private")
AUDIENCES_OF_ACTIONS = ("everyone", "registered", "members")
RESULTS = ("live", "after_vote", "at_close")
ORDERS = ("ranked", "shuffled")
#: Who may make a move between statuses at least; the last: nobody at all.
MOVERS = ("moderator", "product", "owner", "nobody")
STATUS_KINDS = ("open", "review", "planned", "building", "shipped", "declined")
#: Ideas of these kinds wait for an answer of the team.
WAITING_KINDS = ("open", "review")

DEFAULT_PHASES: dict[str, dict[str, bool]] = {
    "collect": {"propose": True, "vote": True, "comment": True},
    "discuss": {"propose": False, "vote": False, "comment": True},
    "vote": {"propose": False, "vote": True, "comment": True},
    "decided": {"propose": False, "vote": False, "comment": False},
}


@dataclass(frozen=True)
class BallotFact:
    """The space's main ballot. ``closed_at`` is None while it is open (a phase may still pause it)."""

    id: str
    kind: str
    results: str
    opened_at: datetime
    closed_at: datetime | None
    voters: int


@dataclass(frozen=True)
class StatusFact:
    """One status of a space's list."""

    id: str
    name: str
    color: str
    kind: str
    position: int = 0
    retired: bool = False


@dataclass(frozen=True)
class MoveRuleFact:
    """What a move from one status to another needs; None as status means any."""

    id: str
    from_id: str | None
    to_id: str | None
    role: str
    needs_answer: bool

    def fits(self, old: str | None, new: str) -> bool:
        """Whether a move from *old* to *new* has to meet this rule."""
        return self.from_id in (None, old) and self.to_id in (None, new)


@dataclass(frozen=True)
class SpaceFact:
    """A space as rooms and plugins see it."""

    id: str
    slug: str
    name: str
    purpose: str
    goal: str
    use_of_input: str
    promise_days: int | None
    responsible: str
    cover: str
    visibility: str
    who_proposes: str
    who_votes: str
    who_comments: str
    order: str
    phase: str
    phases: dict[str, Any]
    next_phase: str | None
    next_phase_at: datetime | None
    state: str
    settings: dict[str, Any]
    version: int
    created_at: datetime
    ballot: BallotFact

    def allows(self, action: str, phase: str | None = None) -> bool:
        """Whether *phase* (default: the current one) lets people *action* (propose, vote, comment)."""
        phase = phase or self.phase
        return bool(self.phases.get(phase, {}).get(action, DEFAULT_PHASES[phase][action]))

    def phases_allowing(self, action: str) -> list[str]:
        """The phases that let people *action*, in order."""
        return [phase for phase in PHASES if self.allows(action, phase)]

    @property
    def ballot_open(self) -> bool:
        """Whether a vote would count right now."""
        return self.state != "archived" and self.ballot.closed_at is None and self.allows("vote")


@dataclass(frozen=True)
class Access:
    """A person at the gate of a space: the space, and what they may do in it (``role`` is None for a stranger)."""

    space: SpaceFact
    role: str | None
    person_id: str | None
    guest: bool = False
    rights: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_team(self) -> bool:
        return self.role in TEAM_ROLES

    def may(self, right: str) -> bool:
        """Whether they have *right* (phases are not asked here: see ``spaces.access``)."""
        return right in self.rights


@dataclass(frozen=True)
class SpaceTemplate:
    """What a space can be made from: words for the choice, and the fields and ballot it starts with."""

    name: str
    title: str
    description: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class StakeholderTypeFact:
    """What a member can be to the company."""

    id: str
    name: str
    position: int


@dataclass(frozen=True)
class InvitationFact:
    """A link that makes people members. The secret in it is shown once, when it is made."""

    id: str
    space_id: str
    role: str
    stakeholder_type: str
    email: str | None
    made_by: str | None
    most_uses: int | None
    uses: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class MemberFact:
    """A person in a space. ``role`` is empty for somebody who never joined and is kept out."""

    person_id: str
    external_id: str | None
    name: str
    email: str | None
    role: str
    stakeholder_type: str
    organization: str | None
    banned: bool
    created_at: datetime
