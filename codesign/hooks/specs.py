"""Every moment a plugin can answer, on one page.

Arguments are frozen facts and the loaded settings of the space: no request, no session, no app. An implementation
may take fewer arguments than listed, so a new argument breaks nobody. Names and order of arguments are pinned by
``tests/contracts/hooks.json``; docs/integrate/plugins.md has a section for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pluggy

from codesign.kernel.text import _

if TYPE_CHECKING:
    from codesign.events.base import Recorded
    from codesign.hooks.facts import Found, Hit
    from codesign.kernel.actor import Actor
    from codesign.kernel.contribution import TextDraft, Verdict
    from codesign.spaces.facts import SpaceFact

PROJECT = "codesign"

#: Version of the hooks and of ``codesign.sdk``. A new hook or argument raises the second number.
API_VERSION = (1, 0)

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class Style:
    """How a moment is asked: everybody or until the first answer, for how long, in which process, what if it
    fails."""

    asks: Literal["all", "first", "tell"]
    budget: float
    where: Literal["server", "worker"]
    otherwise: str


STYLES: dict[str, Style] = {
    "review_contribution": Style("all", 0.150, "server", _("the space's choice: hold, hold newcomers' texts, or pass")),
    "search_contributions": Style("first", 0.500, "server", _("the next plugin is asked, at last core's own search")),
    "find_similar": Style("all", 0.300, "server", _("its look-alikes are left out")),
    "fill_slot": Style("all", 0.050, "server", _("the slot stays empty")),
    "events_recorded": Style("tell", 30.0, "worker", _("told again; after five tries the event is set aside")),
    "plugin_enabled": Style("tell", 30.0, "worker", _("told again later")),
    "plugin_disabled": Style("tell", 30.0, "worker", _("told again later")),
    "erase_person": Style("all", 60.0, "worker", _("the erasure stays open and is shown to the administrator")),
}


# --- Writing a text ---------------------------------------------------------------------------------------------------


@hookspec
def review_contribution(
    space: SpaceFact, actor: Actor, draft: TextDraft, settings: Mapping[str, Any]
) -> Verdict | None:
    """Before a text (never a vote) is written: allow, hold or refuse it.

    ``draft`` is the text as it would be kept, ``actor`` who writes it. All plugins are asked; the strictest verdict
    counts and all reasons are shown to the author. None means "nothing to say".
    """


# --- Reading ----------------------------------------------------------------------------------------------------------


@hookspec
def search_contributions(
    spaces: Sequence[SpaceFact], actor: Actor, query: str, settings: Mapping[str, Any]
) -> Sequence[Hit] | Found | None:
    """Somebody searches: the hits in these spaces, best first. None passes the question on to the next plugin.

    Answer with at most 500 hits on ideas and comments (each idea stands where its best hit stands), or a ``Found`` that
    holds them together with "did you mean" and facets. Only plugins enabled in all of ``spaces`` are asked; ``query`` is
    what was typed. The board's own filters (status, tag, author, mine, voted) narrow the hits afterwards, and a page is cut
    from them: each page asks again. Core drops what ``actor`` may not see, holds it against the plugin, and then shows
    neither "did you mean" nor facets. While tallies are hidden from ``actor``, nothing in the answer may depend on votes.
    """


@hookspec
def find_similar(space: SpaceFact, actor: Actor, text: str, settings: Mapping[str, Any]) -> Sequence[Hit] | None:
    """While a title is typed: ideas that look alike, best first, with a ``weight`` from 0 to 1.

    The answers of all plugins are merged; where one answers (be it with nothing), core's own look-alikes are left out. From
    a weight of 0.55 on a browser without script is asked once "is it one of these?" before an idea is published. None
    means "nothing to say".
    """


# --- Drawing a page ---------------------------------------------------------------------------------------------------


@hookspec
def fill_slot(
    space: SpaceFact, actor: Actor, slot: str, facts: Sequence[Any], settings: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """A page with ``slot`` is drawn: the data for the plugin's template ``slots/<slot>.html``.

    Called once per page and slot with the list of facts the page shows (one idea, or all ideas of a list).
    ``heading`` in the answer becomes the heading of the box. None leaves the slot empty.
    """


# --- Afterwards, in the worker ----------------------------------------------------------------------------------------


@hookspec
def events_recorded(space: SpaceFact, events: Sequence[Recorded], settings: Mapping[str, Any]) -> None:
    """Facts happened: at most 500, in order, each at least once, only those the card listens to.

    What is written with ``sdk.session()`` is committed together with the bookmark, so its effect happens exactly
    once. Think first and write last: from the first change on the call has a quarter of a second (see docs).
    """


@hookspec
def plugin_enabled(space: SpaceFact) -> None:
    """This plugin was switched on in a space. May be told twice."""


@hookspec
def plugin_disabled(space: SpaceFact) -> None:
    """This plugin was switched off in a space. Its data stays. May be told twice."""


# --- Privacy ----------------------------------------------------------------------------------------------------------


@hookspec
def erase_person(person_id: str) -> None:
    """Forget a person, in every space, whether enabled there or not. All must succeed; may be told twice."""
