"""Several changes of a space in one transaction, for doors that take them in one message: all happen, or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codesign.kernel.actor import Actor
from codesign.kernel.db import verb
from codesign.spaces.access import access
from codesign.spaces.facts import SpaceFact
from codesign.spaces.service.life import change_space, create_space, stale
from codesign.spaces.service.phases import close_ballot, open_ballot, schedule_phase, set_phase


@verb
def make_space(actor: Actor, template: str, fields: Mapping[str, Any], steps: Mapping[str, Any]) -> SpaceFact:
    """``create_space``, then the *steps*: ``phase``, ``open``, ``next_phase`` with ``next_phase_at``."""
    space = create_space(actor, template, **fields)
    return _take(actor, space, steps)


@verb
def patch_space(
    actor: Actor, reference: str, version: int | None, fields: Mapping[str, Any], steps: Mapping[str, Any]
) -> SpaceFact:
    """``change_space``, then the *steps*. Who may change phases but no settings can take the steps alone."""
    if fields or not steps:
        space = change_space(actor, reference, version, **fields)
    else:
        space = access(actor, reference, "product").space
        if version is not None and version != space.version:
            raise stale(space, version)
    return _take(actor, space, steps)


def _take(actor: Actor, space: SpaceFact, steps: Mapping[str, Any]) -> SpaceFact:
    if "phase" in steps:
        space = set_phase(actor, space.id, steps["phase"])
    if "open" in steps and steps["open"] != (space.ballot.closed_at is None):
        space = open_ballot(actor, space.id) if steps["open"] else close_ballot(actor, space.id)
    if "next_phase" in steps:
        space = schedule_phase(actor, space.id, steps["next_phase"], steps["next_phase_at"])
    return space
