"""The verbs of spaces, by what they change; other rooms import them from here."""

from __future__ import annotations

from codesign.spaces.service.deletion import delete_space, finish_deletions, on_deletion
from codesign.spaces.service.invitations import (
    accept_invitation,
    invite,
    issue_invitation_secret,
    revoke_invitation,
)
from codesign.spaces.service.life import (
    archive_space,
    change_space,
    create_space,
    open_imported_space,
    reopen_space,
    require_creator,
)
from codesign.spaces.service.members import (
    add_member,
    ban_member,
    change_member,
    describe_member,
    forget_member,
    join_memberships,
    remove_member,
    set_organization,
    unban_member,
)
from codesign.spaces.service.phases import close_ballot, open_ballot, run_due_phases, schedule_phase, set_phase
from codesign.spaces.service.statuses import add_status, change_status, move_status, order_statuses
from codesign.spaces.service.together import make_space, patch_space
from codesign.spaces.service.types import set_organization_name, set_stakeholder_type

__all__ = [
    "accept_invitation",
    "add_member",
    "add_status",
    "archive_space",
    "ban_member",
    "change_member",
    "change_space",
    "change_status",
    "close_ballot",
    "create_space",
    "delete_space",
    "describe_member",
    "finish_deletions",
    "forget_member",
    "invite",
    "issue_invitation_secret",
    "join_memberships",
    "make_space",
    "move_status",
    "on_deletion",
    "open_ballot",
    "open_imported_space",
    "order_statuses",
    "patch_space",
    "remove_member",
    "reopen_space",
    "require_creator",
    "revoke_invitation",
    "run_due_phases",
    "schedule_phase",
    "set_organization",
    "set_organization_name",
    "set_phase",
    "set_stakeholder_type",
    "unban_member",
]  # fmt: skip
