"""What can happen to a space."""

from __future__ import annotations

from codesign.events.base import EVERYONE, TEAM, Event, event


@event("space.created", TEAM)
class SpaceCreated(Event):
    """A space was made."""


@event("space.changed", EVERYONE)
class SpaceChanged(Event):
    """Its words or rules changed; ``fields`` names which."""

    fields: list[str]
    space_version: int


@event("space.archived", EVERYONE)
class SpaceArchived(Event):
    """It is read only now."""


@event("space.reopened", EVERYONE)
class SpaceReopened(Event):
    """It takes input again."""


@event("space.opened", EVERYONE)
class SpaceOpened(Event):
    """An import has filled it and it can be seen now."""


@event("space.deleted", EVERYONE)
class SpaceDeleted(Event):
    """It is gone for everybody; its rows follow step by step. Stands in its own log and in the server's."""

    deleted_id: str


@event("space.phase_scheduled", EVERYONE)
class PhaseScheduled(Event):
    """The next phase has a date now, or none any more."""

    phase: str | None
    at: str | None


@event("space.phase_changed", EVERYONE)
class PhaseChanged(Event):
    """Another phase began."""

    old: str
    new: str


@event("ballot.opened", EVERYONE)
class BallotOpened(Event):
    """Votes count again; where results show at the close, they are veiled again."""

    ballot_id: str


@event("ballot.closed", EVERYONE)
class BallotClosed(Event):
    """No vote counts any more; results that show at the close show now."""

    ballot_id: str


@event("member.added", TEAM)
class MemberAdded(Event):
    """A person joined the space."""

    person_id: str
    role: str
    invitation_id: str | None = None


@event("member.changed", TEAM)
class MemberChanged(Event):
    """Role, stakeholder type or ban of a member changed."""

    person_id: str
    role: str
    banned: bool = False


@event("member.removed", TEAM)
class MemberRemoved(Event):
    """A person is no member any more."""

    person_id: str


@event("invitation.made", TEAM)
class InvitationMade(Event):
    """A link that makes people members."""

    invitation_id: str
    role: str


@event("invitation.revoked", TEAM)
class InvitationRevoked(Event):
    """A link that works no more."""

    invitation_id: str


@event("status.changed", EVERYONE)
class StatusListChanged(Event):
    """The list of statuses changed."""

    status_id: str


@event("workflow.changed", TEAM)
class WorkflowChanged(Event):
    """Other rules hold for moves between statuses."""


@event("stakeholder_type.changed")
class StakeholderTypeChanged(Event):
    """The list of what members can be to the company changed. Stands in the server's log."""

    type_id: str


@event("organization.changed")
class OrganizationChanged(Event):
    """An organization was made or renamed. Stands in the server's log."""

    organization_id: str
