"""What a board without rows says, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from codesign.ideas.pages.wishes import Wish
from codesign.kernel.text import _
from codesign.spaces.facts import SpaceFact


@dataclass(frozen=True)
class Empty:
    """Heading, text, and one action."""

    heading: str
    text: str = ""
    url: str = ""
    action: str = ""


def empty_board(space: SpaceFact, wish: Wish, propose_obstacle: str | None) -> Empty:
    """Why there is nothing, in the order of what the viewer asked last."""
    may_propose = propose_obstacle is None
    everything = wish.clear_url(space.slug)
    if wish.q:
        new = url_for("ideas.new", space=space.slug, title=wish.q)
        heading = _("Nothing matches “%(words)s”.", words=wish.q)
        if may_propose:
            return Empty(heading, _("Perhaps it is yet to be said."), new, _("Propose it"))
        return Empty(heading, _("Try another word."), everything, _("Show all ideas"))
    if wish.mine and may_propose:
        new = url_for("ideas.new", space=space.slug)
        return Empty(_("You have not proposed anything here yet."), "", new, _("Propose an idea"))
    if wish.voted:
        return Empty(_("You have not voted here yet."), _("One tap is enough."), everything, _("Show all ideas"))
    if wish.filters:
        return Empty(_("No idea fits this filter."), "", everything, _("Clear the filter"))
    if may_propose:
        new = url_for("ideas.new", space=space.slug)
        return Empty(_("No ideas yet."), _("What would you change first?"), new, _("Propose the first idea"))
    return Empty(_("No ideas yet."), propose_obstacle or "")
