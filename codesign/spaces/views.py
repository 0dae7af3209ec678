"""What pages of every room say about a space: why something cannot be done here now."""

from __future__ import annotations

from dataclasses import replace

from codesign.kernel.actor import Actor
from codesign.kernel.errors import Closed, Forbidden
from codesign.kernel.text import _
from codesign.spaces.access import require
from codesign.spaces.facts import Access


def obstacle(actor: Actor, access: Access, action: str) -> str | None:
    """Why *action* (propose, vote, comment) is not offered, as a sentence; None when it is.

    Whoever could do it after signing in is offered it: what they began is completed then.
    """
    try:
        require(actor, replace(access, rights=access.rights | {action}), action)
    except (Closed, Forbidden) as problem:
        return problem.sentence
    if access.may(action) or not actor.known or actor.guest:
        return None
    return _("You may read here, but not do that.")
