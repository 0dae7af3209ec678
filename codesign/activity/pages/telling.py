"""Facts as lines for people: who, what, when, in the viewer's language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from codesign.accounts.facts import PersonFact
from codesign.activity.phrases import QUIET, Phrase, phrases
from codesign.activity.queries import SEES, Story, story
from codesign.events.base import Recorded, catalogue
from codesign.kernel.actor import Actor
from codesign.kernel.db import read
from codesign.kernel.text import Sentence, _
from codesign.spaces import words
from codesign.spaces.access import look
from codesign.spaces.facts import Access
from codesign.voting.queries import audience_of
from codesign.web.text import say

SOMEBODY, THE_SYSTEM, AN_IDEA = _("Somebody"), _("The system"), _("an idea")


@dataclass(frozen=True)
class Line:
    """One line of a feed. ``name`` has the face; without one the ``icon`` stands there."""

    seq: int
    event: str
    at: datetime
    html: Markup
    icon: str
    name: str = ""
    guest: bool = False
    payload: str = ""
    hash: str = ""


def feed_names(audience: str) -> list[str]:
    """The events told in the feed to *audience*."""
    seen = SEES[audience]
    return [name for name in phrases if name not in QUIET and name in catalogue and catalogue[name].audience in seen]


def read_feed(actor: Actor, reference: str, limit: int, before: int | None = None) -> tuple[Access, Story]:
    """The newest facts of a space that *actor* may be told, read in one snapshot."""
    with read():
        access = look(actor, reference)
        return access, story(access, feed_names(audience_of(access)), limit, before)


def told(found: Story, team: bool) -> list[Line]:
    """The lines of a story; needs the request, for the language."""
    return [line for fact in found.facts if (line := tell_fact(fact, found, team)) is not None]


def tell_fact(fact: Recorded, found: Story, team: bool) -> Line | None:
    """One fact as a line; None where it speaks of an idea this viewer cannot see."""
    phrase = phrases.get(fact.name)
    if phrase is None:
        return None
    pattern = phrase.sentence(fact.payload)
    if "%(idea)s" in pattern.message and fact.payload.get(phrase.idea) not in found.ideas:
        return None
    person = found.people.get(fact.actor_id or "")
    named = "%(person)s" in pattern.message and person is not None
    return Line(
        fact.seq, fact.name, fact.occurred_at, _sentence(pattern, phrase, fact, found, team), phrase.icon,
        name=name_of(person, fact.actor_id, team) if named else "", guest=bool(named and person and person.guest),
    )  # fmt: skip


def audit_line(fact: Recorded, found: Story) -> Line:
    """One fact of the log for the team; an event without a phrase stands there by its name."""
    phrase = phrases.get(fact.name)
    person = found.people.get(fact.actor_id or "")
    html = Markup() if phrase is None else _sentence(phrase.sentence(fact.payload), phrase, fact, found, True)
    return Line(
        fact.seq, fact.name, fact.occurred_at, html, phrase.icon if phrase else "activity",
        name=name_of(person, fact.actor_id, True), guest=bool(person and person.guest),
        payload=json.dumps(fact.payload, ensure_ascii=False, sort_keys=True, indent=1), hash=fact.hash,
    )  # fmt: skip


def name_of(person: PersonFact | None, actor_id: str | None, team: bool) -> str:
    """How a person is called here: the team reads names of those who hide theirs from others."""
    if person is None:
        return say(SOMEBODY if actor_id and not actor_id.startswith("plugin:") else actor_id or THE_SYSTEM)
    shown = person.name if team and person.name and not person.erased else person.display_name
    return say(shown)


def _sentence(pattern: Sentence, phrase: Phrase, fact: Recorded, found: Story, team: bool) -> Markup:
    payload = fact.payload
    other_id = payload.get(phrase.other)
    status = found.statuses.get(payload.get("new", ""))
    values: dict[str, Any] = {
        "person": Markup("<b>{}</b>").format(name_of(found.people.get(fact.actor_id or ""), fact.actor_id, team)),
        "other": Markup("<b>{}</b>").format(name_of(found.people.get(other_id or ""), other_id, team)),
        "idea": _idea(found, payload.get(phrase.idea)),
        "status": say(status.name) if status else payload.get("new", ""),
        "role": say(words.title_of(words.ROLES, str(payload.get("role", "")))),
        "phase": say(words.title_of(words.PHASES, str(payload.get("new") or payload.get("phase") or ""))),
        "plugin": payload.get("plugin", ""),
    }
    # The pattern is ours (or a translator's) and holds no markup; the values are escaped as they are put in.
    return escape(gettext(pattern.message)) % values


def _idea(found: Story, idea_id: str | None) -> Markup:
    idea = found.ideas.get(idea_id or "")
    if idea is None:
        return escape(say(AN_IDEA))
    return Markup('<a href="{}">{}</a>').format(idea.path, idea.title)
